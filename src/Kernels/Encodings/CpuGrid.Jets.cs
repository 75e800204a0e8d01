using System.Runtime.CompilerServices;

namespace InrFast.Kernels.Encodings;

/// <summary>Jets: per block of the result, the features of the cell's nodes times their weights in that block.</summary>
sealed unsafe partial class CpuGrid<V, TDimensions, N, P>
{
    static int Corners { [MethodImpl(Inline)] get => GridJets<V, TDimensions>.Corners; }

    [SkipLocalsInit]
    void ForwardJets(in Matrix x, nint tables, int active, in Matrix y)
    {
        int blocks = x.Blocks;
        float* points = stackalloc float[TDimensions.Count * Rows], plain = stackalloc float[(Pairs + 1) * Rows], lines = stackalloc float[GridJets<V, TDimensions>.AxisFloats];
        float* tangents = stackalloc float[(blocks - 1) * TDimensions.Count * Rows], weights = stackalloc float[Corners * blocks * Rows];
        uint* cells = stackalloc uint[2 * Pairs * Rows];
        nint* offsets = stackalloc nint[Corners];
        fixed (GridAxis* axis = axes)
            for (int first = 0; first < x.Rows; first += Rows)
            {
                int rows = Math.Min(Rows, x.Rows - first);
                GridCells<V, TDimensions>.Load(x.Row(first), rows, points);
                GridJets<V, TDimensions>.LoadTangents(x, first, rows, tangents);
                for (int l = 0; l < active; l++)
                {
                    GridAxis* a = axis + l * TDimensions.Count;
                    float* table = (float*)tables + Settings.Levels[l].Offset;
                    GridCells<V, TDimensions>.Locate(points, rows, a, smooth, masks[l], cells, plain);
                    GridJets<V, TDimensions>.Axes(points, rows, a, smooth, lines);
                    GridJets<V, TDimensions>.Weigh(lines, tangents, rows, blocks, x.Directions, weights);
                    nint line = CornersOf(a, masks[l], offsets);
                    GridCells<V, TDimensions>.Prefetch(table, masks[l], rows, cells);
                    for (int b = 0; b < blocks; b++) ForwardBlock((byte*)table, offsets, line, rows, cells, weights + b * Rows, blocks * Rows, y.Row(b, first) + l * N.Count, y.Stride);
                }
                if (active * N.Count < WrittenColumns(y))
                    for (int b = 0; b < blocks; b++)
                        for (int r = 0; r < rows; r++) new Span<float>(y.Row(b, first + r) + active * N.Count, WrittenColumns(y) - active * N.Count).Clear();
            }
    }

    [MethodImpl(Optimized)]
    static void ForwardBlock(byte* table, nint* offsets, nint line, int rows, uint* cells, float* weights, nint cornerStride, float* y, nint stride)
    {
        for (int r = 0; r < rows; r++, y += stride)
        {
            var sum = N.Load((float*)(table + offsets[0] + cells[r])) * weights[r];
            for (int c = 1; c < Corners; c++) sum = N.MultiplyAdd(N.Load((float*)(table + offsets[c] + cells[c * line + r])), weights[c * cornerStride + r], sum);
            N.Store(sum, y);
        }
    }

    /// <summary>Bytes from a cell's number in a corner's line to that corner; and from line to line: a dense level has one for all corners.</summary>
    static nint CornersOf(GridAxis* axes, uint mask, nint* offsets)
    {
        for (int c = 0; c < Corners; c++)
        {
            offsets[c] = 0;
            for (int k = 0; k < TDimensions.Count && mask == 0; k++) offsets[c] += (c >> k & 1) * (nint)axes[k].Step;
        }
        return mask == 0 ? 0 : Rows;
    }

    [SkipLocalsInit]
    void ScatterJets(int level, in Matrix x, in Matrix planes, nint tableGradient)
    {
        int blocks = x.Blocks, parts = N.Count / PlaneColumns;
        float* points = stackalloc float[TDimensions.Count * Rows], plain = stackalloc float[(Pairs + 1) * Rows], lines = stackalloc float[GridJets<V, TDimensions>.AxisFloats];
        float* tangents = stackalloc float[(blocks - 1) * TDimensions.Count * Rows], weights = stackalloc float[Corners * blocks * Rows];
        uint* cells = stackalloc uint[2 * Pairs * Rows];
        nint* offsets = stackalloc nint[Corners];
        fixed (GridAxis* axis = axes)
        {
            GridAxis* a = axis + level * TDimensions.Count;
            nint line = CornersOf(a, masks[level], offsets);
            for (int first = 0; first < x.Rows; first += Rows)
            {
                int rows = Math.Min(Rows, x.Rows - first);
                GridCells<V, TDimensions>.Load(x.Row(first), rows, points);
                GridJets<V, TDimensions>.LoadTangents(x, first, rows, tangents);
                GridCells<V, TDimensions>.Locate(points, rows, a, smooth, masks[level], cells, plain);
                GridJets<V, TDimensions>.Axes(points, rows, a, smooth, lines);
                GridJets<V, TDimensions>.Weigh(lines, tangents, rows, blocks, x.Directions, weights);
                GridCells<V, TDimensions>.Prefetch((float*)tableGradient, masks[level], rows, cells);
                ScatterRows((byte*)tableGradient, offsets, line, rows, cells, weights, blocks, planes.Row(level * blocks * parts, first), planes.Stride, planes.BlockStride, parts * planes.BlockStride);
            }
        }
    }

    [MethodImpl(Optimized)]
    static void ScatterRows(byte* table, nint* offsets, nint line, int rows, uint* cells, float* weights, int blocks, float* dy, nint stride, nint planeStride, nint blockStride)
    {
        for (int r = 0; r < rows; r++, dy += stride, weights++)
            for (int c = 0; c < Corners; c++)
            {
                float* to = (float*)(table + offsets[c] + cells[c * line + r]), w = weights + c * blocks * Rows;
                var sum = N.Load(to);
                for (int b = 0; b < blocks; b++) sum = N.MultiplyAdd(N.LoadPlanes(dy + b * blockStride, planeStride), w[b * Rows], sum);
                N.Store(sum, to);
            }
    }
}
