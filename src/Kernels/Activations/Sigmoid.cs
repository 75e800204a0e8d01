using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Activations;

/// <summary>f(x) = 1 / (1 + e^-x).</summary>
public readonly struct Sigmoid : IActivation
{
    public float InputScale => 1;
    public bool IsLinear => false;
    public bool KeepsZero => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Evaluate<V>(V z) where V : struct, IVector<V>
    {
        VectorMath.Sigmoid(z, out var value, out _);
        return value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope) where V : struct, IVector<V> =>
        VectorMath.Sigmoid(z, out value, out slope);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope, out V curvature, out V third) where V : struct, IVector<V>
    {
        VectorMath.Sigmoid(z, out value, out slope);
        curvature = V.MultiplyAdd(V.Create(-2) * value, slope, slope);
        third = slope * V.MultiplyAdd(V.Create(-6), slope, V.Create(1));
    }

    public void Evaluate(double x, out double value, out double slope, out double curvature, out double third)
    {
        double e = Math.Exp(-Math.Abs(x));
        value = (x < 0 ? e : 1) / (1 + e);
        slope = e / ((1 + e) * (1 + e));
        (curvature, third) = (slope * (1 - 2 * value), slope * (1 - 6 * slope));
    }
}
