using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Activations;

/// <summary>
/// f(x) = x for x > 0, alpha (e^x - 1) elsewhere (Clevert 2016); all derivatives at 0 are those of the left side, as PyTorch's.
/// </summary>
public readonly struct ELU(float alpha) : IActivation
{
    public float InputScale => 1;
    public bool IsLinear => false;
    public bool KeepsZero => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Evaluate<V>(V z) where V : struct, IVector<V> =>
        V.Select(V.GreaterThan(z, V.Zero), z, V.Create(alpha) * VectorMath.Expm1(V.Min(V.Zero, z)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope) where V : struct, IVector<V>
    {
        value = Evaluate(z);
        slope = V.Select(V.GreaterThan(z, V.Zero), V.Create(1), value + V.Create(alpha));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope, out V curvature, out V third) where V : struct, IVector<V>
    {
        value = Evaluate(z);
        var positive = V.GreaterThan(z, V.Zero);
        curvature = third = V.Select(positive, V.Zero, value + V.Create(alpha));
        slope = V.Select(positive, V.Create(1), curvature);
    }

    public void Evaluate(double x, out double value, out double slope, out double curvature, out double third)
    {
        double e = alpha * Math.Exp(Math.Min(x, 0));
        (value, slope, curvature, third) = x > 0 ? (x, 1, 0, 0) : (alpha * Precise.Expm1(x), e, e, e);
    }
}
