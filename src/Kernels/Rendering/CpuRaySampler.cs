using InrFast.Kernels.Projection;
using InrFast.Kernels.Random;
using InrFast.Kernels.Sampling;

namespace InrFast.Kernels.Rendering;

/// <summary>A ray's ends in double, its points as steps between them.</summary>
sealed unsafe class CpuRaySampler<TOrder>(ProjectionGeometry geometry, VoxelGrid grid, TOrder order, int samples, bool jitter) : RaySamplerKernels(geometry, grid, samples, jitter)
    where TOrder : struct, IVoxelOrder
{
    public override void Sample(nint clock, long firstRay, long batchRays, nint projections, in Matrix coordinates, in Matrix lengths, in Matrix values)
    {
        var now = *(Clock*)clock;
        var random = new Philox(now.Seed);
        var cursor = order;
        long position = now.Batch * batchRays + firstRay;
        cursor.Start(now.Seed, position);
        var volume = geometry.Volume;
        int axes = grid.Axes, rays = coordinates.Rows / samples;
        float* from = stackalloc float[3], step = stackalloc float[3];
        for (int ray = 0; ray < rays; ray++, position++)
        {
            long pixel = cursor.Next(out _);
            if (projections != 0 && !values.IsEmpty) *values.Row(ray) = ((float*)projections)[pixel];
            var (line, column) = Math.DivRem((int)pixel, geometry.Columns);
            var (view, row) = Math.DivRem(line, geometry.Rows);
            var (origin, direction) = geometry.Ray(view, column, row);
            Clip(geometry.Volume, geometry.Shape == DetectorShape.Parallel, origin, direction, out double enter, out double leave);
            bool hits = leave > enter;
            if (!lengths.IsEmpty) *lengths.Row(ray) = hits ? (float)((leave - enter) * direction.Length) : 0;
            for (int axis = 0; axis < axes; axis++)
            {
                // Voxel i lies at (2 i + 1 - size) half steps.
                double scale = 2 * grid[axis].HalfStep / volume.Spacing[axis], middle = volume.Origin[axis] + (volume[axis] - 1) / 2.0 * volume.Spacing[axis];
                from[axis] = hits ? (float)((origin[axis] + enter * direction[axis] - middle) * scale) : 0;
                step[axis] = hits ? (float)((leave - enter) * direction[axis] * scale / samples) : 0;
            }
            float* to = coordinates.Row(ray * samples);
            float shift = jitter ? RandomBits.Uniform(random[(ulong)position, RandomStream.Jitter].X) : 0.5f;
            for (int i = 0; i < samples; i++, to += axes)
                for (int axis = 0; axis < axes; axis++) to[axis] = from[axis] + (i + shift) * step[axis];
        }
    }
}
