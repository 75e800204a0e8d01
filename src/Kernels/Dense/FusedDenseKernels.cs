namespace InrFast.Kernels.Dense;

/// <summary>Sizes of a chain of dense layers: inputs, so many hidden layers of one width, and a linear layer of outputs.</summary>
public readonly record struct FusedShape(int Inputs, int Width, int HiddenLayers, int Outputs)
{
    /// <summary>All layers.</summary>
    public int Layers => HiddenLayers + 1;

    /// <summary>Coordinates, which are not rounded.</summary>
    public bool IsNarrow => Inputs <= Matrix.Packed;
}

/// <summary>
/// A chain of dense layers as one kernel each for forward and backward, on the matrix units of a device that has them: v_0 = f_0(x W_0^T + b_0), v_i = f(v_(i-1) W_i^T + b_i),
/// y = v W_n^T + b_n. Hidden values, slopes, gradients and the weights between hidden layers are halves (11 bits); sums, coordinates, the last layer, y and all gradients of weights
/// are float32. The gradients of a batch are scaled by a power of two that its largest dy decides, so that halves hold them whatever the loss.
/// </summary>
public abstract class FusedDenseKernels
{
    /// <summary>Columns of a value of floats that holds what the forward saves of a row.</summary>
    public abstract int SavedColumns { get; }

    /// <summary>Floats of prepared memory.</summary>
    public abstract long PreparedFloats { get; }

    /// <summary>Packs the weights of one layer. Bias 0: none.</summary>
    public abstract void Prepare(int layer, ParameterView weight, nint bias, nint prepared);

    /// <summary>Writes y, and what the backward needs into <paramref name="saved"/> unless it is empty.</summary>
    public abstract void Forward(in Matrix x, nint prepared, in Matrix y, in Matrix saved);

    /// <summary>Gradients of all layers' sums, in place of what was saved, and dx unless it is empty (of coordinates there is none).</summary>
    public abstract void Backward(in Matrix dy, in Matrix saved, nint prepared, in Matrix dx);

    /// <summary>After that: adds to a layer's gradients unless they are empty.</summary>
    public abstract void AddGradient(int layer, in Matrix x, in Matrix dy, in Matrix saved, ParameterView weightGradient, nint biasGradient);
}
