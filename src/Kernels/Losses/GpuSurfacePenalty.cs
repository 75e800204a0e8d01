using ILGPU;
using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Losses;

/// <summary>A thread for each row.</summary>
sealed class GpuSurfacePenalty<TLoss>(GpuDevice device, TLoss loss) : SurfacePenaltyKernels where TLoss : struct, ILoss
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
            for (int j = 0; j < a.U.Columns; j++)
            {
                a.Loss.Evaluate<GpuFloat>(Squares(a.U, row, j), 1f, out var value, out _);
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
        float scale = 2 * (float)(a.Factor * a.Numbers[0]);
        for (int block = 0; block < a.Gradient.Blocks; block++)
            for (int k = 0; k < axes; k++) a.Gradient[block, row, k] = 0;
        for (int j = 0; j < axes; j++)
        {
            a.Loss.Evaluate<GpuFloat>(Squares(a.U, row, j), 1f, out _, out var slope);
            for (int i = 0; i < axes; i++)
            {
                float share = scale * slope.Value * GpuJacobian.Cofactor(a.U, row, i, j);
                for (int k = 0; k < axes; k++)
                    for (int l = 0; l < axes; l++) a.Gradient[1 + l, row, k] += share * GpuJacobian.CofactorSlope(a.U, row, i, j, k, l);
            }
        }
    }

    /// <summary>Of the cofactors in a column.</summary>
    static float Squares(in GpuMatrix u, int row, int j)
    {
        float sum = 0;
        for (int i = 0; i < u.Columns; i++)
        {
            float cofactor = GpuJacobian.Cofactor(u, row, i, j);
            sum += cofactor * cofactor;
        }
        return sum;
    }
}
