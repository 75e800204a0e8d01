using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Losses;

/// <summary>A vector of rows at a time (<see cref="Jacobians{V}"/>).</summary>
sealed unsafe class CpuJacobianPenalty<V, TMeasure, TLoss>(TLoss loss) : JacobianPenaltyKernels where V : struct, IVector<V> where TMeasure : struct, IJacobianMeasure<V> where TLoss : struct, ILoss
{
    const int MostMeasures = 3;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(in Matrix displacement, double factor, nint accumulator)
    {
        float* m = stackalloc float[Jacobians<V>.Elements * V.Count], cofactors = stackalloc float[Jacobians<V>.Elements * V.Count];
        var sum = new CompensatedSum<V>();
        int axes = displacement.Columns;
        for (int r = 0; r < displacement.Rows; r += V.Count)
        {
            int count = Math.Min(V.Count, displacement.Rows - r);
            Jacobians<V>.Gather(displacement, r, count, m);
            var determinant = Jacobians<V>.Determinant(m, axes, cofactors);
            for (int i = 0; i < TMeasure.Count(axes); i++)
            {
                loss.Evaluate(TMeasure.Value(cofactors, determinant, axes, i), V.Create(1), out var value, out _);
                sum.Add(value & PartialVector<V>.Mask(count));
            }
        }
        *(double*)accumulator += factor * sum.Total();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Backward(in Matrix displacement, double factor, nint outputGradient, in Matrix gradient)
    {
        float* m = stackalloc float[Jacobians<V>.Elements * V.Count], cofactors = stackalloc float[Jacobians<V>.Elements * V.Count], to = stackalloc float[Jacobians<V>.Elements * V.Count];
        float* slopes = stackalloc float[MostMeasures * V.Count];
        int axes = displacement.Columns;
        var scale = V.Create((float)(factor * *(double*)outputGradient));
        for (int r = 0; r < displacement.Rows; r += V.Count)
        {
            int count = Math.Min(V.Count, displacement.Rows - r);
            Jacobians<V>.Gather(displacement, r, count, m);
            var determinant = Jacobians<V>.Determinant(m, axes, cofactors);
            for (int i = 0; i < TMeasure.Count(axes); i++)
            {
                loss.Evaluate(TMeasure.Value(cofactors, determinant, axes, i), V.Create(1), out _, out var slope);
                V.Store(slope * scale, slopes + i * V.Count);
            }
            TMeasure.Backward(m, cofactors, axes, slopes, to);
            Jacobians<V>.Scatter(to, gradient, r, count);
        }
    }
}
