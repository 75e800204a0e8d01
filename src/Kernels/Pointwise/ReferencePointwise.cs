namespace InrFast.Kernels.Pointwise;

/// <summary>The oracle: number by number, in double, the product rule written out.</summary>
sealed unsafe class ReferencePointwise : HostPointwise
{
    /// <summary>y = f(block, row, column), with zeros in padding columns.</summary>
    static void Fill(in Matrix y, Func<int, int, int, double> f)
    {
        for (int b = 0; b < y.Blocks; b++)
            for (int r = 0; r < y.Rows; r++)
                for (int c = 0; c < y.Columns; c++) y.Row(b, r)[c] = (float)f(b, r, c);
        y.ClearPadding();
    }

    static double At(in Matrix m, int block, int row, int column) => block < m.Blocks ? m.Row(block, row)[column] : 0;

    /// <summary>Block of the derivative along i and j of a jet.</summary>
    static int Second(int directions, int i, int j)
    {
        (i, j) = (Math.Min(i, j), Math.Max(i, j));
        return 1 + directions + i * directions - i * (i - 1) / 2 + j - i;
    }

    public override void Add(in Matrix a, in Matrix b, in Matrix y)
    {
        Matrix left = a, right = b;
        Fill(y, (k, r, c) => At(left, k, r, c) + At(right, k, r, c));
    }

    public override void Scale(in Matrix x, float factor, in Matrix y)
    {
        var from = x;
        Fill(y, (k, r, c) => factor * (double)At(from, k, r, c));
    }

    public override void Multiply(in Matrix a, in Matrix b, in Matrix y)
    {
        Matrix left = a, right = b;
        int directions = y.Directions;
        var pairs = Pairs(directions);
        Fill(y, (k, r, c) =>
        {
            double A(int block) => At(left, block, r, c);
            double B(int block) => At(right, block, r, c);
            if (k == 0) return A(0) * B(0);
            if (k <= directions) return A(k) * B(0) + A(0) * B(k);
            var (i, j) = pairs[k - 1 - directions];
            return A(k) * B(0) + A(1 + i) * B(1 + j) + A(1 + j) * B(1 + i) + A(0) * B(k);
        });
    }

    static (int I, int J)[] Pairs(int directions) =>
        [.. from i in Enumerable.Range(0, directions) from j in Enumerable.Range(i, directions - i) select (i, j)];

    public override void MultiplyBackward(in Matrix dy, in Matrix a, in Matrix b, in Matrix da, in Matrix db)
    {
        if (!da.IsEmpty) Reverse(dy, b, da);
        if (!db.IsEmpty) Reverse(dy, a, db);
    }

    /// <summary>da = sum over blocks g_k b_k; da_i = g_i b + sum over j of g_ij b_j, twice for j = i; da_ij = g_ij b.</summary>
    static void Reverse(in Matrix dy, in Matrix other, in Matrix gradient)
    {
        Matrix g = dy, b = other;
        int directions = dy.Directions;
        bool second = dy.IsSecondOrder;
        Fill(gradient, (k, r, c) =>
        {
            double G(int block) => At(g, block, r, c);
            double B(int block) => At(b, block, r, c);
            if (k == 0) return Enumerable.Range(0, g.Blocks).Sum(block => G(block) * B(block));
            double own = G(k) * B(0);
            if (second && k <= directions)
                for (int j = 0; j < directions; j++) own += (j == k - 1 ? 2 : 1) * G(Second(directions, k - 1, j)) * B(1 + j);
            return own;
        });
    }

    public override void GroupSum(in Matrix x, int group, float factor, in Matrix y)
    {
        var from = x;
        Fill(y, (k, r, c) => factor * Enumerable.Range(r * group, group).Sum(row => At(from, k, row, c)));
    }

    public override void GroupSpread(in Matrix dy, int group, float factor, in Matrix dx)
    {
        var from = dy;
        Fill(dx, (k, r, c) => factor * At(from, k, r / group, c));
    }
}
