namespace InrFast.Kernels.Sampling;

/// <summary>Images at several times, on the host: the fourth coordinate says which, the nearest, and has no gradient. Row by row by the kernels of one image.</summary>
sealed unsafe class SeriesInterpolation(VoxelGrid voxels, InterpolationKernels one) : InterpolationKernels(voxels)
{
    readonly long count = voxels.Count / voxels[3].Size;

    public override void Forward(nint image, in Matrix coordinates, in Matrix values)
    {
        for (int r = 0; r < values.Rows; r++) one.Forward(ImageOf(image, coordinates, r, values.Columns), RowOf(coordinates, r), RowOf(values, r));
    }

    public override void Backward(in Matrix dValues, nint image, in Matrix coordinates, in Matrix dCoordinates)
    {
        for (int r = 0; r < dValues.Rows; r++)
        {
            one.Backward(RowOf(dValues, r), ImageOf(image, coordinates, r, dValues.Columns), RowOf(coordinates, r), RowOf(dCoordinates, r));
            dCoordinates.Row(r)[3] = 0;
        }
    }

    public override void BackwardImage(in Matrix dValues, in Matrix coordinates, nint imageGradient)
    {
        for (int r = 0; r < dValues.Rows; r++) one.BackwardImage(RowOf(dValues, r), RowOf(coordinates, r), ImageOf(imageGradient, coordinates, r, dValues.Columns));
    }

    nint ImageOf(nint series, in Matrix coordinates, int row, int channels)
    {
        int time = Math.Clamp((int)MathF.Round(grid[3].Index(coordinates.Row(row)[3])), 0, grid[3].Size - 1);
        return series + (nint)(time * count * channels * sizeof(float));
    }

    static Matrix RowOf(in Matrix m, int row) => new((nint)m.Row(row), 1, 1, m.Columns);
}
