using System.Runtime.InteropServices;

namespace InrFast.Kernels.Optimizers;

/// <summary>What one step of an optimiser needs to know beside its own settings.</summary>
/// <param name="Step">1 in the first step.</param>
/// <param name="WeightDecay">Times the value: added to its gradient, or where the rule decouples it, times the learning rate taken off the value.</param>
public readonly record struct OptimizerStep(double LearningRate, long Step, double WeightDecay = 0);

/// <summary>What follows of it for a rule, in device memory, so that a recorded step can be replayed: value = Keep * value - Rate * direction, of gradient + Decay * value.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct StepNumbers
{
    public double Keep, Rate, Decay;

    /// <summary>The rule's own (<see cref="IOptimizer.Factors"/>).</summary>
    public double Correction;

    public static StepNumbers Of<TOptimizer>(TOptimizer rule, in OptimizerStep step) where TOptimizer : struct, IOptimizer
    {
        var (rate, correction) = rule.Factors(step.Step);
        return new()
        {
            Keep = rule.DecouplesWeightDecay ? 1 - step.LearningRate * step.WeightDecay : 1,
            Rate = step.LearningRate * rate,
            Decay = rule.DecouplesWeightDecay ? 0 : step.WeightDecay,
            Correction = correction,
        };
    }
}
