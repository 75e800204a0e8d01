namespace InrFast.Kernels.Losses;

/// <summary>
/// What a displacement field u costs where it changes areas: a sum over rows and columns j of loss(sum over i of C_ij², 1), C the cofactors of I + J (in the plane: lengths). A jet as of
/// <see cref="FoldingPenaltyKernels"/>. With <see cref="Excess"/> the middle term of the hyperelastic energy (Burger et al., SIAM J. Sci. Comput. 35, 2013; as IDIR has it).
/// </summary>
public abstract class SurfacePenaltyKernels
{
    /// <summary>Adds factor * the sum to the double at <paramref name="accumulator"/>.</summary>
    public abstract void Forward(in Matrix displacement, double factor, nint accumulator);

    /// <summary>Writes factor * output gradient * the derivative in the blocks of first derivatives, zero in the others.</summary>
    /// <param name="outputGradient">Address of a double.</param>
    public abstract void Backward(in Matrix displacement, double factor, nint outputGradient, in Matrix gradient);
}
