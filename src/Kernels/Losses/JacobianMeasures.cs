using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Losses;

/// <summary>What a penalty measures of I + J of a vector of rows (<see cref="Jacobians{V}"/>).</summary>
unsafe interface IJacobianMeasure<V> where V : struct, IVector<V>
{
    /// <summary>Numbers of a row.</summary>
    static abstract int Count(int axes);

    /// <summary>One of them.</summary>
    static abstract V Value(float* cofactors, V determinant, int axes, int which);

    /// <summary>From the slopes by each of them to those by the elements [i][j]; the cofactors may be written over.</summary>
    static abstract void Backward(float* elements, float* cofactors, int axes, float* slopes, float* to);
}

/// <summary>The determinant.</summary>
readonly unsafe struct VolumeMeasure<V> : IJacobianMeasure<V> where V : struct, IVector<V>
{
    public static int Count(int axes) => 1;

    public static V Value(float* cofactors, V determinant, int axes, int which) => determinant;

    public static void Backward(float* elements, float* cofactors, int axes, float* slopes, float* to)
    {
        for (int e = 0; e < axes * axes * V.Count; e += V.Count) V.Store(V.Load(cofactors + e) * V.Load(slopes), to + e);
    }
}

/// <summary>Of each column, the sum of the cofactors' squares: of areas, or in the plane of lengths.</summary>
readonly unsafe struct SurfaceMeasure<V> : IJacobianMeasure<V> where V : struct, IVector<V>
{
    public static int Count(int axes) => axes;

    public static V Value(float* cofactors, V determinant, int axes, int which)
    {
        var sum = V.Zero;
        for (int i = 0; i < axes; i++)
        {
            var c = V.Load(cofactors + (i * axes + which) * V.Count);
            sum = V.MultiplyAdd(c, c, sum);
        }
        return sum;
    }

    /// <summary>Cofactors are products of two elements: the derivative goes back through them as a product of the same kind.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(float* m, float* g, int axes, float* slopes, float* to)
    {
        for (int i = 0; i < axes; i++)
            for (int j = 0; j < axes; j++)
            {
                float* c = g + (i * axes + j) * V.Count;
                V.Store(V.Create(2) * V.Load(c) * V.Load(slopes + j * V.Count), c);
            }
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
