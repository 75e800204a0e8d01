using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Losses;

/// <summary>I + J of a vector of rows, transposed on the stack: [i][j][row], J_ij = du_i / dx_j of a displacement's jet, of 2 or 3 axes; determinants and cofactors of all of them at once.</summary>
static unsafe class Jacobians<V> where V : struct, IVector<V>
{
    /// <summary>Vectors of room.</summary>
    public const int Elements = 9;

    /// <summary>Rows first .. first + count: [i][j][row]; the identity beyond them.</summary>
    public static void Gather(in Matrix u, int first, int count, float* m)
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

    /// <summary>The same elements into the blocks of first derivatives; zeros in the others.</summary>
    public static void Scatter(float* elements, in Matrix gradient, int first, int count)
    {
        int axes = gradient.Columns;
        for (int b = 0; b < gradient.Blocks; b = b == 0 ? 1 + axes : b + 1) new Span<float>(gradient.Row(b, first), count * axes).Clear();
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
    public static V Determinant(float* m, int axes, float* cofactors)
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
