using InrFast.Kernels.Projection;
using InrFast.Kernels.Random;
using InrFast.Kernels.Sampling;

namespace InrFast.Kernels.Rendering;

/// <summary>The oracle: each point for itself, as a place in millimetres, in double.</summary>
sealed unsafe class ReferenceRaySampler<TOrder>(ProjectionGeometry geometry, VoxelGrid grid, TOrder order, int samples, bool jitter) : RaySamplerKernels(geometry, grid, samples, jitter)
    where TOrder : struct, IVoxelOrder
{
    public override void Sample(nint clock, long firstRay, long batchRays, nint projections, in Matrix coordinates, in Matrix lengths, in Matrix values)
    {
        var now = *(Clock*)clock;
        for (int point = 0; point < coordinates.Rows; point++)
        {
            int ray = point / samples, part = point % samples;
            long position = now.Batch * batchRays + firstRay + ray;
            var cursor = order;
            cursor.Start(now.Seed, position);
            long pixel = cursor.Next(out _);
            var (origin, direction) = geometry.Ray((int)(pixel / geometry.Columns / geometry.Rows), pixel % geometry.Columns, pixel / geometry.Columns % geometry.Rows);
            Clip(geometry.Volume, geometry.Shape == DetectorShape.Parallel, origin, direction, out double enter, out double leave);
            bool hits = leave > enter;
            if (projections != 0 && !values.IsEmpty) *values.Row(ray) = ((float*)projections)[pixel];
            if (!lengths.IsEmpty) *lengths.Row(ray) = hits ? (float)((leave - enter) * direction.Length) : 0;
            double along = enter + (leave - enter) * (part + (jitter ? RandomBits.Uniform(new Philox(now.Seed)[(ulong)position, RandomStream.Jitter].X) : 0.5)) / samples;
            var place = origin + direction * along;
            for (int axis = 0; axis < grid.Axes; axis++)
            {
                double index = (place[axis] - geometry.Volume.Origin[axis]) / geometry.Volume.Spacing[axis];
                coordinates.Row(point)[axis] = hits ? (float)((2 * index + 1 - grid[axis].Size) * grid[axis].HalfStep) : 0;
            }
        }
    }
}
