using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Losses;

/// <summary>
/// Photons after Beer and Lambert: a line integral p lets a share e^-p through, and t is the share that was counted. Minus the logarithm of Poisson's probability per photon sent, from its least value:
/// e^-p + t p - t + t ln t, half (e^-p - t)² / t near it. So every ray counts by what its noise leaves of it (Sauer and Bouman, IEEE Trans. Signal Processing 41, 1993).
/// </summary>
public readonly struct Transmission : ILoss
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V prediction, V target, out V value, out V slope) where V : struct, IVector<V>
    {
        V share = VectorMath.Exp(-prediction), logarithm = VectorMath.Log(target);
        slope = target - share;
        value = V.MultiplyAdd(target, prediction + logarithm, -slope);
    }

    public void Evaluate(double prediction, double target, out double value, out double slope)
    {
        double share = Math.Exp(-prediction);
        slope = target - share;
        value = share + target * prediction - target + (target > 0 ? target * Math.Log(target) : 0);
    }
}
