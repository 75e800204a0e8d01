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
    static void Sums(float* d, float* x, float mean, int count, bool isValue, ref double sum, ref double moment)
    {
        float* lastD = stackalloc float[V.Count], lastX = stackalloc float[V.Count];
        int whole = count / V.Count * V.Count, rest = count - whole;
        var (sums, moments) = Sums(d, x, mean, whole);
        if (rest > 0)
        {
            V.Store(PartialVector<V>.Load(d + whole, rest), lastD); // the zeros after it add nothing
            V.Store(PartialVector<V>.Load(x + whole, rest), lastX);
            var last = Sums(lastD, lastX, mean, V.Count);
            (sums, moments) = (sums + last.Sum, moments + last.Moment);
        }
        if (isValue) sum += sums;
        moment += moments;
    }

    [MethodImpl(Optimized)]
    static (double Sum, double Moment) Sums(float* d, float* x, float mean, int count)
    {
        CompensatedSum<V> gradients = default, moments = default;
        for (int i = 0; i < count; i += V.Count)
        {
            var g = V.Load(d + i);
            gradients.Add(g);
            moments.AddProduct(g, V.Load(x + i) - V.Create(mean));
        }
        return (gradients.Total(), moments.Total());
    }
}
