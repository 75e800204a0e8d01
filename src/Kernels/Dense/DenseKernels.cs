namespace InrFast.Kernels.Dense;

/// <summary>
/// The products of one dense layer on one device: y = f(x W^T + b) of every row, W [outputs][inputs]. Of a jet: with z = x W^T + b and
/// tangents t_i = x_i W^T, t_ij = x_ij W^T the output is y = f(z), y_i = f'(z) t_i, y_ij = f''(z) t_i t_j + f'(z) t_ij.
/// </summary>
public abstract class DenseKernels
{
    /// <summary>Coordinates in, features out: the weight is kept column by column, so that one vector holds several units.</summary>
    public static bool IsNarrowInput(int inputs, int outputs) => inputs <= Matrix.Packed && outputs > Matrix.Packed;

    /// <summary>Blocks that the backward needs of the forward: the slope; of a jet slope, curvature, (third derivative) and all tangents.</summary>
    public static int SavedBlocks(bool isLinear, int blocks, int directions) =>
        isLinear ? 0 : blocks == 1 ? 1 : blocks == 1 + directions ? 2 + directions : 2 + blocks;

    /// <summary>Floats of prepared memory.</summary>
    public abstract long PreparedFloats { get; }

    /// <summary>Packs the weights for both directions, the activation's input scale folded into those of the forward. Bias 0: none.</summary>
    public abstract void Prepare(ParameterView weight, nint bias, nint prepared);

    /// <summary>Writes y, and what the backward needs into <paramref name="saved"/> unless it is empty.</summary>
    public abstract void Forward(in Matrix x, nint prepared, in Matrix y, in Matrix saved);

    /// <summary>Whether a jet's derivatives can be computed after its values without computing these again.</summary>
    public virtual bool KeepsProducts => false;

    /// <summary>
    /// The same of a jet whose values come first: z, times the activation's input scale, is left in <paramref name="products"/> where y has values alone, and taken from there
    /// where it has derivatives.
    /// </summary>
    public virtual void Forward(in Matrix x, nint prepared, in Matrix y, in Matrix saved, in Matrix products) => Forward(x, prepared, y, saved);

    /// <summary>
    /// dz = dy f'(z) (in place of dy), weightGradient += dz^T x and biasGradient += sum of dz unless they are empty, dx = dz W unless dx is
    /// empty. One call, so that a kernel may fuse what suits its shape.
    /// </summary>
    public abstract void Backward(in Matrix dy, in Matrix saved, in Matrix x, nint prepared, in Matrix dx, ParameterView weightGradient, nint biasGradient);

    /// <summary>Whether a layer can multiply the gradient of its inputs by the slopes of the layer that made them.</summary>
    public virtual bool TakesSlopes => false;

    /// <summary>
    /// The same with dx = dz W f'(z of the layer before): that layer's dz, which is handed to its own Backward without saved slopes. Unless it is empty, <paramref name="slopes"/> has the
    /// shape of dx, and may be dx itself. No jets.
    /// </summary>
    public virtual void Backward(in Matrix dy, in Matrix saved, in Matrix x, nint prepared, in Matrix dx, ParameterView weightGradient, nint biasGradient, in Matrix slopes) =>
        Backward(dy, saved, x, prepared, dx, weightGradient, biasGradient);
}
