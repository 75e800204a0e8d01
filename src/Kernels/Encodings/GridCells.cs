using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Encodings;

/// <summary>A number of dimensions that the compiler knows.</summary>
interface IDimensions
{
    static abstract int Count { get; }
}

readonly struct One : IDimensions { public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 1; } }
readonly struct Two : IDimensions { public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 2; } }
readonly struct Three : IDimensions { public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 3; } }
readonly struct Four : IDimensions { public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 4; } }

/// <summary>One axis of one level. A node adds Step times its number to the byte address (dense: the sum, hashed: the XOR, masked).</summary>
readonly record struct GridAxis(float Scale, float Origin, float Top, uint Step);

/// <summary>
/// Where a chunk of rows lies in one level, a vector of rows at a time. All arrays have one line of <see cref="Rows"/> per index. The first axis
/// is kept apart, as its two sides lie beside each other in a dense level: a <i>pair</i> is one corner of the other axes.
/// </summary>
static unsafe class GridCells<V, TDimensions> where V : struct, IVector<V> where TDimensions : struct, IDimensions
{
    public const int Rows = 64;
    const uint LargeTable = 1 << 19; // bytes
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining, Optimized = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

    public static int Pairs { [MethodImpl(Inline)] get => 1 << (TDimensions.Count - 1); }

    /// <summary>Coordinates of so many rows, axis by axis.</summary>
    [MethodImpl(Optimized)]
    public static void Load(float* x, int rows, float* points)
    {
        for (int r = 0; r < rows; r++, x += TDimensions.Count)
        {
            points[r] = x[0];
            if (TDimensions.Count > 1) points[Rows + r] = x[1];
            if (TDimensions.Count > 2) points[2 * Rows + r] = x[2];
            if (TDimensions.Count > 3) points[3 * Rows + r] = x[3];
        }
    }

    /// <summary>The lower node of the cell (a number below 0 and what is not a number become 0), and how far behind it the point lies, 0 to 1.</summary>
    [MethodImpl(Inline)]
    public static V Position(float* point, GridAxis axis, out V node, out V inside)
    {
        var p = V.MultiplyAdd(V.Load(point), V.Create(axis.Scale), V.Create(axis.Origin));
        var positive = V.GreaterThan(p, V.Zero);
        inside = positive & V.LessThan(p, V.Create(axis.Top));
        p = V.Min(V.Select(positive, p, V.Zero), V.Create(axis.Top));
        node = V.Min(V.Floor(p), V.Create(axis.Top - 1));
        return p - node;
    }

    /// <summary>3w² - 2w³.</summary>
    [MethodImpl(Inline)]
    public static V Fade(V w) => w * w * V.MultiplyAdd(V.Create(-2), w, V.Create(3));

    [MethodImpl(Inline)]
    static V Weight(float* point, GridAxis axis, bool smooth, out V lower, out V upper)
    {
        var w = Position(point, axis, out var node, out _);
        var step = V.CreateInteger((int)axis.Step);
        lower = V.MultiplyInteger(V.ToInteger(node), step);
        upper = V.AddInteger(lower, step);
        return smooth ? Fade(w) : w;
    }

    /// <summary>
    /// Weights: one line per pair, then the upper weight of the first axis. Cells: byte offsets into the table: of a dense level (mask 0) the
    /// lowest corner alone; of a hashed one all, bit k of a corner the upper side along axis k.
    /// </summary>
    [MethodImpl(Optimized)]
    public static void Locate(float* points, int rows, GridAxis* axes, bool smooth, uint mask, uint* cells, float* weights)
    {
        var one = V.Create(1);
        for (int r = 0; r < rows; r += V.Count, points += V.Count, cells += V.Count, weights += V.Count)
        {
            var x = Weight(points, axes[0], smooth, out var x0, out var x1);
            V.Store(x, weights + Pairs * Rows);
            V y = V.Zero, y0 = y, y1 = y, z = y, z0 = y, z1 = y, t = y, t0 = y, t1 = y;
            if (TDimensions.Count > 1) y = Weight(points + Rows, axes[1], smooth, out y0, out y1);
            if (TDimensions.Count > 2) z = Weight(points + 2 * Rows, axes[2], smooth, out z0, out z1);
            if (TDimensions.Count > 3) t = Weight(points + 3 * Rows, axes[3], smooth, out t0, out t1);

            V wy = one - y, wz = one - z, wt = one - t;
            if (TDimensions.Count == 1) V.Store(one, weights);
            else if (TDimensions.Count == 2) StorePair(wy, y, weights, 0);
            else if (TDimensions.Count == 3)
            {
                StorePair(wy * wz, y * wz, weights, 0);
                StorePair(wy * z, y * z, weights, 2);
            }
            else
            {
                V lower = wz * wt, upper = z * wt;
                StorePair(wy * lower, y * lower, weights, 0);
                StorePair(wy * upper, y * upper, weights, 2);
                (lower, upper) = (wz * t, z * t);
                StorePair(wy * lower, y * lower, weights, 4);
                StorePair(wy * upper, y * upper, weights, 6);
            }

            if (mask == 0)
            {
                if (TDimensions.Count > 1) x0 = V.AddInteger(x0, y0);
                if (TDimensions.Count > 2) x0 = V.AddInteger(x0, z0);
                if (TDimensions.Count > 3) x0 = V.AddInteger(x0, t0);
                V.Store(x0, (float*)cells);
                continue;
            }
            var m = V.CreateInteger((int)mask);
            StorePair((x0 ^ y0 ^ z0 ^ t0) & m, (x1 ^ y0 ^ z0 ^ t0) & m, (float*)cells, 0);
            if (TDimensions.Count > 1) StorePair((x0 ^ y1 ^ z0 ^ t0) & m, (x1 ^ y1 ^ z0 ^ t0) & m, (float*)cells, 2);
            if (TDimensions.Count > 2)
            {
                StorePair((x0 ^ y0 ^ z1 ^ t0) & m, (x1 ^ y0 ^ z1 ^ t0) & m, (float*)cells, 4);
                StorePair((x0 ^ y1 ^ z1 ^ t0) & m, (x1 ^ y1 ^ z1 ^ t0) & m, (float*)cells, 6);
            }
            if (TDimensions.Count > 3)
            {
                StorePair((x0 ^ y0 ^ z0 ^ t1) & m, (x1 ^ y0 ^ z0 ^ t1) & m, (float*)cells, 8);
                StorePair((x0 ^ y1 ^ z0 ^ t1) & m, (x1 ^ y1 ^ z0 ^ t1) & m, (float*)cells, 10);
                StorePair((x0 ^ y0 ^ z1 ^ t1) & m, (x1 ^ y0 ^ z1 ^ t1) & m, (float*)cells, 12);
                StorePair((x0 ^ y1 ^ z1 ^ t1) & m, (x1 ^ y1 ^ z1 ^ t1) & m, (float*)cells, 14);
            }
        }
    }

    /// <summary>
    /// Of a hashed table too large for the cache: starts as many misses at once as the processor can hold; the gather itself, whose window
    /// fills with waiting rows, would not. Measured on Zen 5: 1.7 times faster scattering into 2^19 entries of 2 features; on tables that
    /// fit it only costs.
    /// </summary>
    [MethodImpl(Optimized)]
    public static void Prefetch(float* table, uint mask, int rows, uint* cells)
    {
        if (!Sse.IsSupported || mask < LargeTable) return;
        for (int corner = 0; corner < 2 * Pairs; corner++, cells += Rows)
            for (int r = 0; r < rows; r++) Sse.Prefetch0((byte*)table + cells[r]);
    }

    /// <summary>A hashed table too large for the cache.</summary>
    [MethodImpl(Inline)]
    public static bool Misses(uint mask) => Sse.IsSupported && mask >= LargeTable;

    /// <summary>Asks for the nodes of one row, into L2: the rows in between would push them out of L1. Forward of 2^19 entries 0.88 of the time with L1 (Xeon).</summary>
    [MethodImpl(Inline)]
    public static void Prefetch(float* table, uint* cell)
    {
        Prefetch(table, cell, 0);
        if (TDimensions.Count > 1) Prefetch(table, cell, 2);
        if (TDimensions.Count > 2)
        {
            Prefetch(table, cell, 4);
            Prefetch(table, cell, 6);
        }
        if (TDimensions.Count > 3)
            for (int corner = 8; corner < 16; corner += 2) Prefetch(table, cell, corner);
    }

    [MethodImpl(Inline)]
    static void Prefetch(float* table, uint* cell, int corner)
    {
        Sse.Prefetch1((byte*)table + cell[corner * Rows]);
        Sse.Prefetch1((byte*)table + cell[(corner + 1) * Rows]);
    }

    [MethodImpl(Inline)]
    static void StorePair(V a, V b, float* lines, int line)
    {
        V.Store(a, lines + line * Rows);
        V.Store(b, lines + (line + 1) * Rows);
    }
}
