using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Optimizers;

/// <summary>
/// m = momentum * m + (1 - dampening) g, but m = g in the first step; direction m, or with Nesterov's rule g + momentum * m; without
/// momentum g. torch.optim.SGD.
/// </summary>
[method: JsonConstructor]
public readonly record struct GradientDescent(double Momentum = 0, double Dampening = 0, bool Nesterov = false) : IOptimizer
{
    [JsonIgnore]
    public int States => Momentum == 0 ? 0 : 1;

    [JsonIgnore]
    public bool DecouplesWeightDecay => false;

    /// <summary>The correction is the new gradient's share of the momentum.</summary>
    public (double Rate, double Correction) Factors(long step) => (1, step == 1 ? 1 : 1 - Dampening);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Direction<V>(V gradient, ref V first, ref V second, V correction) where V : struct, IVector<V>
    {
        if (Momentum == 0) return gradient;
        var momentum = V.Create((float)Momentum);
        first = V.MultiplyAdd(momentum, first, correction * gradient);
        return Nesterov ? V.MultiplyAdd(momentum, first, gradient) : first;
    }

    public double Direction(double gradient, ref double first, ref double second, double correction)
    {
        if (Momentum == 0) return gradient;
        first = Momentum * first + correction * gradient;
        return Nesterov ? gradient + Momentum * first : first;
    }
}
