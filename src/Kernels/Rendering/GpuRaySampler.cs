using InrFast.Kernels.Gpu;
using InrFast.Kernels.Projection;
using InrFast.Kernels.Random;
using InrFast.Kernels.Sampling;

namespace InrFast.Kernels.Rendering;

/// <summary>A thread for each point, which clips its own ray: the ends in double, as on the processor.</summary>
sealed class GpuRaySampler<TOrder>(GpuDevice device, ProjectionGeometry geometry, VoxelGrid grid, TOrder order, int samples, bool jitter) : RaySamplerKernels(geometry, grid, samples, jitter)
    where TOrder : struct, IVoxelOrder
{
    readonly GpuKernel<Argument> sample = device.Kernel<Argument>(Sample);
    readonly GpuScan scan = GpuScan.Of(device, geometry);

    struct Argument
    {
        public GpuScan Scan;
        public long Clock, FirstRay, BatchRays;
        public GpuFloats Projections;
        public GpuMatrix Coordinates, Lengths, Values;
        public VoxelGrid Grid;
        public int Samples, Jitters;
        public TOrder Order;
    }

    public override void Sample(nint clock, long firstRay, long batchRays, nint projections, in Matrix coordinates, in Matrix lengths, in Matrix values) => sample.Launch(new()
    {
        Scan = scan, Clock = clock, FirstRay = firstRay, BatchRays = batchRays, Projections = new(projections), Coordinates = new(coordinates), Lengths = new(lengths), Values = new(values), Grid = grid,
        Samples = samples, Jitters = jitter ? 1 : 0, Order = order,
    }, coordinates.Rows / samples * (long)samples);

    static void Sample(Argument a)
    {
        int index = (int)Elements.Index, ray = index / a.Samples, i = index - ray * a.Samples;
        if (index >= a.Coordinates.Rows / a.Samples * a.Samples) return;
        long position = Intrinsics.LoadInt64(a.Clock + sizeof(long)) * a.BatchRays + a.FirstRay + ray; // Clock.Batch, Clock.Seed
        ulong seed = (ulong)Intrinsics.LoadInt64(a.Clock + 2 * sizeof(long));
        var cursor = a.Order;
        cursor.Start(seed, position);
        long pixel = cursor.Next(out _);
        a.Scan.Ray(pixel, out var origin, out var direction);
        Clip(a.Scan.Volume, a.Scan.IsParallel != 0, origin, direction, out double enter, out double leave);
        bool hits = leave > enter;
        if (i == 0)
        {
            if (!a.Values.IsEmpty && !a.Projections.IsEmpty) a.Values[0, ray, 0] = a.Projections[pixel];
            if (!a.Lengths.IsEmpty) a.Lengths[0, ray, 0] = hits ? (float)((leave - enter) * Intrinsics.Sqrt64(Point3.Dot(direction, direction))) : 0f;
        }
        float part = i + 0.5f;
        if (a.Jitters != 0) part = i + RandomBits.Uniform(new Philox(seed)[(ulong)position, RandomStream.Jitter].X);
        for (int axis = 0; axis < 3; axis++)
        {
            if (axis < a.Grid.Axes)
            {
                // Voxel n lies at (2 n + 1 - size) half steps.
                double scale = 2 * a.Grid[axis].HalfStep / a.Scan.Volume.Spacing[axis], middle = a.Scan.Volume.Origin[axis] + (a.Scan.Volume[axis] - 1) / 2.0 * a.Scan.Volume.Spacing[axis];
                float from = (float)((origin[axis] + enter * direction[axis] - middle) * scale), step = (float)((leave - enter) * direction[axis] * scale / a.Samples);
                a.Coordinates[0, index, axis] = hits ? from + part * step : 0f;
            }
        }
    }
}
