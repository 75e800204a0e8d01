namespace InrFast.Kernels.Losses;

/// <summary>
/// What a displacement field u costs where x + u(x) changes volumes or areas: a sum over rows of loss(measure of I + J, 1), J_ij = du_i / dx_j, and its gradient. The displacement is a jet in 2 or 3 directions
/// with as many columns, in the unit of the coordinates. Rows beyond Matrix.Rows enter nothing.
/// </summary>
public abstract class JacobianPenaltyKernels
{
    /// <summary>Adds factor * the sum to the double at <paramref name="accumulator"/>.</summary>
    public abstract void Forward(in Matrix displacement, double factor, nint accumulator);

    /// <summary>Writes factor * output gradient * the derivative in the blocks of first derivatives, zero in the others.</summary>
    /// <param name="outputGradient">Address of a double.</param>
    public abstract void Backward(in Matrix displacement, double factor, nint outputGradient, in Matrix gradient);
}
