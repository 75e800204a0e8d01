using ILGPU;
using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Losses;

/// <summary>A thread takes whole rows: of the sum every 2^16th, of the gradient one.</summary>
sealed class GpuLoss<TLoss>(GpuDevice device, TLoss loss) : LossKernels where TLoss : struct, ILoss
{
    readonly GpuKernel<SumArgument> sum = device.Kernel<SumArgument>(Sum);
    readonly GpuKernel<SlopeArgument> slope = device.Kernel<SlopeArgument>(Slope);
    readonly GpuKernel<GpuReduction.Parts> addParts = device.Kernel<GpuReduction.Parts>(GpuReduction.AddParts);
    readonly nint parts = device.Workspace(GpuReduction.WorkspaceBytes);

    struct SumArgument
    {
        public GpuMatrix Prediction, Target, Weights;
        public Doubles Parts;
        public TLoss Loss;
    }

    struct SlopeArgument
    {
        public GpuMatrix Prediction, Target, Weights, Gradient;
        public Doubles OutputGradient;
        public double Factor;
        public TLoss Loss;
    }

    public override void Forward(in Matrix prediction, in Matrix target, in Matrix weights, double factor, nint accumulator)
    {
        int blocks = GpuReduction.BlocksFor(prediction.Rows);
        sum.Launch(new() { Prediction = new(prediction), Target = new(target), Weights = new(weights), Parts = new(parts), Loss = loss }, (blocks, 1, 1), (GpuReduction.Threads, 1));
        addParts.Launch(new() { From = new(parts), To = new(accumulator), Count = blocks, Adds = 1, Factor = factor }, (1, 1, 1), (GpuReduction.Threads, 1));
    }

    static void Sum(SumArgument a)
    {
        double total = 0;
        for (int row = (int)Elements.Index; row < a.Prediction.Rows; row += Grid.DimX * Group.DimX)
        {
            double ofRow = 0;
            for (int column = 0; column < a.Prediction.Columns; column++)
            {
                a.Loss.Evaluate<GpuFloat>(a.Prediction[0, row, column], a.Target[0, row, column], out var value, out _);
                ofRow += value.Value;
            }
            total += a.Weights.IsEmpty ? ofRow : a.Weights[0, row, 0] * ofRow;
        }
        double sum = GpuReduction.SumOfBlock(total);
        if (Group.IdxX == 0) a.Parts[Grid.IdxX] = sum;
    }

    public override void Backward(in Matrix prediction, in Matrix target, in Matrix weights, double factor, nint outputGradient, in Matrix gradient) =>
        slope.Launch(new()
        {
            Prediction = new(prediction), Target = new(target), Weights = new(weights), Gradient = new(gradient), OutputGradient = new(outputGradient), Factor = factor, Loss = loss,
        }, gradient, gradient.Blocks);

    static void Slope(SlopeArgument a)
    {
        int row = Elements.Row, column = Elements.Column;
        if (row >= a.Gradient.Rows || column >= a.Gradient.Width) return;
        float result = 0;
        if (Elements.Block == 0 && column < a.Gradient.Columns)
        {
            float scale = (float)(a.Factor * a.OutputGradient[0]);
            if (!a.Weights.IsEmpty) scale *= a.Weights[0, row, 0];
            a.Loss.Evaluate<GpuFloat>(a.Prediction[0, row, column], a.Target[0, row, column], out _, out var slope);
            result = slope.Value * scale;
        }
        a.Gradient[Elements.Block, row, column] = result;
    }
}
