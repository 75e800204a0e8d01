using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Optimizers;

sealed unsafe class CpuOptimizer<V, TOptimizer>(TOptimizer optimizer) : HostOptimizer<TOptimizer>(optimizer)
    where V : struct, IVector<V> where TOptimizer : struct, IOptimizer
{
    const MethodImplOptions Optimized = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

    public override void Update(nint values, nint gradient, nint first, nint second, long from, long to, nint numbers, nint clipFactor = 0, bool clearGradient = false)
    {
        Step(gradient, 1, 0, values, gradient, first, second, from, to, numbers, clipFactor);
        if (clearGradient) new Span<float>((float*)gradient + from, checked((int)(to - from))).Clear();
    }

    public override void SumAndUpdate(nint lanes, int count, long laneStride, nint values, nint gradient, nint first, nint second, long from, long to, nint numbers) =>
        Step(lanes, count, laneStride, values, gradient, first, second, from, to, numbers, 0);

    [MethodImpl(Optimized)]
    void Step(nint lanes, int count, long laneStride, nint values, nint gradient, nint first, nint second, long from, long to, nint numbers, nint clipFactor)
    {
        var rule = optimizer;
        int states = rule.States;
        var step = *(StepNumbers*)numbers;
        V keep = V.Create((float)step.Keep), factor = V.Create((float)ClipFactorAt(clipFactor)), decay = V.Create((float)step.Decay);
        V rate = V.Create((float)step.Rate), correction = V.Create((float)step.Correction), m = V.Zero, v = V.Zero;
        float* x = (float*)values, total = (float*)gradient, lane = (float*)lanes, a = (float*)first, b = (float*)second;
        for (long i = from; i < to; i += V.Count)
        {
            var g = V.Load(lane + i);
            if (lane != total)
            {
                for (int s = 1; s < count; s++) g += V.Load(lane + s * laneStride + i);
                V.Store(g, total + i);
            }
            var value = V.Load(x + i);
            g = V.MultiplyAdd(decay, value, factor * g);
            if (states > 0) m = V.Load(a + i);
            if (states > 1) v = V.Load(b + i);
            var direction = rule.Direction(g, ref m, ref v, correction);
            if (states > 0) V.Store(m, a + i);
            if (states > 1) V.Store(v, b + i);
            V.Store(keep * value - rate * direction, x + i);
        }
    }

    [MethodImpl(Optimized)]
    public override void SumLanes(nint lanes, int count, long laneStride, nint gradient, long from, long to)
    {
        float* lane = (float*)lanes, total = (float*)gradient;
        for (long i = from; i < to; i += V.Count)
        {
            var g = V.Load(lane + i);
            for (int s = 1; s < count; s++) g += V.Load(lane + s * laneStride + i);
            V.Store(g, total + i);
        }
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
