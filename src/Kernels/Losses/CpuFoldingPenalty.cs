using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Losses;

/// <summary>A vector of rows at a time (<see cref="Jacobians{V}"/>).</summary>
sealed unsafe class CpuFoldingPenalty<V, TLoss>(TLoss loss) : FoldingPenaltyKernels where V : struct, IVector<V> where TLoss : struct, ILoss
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(in Matrix displacement, double factor, nint accumulator)
    {
        float* m = stackalloc float[Jacobians<V>.Elements * V.Count], cofactors = stackalloc float[Jacobians<V>.Elements * V.Count];
        var sum = new CompensatedSum<V>();
        for (int r = 0; r < displacement.Rows; r += V.Count)
        {
            int count = Math.Min(V.Count, displacement.Rows - r);
            Jacobians<V>.Gather(displacement, r, count, m);
            loss.Evaluate(Jacobians<V>.Determinant(m, displacement.Columns, cofactors), V.Create(1), out var value, out _);
            sum.Add(value & PartialVector<V>.Mask(count));
        }
        *(double*)accumulator += factor * sum.Total();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Backward(in Matrix displacement, double factor, nint outputGradient, in Matrix gradient)
    {
        float* m = stackalloc float[Jacobians<V>.Elements * V.Count], cofactors = stackalloc float[Jacobians<V>.Elements * V.Count];
        int axes = displacement.Columns;
        var scale = V.Create((float)(factor * *(double*)outputGradient));
        for (int r = 0; r < displacement.Rows; r += V.Count)
        {
            int count = Math.Min(V.Count, displacement.Rows - r);
            Jacobians<V>.Gather(displacement, r, count, m);
            loss.Evaluate(Jacobians<V>.Determinant(m, axes, cofactors), V.Create(1), out _, out var slope);
            slope *= scale;
            for (int e = 0; e < axes * axes; e++) V.Store(V.Load(cofactors + e * V.Count) * slope, cofactors + e * V.Count);
            Jacobians<V>.Scatter(cofactors, gradient, r, count);
        }
    }
}
