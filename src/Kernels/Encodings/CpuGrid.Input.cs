using System.Runtime.CompilerServices;

namespace InrFast.Kernels.Encodings;

/// <summary>The gradient with respect to the coordinates: per corner of the cell features times dy, then a vector of rows at a time.</summary>
sealed unsafe partial class CpuGrid<V, TDimensions, N, P>
{
    [SkipLocalsInit]
    public override void BackwardInput(in Matrix dy, in Matrix x, nint tables, nint clock, in Matrix dx)
    {
        if (x.Blocks > 1)
        {
            base.BackwardInput(dy, x, tables, clock, dx);
            return;
        }
        int active = ActiveLevels(clock);
        float* points = stackalloc float[TDimensions.Count * Rows], gradient = stackalloc float[TDimensions.Count * Rows];
        float* weights = stackalloc float[(Pairs + 1) * Rows], dots = stackalloc float[2 * Pairs * Rows];
        uint* cells = stackalloc uint[2 * Pairs * Rows];
        fixed (GridAxis* axis = axes)
            for (int first = 0; first < x.Rows; first += Rows)
            {
                int rows = Math.Min(Rows, x.Rows - first);
                GridCells<V, TDimensions>.Load(x.Row(first), rows, points);
                new Span<float>(gradient, TDimensions.Count * Rows).Clear();
                for (int l = 0; l < active; l++)
                {
                    GridAxis* a = axis + l * TDimensions.Count;
                    float* table = (float*)tables + Settings.Levels[l].Offset, from = dy.Row(first) + l * N.Count;
                    GridCells<V, TDimensions>.Locate(points, rows, a, smooth, masks[l], cells, weights);
                    GridCells<V, TDimensions>.Prefetch(table, masks[l], rows, cells);
                    for (int c = 0; c < 2 * Pairs; c++)
                    {
                        nint offset = 0;
                        for (int k = 0; k < TDimensions.Count; k++) offset += (c >> k & 1) * (nint)a[k].Step;
                        if (masks[l] == 0) Dots((byte*)table + offset, rows, cells, from, dy.Stride, dots + c * Rows);
                        else Dots((byte*)table, rows, cells + c * Rows, from, dy.Stride, dots + c * Rows);
                    }
                    AddInputGradient(points, rows, a, smooth, dots, gradient);
                }
                float* to = dx.Row(first);
                for (int r = 0; r < rows; r++)
                    for (int k = 0; k < TDimensions.Count; k++) *to++ = gradient[k * Rows + r];
            }
    }

    [MethodImpl(Optimized)]
    static void Dots(byte* table, int rows, uint* cells, float* dy, nint stride, float* dots)
    {
        for (int r = 0; r < rows; r++, dy += stride) dots[r] = N.Dot(N.Load((float*)(table + cells[r])), N.Load(dy));
    }

    /// <summary>Along an axis: the difference of its two sides, interpolated along the others. dots[corner]: features times dy.</summary>
    [MethodImpl(Optimized)]
    static void AddInputGradient(float* points, int rows, GridAxis* axes, bool smooth, float* dots, float* gradient)
    {
        float* half = stackalloc float[Pairs * V.Count];
        for (int r = 0; r < rows; r += V.Count, points += V.Count, dots += V.Count, gradient += V.Count)
            for (int axis = 0; axis < TDimensions.Count; axis++)
            {
                float* from = dots;
                int stride = Rows;
                V slope = V.Zero;
                for (int k = 0, count = Pairs; k < TDimensions.Count; k++, count /= 2, from = half, stride = V.Count)
                {
                    var w = GridCells<V, TDimensions>.Position(points + k * Rows, axes[k], out _, out var inside);
                    if (k == axis)
                    {
                        slope = V.Create(axes[k].Scale) & inside;
                        if (smooth) slope *= V.Create(6) * w * (V.Create(1) - w);
                    }
                    else if (smooth) w = GridCells<V, TDimensions>.Fade(w);
                    for (int pair = 0; pair < count; pair++)
                    {
                        V lower = V.Load(from + 2 * pair * stride), difference = V.Load(from + (2 * pair + 1) * stride) - lower;
                        V.Store(k == axis ? difference : V.MultiplyAdd(w, difference, lower), half + pair * V.Count);
                    }
                }
                V.Store(V.MultiplyAdd(slope, V.Load(half), V.Load(gradient + axis * Rows)), gradient + axis * Rows);
            }
    }
}
