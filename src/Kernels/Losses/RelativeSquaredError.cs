using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Losses;

/// <summary>
/// (p - t)² / (p² + 0.01), the denominator counting as a constant in the derivative: tiny-cuda-nn's RelativeL2 (Müller 2021), after
/// Lehtinen 2018, Noise2Noise.
/// </summary>
public readonly struct RelativeSquaredError : ILoss
{
    const float Epsilon = 0.01f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V prediction, V target, out V value, out V slope) where V : struct, IVector<V>
    {
        var difference = prediction - target;
        var ratio = difference / V.MultiplyAdd(prediction, prediction, V.Create(Epsilon));
        (value, slope) = (difference * ratio, ratio + ratio);
    }

    public void Evaluate(double prediction, double target, out double value, out double slope)
    {
        double difference = prediction - target, ratio = difference / (prediction * prediction + Epsilon);
        (value, slope) = (difference * ratio, 2 * ratio);
    }
}
