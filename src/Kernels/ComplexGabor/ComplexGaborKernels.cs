namespace InrFast.Kernels.ComplexGabor;

/// <summary>
/// The complex Gabor wavelet of WIRE (Saragadam 2023, eq. 3), column by column: y = exp(j omega z - |scale z|²). A complex value of N columns
/// is a matrix of 2N: real parts, then imaginary parts. A wavelet is not analytic in z (|z|² is not), so its derivatives are those of two
/// real variables: with z = a + j b it is y = exp(q), q = -omega b - scale² (a² + b²) + j omega a, and a jet (blocks as in
/// <see cref="Matrix"/>) has y_i = y q_i, y_ij = y (q_i q_j + q_ij).
/// </summary>
public abstract class ComplexGaborKernels
{
    /// <summary>Writes y, padding columns too; y and z are different memory.</summary>
    public abstract void Forward(in Matrix z, in Matrix y);

    /// <summary>
    /// dz = gradient of the loss with respect to real and imaginary parts of z and its tangents, from that of y; all is computed again from z.
    /// dz may be dy.
    /// </summary>
    public abstract void Backward(in Matrix dy, in Matrix z, in Matrix dz);
}
