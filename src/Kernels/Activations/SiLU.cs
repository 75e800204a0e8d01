using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Activations;

/// <summary>f(x) = x / (1 + e^-x), also called swish.</summary>
public readonly struct SiLU : IActivation
{
    public float InputScale => 1;
    public bool IsLinear => false;
    public bool KeepsZero => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Evaluate<V>(V z) where V : struct, IVector<V>
    {
        VectorMath.Sigmoid(z, out var s, out _);
        return V.Max(V.Create(-100), z) * s; // s(-100) = 0: no infinity times zero
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope) where V : struct, IVector<V>
    {
        VectorMath.Sigmoid(z, out var s, out var bell);
        value = V.Max(V.Create(-100), z) * s;
        slope = V.MultiplyAdd(Bounded(z), bell, s);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope, out V curvature, out V third) where V : struct, IVector<V>
    {
        new Sigmoid().Evaluate(z, out var s, out var s1, out var s2, out var s3);
        var x = Bounded(z);
        value = V.Max(V.Create(-100), z) * s;
        slope = V.MultiplyAdd(x, s1, s);
        curvature = V.MultiplyAdd(x, s2, s1 + s1);
        third = V.MultiplyAdd(x, s3, V.Create(3) * s2);
    }

    public void Evaluate(double x, out double value, out double slope, out double curvature, out double third)
    {
        new Sigmoid().Evaluate(x, out double s, out double s1, out double s2, out double s3);
        (value, slope, curvature, third) = (x * s, s + x * s1, 2 * s1 + x * s2, 3 * s2 + x * s3);
    }

    /// <summary>Beyond 100 every derivative of the sigmoid is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Bounded<V>(V z) where V : struct, IVector<V> => V.Max(V.Create(-100), V.Min(V.Create(100), z));
}
