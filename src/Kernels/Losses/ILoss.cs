using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Losses;

/// <summary>The loss of one number, and its derivative with respect to the prediction: the one definition that every device uses.</summary>
public interface ILoss
{
    void Evaluate<V>(V prediction, V target, out V value, out V slope) where V : struct, IVector<V>;

    /// <summary>The definition, in double: the oracle.</summary>
    void Evaluate(double prediction, double target, out double value, out double slope);
}
