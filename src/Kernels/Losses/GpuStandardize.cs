using ILGPU;
using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Losses;

/// <summary>A thread for each number, and of the sums a thread for rows.</summary>
sealed class GpuStandardize(GpuDevice device) : StandardizeKernels
{
    const int Statistics = 2;
    readonly GpuKernel<Argument> shift = device.Kernel<Argument>(Shift), sums = device.Kernel<Argument>(Sums);
    readonly GpuKernel<GpuReduction.Parts> addParts = device.Kernel<GpuReduction.Parts>(GpuReduction.AddParts);
    readonly nint parts = device.Workspace(Statistics * GpuReduction.WorkspaceBytes);

    struct Argument
    {
        public GpuMatrix X, Y;
        public Doubles Statistics, Parts;

        /// <summary>The mean is taken off block 0.</summary>
        public int Shifts;
    }

    public override void Forward(in Matrix x, nint statistics, in Matrix y) => shift.Launch(new() { X = new(x), Y = new(y), Statistics = new(statistics), Shifts = 1 }, y, y.Blocks);

    static void Shift(Argument a)
    {
        int block = Elements.Block, row = Elements.Row, column = Elements.Column;
        if (row >= a.Y.Rows || column >= a.Y.Width) return;
        float result = 0;
        if (column < a.Y.Columns)
        {
            float mean = 0;
            if (block == 0 && a.Shifts != 0) mean = (float)a.Statistics[0];
            result = (a.X[block, row, column] - mean) * (float)a.Statistics[1];
        }
        a.Y[block, row, column] = result;
    }

    public override void Backward(in Matrix dy, in Matrix x, nint statistics, in Matrix dx, nint accumulators)
    {
        if (accumulators != 0)
        {
            int blocks = GpuReduction.BlocksFor(x.Rows);
            sums.Launch(new() { X = new(x), Y = new(dy), Statistics = new(statistics), Parts = new(parts) }, (blocks, 1, 1), (GpuReduction.Threads, 1));
            addParts.Launch(new() { From = new(parts), To = new(accumulators), Count = blocks, Adds = 1, Factor = 1 }, (Statistics, 1, 1), (GpuReduction.Threads, 1));
        }
        if (!dx.IsEmpty) shift.Launch(new() { X = new(dy), Y = new(dx), Statistics = new(statistics) }, dx, dx.Blocks);
    }

    static void Sums(Argument a)
    {
        double mean = a.Statistics[0], inverse = a.Statistics[1], ofMean = 0, ofInverse = 0;
        for (int row = (int)Elements.Index; row < a.Y.Rows; row += Grid.DimX * Group.DimX)
            for (int block = 0; block < a.Y.Blocks; block++)
                for (int column = 0; column < a.Y.Columns; column++)
                {
                    double g = a.Y[block, row, column], x = a.X[block, row, column];
                    if (block == 0)
                    {
                        ofMean -= g * inverse;
                        x -= mean;
                    }
                    ofInverse += g * x;
                }
        double first = GpuReduction.SumOfBlock(ofMean), second = GpuReduction.SumOfBlock(ofInverse);
        if (Group.IdxX != 0) return;
        a.Parts[Grid.IdxX] = first;
        a.Parts[Grid.DimX + Grid.IdxX] = second;
    }
}
