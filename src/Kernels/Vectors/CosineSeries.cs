using System.Runtime.CompilerServices;

namespace InrFast.Kernels.Vectors;

/// <summary>cos(pi r) times a factor for |r| at most 1/2, as a polynomial of r²: even, degree 8, a minimax fit (Remez). The coefficients hold the factor: no instruction is spent on it.</summary>
public readonly struct CosineSeries(float factor)
{
    readonly float c0 = 0.999999953467f * factor, c2 = -4.93479285868f * factor, c4 = 4.0584119142f * factor, c6 = -1.33188016148f * factor, c8 = 0.219696799123f * factor;

    /// <param name="u">r².</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V At<V>(V u) where V : struct, IVector<V>
    {
        var q = V.MultiplyAdd(V.Create(c8), u, V.Create(c6));
        q = V.MultiplyAdd(q, u, V.Create(c4));
        q = V.MultiplyAdd(q, u, V.Create(c2));
        return V.MultiplyAdd(q, u, V.Create(c0));
    }
}
