using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using InrFast.Kernels.Random;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Sampling;

/// <summary>
/// Every sample a voxel with the probability that a map gives it (with replacement). The weight is 1 / (count * probability), so that the
/// weighted mean of losses is unbiased over the voxels whose probability is not 0.
/// </summary>
/// <param name="table">Address of <paramref name="count"/> entries, see <see cref="AliasTable"/>.</param>
public struct ImportanceVoxels(nint table, long count) : IVoxelOrder
{
    const int EntryBytes = 16;
    readonly long table = table;
    readonly ulong count = (ulong)count;
    RandomSequence random;

    public void Start(ulong seed, long position) => random = new(seed, RandomStream.Voxel, (ulong)position);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Next(out float weight) => Resolve(random.Next(), out weight);

    public unsafe void Take<V>(Span<long> voxels, Span<float> weights) where V : struct, IVector<V>
    {
        // The table is read at random places: ask for all entries, then read them.
        foreach (ref long voxel in voxels)
        {
            ulong number = random.Next();
            if (Sse.IsSupported) Sse.Prefetch0((void*)(table + EntryBytes * (long)Math.BigMul(number, count, out _)));
            voxel = (long)number;
        }
        for (int i = 0; i < voxels.Length; i++)
        {
            voxels[i] = Resolve((ulong)voxels[i], out float weight);
            if (!weights.IsEmpty) weights[i] = weight;
        }
    }

    /// <summary>The upper part of number * count is the column, the lower part where in it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly long Resolve(ulong number, out float weight)
    {
        long column = (long)Math.BigMul(number, count, out ulong fraction);
        long entry = table + EntryBytes * column; // AliasEntry: threshold, alias, weight, the alias's weight
        bool own = fraction >> 32 < DeviceAccess.ReadUInt32(entry);
        weight = DeviceAccess.ReadSingle(entry + (own ? 8 : 12));
        return own ? column : DeviceAccess.ReadUInt32(entry + 4);
    }
}

/// <summary>One column of an alias table: the column's own number if a random uint is below the threshold, its alias otherwise; with both weights.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct AliasEntry(uint Threshold, uint Alias, float Weight, float AliasWeight);

/// <summary>Draws from a discrete distribution in constant time (Walker 1977; built after Vose, IEEE Trans. Software Eng. 17(9), 1991).</summary>
public static class AliasTable
{
    /// <summary>Fills one entry per voxel.</summary>
    /// <param name="map">Non-negative, finite, not all 0: what the probabilities are proportional to. Fewer than 2^31 voxels.</param>
    public static void Build(ReadOnlySpan<float> map, Span<AliasEntry> table)
    {
        double total = 0;
        int highest = 0;
        for (int i = 0; i < map.Length; i++)
        {
            if (!float.IsFinite(map[i]) || map[i] < 0)
                throw new ArgumentException($"The importance of voxel {i} is {map[i]}; it must be finite and not below 0.", nameof(map));
            total += map[i];
            if (map[i] > map[highest]) highest = i;
        }
        if (total == 0) throw new ArgumentException("The importance of every voxel is 0; at least one must be above.", nameof(map));

        // Columns of the same height 1: a short one is filled up by a tall one, its alias. Both stacks share one array.
        double scale = map.Length / total;
        var height = new double[map.Length];
        var stack = new int[map.Length];
        int small = 0, large = map.Length;
        for (int i = 0; i < map.Length; i++)
        {
            height[i] = map[i] * scale;
            stack[height[i] < 1 ? small++ : --large] = i;
        }
        while (small > 0 && large < map.Length)
        {
            int s = stack[--small], l = stack[large];
            table[s] = new((uint)Math.Min(height[s] * (1L << 32), uint.MaxValue), (uint)l, Weight(map[s]), Weight(map[l]));
            height[l] -= 1 - height[s];
            if (height[l] >= 1) continue;
            large++;
            stack[small++] = l;
        }
        // What rounding left over is as good as full, unless it must never be drawn.
        while (small > 0) Full(table, map, stack[--small]);
        while (large < map.Length) Full(table, map, stack[large++]);

        float Weight(float importance) => (float)(1 / (importance * scale));
        void Full(Span<AliasEntry> table, ReadOnlySpan<float> map, int i) =>
            table[i] = new(map[i] > 0 ? uint.MaxValue : 0, (uint)(map[i] > 0 ? i : highest), Weight(map[i]), Weight(map[map[i] > 0 ? i : highest]));
    }
}
