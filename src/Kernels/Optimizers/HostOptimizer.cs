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

    public override StepNumbers Numbers(in OptimizerStep step) => StepNumbers.Of(optimizer, step);

    protected static double ClipFactorAt(nint address) => address == 0 ? 1 : *(double*)address;
}
