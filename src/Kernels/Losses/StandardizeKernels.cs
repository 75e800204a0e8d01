namespace InrFast.Kernels.Losses;

/// <summary>
/// y = (x - mean) * inverse of the standard deviation, the two being doubles that all rows share (<see cref="Statistics"/>). Of a jet the
/// derivatives are only scaled.
/// </summary>
public abstract class StandardizeKernels
{
    /// <param name="statistics">Address of [mean, inverse of the standard deviation].</param>
    public abstract void Forward(in Matrix x, nint statistics, in Matrix y);

    /// <summary>Writes dx unless it is empty; adds the gradients of the two statistics to the doubles at <paramref name="accumulators"/> unless it is 0.</summary>
    public abstract void Backward(in Matrix dy, in Matrix x, nint statistics, in Matrix dx, nint accumulators);
}
