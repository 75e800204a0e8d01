using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Encodings;

/// <summary>
/// What a cell's corners weigh in each block of a jet, a vector of rows at a time. All arrays have one line of <see cref="Rows"/> per index; a corner has bit k
/// set where it is the upper side along axis k.
/// </summary>
static unsafe class GridJets<V, TDimensions> where V : struct, IVector<V> where TDimensions : struct, IDimensions
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining, Optimized = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
    const int Rows = GridCells<V, TDimensions>.Rows, Orders = 3;

    /// <summary>Blocks that this has room for: second order in four directions. More go the reference's way.</summary>
    public const int MostBlocks = 15;

    public static int Corners { [MethodImpl(Inline)] get => 1 << TDimensions.Count; }

    /// <summary>Floats of the lines of <see cref="Axes"/>.</summary>
    public static int AxisFloats => TDimensions.Count * 2 * Orders * Rows;

    /// <summary>Tangents, [block - 1][axis] lines, of so many rows of a jet of coordinates.</summary>
    [MethodImpl(Optimized)]
    public static void LoadTangents(in Matrix x, int first, int rows, float* tangents)
    {
        for (int b = 1; b < x.Blocks; b++, tangents += TDimensions.Count * Rows)
        {
            float* from = x.Row(b, first);
            for (int r = 0; r < rows; r++, from += x.Stride)
                for (int k = 0; k < TDimensions.Count; k++) tangents[k * Rows + r] = from[k];
        }
    }

    /// <summary>Along each axis, of its lower and its upper side, the weight and its first two derivatives: [axis][side][order] lines.</summary>
    [MethodImpl(Optimized)]
    public static void Axes(float* points, int rows, GridAxis* axes, bool smooth, float* lines)
    {
        V one = V.Create(1), two = V.Create(2), six = V.Create(6);
        for (int k = 0; k < TDimensions.Count; k++, points += Rows, lines += 2 * Orders * Rows)
            for (int r = 0; r < rows; r += V.Count)
            {
                V w = GridCells<V, TDimensions>.Position(points + r, axes[k], out _, out var inside), slope = inside & V.Create(axes[k].Scale), bend = V.Zero;
                if (smooth)
                {
                    bend = six * (one - two * w) * slope * slope;
                    slope = six * w * (one - w) * slope;
                    w = GridCells<V, TDimensions>.Fade(w);
                }
                Store(one - w, -slope, -bend, lines + r);
                Store(w, slope, bend, lines + Orders * Rows + r);
            }
    }

    [MethodImpl(Inline)]
    static void Store(V value, V first, V second, float* lines)
    {
        V.Store(value, lines);
        V.Store(first, lines + Rows);
        V.Store(second, lines + 2 * Rows);
    }

    /// <summary>[corner][block] lines: block 0 the weight, block i its derivative along direction i, block (i, j) the second one.</summary>
    [MethodImpl(Optimized)]
    [SkipLocalsInit]
    public static void Weigh(float* lines, float* tangents, int rows, int blocks, int directions, float* weights)
    {
        bool second = blocks > 1 + directions;
        float* derivatives = stackalloc float[(TDimensions.Count + TDimensions.Count * TDimensions.Count) * V.Count], curvatures = derivatives + TDimensions.Count * V.Count;
        for (int corner = 0; corner < Corners; corner++, weights += blocks * Rows)
            for (int r = 0; r < rows; r += V.Count)
            {
                float* t = tangents + r, w = weights + r;
                V.Store(Product(lines + r, corner, -1, -1), w);
                for (int k = 0; k < TDimensions.Count; k++)
                {
                    V.Store(Product(lines + r, corner, k, -1), derivatives + k * V.Count);
                    for (int m = 0; m < TDimensions.Count && second; m++) V.Store(Product(lines + r, corner, k, m), curvatures + (k * TDimensions.Count + m) * V.Count);
                }
                for (int b = 1; b < blocks; b++) V.Store(Dot(derivatives, t + (b - 1) * TDimensions.Count * Rows), w + b * Rows);
                for (int i = 0, b = 1 + directions; i < directions && second; i++)
                    for (int j = i; j < directions; j++, b++)
                    {
                        var sum = V.Load(w + b * Rows);
                        for (int k = 0; k < TDimensions.Count; k++)
                            sum = V.MultiplyAdd(V.Load(t + (i * TDimensions.Count + k) * Rows), Dot(curvatures + k * TDimensions.Count * V.Count, t + j * TDimensions.Count * Rows), sum);
                        V.Store(sum, w + b * Rows);
                    }
            }
    }

    /// <summary>A corner's weight, differentiated along up to two axes.</summary>
    [MethodImpl(Inline)]
    static V Product(float* lines, int corner, int first, int second)
    {
        var product = Factor(lines, corner, 0, first, second);
        for (int k = 1; k < TDimensions.Count; k++) product *= Factor(lines, corner, k, first, second);
        return product;
    }

    [MethodImpl(Inline)]
    static V Factor(float* lines, int corner, int k, int first, int second) =>
        V.Load(lines + ((2 * k + (corner >> k & 1)) * Orders + (first == k ? 1 : 0) + (second == k ? 1 : 0)) * Rows);

    /// <summary>Of one number per axis with a tangent.</summary>
    [MethodImpl(Inline)]
    static V Dot(float* numbers, float* tangent)
    {
        var sum = V.Load(numbers) * V.Load(tangent);
        for (int k = 1; k < TDimensions.Count; k++) sum = V.MultiplyAdd(V.Load(numbers + k * V.Count), V.Load(tangent + k * Rows), sum);
        return sum;
    }
}
