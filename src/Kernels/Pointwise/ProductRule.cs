namespace InrFast.Kernels.Pointwise;

/// <summary>
/// The product rule of jets as a list of terms: block <see cref="Term.Product"/> of y has the product of block <see cref="Term.Left"/> of a
/// and block <see cref="Term.Right"/> of b. With (k, p, q) the list has (k, q, p), so that one list also serves the reverse in either operand.
/// </summary>
static class ProductRule
{
    public readonly record struct Term(int Product, int Left, int Right);

    /// <summary>Terms of a jet of second order in four directions.</summary>
    public const int MaxTerms = 1 + 2 * Matrix.Packed + 2 * Matrix.Packed * (Matrix.Packed + 1);

    /// <summary>Writes the terms in order of their product's block; returns their count. Blocks that an operand lacks are zero, and left out.</summary>
    public static int Terms(in Matrix product, in Matrix left, in Matrix right, Span<Term> terms)
    {
        int count = 0, directions = product.Directions, leftBlocks = left.Blocks, rightBlocks = right.Blocks;
        Add(0, 0, 0, terms);
        for (int i = 1; i <= directions; i++)
        {
            Add(i, i, 0, terms);
            Add(i, 0, i, terms);
        }
        if (product.IsSecondOrder)
            for (int i = 1, k = 1 + directions; i <= directions; i++)
                for (int j = i; j <= directions; j++, k++)
                {
                    Add(k, k, 0, terms);
                    Add(k, i, j, terms);
                    Add(k, j, i, terms);
                    Add(k, 0, k, terms);
                }
        return count;

        void Add(int product, int left, int right, Span<Term> terms)
        {
            if (left < leftBlocks && right < rightBlocks) terms[count++] = new(product, left, right);
        }
    }
}
