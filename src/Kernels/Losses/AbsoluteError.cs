using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Losses;

/// <summary>|p - t|; derivative 0 where they are equal, as PyTorch's.</summary>
public readonly struct AbsoluteError : ILoss
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V prediction, V target, out V value, out V slope) where V : struct, IVector<V>
    {
        var difference = prediction - target;
        value = V.Abs(difference);
        slope = (V.GreaterThan(difference, V.Zero) & V.Create(1)) - (V.LessThan(difference, V.Zero) & V.Create(1));
    }

    public void Evaluate(double prediction, double target, out double value, out double slope) =>
        (value, slope) = (Math.Abs(prediction - target), prediction > target ? 1 : prediction < target ? -1 : 0);
}
