namespace InrFast.Kernels.ComplexGabor;

/// <summary>
/// The weight of a complex linear layer as an ordinary one. W = Wr + j Wi, N complex outputs by K complex inputs, is kept as the real matrix
/// [Wr; Wi] of 2N x K; the dense kernels run on [[Wr, -Wi], [Wi, Wr]] of 2N x 2K, for values of real parts followed by imaginary parts. (A
/// layer of K real inputs runs on [Wr; Wi] as it is; one whose output is the real part alone is any real layer of 2K inputs.)
/// </summary>
public abstract class ComplexLinearKernels
{
    /// <summary>Writes the expanded matrix of 2N x 2K from the weight of 2N x K.</summary>
    public abstract void Expand(ParameterView weight, ParameterView expanded);

    /// <summary>Adds to the weight's gradient what the expanded matrix's gradient means for it: the adjoint of <see cref="Expand"/>.</summary>
    public abstract void Fold(ParameterView expandedGradient, ParameterView weightGradient);
}
