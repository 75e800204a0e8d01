using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Losses;

sealed unsafe class CpuStandardize<V> : StandardizeKernels where V : struct, IVector<V>
{
    const MethodImplOptions Optimized = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

    public override void Forward(in Matrix x, nint statistics, in Matrix y)
    {
        double* s = (double*)statistics;
        for (int b = 0; b < y.Blocks; b++)
            for (var run = new WeightedRuns(x, default, null); run.Next();)
                Shift(x.Row(b, run.Row), b == 0 ? (float)s[0] : 0, (float)s[1], run.Length, y.Row(b, run.Row));
        y.ClearPadding();
    }

    /// <summary>to = (x - mean) scale.</summary>
    [MethodImpl(Optimized)]
    static void Shift(float* x, float mean, float scale, int count, float* to)
    {
        int i = 0;
        for (; i + V.Count <= count; i += V.Count) V.Store((V.Load(x + i) - V.Create(mean)) * V.Create(scale), to + i);
        for (; i < count; i++) to[i] = (x[i] - mean) * scale;
    }

    public override void Backward(in Matrix dy, in Matrix x, nint statistics, in Matrix dx, nint accumulators)
    {
        double* s = (double*)statistics;
        double gradients = 0, moments = 0;
        for (int b = 0; b < dy.Blocks; b++)
            for (var run = new WeightedRuns(dy, default, null); run.Next();)
            {
                float* d = dy.Row(b, run.Row);
                if (!dx.IsEmpty) Shift(d, 0, (float)s[1], run.Length, dx.Row(b, run.Row));
                if (accumulators != 0) Sums(d, x.Row(b, run.Row), b == 0 ? (float)s[0] : 0, run.Length, b == 0, ref gradients, ref moments);
            }
        if (!dx.IsEmpty) dx.ClearPadding();
        if (accumulators == 0) return;
        ((double*)accumulators)[0] -= s[1] * gradients;
        ((double*)accumulators)[1] += moments;
    }

    /// <summary>sum += sum of d (of values alone); moment += sum of d (x - mean).</summary>
    [MethodImpl(Optimized)]
    static void Sums(float* d, float* x, float mean, int count, bool isValue, ref double sum, ref double moment)
    {
        CompensatedSum<V> gradients = default, moments = default;
        for (int i = 0; i < count; i += V.Count)
        {
            bool whole = i + V.Count <= count;
            V g = whole ? V.Load(d + i) : PartialVector<V>.Load(d + i, count - i), value = whole ? V.Load(x + i) : PartialVector<V>.Load(x + i, count - i);
            gradients.Add(g);
            moments.AddProduct(g, value - V.Create(mean));
        }
        if (isValue) sum += gradients.Total();
        moment += moments.Total();
    }
}
