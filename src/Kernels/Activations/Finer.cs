using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Activations;

/// <summary>
/// f(x) = sin(omega (|x| + 1) x) (Liu 2024, FINER): a sine whose frequency grows with |x|. The derivatives are the true ones (the published
/// code keeps |x| + 1 out of its backward, so its slope lacks the part omega |x|); at 0 the curvature is 0.
/// </summary>
public readonly struct Finer(float omega) : IActivation
{
    public float InputScale => 1;
    public bool IsLinear => false;
    public bool KeepsZero => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Evaluate<V>(V z) where V : struct, IVector<V> =>
        VectorMath.SinPi(HalfTurns(z));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope) where V : struct, IVector<V>
    {
        VectorMath.SinCosPi(HalfTurns(z), new CosineSeries(1), out value, out var cosine);
        slope = cosine * (V.Create(omega) * V.MultiplyAdd(V.Create(2), V.Abs(z), V.Create(1)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope, out V curvature, out V third) where V : struct, IVector<V>
    {
        VectorMath.SinCosPi(HalfTurns(z), new CosineSeries(1), out value, out var cosine);
        // With the phase g: g' = omega (2 |x| + 1), g'' = 2 omega sign(x), g''' = 0.
        V first = V.Create(omega) * V.MultiplyAdd(V.Create(2), V.Abs(z), V.Create(1)), second = V.Select(V.GreaterThan(z, V.Zero), V.Create(2 * omega), V.LessThan(z, V.Zero) & V.Create(-2 * omega));
        slope = cosine * first;
        var bend = value * first;
        curvature = V.MultiplyAdd(cosine, second, -(bend * first));
        third = V.MultiplyAdd(V.Create(-3) * bend, second, -(slope * first * first));
    }

    public void Evaluate(double x, out double value, out double slope, out double curvature, out double third)
    {
        double first = omega * (2 * Math.Abs(x) + 1), second = 2 * omega * Math.Sign(x);
        var (sine, cosine) = Math.SinCos(omega * (Math.Abs(x) + 1) * x);
        (value, slope, curvature, third) = (sine, cosine * first, cosine * second - sine * first * first, -3 * sine * first * second - cosine * first * first * first);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    V HalfTurns<V>(V z) where V : struct, IVector<V> => V.MultiplyAdd(V.Abs(z), z, z) * V.Create((float)(omega / Math.PI));
}
