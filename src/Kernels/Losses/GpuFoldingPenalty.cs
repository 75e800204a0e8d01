using ILGPU;
using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Losses;

/// <summary>A thread for each row: its Jacobian and the cofactors in registers.</summary>
sealed class GpuFoldingPenalty<TLoss>(GpuDevice device, TLoss loss) : FoldingPenaltyKernels where TLoss : struct, ILoss
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
        {
            a.Loss.Evaluate<GpuFloat>(GpuJacobian.Determinant(a.U, row), 1f, out var value, out _);
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
        a.Loss.Evaluate<GpuFloat>(GpuJacobian.Determinant(a.U, row), 1f, out _, out var slope);
        float scale = (float)(a.Factor * a.Numbers[0]) * slope.Value;
        for (int i = 0; i < axes; i++)
        {
            a.Gradient[0, row, i] = 0;
            for (int j = 0; j < axes; j++) a.Gradient[1 + j, row, i] = scale * GpuJacobian.Cofactor(a.U, row, i, j);
        }
        for (int block = 1 + axes; block < a.Gradient.Blocks; block++)
            for (int i = 0; i < axes; i++) a.Gradient[block, row, i] = 0;
    }
}
