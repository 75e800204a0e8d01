namespace InrFast.Kernels;

/// <summary>Zeros that a kernel owes beside its results.</summary>
static unsafe class HostMatrixClearing
{
    /// <summary>Padding columns of wide values, in all blocks.</summary>
    public static void ClearPadding(this in Matrix m)
    {
        if (m.IsEmpty || m.Columns <= Matrix.Packed) return;
        for (int b = 0; b < m.Blocks; b++)
            for (int r = 0; r < m.Rows; r++) new Span<float>(m.Row(b, r) + m.Columns, Matrix.PadColumns(m.Columns) - m.Columns).Clear();
    }

    /// <summary>All blocks from <paramref name="first"/> on.</summary>
    public static void ClearBlocks(this in Matrix m, int first)
    {
        if (m.IsEmpty) return;
        for (int b = first; b < m.Blocks; b++) new Span<float>(m.Block(b), checked((int)(m.Rows * m.Stride))).Clear();
    }
}
