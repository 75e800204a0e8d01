using System.Collections.Immutable;

namespace InrFast.Kernels.Encodings;

/// <summary>Between the two nodes of a cell along one axis, w from 0 to 1: linear, or 3w² - 2w³, whose derivatives exist everywhere and whose second is not zero.</summary>
public enum Interpolation { Linear, Smoothstep }

/// <summary>One resolution of a grid: a coordinate x lies at Scale * x + Origin cells along its axis, between 0 and Nodes - 1.</summary>
/// <param name="Scale">Cells per unit of length.</param>
/// <param name="Origin">Where 0 lies, in cells, per axis.</param>
/// <param name="Nodes">Per axis, at least 2.</param>
public sealed record GridLevel(float Scale, ImmutableArray<float> Origin, ImmutableArray<int> Nodes)
{
    /// <summary>Every node has an entry, the first axis fastest; otherwise nodes share entries by their hash.</summary>
    public bool IsDense { get; internal init; }

    public int Entries { get; internal init; }

    /// <summary>Floats from the start of the tables to this level's, a multiple of 16.</summary>
    public long Offset { get; internal init; }
}

/// <summary>
/// A multiresolution grid encoding (Müller 2022, section 3): per level, trained features at the nodes of a grid, interpolated. A level with no
/// more nodes than a table has entries is dense, the others are hashed. Beyond the field the encoding continues as it is at the border, with
/// derivative 0.
/// </summary>
public sealed record GridSettings
{
    public const int MaximumDimensions = 4, MaximumLevels = 64;

    /// <param name="levels">Coarse to fine; each axis of the field the same in all of them.</param>
    /// <param name="features">Per node: 1, 2, 4 or 8.</param>
    /// <param name="log2TableSize">A hashed level has two to this power entries.</param>
    /// <exception cref="ArgumentException">A setting outside its range.</exception>
    public GridSettings(IReadOnlyList<GridLevel> levels, int features, int log2TableSize)
    {
        ArgumentNullException.ThrowIfNull(levels);
        if (levels.Count is 0 or > MaximumLevels) throw new ArgumentException($"A grid has 1 to {MaximumLevels} levels, not {levels.Count}.");
        if (features is not (1 or 2 or 4 or 8)) throw new ArgumentException($"A grid has 1, 2, 4 or 8 features, not {features}.");
        if (log2TableSize is < 1 or > 27) throw new ArgumentException($"The base-2 logarithm of a grid's table size is 1 to 27, not {log2TableSize}.");
        Dimensions = levels[0].Nodes.Length;
        if (Dimensions is 0 or > MaximumDimensions) throw new ArgumentException($"A grid has 1 to {MaximumDimensions} dimensions, not {Dimensions}.");
        Features = features;
        Log2TableSize = log2TableSize;
        var placed = ImmutableArray.CreateBuilder<GridLevel>(levels.Count);
        foreach (var level in levels)
        {
            if (level.Nodes.Length != Dimensions || level.Origin.Length != Dimensions) throw new ArgumentException("All levels of a grid have the same dimensions.");
            if (!(level.Scale > 0) || level.Nodes.Any(n => n is < 2 or > 1 << 23) || !level.Origin.All(float.IsFinite))
                throw new ArgumentException($"A grid level needs a positive scale and 2 to {1 << 23} nodes per axis; got {level.Scale} and {string.Join(" x ", level.Nodes)}.");
            double nodes = level.Nodes.Aggregate(1.0, (product, n) => product * n);
            bool dense = nodes <= 1 << log2TableSize;
            int entries = dense ? (int)nodes : 1 << log2TableSize;
            placed.Add(level with { IsDense = dense, Entries = entries, Offset = TableFloats });
            TableFloats += ((long)entries * features + 15) / 16 * 16;
        }
        Levels = placed.MoveToImmutable();
    }

    public int Dimensions { get; }
    public ImmutableArray<GridLevel> Levels { get; }
    public int Features { get; }
    public int Log2TableSize { get; }
    public Interpolation Interpolation { get; init; }

    /// <summary>Two levels are active at first and one after the other joins them, all after so many steps; inactive ones give zeros and take no gradient. 0: all, always.</summary>
    public long CoarseToFineSteps { get; init; }

    /// <summary>Columns of the encoding: level by level.</summary>
    public int Outputs => Levels.Length * Features;

    /// <summary>Floats of all tables together: level l has Entries x Features of them from its Offset on.</summary>
    public long TableFloats { get; }

    public int ActiveLevels(long step) =>
        CoarseToFineSteps <= 0 || step >= CoarseToFineSteps ? Levels.Length : (int)Math.Min(Levels.Length, 2 + (Levels.Length - 2) * step / CoarseToFineSteps);

    /// <summary>
    /// For an image of so many voxels per axis, centred on 0 with its longest side from -1 to 1: levels in geometric steps from
    /// <paramref name="coarse"/> cells along the longest side to <paramref name="fine"/> cells per voxel.
    /// </summary>
    public static GridSettings ForImage(ReadOnlySpan<int> size, int levels, int features, double coarse, double fine, int log2TableSize)
    {
        int longest = 1;
        foreach (int n in size)
            longest = n >= 1 ? Math.Max(longest, n) : throw new ArgumentException($"An image has at least 1 voxel per axis, not {n}.");
        if (!(coarse > 0 && fine > 0)) throw new ArgumentException($"A grid needs positive resolutions; got {coarse} cells and {fine} per voxel.");
        var all = new GridLevel[Math.Max(levels, 0)];
        for (int l = 0; l < all.Length; l++)
        {
            double cells = levels == 1 ? fine * longest : coarse * Math.Pow(fine * longest / coarse, l / (levels - 1.0));
            double perVoxel = cells / longest;
            var origin = new float[size.Length];
            var nodes = new int[size.Length];
            for (int k = 0; k < size.Length; k++)
            {
                origin[k] = (float)(size[k] * perVoxel / 2);
                nodes[k] = (int)Math.Min(Math.Ceiling(size[k] * perVoxel - 1e-4), int.MaxValue - 1) + 1;
            }
            all[l] = new((float)(cells / 2), [.. origin], [.. nodes]);
        }
        return new(all, features, log2TableSize);
    }

    /// <summary>
    /// As in instant-ngp, on the cube [-1, 1]: level l has scale s = coarse * growth^l - 1, and x in [0, 1] lies at s x + 0.5. An axis
    /// has as many nodes as that reaches; their library counts one less where it wraps the last into the next row.
    /// </summary>
    public static GridSettings ForCube(int dimensions, int levels, int features, double coarse, double growth, int log2TableSize)
    {
        if (dimensions is < 1 or > MaximumDimensions) throw new ArgumentException($"A grid has 1 to {MaximumDimensions} dimensions, not {dimensions}.");
        if (!(coarse > 1 && growth >= 1)) throw new ArgumentException($"A grid on a cube starts with more than 1 cell and does not shrink; got {coarse} and growth {growth}.");
        var all = new GridLevel[Math.Max(levels, 0)];
        for (int l = 0; l < all.Length; l++)
        {
            double scale = coarse * Math.Pow(growth, l) - 1;
            int nodes = (int)Math.Min(scale + 0.5, int.MaxValue - 2) + 2;
            all[l] = new((float)(scale / 2), [.. Enumerable.Repeat((float)(scale / 2 + 0.5), dimensions)], [.. Enumerable.Repeat(nodes, dimensions)]);
        }
        return new(all, features, log2TableSize);
    }

    /// <summary>Entry of a node in a hashed level: XOR of coordinate times prime, modulo the table (Müller 2022, equation 4).</summary>
    internal static readonly ImmutableArray<uint> Primes = [1, 2654435761, 805459861, 3674653429];
}
