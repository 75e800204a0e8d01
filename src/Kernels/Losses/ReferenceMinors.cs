namespace InrFast.Kernels.Losses;

/// <summary>Determinants and cofactors of any size, by their definition.</summary>
static unsafe class ReferenceMinors
{
    /// <summary>I + J of a row.</summary>
    public static double[,] Map(in Matrix u, int row)
    {
        var m = new double[u.Columns, u.Columns];
        for (int i = 0; i < u.Columns; i++)
            for (int j = 0; j < u.Columns; j++) m[i, j] = (i == j ? 1 : 0) + (double)u.Row(1 + j, row)[i];
        return m;
    }

    /// <summary>By the first row.</summary>
    public static double Determinant(double[,] m) =>
        m.GetLength(0) == 1 ? m[0, 0] : Enumerable.Range(0, m.GetLength(0)).Sum(j => m[0, j] * Cofactor(m, 0, j));

    public static double Cofactor(double[,] m, int row, int column)
    {
        int n = m.GetLength(0) - 1;
        var minor = new double[n, n];
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++) minor[i, j] = m[i < row ? i : i + 1, j < column ? j : j + 1];
        return ((row + column) % 2 == 0 ? 1 : -1) * Determinant(minor);
    }
}
