using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Activations;

/// <summary>f(x) = x for x > 0, negativeSlope x elsewhere; the slope at 0 is negativeSlope, as PyTorch's.</summary>
public readonly struct LeakyReLU(float negativeSlope) : IActivation
{
    public float InputScale => 1;
    public bool IsLinear => false;
    public bool KeepsZero => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Evaluate<V>(V z) where V : struct, IVector<V> =>
        V.Select(V.GreaterThan(z, V.Zero), z, z * V.Create(negativeSlope));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope) where V : struct, IVector<V>
    {
        slope = V.Select(V.GreaterThan(z, V.Zero), V.Create(1), V.Create(negativeSlope));
        value = z * slope;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope, out V curvature, out V third) where V : struct, IVector<V>
    {
        Evaluate(z, out value, out slope);
        (curvature, third) = (V.Zero, V.Zero);
    }

    public void Evaluate(double x, out double value, out double slope, out double curvature, out double third)
    {
        slope = x > 0 ? 1 : negativeSlope;
        (value, curvature, third) = (x * slope, 0, 0);
    }
}
