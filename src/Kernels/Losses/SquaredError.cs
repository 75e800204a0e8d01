using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Losses;

/// <summary>(p - t)².</summary>
public readonly struct SquaredError : ILoss
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V prediction, V target, out V value, out V slope) where V : struct, IVector<V>
    {
        var difference = prediction - target;
        (value, slope) = (difference * difference, difference + difference);
    }

    public void Evaluate(double prediction, double target, out double value, out double slope)
    {
        double difference = prediction - target;
        (value, slope) = (difference * difference, 2 * difference);
    }
}
