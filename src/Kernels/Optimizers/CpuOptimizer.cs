using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Optimizers;

sealed unsafe class CpuOptimizer<V, TOptimizer>(TOptimizer optimizer) : HostOptimizer<TOptimizer>(optimizer)
    where V : struct, IVector<V> where TOptimizer : struct, IOptimizer
{
    const MethodImplOptions Optimized = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

    [MethodImpl(Optimized)]
    public override void Update(nint values, nint gradient, nint first, nint second, long from, long to, nint numbers, nint clipFactor = 0, bool clearGradient = false)
    {
        var rule = optimizer;
        int states = rule.States;
        var step = *(StepNumbers*)numbers;
        V keep = V.Create((float)step.Keep), factor = V.Create((float)ClipFactorAt(clipFactor)), decay = V.Create((float)step.Decay);
        V rate = V.Create((float)step.Rate), correction = V.Create((float)step.Correction), m = V.Zero, v = V.Zero;
        float* x = (float*)values, d = (float*)gradient, a = (float*)first, b = (float*)second;
        for (long i = from; i < to; i += V.Count)
        {
            V value = V.Load(x + i), g = V.MultiplyAdd(decay, value, factor * V.Load(d + i));
            if (states > 0) m = V.Load(a + i);
            if (states > 1) v = V.Load(b + i);
            var direction = rule.Direction(g, ref m, ref v, correction);
            if (states > 0) V.Store(m, a + i);
            if (states > 1) V.Store(v, b + i);
            V.Store(keep * value - rate * direction, x + i);
            if (clearGradient) V.Store(V.Zero, d + i);
        }
    }

    [MethodImpl(Optimized)]
    public override void Add(nint part, nint gradient, long from, long to)
    {
        float* p = (float*)part, sum = (float*)gradient;
        for (long i = from; i < to; i += V.Count) V.Store(V.Load(sum + i) + V.Load(p + i), sum + i);
    }

    [MethodImpl(Optimized)]
    public override void SquaredNorm(nint gradient, long from, long to, nint result)
    {
        CompensatedSum<V> sum = default;
        float* g = (float*)gradient;
        for (long i = from; i < to; i += V.Count) sum.AddProduct(V.Load(g + i), V.Load(g + i));
        *(double*)result = sum.Total();
    }

    [MethodImpl(Optimized)]
    public override void Ema(nint average, nint values, float decay, long from, long to)
    {
        float* mean = (float*)average, x = (float*)values;
        V old = V.Create(decay), share = V.Create(1 - decay);
        for (long i = from; i < to; i += V.Count) V.Store(V.MultiplyAdd(old, V.Load(mean + i), share * V.Load(x + i)), mean + i);
    }
}
