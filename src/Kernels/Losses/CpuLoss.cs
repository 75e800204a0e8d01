using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Losses;

/// <summary>Runs of adjacent numbers, one vector at a time.</summary>
sealed unsafe class CpuLoss<V, TLoss>(TLoss loss) : LossKernels where V : struct, IVector<V> where TLoss : struct, ILoss
{
    const MethodImplOptions Optimized = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

    [SkipLocalsInit]
    public override void Forward(in Matrix prediction, in Matrix target, in Matrix weights, double factor, nint accumulator)
    {
        float* spread = stackalloc float[WeightedRuns.SpreadFloats];
        var run = new WeightedRuns(prediction, weights, spread);
        double sum = 0;
        while (run.Next()) sum += Sum(loss, prediction.Row(run.Row), target.Row(run.Row), run.Weights, run.Weight, run.Length);
        *(double*)accumulator += factor * sum;
    }

    [MethodImpl(Optimized)]
    static double Sum(TLoss loss, float* p, float* t, float* weights, float weight, int count)
    {
        var sum = new CompensatedSum<V>();
        var same = V.Create(weight);
        int i = 0;
        for (; i + V.Count <= count; i += V.Count)
        {
            loss.Evaluate(V.Load(p + i), V.Load(t + i), out var value, out _);
            sum.Add(value * (weights == null ? same : V.Load(weights + i)));
        }
        double total = sum.Total();
        return i == count ? total : total + Tail(loss, p + i, t + i, weights == null ? null : weights + i, weight, count - i);
    }

    /// <summary>Apart, so that the loop above keeps its sum in registers.</summary>
    [MethodImpl(Optimized)]
    static double Tail(TLoss loss, float* p, float* t, float* weights, float weight, int count)
    {
        var sum = new CompensatedSum<V>();
        loss.Evaluate(PartialVector<V>.Load(p, count), PartialVector<V>.Load(t, count), out var value, out _);
        sum.Add(value * (weights == null ? V.Create(weight) : PartialVector<V>.Load(weights, count)) & PartialVector<V>.Mask(count));
        return sum.Total();
    }

    [SkipLocalsInit]
    public override void Backward(in Matrix prediction, in Matrix target, in Matrix weights, double factor, nint outputGradient, in Matrix gradient)
    {
        float* spread = stackalloc float[WeightedRuns.SpreadFloats];
        var run = new WeightedRuns(prediction, weights, spread);
        float scale = (float)(factor * *(double*)outputGradient);
        while (run.Next()) Slopes(loss, prediction.Row(run.Row), target.Row(run.Row), run.Weights, scale * run.Weight, run.Length, gradient.Row(run.Row));
        gradient.ClearPadding();
        gradient.ClearBlocks(1);
    }

    [MethodImpl(Optimized)]
    static void Slopes(TLoss loss, float* p, float* t, float* weights, float scale, int count, float* to)
    {
        var same = V.Create(scale);
        int i = 0;
        for (; i + V.Count <= count; i += V.Count)
        {
            loss.Evaluate(V.Load(p + i), V.Load(t + i), out _, out var slope);
            V.Store(slope * (weights == null ? same : same * V.Load(weights + i)), to + i);
        }
        if (i == count) return;
        int rest = count - i;
        loss.Evaluate(PartialVector<V>.Load(p + i, rest), PartialVector<V>.Load(t + i, rest), out _, out var last);
        PartialVector<V>.Store(last * (weights == null ? same : same * PartialVector<V>.Load(weights + i, rest)), to + i, rest);
    }
}
