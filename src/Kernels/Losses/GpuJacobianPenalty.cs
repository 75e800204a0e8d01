using ILGPU;
using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Losses;

/// <summary>A thread for each row: its Jacobian and the cofactors in registers.</summary>
sealed class GpuJacobianPenalty<TMeasure, TLoss>(GpuDevice device, TLoss loss) : JacobianPenaltyKernels where TMeasure : struct, IGpuJacobianMeasure where TLoss : struct, ILoss
{
    readonly GpuKernel<Argument> sum = device.Kernel<Argument>(Sum), slopes = device.Kernel<Argument>(Slopes);
    readonly GpuKernel<GpuReduction.Parts> addParts = device.Kernel<GpuReduction.Parts>(GpuReduction.AddParts);
    readonly nint parts = device.Workspace(GpuReduction.WorkspaceBytes);

    struct Argument
    {
        public GpuMatrix U, Gradient;
        public Doubles Numbers;
        public double Factor;
        public TLoss Loss;
    }

    public override void Forward(in Matrix displacement, double factor, nint accumulator)
    {
        int blocks = GpuReduction.BlocksFor(displacement.Rows);
        sum.Launch(new() { U = new(displacement), Numbers = new(parts), Loss = loss }, (blocks, 1, 1), (GpuReduction.Threads, 1));
        addParts.Launch(new() { From = new(parts), To = new(accumulator), Count = blocks, Adds = 1, Factor = factor }, (1, 1, 1), (GpuReduction.Threads, 1));
    }

    static void Sum(Argument a)
    {
        double total = 0;
        for (int row = (int)Elements.Index; row < a.U.Rows; row += Grid.DimX * Group.DimX)
            for (int i = 0; i < default(TMeasure).Count(a.U.Columns); i++)
            {
                a.Loss.Evaluate<GpuFloat>(default(TMeasure).Value(a.U, row, i), 1f, out var value, out _);
                total += value.Value;
            }
        double sum = GpuReduction.SumOfBlock(total);
        if (Group.IdxX == 0) a.Numbers[Grid.IdxX] = sum;
    }

    public override void Backward(in Matrix displacement, double factor, nint outputGradient, in Matrix gradient) =>
        slopes.Launch(new() { U = new(displacement), Gradient = new(gradient), Numbers = new(outputGradient), Factor = factor, Loss = loss }, displacement.Rows);

    static void Slopes(Argument a)
    {
        int row = (int)Elements.Index, axes = a.U.Columns;
        if (row >= a.U.Rows) return;
        float scale = (float)(a.Factor * a.Numbers[0]);
        for (int block = 0; block < a.Gradient.Blocks; block++)
            for (int k = 0; k < axes; k++) a.Gradient[block, row, k] = 0;
        for (int i = 0; i < default(TMeasure).Count(axes); i++)
        {
            a.Loss.Evaluate<GpuFloat>(default(TMeasure).Value(a.U, row, i), 1f, out _, out var slope);
            for (int k = 0; k < axes; k++)
                for (int l = 0; l < axes; l++) a.Gradient[1 + l, row, k] += scale * slope.Value * default(TMeasure).Slope(a.U, row, i, k, l);
        }
    }
}
