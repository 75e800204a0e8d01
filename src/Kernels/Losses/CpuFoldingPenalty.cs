using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Losses;

/// <summary>A vector of rows at a time, transposed on the stack: element (i, j) of I + J of all of them, then their cofactors.</summary>
sealed unsafe class CpuFoldingPenalty<V, TLoss>(TLoss loss) : FoldingPenaltyKernels where V : struct, IVector<V> where TLoss : struct, ILoss
{
    const int Elements = 9;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(in Matrix displacement, double factor, nint accumulator)
    {
        float* m = stackalloc float[Elements * V.Count], cofactors = stackalloc float[Elements * V.Count];
        var sum = new CompensatedSum<V>();
        for (int r = 0; r < displacement.Rows; r += V.Count)
        {
            int count = Math.Min(V.Count, displacement.Rows - r);
            Gather(displacement, r, count, m);
            loss.Evaluate(Determinant(m, displacement.Columns, cofactors), V.Create(1), out var value, out _);
            sum.Add(value & PartialVector<V>.Mask(count));
        }
        *(double*)accumulator += factor * sum.Total();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Backward(in Matrix displacement, double factor, nint outputGradient, in Matrix gradient)
    {
        float* m = stackalloc float[Elements * V.Count], cofactors = stackalloc float[Elements * V.Count];
        int axes = displacement.Columns;
        var scale = V.Create((float)(factor * *(double*)outputGradient));
        for (int r = 0; r < displacement.Rows; r += V.Count)
        {
            int count = Math.Min(V.Count, displacement.Rows - r);
            Gather(displacement, r, count, m);
            loss.Evaluate(Determinant(m, axes, cofactors), V.Create(1), out _, out var slope);
            slope *= scale;
            for (int e = 0; e < axes * axes; e++) V.Store(V.Load(cofactors + e * V.Count) * slope, cofactors + e * V.Count);
            Scatter(cofactors, gradient, r, count);
        }
        new Span<float>((float*)gradient.Data, (int)(gradient.Rows * gradient.Stride)).Clear();
        gradient.ClearBlocks(1 + axes);
    }

    /// <summary>Rows first .. first + count: [i][j][row]; the identity beyond them.</summary>
    static void Gather(in Matrix u, int first, int count, float* m)
    {
        int axes = u.Columns;
        for (int j = 0; j < axes; j++)
        {
            float* from = u.Row(1 + j, first);
            for (int i = 0; i < axes; i++)
            {
                float* to = m + (i * axes + j) * V.Count;
                float one = i == j ? 1 : 0;
                for (int n = 0; n < count; n++) to[n] = one + from[n * axes + i];
                for (int n = count; n < V.Count; n++) to[n] = one;
            }
        }
    }

    static void Scatter(float* elements, in Matrix gradient, int first, int count)
    {
        int axes = gradient.Columns;
        for (int j = 0; j < axes; j++)
        {
            float* to = gradient.Row(1 + j, first);
            for (int i = 0; i < axes; i++)
            {
                float* from = elements + (i * axes + j) * V.Count;
                for (int n = 0; n < count; n++) to[n * axes + i] = from[n];
            }
        }
    }

    /// <summary>Determinants, and all cofactors: with indices modulo 3 they need no signs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static V Determinant(float* m, int axes, float* cofactors)
    {
        if (axes == 2)
        {
            V.Store(V.Load(m + 3 * V.Count), cofactors);
            V.Store(-V.Load(m + 2 * V.Count), cofactors + V.Count);
            V.Store(-V.Load(m + V.Count), cofactors + 2 * V.Count);
            V.Store(V.Load(m), cofactors + 3 * V.Count);
        }
        else
            for (int i = 0; i < 3; i++)
                for (int j = 0; j < 3; j++)
                {
                    float* next = m + (i + 1) % 3 * 3 * V.Count, last = m + (i + 2) % 3 * 3 * V.Count;
                    int right = (j + 1) % 3 * V.Count, left = (j + 2) % 3 * V.Count;
                    V.Store(V.Load(next + right) * V.Load(last + left) - V.Load(next + left) * V.Load(last + right), cofactors + (i * 3 + j) * V.Count);
                }
        var determinant = V.Zero;
        for (int j = 0; j < axes; j++) determinant = V.MultiplyAdd(V.Load(m + j * V.Count), V.Load(cofactors + j * V.Count), determinant);
        return determinant;
    }
}
