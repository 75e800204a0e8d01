using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Losses;

/// <summary>
/// -(t log p + (1 - t) log(1 - p)) of a probability p in [0, 1]. As PyTorch's BCELoss: logarithms are at least -100, and the derivative
/// (p - t) / (p (1 - p)) has a denominator of at least 1e-12.
/// </summary>
public readonly struct BinaryCrossEntropy : ILoss
{
    const float SmallestLogarithm = -100, SmallestDenominator = 1e-12f, SmallestNormal = 1.17549435e-38f;

    /// <summary>-100 in place of what would lie below -87.3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Log<V>(V x) where V : struct, IVector<V> =>
        V.Select(V.LessThan(x, V.Create(SmallestNormal)), V.Create(SmallestLogarithm), VectorMath.Log(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V prediction, V target, out V value, out V slope) where V : struct, IVector<V>
    {
        var one = V.Create(1);
        var rest = one - prediction;
        var lost = one - rest - prediction; // by the rounding of rest: counts where the prediction is small
        var no = Log(rest) + lost / V.Max(V.Create(SmallestNormal), rest);
        value = V.MultiplyAdd(target - one, no, -(target * Log(prediction)));
        slope = (prediction - target) / V.Max(V.Create(SmallestDenominator), prediction * rest);
    }

    public void Evaluate(double prediction, double target, out double value, out double slope)
    {
        double yes = Math.Max(Math.Log(prediction), SmallestLogarithm), no = Math.Max(Math.Log(1 - prediction), SmallestLogarithm);
        value = -target * yes - (1 - target) * no;
        slope = (prediction - target) / Math.Max(prediction * (1 - prediction), SmallestDenominator);
    }
}

/// <summary>The same of p = sigmoid(x), from x: max(x, 0) - x t + log(1 + exp(-|x|)). PyTorch's BCEWithLogitsLoss.</summary>
public readonly struct BinaryCrossEntropyWithLogits : ILoss
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V prediction, V target, out V value, out V slope) where V : struct, IVector<V>
    {
        value = V.Max(V.Zero, prediction) - prediction * target + VectorMath.Log1p(VectorMath.Exp(-V.Abs(prediction)));
        VectorMath.Sigmoid(prediction, out var probability, out _);
        slope = probability - target;
    }

    public void Evaluate(double prediction, double target, out double value, out double slope)
    {
        double e = Math.Exp(-Math.Abs(prediction));
        value = Math.Max(prediction, 0) - prediction * target + Math.Log(1 + e);
        slope = (prediction < 0 ? e : 1) / (1 + e) - target;
    }
}
