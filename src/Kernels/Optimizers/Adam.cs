using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Optimizers;

/// <summary>
/// m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g²; direction m / (sqrt(v / (1 - b2^step)) + epsilon), rate 1 / (1 - b1^step)
/// (Kingma and Ba 2015). torch.optim.Adam; with decoupled weight decay torch.optim.AdamW (Loshchilov and Hutter 2019).
/// </summary>
[method: JsonConstructor]
public readonly record struct Adam(double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8, bool DecouplesWeightDecay = false) : IOptimizer
{
    public Adam() : this(Beta1: 0.9) { }

    public static Adam WithDecoupledWeightDecay => new() { DecouplesWeightDecay = true };

    [JsonIgnore]
    public int States => 2;

    public (double Rate, double Correction) Factors(long step) => (1 / (1 - Math.Pow(Beta1, step)), 1 / Math.Sqrt(1 - Math.Pow(Beta2, step)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Direction<V>(V gradient, ref V first, ref V second, V correction) where V : struct, IVector<V>
    {
        first = V.MultiplyAdd(V.Create((float)Beta1), first, V.Create((float)(1 - Beta1)) * gradient);
        second = V.MultiplyAdd(V.Create((float)Beta2), second, V.Create((float)(1 - Beta2)) * gradient * gradient);
        return first / V.MultiplyAdd(V.Sqrt(second), correction, V.Create((float)Epsilon));
    }

    public double Direction(double gradient, ref double first, ref double second, double correction)
    {
        first = Beta1 * first + (1 - Beta1) * gradient;
        second = Beta2 * second + (1 - Beta2) * gradient * gradient;
        return first / (Math.Sqrt(second) * correction + Epsilon);
    }
}
