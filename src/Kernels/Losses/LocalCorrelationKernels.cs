using InrFast.Kernels.Sampling;

namespace InrFast.Kernels.Losses;

/// <summary>
/// Minus the squared correlation of p and t in windows, summed over all places of a window within each patch: -c² / (v_p v_t + epsilon), c and v the covariance and the variances of a window's
/// points (Avants et al.: Symmetric diffeomorphic image registration with cross-correlation, Medical Image Analysis 12, 2008). Images may differ in contrast from place to place. Rows are the points of one
/// patch after another, x fastest. A window weighs as much as its points do on average; one without weight counts as 0.
/// </summary>
public abstract class LocalCorrelationKernels
{
    /// <summary>Keeps windows without contrast from counting: standard deviations of both of 0.003, values being of the order of 1.</summary>
    public const double Epsilon = 1e-10;

    protected readonly PatchShape patch, window;

    protected LocalCorrelationKernels(PatchShape patch, PatchShape window)
    {
        (this.patch, this.window) = (patch, window);
        if (window.X < 1 || window.Y < 1 || window.Z < 1 || window.X > patch.X || window.Y > patch.Y || window.Z > patch.Z) throw new ArgumentException($"a patch of {patch} has no place for a window of {window}");
    }

    /// <summary>Adds factor * the sum over patches and windows to the double at <paramref name="accumulator"/>.</summary>
    /// <param name="weights">One column, not below 0; empty: 1.</param>
    public abstract void Forward(in Matrix p, in Matrix t, in Matrix weights, double factor, nint accumulator);

    /// <summary>Writes the gradient with respect to p; zero in a jet's other blocks.</summary>
    /// <param name="outputGradient">Address of a double.</param>
    public abstract void Backward(in Matrix p, in Matrix t, in Matrix weights, double factor, nint outputGradient, in Matrix dp);
}
