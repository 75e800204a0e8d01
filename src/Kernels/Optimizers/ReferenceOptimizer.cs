namespace InrFast.Kernels.Optimizers;

/// <summary>The oracle: the definition, number by number, in double; storage in float.</summary>
sealed unsafe class ReferenceOptimizer<TOptimizer>(TOptimizer optimizer) : HostOptimizer<TOptimizer>(optimizer) where TOptimizer : struct, IOptimizer
{
    public override void Update(nint values, nint gradient, nint first, nint second, long from, long to, nint numbers, nint clipFactor = 0, bool clearGradient = false)
    {
        var step = *(StepNumbers*)numbers;
        double factor = ClipFactorAt(clipFactor);
        float* x = (float*)values, g = (float*)gradient, a = (float*)first, b = (float*)second;
        for (long i = from; i < to; i++)
        {
            double m = States > 0 ? a[i] : 0, v = States > 1 ? b[i] : 0;
            double direction = optimizer.Direction(factor * g[i] + step.Decay * x[i], ref m, ref v, step.Correction);
            if (States > 0) a[i] = (float)m;
            if (States > 1) b[i] = (float)v;
            x[i] = (float)(step.Keep * x[i] - step.Rate * direction);
            if (clearGradient) g[i] = 0;
        }
    }

    public override void Add(nint part, nint gradient, long from, long to)
    {
        for (long i = from; i < to; i++) ((float*)gradient)[i] += ((float*)part)[i];
    }

    public override void SquaredNorm(nint gradient, long from, long to, nint result)
    {
        double sum = 0;
        for (long i = from; i < to; i++) sum += (double)((float*)gradient)[i] * ((float*)gradient)[i];
        *(double*)result = sum;
    }

    public override void Ema(nint average, nint values, float decay, long from, long to)
    {
        for (long i = from; i < to; i++) ((float*)average)[i] = (float)((double)decay * ((float*)average)[i] + (1 - (double)decay) * ((float*)values)[i]);
    }
}
