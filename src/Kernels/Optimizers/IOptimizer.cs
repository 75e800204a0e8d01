using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Optimizers;

/// <summary>
/// A rule that turns the gradient g of one number into its change: value -= learning rate * rate factor * direction. The one definition that
/// every device uses; formulas are PyTorch's.
/// </summary>
public interface IOptimizer
{
    /// <summary>Numbers kept per parameter from step to step, 0 to 2, zero at the start.</summary>
    int States { get; }

    /// <summary>Weight decay shrinks the values by learning rate * decay, instead of joining the gradient.</summary>
    bool DecouplesWeightDecay { get; }

    /// <summary>What depends on the step's number (1, 2, ...) alone: the rate factor, and a number for the direction.</summary>
    (double Rate, double Correction) Factors(long step);

    V Direction<V>(V gradient, ref V first, ref V second, V correction) where V : struct, IVector<V>;

    /// <summary>The definition, in double: the oracle.</summary>
    double Direction(double gradient, ref double first, ref double second, double correction);
}
