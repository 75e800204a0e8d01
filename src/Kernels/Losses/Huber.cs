using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Losses;

/// <summary>
/// (p - t)²/2 where |p - t| is at most delta, delta (|p - t| - delta/2) beyond: PyTorch's HuberLoss, which is delta times its SmoothL1Loss.
/// </summary>
public readonly struct Huber(float delta) : ILoss
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V prediction, V target, out V value, out V slope) where V : struct, IVector<V>
    {
        // With the difference held within delta, c: c (d - c/2) is both branches.
        var difference = prediction - target;
        slope = V.Max(V.Create(-delta), V.Min(V.Create(delta), difference));
        value = slope * V.MultiplyAdd(slope, V.Create(-0.5f), difference);
    }

    public void Evaluate(double prediction, double target, out double value, out double slope)
    {
        double difference = prediction - target, size = Math.Abs(difference);
        (value, slope) = size <= delta ? (difference * difference / 2, difference) : (delta * (size - delta / 2.0), delta * Math.Sign(difference));
    }
}
