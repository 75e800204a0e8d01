namespace InrFast.Kernels.Pointwise;

/// <summary>Copies, which every device whose memory the host sees does alike.</summary>
abstract unsafe class HostPointwise : PointwiseKernels
{
    public override void Copy(in Matrix x, in Matrix y)
    {
        int blocks = Math.Min(x.Blocks, y.Blocks);
        long bytes = x.Rows * x.Stride * sizeof(float);
        for (int b = 0; b < blocks; b++) Buffer.MemoryCopy(x.Block(b), y.Block(b), bytes, bytes);
        y.ClearBlocks(blocks);
    }

    public override void CopyColumns(in Matrix from, int firstColumn, in Matrix to, int toColumn, int count)
    {
        for (int b = 0; b < to.Blocks; b++)
            for (int r = 0; r < to.Rows; r++) new ReadOnlySpan<float>(from.Row(b, r) + firstColumn, count).CopyTo(new Span<float>(to.Row(b, r) + toColumn, count));
    }

    public override void PadColumns(in Matrix y) => y.ClearPadding();

    public override void Clear(in Matrix y) => y.ClearBlocks(0);

    public override void PlaceByExpert(in Matrix x, in Matrix coordinates, float frequency, in Matrix y)
    {
        y.ClearBlocks(0);
        for (int r = 0; r < x.Rows; r++)
            for (int b = 0, first = ExpertOf(coordinates, r, frequency) * x.Columns; b < x.Blocks; b++)
                new ReadOnlySpan<float>(x.Row(b, r), x.Columns).CopyTo(new Span<float>(y.Row(b, r) + first, x.Columns));
    }

    public override void TakeFromExpert(in Matrix dy, in Matrix coordinates, float frequency, in Matrix dx)
    {
        dx.ClearPadding();
        for (int r = 0; r < dx.Rows; r++)
            for (int b = 0, first = ExpertOf(coordinates, r, frequency) * dx.Columns; b < dx.Blocks; b++)
                new ReadOnlySpan<float>(dy.Row(b, r) + first, dx.Columns).CopyTo(new Span<float>(dx.Row(b, r), dx.Columns));
    }

    static int ExpertOf(in Matrix coordinates, int row, float frequency)
    {
        int expert = 0;
        for (int k = 0; k < coordinates.Columns; k++) expert |= ((int)MathF.Floor((coordinates.Row(row)[k] + 1) * (frequency / 2)) & 1) << k;
        return expert;
    }

    public override void JetSeed(in Matrix x, in Matrix y)
    {
        Copy(x, y);
        for (int i = 0; i < y.Directions; i++)
            for (int r = 0; r < y.Rows; r++) y.Row(1 + i, r)[i] = 1;
    }
}
