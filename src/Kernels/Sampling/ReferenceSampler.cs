using InrFast.Kernels.Random;

namespace InrFast.Kernels.Sampling;

/// <summary>The oracle: each sample for itself, places by division and in double.</summary>
sealed unsafe class ReferenceSampler<TOrder>(VoxelGrid grid, TOrder order, InterpolationKernels? jittered) : SamplerKernels where TOrder : struct, IVoxelOrder
{
    public override void Sample(nint clock, long firstRow, long batchRows, nint image, in Matrix coordinates, in Matrix values, in Matrix weights)
    {
        var now = *(Clock*)clock;
        for (int r = 0; r < coordinates.Rows; r++)
        {
            long position = now.Batch * batchRows + firstRow + r;
            var cursor = order;
            cursor.Start(now.Seed, position);
            long voxel = cursor.Next(out float weight), rest = voxel;
            if (!weights.IsEmpty) *weights.Row(r) = weight;
            var (x, y, z, w) = new Philox(now.Seed)[(ulong)position, RandomStream.Jitter];
            uint[] jitter = [x, y, z, w];
            for (int axis = 0; axis < grid.Axes; axis++)
            {
                (rest, long index) = Math.DivRem(rest, grid[axis].Size);
                double offset = jittered == null ? 0 : RandomBits.Signed(jitter[axis]);
                coordinates.Row(r)[axis] = (float)((2 * index + 1 - grid[axis].Size + offset) * grid[axis].HalfStep);
            }
            if (values.IsEmpty || jittered != null) continue;
            for (int c = 0; c < values.Columns; c++) values.Row(r)[c] = ((float*)image)[voxel * values.Columns + c];
            for (int c = values.Columns; c < values.Stride && c < Matrix.PadColumns(values.Columns); c++) values.Row(r)[c] = 0;
        }
        if (!values.IsEmpty) jittered?.Forward(image, coordinates, values);
    }
}
