using System.Runtime.CompilerServices;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Dense;

/// <summary>What all CPU layers share: the activation of finished products, and its reverse.</summary>
abstract unsafe class CpuDense<V, TActivation>(int inputs, int outputs, TActivation activation) : DenseKernels
    where V : struct, IVector<V> where TActivation : struct, IActivation
{
    protected const MethodImplOptions Optimized = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
    protected readonly int inputs = inputs, outputs = outputs;
    protected readonly int paddedInputs = Matrix.PadColumns(inputs), paddedOutputs = Matrix.PadColumns(outputs);

    /// <summary>Passed by reference into loops, and not readonly (the methods of a readonly field run on a copy): its numbers are then operands in memory. Those of a copy lie in registers, from where each use broadcasts them anew.</summary>
    protected TActivation activation = activation;

    /// <summary>Ones in the lanes of columns that exist.</summary>
    protected static V Mask(int columns) => V.LessThan(V.Indices, V.Create(columns));

    /// <summary>Columns column .. column + Count of finished products z become y, whichever form the value has.</summary>
    protected void Activate(in Matrix y, in Matrix saved, int column)
    {
        if (y.Blocks > 1) ActivateJet(y, saved, column, 0, y.Rows);
        else ActivateRows((float*)y.Data + column, y.Stride, saved.IsEmpty ? null : (float*)saved.Data + column, saved.Stride, y.Rows, ref activation, outputs - column);
    }

    /// <summary>y = f(z) of one vector of so many rows, in place; the slope beside it unless null. Columns beyond those left become zero.</summary>
    [MethodImpl(Optimized)]
    protected static void ActivateRows(float* y, nint ldy, float* slope, nint lds, int rows, ref TActivation f, int columns)
    {
        var mask = f.KeepsZero ? V.AllBitsSet : Mask(columns);
        if (slope == null)
            for (int r = 0; r < rows; r++, y += ldy) V.Store(Masked(f.Evaluate(V.Load(y)), mask), y);
        else
            for (int r = 0; r < rows; r++, y += ldy, slope += lds)
            {
                f.Evaluate(V.Load(y), out var value, out var s);
                V.Store(Masked(value, mask), y);
                V.Store(s, slope);
            }
    }

    /// <summary>The same of two adjacent vectors: two chains of arithmetic at a time.</summary>
    [MethodImpl(Optimized)]
    protected static void ActivatePairs(float* y, nint ldy, float* slope, nint lds, int rows, ref TActivation f, int columns)
    {
        V first = V.AllBitsSet, second = first;
        if (!f.KeepsZero) (first, second) = (Mask(columns), Mask(columns - V.Count));
        if (slope == null)
            for (int r = 0; r < rows; r++, y += ldy)
            {
                V.Store(Masked(f.Evaluate(V.Load(y)), first), y);
                V.Store(Masked(f.Evaluate(V.Load(y + V.Count)), second), y + V.Count);
            }
        else
            for (int r = 0; r < rows; r++, y += ldy, slope += lds)
            {
                f.Evaluate(V.Load(y), out var value0, out var slope0);
                f.Evaluate(V.Load(y + V.Count), out var value1, out var slope1);
                V.Store(Masked(value0, first), y);
                V.Store(slope0, slope);
                V.Store(Masked(value1, second), y + V.Count);
                V.Store(slope1, slope + V.Count);
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Masked(V value, V mask) => default(TActivation).KeepsZero ? value : value & mask;

    /// <summary>One vector of so many rows of a jet, from row first on.</summary>
    [MethodImpl(Optimized)]
    protected void ActivateJet(in Matrix y, in Matrix saved, int column, int first, int rows)
    {
        var f = activation;
        var mask = f.KeepsZero ? V.AllBitsSet : Mask(outputs - column);
        nint step = y.BlockStride, savedStep = saved.BlockStride;
        for (int r = first; r < first + rows; r++)
            JetActivation<V, TActivation>.Forward(y.Row(r) + column, step, y.Blocks, y.Directions, saved.IsEmpty ? null : saved.Row(r) + column, savedStep, f, mask);
    }

    /// <summary>In place: gradient of y to gradient of z (and of its tangents); adds the bias's gradient. Nothing saved: dy is that already.</summary>
    protected void BackwardActivation(in Matrix dy, in Matrix saved, float* biasGradient)
    {
        if (saved.IsEmpty)
        {
            if (biasGradient != null) Sums(dy, biasGradient, paddedOutputs);
            return;
        }
        float* unused = stackalloc float[paddedOutputs];
        if (biasGradient == null) biasGradient = unused;
        if (dy.Blocks == 1) Slopes(dy, saved, biasGradient, paddedOutputs);
        else JetSlopes(dy, saved, biasGradient, paddedOutputs);
    }

    /// <summary>Bias gradient += column sums of the first block, two rows of two vectors at a time: a sum is a chain of additions.</summary>
    [MethodImpl(Optimized)]
    static void Sums(in Matrix dz, float* biasGradient, int width)
    {
        int rows = dz.Rows;
        nint stride = dz.Stride;
        for (int n = 0; n < width; n += 2 * V.Count)
        {
            nint beside = n + V.Count < width ? V.Count : 0; // at an odd end the same vector twice
            float* d = (float*)dz.Data + n;
            V even0 = V.Load(biasGradient + n), even1 = V.Load(biasGradient + n + beside), odd0 = V.Zero, odd1 = odd0;
            for (int r = 1; r < rows; r += 2, d += 2 * stride)
            {
                even0 += V.Load(d);
                even1 += V.Load(d + beside);
                odd0 += V.Load(d + stride);
                odd1 += V.Load(d + stride + beside);
            }
            if (rows % 2 > 0) (even0, even1) = (even0 + V.Load(d), even1 + V.Load(d + beside));
            V.Store(even0 + odd0, biasGradient + n);
            V.Store(even1 + odd1, biasGradient + n + beside);
        }
    }

    /// <summary>dz = dy * slope; bias gradient += column sums.</summary>
    [MethodImpl(Optimized)]
    static void Slopes(in Matrix dy, in Matrix saved, float* biasGradient, int width)
    {
        int rows = dy.Rows;
        nint stride = dy.Stride, savedStride = saved.Stride;
        for (int n = 0; n < width; n += 2 * V.Count)
        {
            nint beside = n + V.Count < width ? V.Count : 0;
            float* d = (float*)dy.Data + n, s = (float*)saved.Data + n;
            V sum0 = V.Load(biasGradient + n), sum1 = V.Load(biasGradient + n + beside);
            for (int r = 0; r < rows; r++, d += stride, s += savedStride)
            {
                V z0 = V.Load(d) * V.Load(s), z1 = V.Load(d + beside) * V.Load(s + beside);
                sum0 += z0;
                sum1 += z1;
                V.Store(z0, d);
                V.Store(z1, d + beside);
            }
            V.Store(sum0, biasGradient + n);
            V.Store(sum1, biasGradient + n + beside);
        }
    }

    [MethodImpl(Optimized)]
    static void JetSlopes(in Matrix dy, in Matrix saved, float* biasGradient, int width)
    {
        nint step = dy.BlockStride, savedStep = saved.BlockStride;
        for (int r = 0; r < dy.Rows; r++)
            for (int n = 0; n < width; n += V.Count)
                V.Store(V.Load(biasGradient + n) + JetActivation<V, TActivation>.Backward(dy.Row(r) + n, step, dy.Blocks, dy.Directions, saved.Row(r) + n, savedStep), biasGradient + n);
    }
}
