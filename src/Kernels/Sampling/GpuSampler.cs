using InrFast.Kernels.Gpu;
using InrFast.Kernels.Random;

namespace InrFast.Kernels.Sampling;

/// <summary>A thread for each sample, which starts its own cursor: the same numbers, to the bit, as on the processor.</summary>
sealed class GpuSampler<TOrder>(GpuDevice device, VoxelGrid grid, TOrder order, InterpolationKernels? jittered) : SamplerKernels where TOrder : struct, IVoxelOrder
{
    readonly GpuKernel<Argument> sample = device.Kernel<Argument>(Sample);

    struct Argument
    {
        public long Clock, FirstRow, BatchRows;
        public GpuFloats Image;
        public GpuMatrix Coordinates, Values, Weights;
        public VoxelGrid Grid;
        public int Jitters;
        public TOrder Order;
    }

    public override void Sample(nint clock, long firstRow, long batchRows, nint image, in Matrix coordinates, in Matrix values, in Matrix weights)
    {
        sample.Launch(new()
        {
            Clock = clock, FirstRow = firstRow, BatchRows = batchRows, Image = new(image), Coordinates = new(coordinates), Values = jittered is null ? new(values) : default,
            Weights = new(weights), Grid = grid, Jitters = jittered is null ? 0 : 1, Order = order,
        }, coordinates.Rows);
        if (!values.IsEmpty) jittered?.Forward(image, coordinates, values);
    }

    static void Sample(Argument a)
    {
        int row = (int)Elements.Index;
        if (row >= a.Coordinates.Rows) return;
        long batch = Intrinsics.LoadInt64(a.Clock + sizeof(long)); // Clock.Batch, Clock.Seed
        var cursor = a.Order;
        ulong seed = (ulong)Intrinsics.LoadInt64(a.Clock + 2 * sizeof(long));
        long position = batch * a.BatchRows + a.FirstRow + row;
        cursor.Start(seed, position);
        var bits = new Philox(seed)[(ulong)position, RandomStream.Jitter];
        long voxel = cursor.Next(out float weight);
        if (!a.Weights.IsEmpty) a.Weights[0, row, 0] = weight;

        ulong rest = (ulong)voxel;
        int axes = a.Grid.Axes;
        for (int axis = 0; axis < VoxelGrid.MaxAxes; axis++)
        {
            if (axis < axes)
            {
                int index = (int)rest;
                if (axis < axes - 1) rest = a.Grid[axis].Split(rest, out index);
                float centre = a.Grid[axis].Coordinate(index);
                if (a.Jitters != 0) centre += RandomBits.Signed(axis == 0 ? bits.X : axis == 1 ? bits.Y : axis == 2 ? bits.Z : bits.W) * a.Grid[axis].HalfStep;
                a.Coordinates[0, row, axis] = centre;
            }
        }
        if (a.Values.IsEmpty) return;
        for (int column = 0; column < a.Values.Width; column++)
            a.Values[0, row, column] = column < a.Values.Columns ? a.Image[voxel * a.Values.Columns + column] : 0;
    }
}
