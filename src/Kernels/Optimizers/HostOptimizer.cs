namespace InrFast.Kernels.Optimizers;

/// <summary>What devices whose memory the host sees do alike.</summary>
abstract unsafe class HostOptimizer<TOptimizer>(TOptimizer optimizer) : OptimizerKernels where TOptimizer : struct, IOptimizer
{
    protected readonly TOptimizer optimizer = optimizer;

    public override int States => optimizer.States;

    public override void ClipFactor(nint squaredNorms, int count, double maxNorm, nint factor)
    {
        double sum = 0;
        for (int i = 0; i < count; i++) sum += ((double*)squaredNorms)[i];
        *(double*)factor = Math.Min(1, maxNorm / (Math.Sqrt(sum) + 1e-6));
    }

    /// <summary>The numbers of one step: factors of the value, the gradient, the direction, the value in the gradient; the rule's correction.</summary>
    protected (double Keep, double Gradient, double Rate, double Decay, double Correction) Factors(in OptimizerStep step)
    {
        var (rate, correction) = optimizer.Factors(step.Step);
        double keep = optimizer.DecouplesWeightDecay ? 1 - step.LearningRate * step.WeightDecay : 1, decay = optimizer.DecouplesWeightDecay ? 0 : step.WeightDecay;
        return (keep, step.GradientFactor == 0 ? 1 : *(double*)step.GradientFactor, step.LearningRate * rate, decay, correction);
    }
}
