using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Losses;

/// <summary>max(0, -p): nothing until a determinant p is negative (the folding penalty of Sun et al. 2022).</summary>
public readonly struct Negative : ILoss
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V prediction, V target, out V value, out V slope) where V : struct, IVector<V>
    {
        value = V.Max(V.Zero, -prediction);
        slope = V.LessThan(prediction, V.Zero) & V.Create(-1);
    }

    public void Evaluate(double prediction, double target, out double value, out double slope) => (value, slope) = prediction < 0 ? (-prediction, -1) : (0, 0);
}

/// <summary>max(0, p - t)²: what is above the target.</summary>
public readonly struct Excess : ILoss
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V prediction, V target, out V value, out V slope) where V : struct, IVector<V>
    {
        var excess = V.Max(V.Zero, prediction - target);
        (value, slope) = (excess * excess, excess + excess);
    }

    public void Evaluate(double prediction, double target, out double value, out double slope)
    {
        double excess = Math.Max(0, prediction - target);
        (value, slope) = (excess * excess, 2 * excess);
    }
}

/// <summary>
/// (p - 1)⁴ / p² of a determinant p: the volume term of the hyperelastic energy (Burger et al. 2013), which grows without bound towards 0 from either side. Below a floor it goes on as its parabola there, so that
/// a fold is pushed back instead of kept; with a floor of 0 it is the published one.
/// </summary>
public readonly struct VolumeChange(float floor) : ILoss
{
    readonly float floor = floor > 0 ? floor : float.NegativeInfinity;
    readonly float curvature = floor > 0 ? 2 * (floor - 1) * (floor - 1) * (floor * floor + 2 * floor + 3) / (floor * floor * floor * floor) : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V prediction, V target, out V value, out V slope) where V : struct, IVector<V>
    {
        V p = V.Max(prediction, V.Create(floor)), below = prediction - p, steep = V.Create(curvature) * below, excess = p - V.Create(1), square = excess * excess / (p * p);
        value = square * excess * excess;
        slope = V.Create(2) * square * excess * (V.Create(1) + V.Create(1) / p);
        value += below * (slope + V.Create(0.5f) * steep);
        slope += steep;
    }

    public void Evaluate(double prediction, double target, out double value, out double slope)
    {
        double p = Math.Max(prediction, floor), below = prediction - p;
        slope = 2 * Math.Pow(p - 1, 3) * (p + 1) / (p * p * p);
        value = Math.Pow(p - 1, 4) / (p * p) + below * (slope + 0.5 * curvature * below);
        slope += curvature * below;
    }
}
