using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Activations;

/// <summary>
/// f(x) = exp(-(s x)^2), s the scale: the form of WIRE's comparisons (Saragadam 2023). Ramasinghe 2022 writes exp(-x^2 / (2 sigma^2)):
/// s = 1 / (sigma sqrt 2). z = s x.
/// </summary>
public readonly struct Gaussian(float scale) : IActivation
{
    public float InputScale => scale;
    public bool IsLinear => false;
    public bool KeepsZero => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Evaluate<V>(V z) where V : struct, IVector<V>
    {
        z = Bounded(z);
        return VectorMath.Exp(-(z * z));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope) where V : struct, IVector<V>
    {
        z = Bounded(z);
        value = VectorMath.Exp(-(z * z));
        slope = V.Create(-2 * scale) * z * value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope, out V curvature, out V third) where V : struct, IVector<V>
    {
        z = Bounded(z);
        Evaluate(z, out value, out slope);
        V square = z * z, bent = value * V.Create(scale * scale);
        curvature = bent * V.MultiplyAdd(V.Create(4), square, V.Create(-2));
        third = V.Create(scale) * z * bent * V.MultiplyAdd(V.Create(-8), square, V.Create(12));
    }

    public void Evaluate(double x, out double value, out double slope, out double curvature, out double third)
    {
        double s = scale, z = s * x;
        value = Math.Exp(-z * z);
        (slope, curvature, third) = (-2 * s * z * value, s * s * (4 * z * z - 2) * value, s * s * s * z * (12 - 8 * z * z) * value);
    }

    /// <summary>Beyond 10 all is 0 in float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Bounded<V>(V z) where V : struct, IVector<V> => V.Max(V.Create(-10), V.Min(V.Create(10), z));
}
