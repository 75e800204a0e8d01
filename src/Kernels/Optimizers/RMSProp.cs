using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Optimizers;

/// <summary>
/// v = alpha v + (1 - alpha) g²; direction d = g / (sqrt(v) + epsilon), or with momentum m = momentum * m + d (Tieleman and Hinton 2012).
/// torch.optim.RMSprop.
/// </summary>
[method: JsonConstructor]
public readonly record struct RMSProp(double Alpha = 0.99, double Epsilon = 1e-8, double Momentum = 0) : IOptimizer
{
    public RMSProp() : this(Alpha: 0.99) { }

    [JsonIgnore]
    public int States => Momentum == 0 ? 1 : 2;

    [JsonIgnore]
    public bool DecouplesWeightDecay => false;

    public (double Rate, double Correction) Factors(long step) => (1, 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Direction<V>(V gradient, ref V first, ref V second, V correction) where V : struct, IVector<V>
    {
        first = V.MultiplyAdd(V.Create((float)Alpha), first, V.Create((float)(1 - Alpha)) * gradient * gradient);
        var direction = gradient / (V.Sqrt(first) + V.Create((float)Epsilon));
        if (Momentum == 0) return direction;
        return second = V.MultiplyAdd(V.Create((float)Momentum), second, direction);
    }

    public double Direction(double gradient, ref double first, ref double second, double correction)
    {
        first = Alpha * first + (1 - Alpha) * gradient * gradient;
        double direction = gradient / (Math.Sqrt(first) + Epsilon);
        return Momentum == 0 ? direction : second = Momentum * second + direction;
    }
}
