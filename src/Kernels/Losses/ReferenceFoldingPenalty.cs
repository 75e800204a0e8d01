namespace InrFast.Kernels.Losses;

/// <summary>The oracle: determinant and cofactors by their definition, row by row, in double.</summary>
sealed unsafe class ReferenceFoldingPenalty<TLoss>(TLoss loss) : FoldingPenaltyKernels where TLoss : struct, ILoss
{
    public override void Forward(in Matrix displacement, double factor, nint accumulator)
    {
        double sum = 0;
        for (int r = 0; r < displacement.Rows; r++)
        {
            loss.Evaluate(Determinant(Map(displacement, r)), 1, out double value, out _);
            sum += value;
        }
        *(double*)accumulator += factor * sum;
    }

    public override void Backward(in Matrix displacement, double factor, nint outputGradient, in Matrix gradient)
    {
        gradient.ClearBlocks(0);
        for (int r = 0; r < displacement.Rows; r++)
        {
            var m = Map(displacement, r);
            loss.Evaluate(Determinant(m), 1, out _, out double slope);
            for (int i = 0; i < m.GetLength(0); i++)
                for (int j = 0; j < m.GetLength(0); j++) gradient.Row(1 + j, r)[i] = (float)(factor * *(double*)outputGradient * slope * Cofactor(m, i, j));
        }
    }

    /// <summary>I + J of a row.</summary>
    static double[,] Map(in Matrix u, int row)
    {
        var m = new double[u.Columns, u.Columns];
        for (int i = 0; i < u.Columns; i++)
            for (int j = 0; j < u.Columns; j++) m[i, j] = (i == j ? 1 : 0) + (double)u.Row(1 + j, row)[i];
        return m;
    }

    /// <summary>By the first row.</summary>
    static double Determinant(double[,] m) =>
        m.GetLength(0) == 1 ? m[0, 0] : Enumerable.Range(0, m.GetLength(0)).Sum(j => m[0, j] * Cofactor(m, 0, j));

    static double Cofactor(double[,] m, int row, int column)
    {
        int n = m.GetLength(0) - 1;
        var minor = new double[n, n];
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++) minor[i, j] = m[i < row ? i : i + 1, j < column ? j : j + 1];
        return ((row + column) % 2 == 0 ? 1 : -1) * Determinant(minor);
    }
}
