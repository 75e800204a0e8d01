using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Encodings;

/// <summary>
/// The plain encoding by chunks of rows: the arithmetic of positions and hashes a vector of rows at a time, then row by row the features of the
/// cell's nodes, a vector of features at a time. The gradient of jets of coordinates takes the reference's way.
/// </summary>
sealed unsafe partial class CpuGrid<V, TDimensions, N, P> : ReferenceGrid
    where V : struct, IVector<V> where TDimensions : struct, IDimensions where N : struct, IFeatures<N> where P : struct, IPair<P, N>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining, Optimized = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
    const int Rows = GridCells<V, TDimensions>.Rows;

    static int Pairs { [MethodImpl(Inline)] get => GridCells<V, TDimensions>.Pairs; }

    readonly bool smooth;
    readonly GridAxis[] axes; // [level][dimension]
    readonly uint[] masks; // of byte offsets; 0: dense

    public CpuGrid(GridSettings settings) : base(settings)
    {
        smooth = settings.Interpolation == Interpolation.Smoothstep;
        uint bytes = sizeof(float) * (uint)N.Count;
        axes = new GridAxis[settings.Levels.Length * TDimensions.Count];
        masks = new uint[settings.Levels.Length];
        for (int l = 0; l < masks.Length; l++)
        {
            var level = settings.Levels[l];
            if (!level.IsDense) masks[l] = (uint)(level.Entries - 1) * bytes;
            uint step = bytes;
            for (int k = 0; k < TDimensions.Count; k++)
            {
                axes[l * TDimensions.Count + k] = new(level.Scale, level.Origin[k], level.Nodes[k] - 1, level.IsDense ? step : GridSettings.Primes[k] * bytes);
                step *= (uint)level.Nodes[k];
            }
        }
    }

    [SkipLocalsInit]
    public override void Forward(in Matrix x, nint tables, nint clock, in Matrix y)
    {
        int active = ActiveLevels(clock);
        if (x.Blocks > 1)
        {
            if (x.Blocks > GridJets<V, TDimensions>.MostBlocks) base.Forward(x, tables, clock, y);
            else ForwardJets(x, tables, active, y);
            return;
        }
        // Of the level at hand and of the next, whose nodes are asked for meanwhile.
        float* points = stackalloc float[TDimensions.Count * Rows], weights = stackalloc float[2 * (Pairs + 1) * Rows];
        uint* cells = stackalloc uint[4 * Pairs * Rows];
        fixed (GridAxis* axis = axes)
            for (int first = 0; first < x.Rows; first += Rows)
            {
                int rows = Math.Min(Rows, x.Rows - first);
                GridCells<V, TDimensions>.Load(x.Row(first), rows, points);
                GridCells<V, TDimensions>.Locate(points, rows, axis, smooth, masks[0], cells, weights);
                for (int l = 0; l < active; l++)
                {
                    GridAxis* a = axis + l * TDimensions.Count;
                    float* table = (float*)tables + Settings.Levels[l].Offset, to = y.Row(first) + l * N.Count, w = weights + l % 2 * (Pairs + 1) * Rows, next = null;
                    uint* c = cells + l % 2 * 2 * Pairs * Rows, nextCells = cells + (l + 1) % 2 * 2 * Pairs * Rows;
                    if (l + 1 < active)
                    {
                        GridCells<V, TDimensions>.Locate(points, rows, a + TDimensions.Count, smooth, masks[l + 1], nextCells, weights + (l + 1) % 2 * (Pairs + 1) * Rows);
                        if (GridCells<V, TDimensions>.Misses(masks[l + 1])) next = (float*)tables + Settings.Levels[l + 1].Offset;
                    }
                    if (masks[l] == 0)
                    {
                        if (next != null) GridCells<V, TDimensions>.Prefetch(next, masks[l + 1], rows, nextCells);
                        ForwardDense(table, a, rows, c, w, to, y.Stride);
                    }
                    else ForwardHashed(table, rows, c, w, to, y.Stride, next, nextCells);
                }
                if (active * N.Count < WrittenColumns(y))
                    for (int r = 0; r < rows; r++) new Span<float>(y.Row(first + r) + active * N.Count, WrittenColumns(y) - active * N.Count).Clear();
            }
    }

    [MethodImpl(Optimized)]
    static void ForwardDense(float* table, GridAxis* axes, int rows, uint* cells, float* weights, float* y, nint stride)
    {
        nint up = Step(axes, 1), back = Step(axes, 2), late = Step(axes, 3);
        for (int r = 0; r < rows; r++, y += stride)
        {
            byte* p = (byte*)table + cells[r];
            float* w = weights + r;
            var sum = P.Load((float*)p);
            if (TDimensions.Count > 1)
            {
                sum *= w[0];
                sum = P.MultiplyAdd(P.Load((float*)(p + up)), w[Rows], sum);
            }
            if (TDimensions.Count > 2)
            {
                sum = P.MultiplyAdd(P.Load((float*)(p + back)), w[2 * Rows], sum);
                sum = P.MultiplyAdd(P.Load((float*)(p + back + up)), w[3 * Rows], sum);
            }
            if (TDimensions.Count > 3)
            {
                sum = P.MultiplyAdd(P.Load((float*)(p + late)), w[4 * Rows], sum);
                sum = P.MultiplyAdd(P.Load((float*)(p + late + up)), w[5 * Rows], sum);
                sum = P.MultiplyAdd(P.Load((float*)(p + late + back)), w[6 * Rows], sum);
                sum = P.MultiplyAdd(P.Load((float*)(p + late + back + up)), w[7 * Rows], sum);
            }
            var lower = P.Lower(sum);
            N.Store(N.MultiplyAdd(P.Upper(sum) - lower, w[Pairs * Rows], lower), y);
        }
    }

    [MethodImpl(Optimized)]
    static void ForwardHashed(float* table, int rows, uint* cells, float* weights, float* y, nint stride, float* next, uint* nextCells)
    {
        for (int r = 0; r < rows; r++, y += stride, cells++, weights++, nextCells++)
        {
            if (next != null) GridCells<V, TDimensions>.Prefetch(next, nextCells);
            N lower = Node(table, cells), upper = Node(table, cells + Rows);
            if (TDimensions.Count > 1)
            {
                lower *= weights[0];
                upper *= weights[0];
                lower = Add(table, cells, weights, 1, 0, lower);
                upper = Add(table, cells, weights, 1, 1, upper);
            }
            if (TDimensions.Count > 2)
            {
                lower = Add(table, cells, weights, 2, 0, lower);
                upper = Add(table, cells, weights, 2, 1, upper);
                lower = Add(table, cells, weights, 3, 0, lower);
                upper = Add(table, cells, weights, 3, 1, upper);
            }
            if (TDimensions.Count > 3)
                for (int pair = 4; pair < 8; pair++)
                {
                    lower = Add(table, cells, weights, pair, 0, lower);
                    upper = Add(table, cells, weights, pair, 1, upper);
                }
            N.Store(N.MultiplyAdd(upper - lower, weights[Pairs * Rows], lower), y);
        }
    }

    [MethodImpl(Inline)]
    static nint Step(GridAxis* axes, int axis) => axis < TDimensions.Count ? (nint)axes[axis].Step : 0;

    [MethodImpl(Inline)]
    static N Node(float* table, uint* cell) => N.Load((float*)((byte*)table + *cell));

    [MethodImpl(Inline)]
    static N Add(float* table, uint* cells, float* weights, int pair, int side, N sum) => N.MultiplyAdd(Node(table, cells + (2 * pair + side) * Rows), weights[pair * Rows], sum);

    public override void StoreGradient(in Matrix dy, in Matrix planes)
    {
        int parts = N.Count / PlaneColumns;
        for (int l = 0; l < Settings.Levels.Length; l++)
            for (int b = 0; b < dy.Blocks; b++) Store(dy.Row(b, 0) + l * N.Count, dy.Rows, dy.Stride, planes.Block((l * dy.Blocks + b) * parts), planes.Stride, planes.BlockStride);
    }

    [MethodImpl(Optimized)]
    static void Store(float* from, int rows, nint fromStride, float* to, nint stride, nint planeStride)
    {
        for (int r = 0; r < rows; r++, from += fromStride, to += stride) N.StorePlanes(N.Load(from), to, planeStride);
    }

    [SkipLocalsInit]
    public override void Scatter(int level, in Matrix x, in Matrix planes, nint clock, nint tableGradient)
    {
        if (level >= ActiveLevels(clock)) return;
        if (x.Blocks > 1)
        {
            if (x.Blocks > GridJets<V, TDimensions>.MostBlocks) base.Scatter(level, x, planes, clock, tableGradient);
            else ScatterJets(level, x, planes, tableGradient);
            return;
        }
        float* points = stackalloc float[TDimensions.Count * Rows], weights = stackalloc float[2 * (Pairs + 1) * Rows];
        uint* cells = stackalloc uint[4 * Pairs * Rows];
        int block = level * (N.Count / PlaneColumns);
        bool misses = GridCells<V, TDimensions>.Misses(masks[level]);
        fixed (GridAxis* axis = axes)
        {
            GridAxis* a = axis + level * TDimensions.Count;
            GridCells<V, TDimensions>.Load(x.Row(0), Math.Min(Rows, x.Rows), points);
            GridCells<V, TDimensions>.Locate(points, Math.Min(Rows, x.Rows), a, smooth, masks[level], cells, weights);
            for (int first = 0, i = 0; first < x.Rows; first += Rows, i ^= 1)
            {
                int rows = Math.Min(Rows, x.Rows - first), left = Math.Min(Rows, x.Rows - first - rows);
                uint* c = cells + i * 2 * Pairs * Rows, next = cells + (i ^ 1) * 2 * Pairs * Rows;
                float* w = weights + i * (Pairs + 1) * Rows, from = planes.Row(block, first);
                if (left > 0)
                {
                    GridCells<V, TDimensions>.Load(x.Row(first + rows), left, points);
                    GridCells<V, TDimensions>.Locate(points, left, a, smooth, masks[level], next, weights + (i ^ 1) * (Pairs + 1) * Rows);
                }
                if (masks[level] == 0) ScatterDense((float*)tableGradient, a, rows, c, w, from, planes.Stride, planes.BlockStride);
                else ScatterHashed((float*)tableGradient, rows, c, w, from, planes.Stride, planes.BlockStride, misses && left > 0 ? next : null);
            }
        }
    }

    [MethodImpl(Optimized)]
    static void ScatterDense(float* table, GridAxis* axes, int rows, uint* cells, float* weights, float* dy, nint stride, nint planeStride)
    {
        nint up = Step(axes, 1), back = Step(axes, 2), late = Step(axes, 3);
        for (int r = 0; r < rows; r++, dy += stride)
        {
            byte* p = (byte*)table + cells[r];
            float* w = weights + r;
            N d = N.LoadPlanes(dy, planeStride), upper = d * w[Pairs * Rows];
            var pair = P.Join(d - upper, upper);
            Accumulate(p, pair, w[0]);
            if (TDimensions.Count > 1) Accumulate(p + up, pair, w[Rows]);
            if (TDimensions.Count > 2)
            {
                Accumulate(p + back, pair, w[2 * Rows]);
                Accumulate(p + back + up, pair, w[3 * Rows]);
            }
            if (TDimensions.Count > 3)
            {
                Accumulate(p + late, pair, w[4 * Rows]);
                Accumulate(p + late + up, pair, w[5 * Rows]);
                Accumulate(p + late + back, pair, w[6 * Rows]);
                Accumulate(p + late + back + up, pair, w[7 * Rows]);
            }
        }
    }

    [MethodImpl(Optimized)]
    static void ScatterHashed(float* table, int rows, uint* cells, float* weights, float* dy, nint stride, nint planeStride, uint* next)
    {
        bool asks = next != null;
        for (int r = 0; r < rows; r++, dy += stride, cells++, weights++, next++)
        {
            if (asks) GridCells<V, TDimensions>.Prefetch(table, next);
            N d = N.LoadPlanes(dy, planeStride), upper = d * weights[Pairs * Rows], lower = d - upper;
            Accumulate(table, cells, weights, 0, lower, upper);
            if (TDimensions.Count > 1) Accumulate(table, cells, weights, 1, lower, upper);
            if (TDimensions.Count > 2)
            {
                Accumulate(table, cells, weights, 2, lower, upper);
                Accumulate(table, cells, weights, 3, lower, upper);
            }
            if (TDimensions.Count > 3)
                for (int pair = 4; pair < 8; pair++) Accumulate(table, cells, weights, pair, lower, upper);
        }
    }

    [MethodImpl(Inline)]
    static void Accumulate(float* table, uint* cells, float* weights, int pair, N lower, N upper)
    {
        Accumulate((byte*)table + cells[2 * pair * Rows], lower, weights[pair * Rows]);
        Accumulate((byte*)table + cells[(2 * pair + 1) * Rows], upper, weights[pair * Rows]);
    }

    [MethodImpl(Inline)]
    static void Accumulate<T>(byte* to, T d, float weight) where T : struct, INode<T> => T.Store(T.MultiplyAdd(d, weight, T.Load((float*)to)), (float*)to);
}
