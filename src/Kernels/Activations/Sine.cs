using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Activations;

/// <summary>
/// f(x) = sin(omega x) (Sitzmann 2020, SIREN). z counts half-turns, so the range reduction is exact and costs two additions; slope and
/// value share it.
/// </summary>
public readonly struct Sine(float omega) : IActivation
{
    readonly CosineSeries scaledCosine = new(omega);

    public float InputScale => (float)(omega / Math.PI);
    public bool IsLinear => false;
    public bool KeepsZero => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Evaluate<V>(V z) where V : struct, IVector<V> => VectorMath.SinPi(z);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope) where V : struct, IVector<V> => VectorMath.SinCosPi(z, in scaledCosine, out value, out slope);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope, out V curvature, out V third) where V : struct, IVector<V>
    {
        Evaluate(z, out value, out slope);
        var square = V.Create(-omega * omega);
        (curvature, third) = (value * square, slope * square);
    }

    public void Evaluate(double x, out double value, out double slope, out double curvature, out double third)
    {
        var (sine, cosine) = Math.SinCos(omega * x);
        (value, slope, curvature, third) = (sine, omega * cosine, -(double)omega * omega * sine, -Math.Pow(omega, 3) * cosine);
    }
}
