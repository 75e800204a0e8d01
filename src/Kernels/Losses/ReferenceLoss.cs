namespace InrFast.Kernels.Losses;

/// <summary>The oracle: the definition, number by number, in double.</summary>
sealed unsafe class ReferenceLoss<TLoss>(TLoss loss) : LossKernels where TLoss : struct, ILoss
{
    public override void Forward(in Matrix prediction, in Matrix target, in Matrix weights, double factor, nint accumulator)
    {
        double sum = 0;
        for (int r = 0; r < prediction.Rows; r++)
            for (int c = 0; c < prediction.Columns; c++)
            {
                loss.Evaluate(prediction.Row(r)[c], target.Row(r)[c], out double value, out _);
                sum += weights.IsEmpty ? value : *weights.Row(r) * value;
            }
        *(double*)accumulator += factor * sum;
    }

    public override void Backward(in Matrix prediction, in Matrix target, in Matrix weights, double factor, nint outputGradient, in Matrix gradient)
    {
        double scale = factor * *(double*)outputGradient;
        for (int r = 0; r < prediction.Rows; r++)
            for (int c = 0; c < prediction.Columns; c++)
            {
                loss.Evaluate(prediction.Row(r)[c], target.Row(r)[c], out _, out double slope);
                gradient.Row(r)[c] = (float)(scale * (weights.IsEmpty ? 1 : *weights.Row(r)) * slope);
            }
        gradient.ClearPadding();
        gradient.ClearBlocks(1);
    }
}
