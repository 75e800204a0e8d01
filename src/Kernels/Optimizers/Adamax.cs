using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Optimizers;

/// <summary>
/// m = b1 m + (1 - b1) g, u = max(b2 u, |g| + epsilon); direction m / u, rate 1 / (1 - b1^step) (Kingma and Ba 2015, section 7.1).
/// torch.optim.Adamax.
/// </summary>
[method: JsonConstructor]
public readonly record struct Adamax(double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8) : IOptimizer
{
    public Adamax() : this(Beta1: 0.9) { }

    [JsonIgnore]
    public int States => 2;

    [JsonIgnore]
    public bool DecouplesWeightDecay => false;

    public (double Rate, double Correction) Factors(long step) => (1 / (1 - Math.Pow(Beta1, step)), 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Direction<V>(V gradient, ref V first, ref V second, V correction) where V : struct, IVector<V>
    {
        first = V.MultiplyAdd(V.Create((float)Beta1), first, V.Create((float)(1 - Beta1)) * gradient);
        second = V.Max(V.Create((float)Beta2) * second, V.Abs(gradient) + V.Create((float)Epsilon));
        return first / second;
    }

    public double Direction(double gradient, ref double first, ref double second, double correction)
    {
        first = Beta1 * first + (1 - Beta1) * gradient;
        second = Math.Max(Beta2 * second, Math.Abs(gradient) + Epsilon);
        return first / second;
    }
}
