using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Losses;

/// <summary>A vector of rows at a time (<see cref="Jacobians{V}"/>). Cofactors are products of two elements: the derivative goes back through them as a product of the same kind.</summary>
sealed unsafe class CpuSurfacePenalty<V, TLoss>(TLoss loss) : SurfacePenaltyKernels where V : struct, IVector<V> where TLoss : struct, ILoss
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
            Jacobians<V>.Determinant(m, displacement.Columns, cofactors);
            for (int j = 0; j < displacement.Columns; j++)
            {
                loss.Evaluate(Squares(cofactors, displacement.Columns, j), V.Create(1), out var value, out _);
                sum.Add(value & PartialVector<V>.Mask(count));
            }
        }
        *(double*)accumulator += factor * sum.Total();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Backward(in Matrix displacement, double factor, nint outputGradient, in Matrix gradient)
    {
        float* m = stackalloc float[Jacobians<V>.Elements * V.Count], c = stackalloc float[Jacobians<V>.Elements * V.Count], to = stackalloc float[Jacobians<V>.Elements * V.Count];
        int axes = displacement.Columns;
        var scale = V.Create((float)(2 * factor * *(double*)outputGradient));
        for (int r = 0; r < displacement.Rows; r += V.Count)
        {
            int count = Math.Min(V.Count, displacement.Rows - r);
            Jacobians<V>.Gather(displacement, r, count, m);
            Jacobians<V>.Determinant(m, axes, c);
            for (int j = 0; j < axes; j++)
            {
                loss.Evaluate(Squares(c, axes, j), V.Create(1), out _, out var slope);
                for (int i = 0; i < axes; i++) V.Store(V.Load(c + (i * axes + j) * V.Count) * slope * scale, c + (i * axes + j) * V.Count);
            }
            Back(m, c, axes, to);
            Jacobians<V>.Scatter(to, gradient, r, count);
        }
    }

    static V Squares(float* cofactors, int axes, int column)
    {
        var sum = V.Zero;
        for (int i = 0; i < axes; i++)
        {
            var c = V.Load(cofactors + (i * axes + column) * V.Count);
            sum = V.MultiplyAdd(c, c, sum);
        }
        return sum;
    }

    /// <summary>From the gradient g of the cofactors to that of the elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Back(float* m, float* g, int axes, float* to)
    {
        if (axes == 2)
        {
            V.Store(V.Load(g + 3 * V.Count), to);
            V.Store(-V.Load(g + 2 * V.Count), to + V.Count);
            V.Store(-V.Load(g + V.Count), to + 2 * V.Count);
            V.Store(V.Load(g), to + 3 * V.Count);
            return;
        }
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
            {
                int down = (i + 1) % 3 * 3, further = (i + 2) % 3 * 3, right = (j + 1) % 3, left = (j + 2) % 3;
                V Product(int one, int other) => V.Load(m + one * V.Count) * V.Load(g + other * V.Count) + V.Load(g + one * V.Count) * V.Load(m + other * V.Count);
                V.Store(Product(down + right, further + left) - Product(down + left, further + right), to + (i * 3 + j) * V.Count);
            }
    }
}
