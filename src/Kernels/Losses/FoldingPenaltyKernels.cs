namespace InrFast.Kernels.Losses;

/// <summary>
/// What a displacement field u costs where it changes volumes: a sum over rows of loss(det(I + J), 1), J_ij = du_i / dx_j, and its gradient. The
/// displacement is a jet in 2 or 3 directions with as many columns, in the unit of the coordinates. SquaredError: (det - 1)²;
/// AbsoluteError: that of IDIR (Wolterink et al. 2022). Rows beyond Matrix.Rows enter nothing.
/// </summary>
public abstract class FoldingPenaltyKernels
{
    /// <summary>Adds factor * sum of loss(det(I + J), 1) to the double at <paramref name="accumulator"/>.</summary>
    public abstract void Forward(in Matrix displacement, double factor, nint accumulator);

    /// <summary>Writes gradient = factor * output gradient * slope * cofactors of I + J in the blocks of first derivatives, zero in the others.</summary>
    /// <param name="outputGradient">Address of a double.</param>
    public abstract void Backward(in Matrix displacement, double factor, nint outputGradient, in Matrix gradient);
}
