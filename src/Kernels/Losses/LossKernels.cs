namespace InrFast.Kernels.Losses;

/// <summary>
/// A sum of a loss over rows and columns, and its gradient. Prediction, target and gradient have the same columns; of a jet only block 0 (the
/// value) counts. Weights: one column, or an empty matrix for weights of 1. Rows beyond Matrix.Rows enter nothing.
/// </summary>
public abstract class LossKernels
{
    /// <summary>Adds factor * sum of weight of row * loss to the double at <paramref name="accumulator"/>.</summary>
    public abstract void Forward(in Matrix prediction, in Matrix target, in Matrix weights, double factor, nint accumulator);

    /// <summary>
    /// Writes gradient = factor * output gradient * weight of row * slope; zero in padding columns and in a jet's other blocks.
    /// </summary>
    /// <param name="outputGradient">Address of a double.</param>
    public abstract void Backward(in Matrix prediction, in Matrix target, in Matrix weights, double factor, nint outputGradient, in Matrix gradient);
}
