using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Activations;

/// <summary>f(x) = x P(x), P the normal distribution (1 + erf(x / sqrt 2)) / 2 (Hendrycks 2016): PyTorch's default, not its tanh approximation.</summary>
public readonly struct GELU : IActivation
{
    public float InputScale => 1;
    public bool IsLinear => false;
    public bool KeepsZero => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Evaluate<V>(V z) where V : struct, IVector<V> =>
        V.Max(V.Create(-15), z) * Distribution(z);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope) where V : struct, IVector<V>
    {
        value = Evaluate(z);
        slope = V.MultiplyAdd(Bounded(z), Density(z), Distribution(z));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope, out V curvature, out V third) where V : struct, IVector<V>
    {
        Evaluate(z, out value, out slope);
        V x = Bounded(z), p = Density(z), square = x * x;
        curvature = p * (V.Create(2) - square);
        third = p * x * (square - V.Create(4));
    }

    public void Evaluate(double x, out double value, out double slope, out double curvature, out double third)
    {
        double p = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI), distribution = Precise.Erfc(-x / Math.Sqrt(2)) / 2;
        (value, slope, curvature, third) = (x * distribution, distribution + x * p, p * (2 - x * x), p * x * (x * x - 4));
    }

    /// <summary>Beyond 15 the density is 0 in float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Bounded<V>(V z) where V : struct, IVector<V> => V.Max(V.Create(-15), V.Min(V.Create(15), z));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Distribution<V>(V z) where V : struct, IVector<V> =>
        V.MultiplyAdd(VectorMath.Erf(z * V.Create(0.707106781f)), V.Create(0.5f), V.Create(0.5f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Density<V>(V z) where V : struct, IVector<V>
    {
        var x = Bounded(z);
        return VectorMath.Exp(x * x * V.Create(-0.5f)) * V.Create(0.39894228f);
    }
}
