using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Activations;

/// <summary>f(x) = tanh(x).</summary>
public readonly struct Tanh : IActivation
{
    public float InputScale => 1;
    public bool IsLinear => false;
    public bool KeepsZero => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Evaluate<V>(V z) where V : struct, IVector<V> =>
        VectorMath.Tanh(z);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope) where V : struct, IVector<V>
    {
        value = VectorMath.Tanh(z);
        slope = (V.Create(1) - value) * (V.Create(1) + value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope, out V curvature, out V third) where V : struct, IVector<V>
    {
        Evaluate(z, out value, out slope);
        curvature = V.Create(-2) * value * slope;
        third = slope * V.MultiplyAdd(V.Create(6) * value, value, V.Create(-2));
    }

    public void Evaluate(double x, out double value, out double slope, out double curvature, out double third)
    {
        value = Math.Tanh(x);
        slope = 1 / Math.Pow(Math.Cosh(x), 2);
        (curvature, third) = (-2 * value * slope, slope * (6 * value * value - 2));
    }
}
