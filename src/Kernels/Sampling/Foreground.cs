using System.Numerics;
using System.Runtime.InteropServices;

namespace InrFast.Kernels.Sampling;

/// <summary>Tells the voxels where something happens from those in flat surroundings, for <see cref="ListedSweep"/>.</summary>
public static class Foreground
{
    /// <summary>All voxels in two lists, each in image order: foreground where <see cref="Partition"/> with a fraction of the image's range as threshold says so.</summary>
    public static (ReadOnlyMemory<uint> Foreground, ReadOnlyMemory<uint> Background) Split(ReadOnlySpan<float> image, VoxelGrid grid, int channels, double fraction)
    {
        int width = grid[0].Size * channels;
        float[] low = new float[width], high = new float[width];
        low.AsSpan().Fill(float.MaxValue);
        high.AsSpan().Fill(float.MinValue);
        for (int at = 0; at < image.Length; at += width) AddRow(image.Slice(at, width), low, high);
        double range = (double)high.Max() - low.Min();
        uint[] foreground = GC.AllocateUninitializedArray<uint>(checked((int)grid.Count)), background = GC.AllocateUninitializedArray<uint>(foreground.Length);
        int count = Partition(image, grid, channels, (float)(fraction * range), 0, grid[grid.Axes - 1].Size, foreground, background);
        return (foreground.AsMemory(0, count), background.AsMemory(0, (int)grid.Count - count));
    }

    /// <summary>
    /// Lists the voxels of some slabs (positions along the last axis). Foreground: in the 3 x 3 (x 3 ...) neighbourhood, cut off at the border, some
    /// channel's largest and smallest value differ by more than the threshold. Fewer than 2^31 voxels.
    /// </summary>
    /// <param name="image">The whole image, [voxel][channel].</param>
    /// <param name="foreground">Room for all voxels of the slabs, as in <paramref name="background"/>.</param>
    /// <returns>How many are foreground; the rest is background.</returns>
    public static int Partition(
        ReadOnlySpan<float> image, VoxelGrid grid, int channels, float threshold, int firstSlab, int slabs, Span<uint> foreground, Span<uint> background)
    {
        if (grid.Count > int.MaxValue) throw new ArgumentException($"Foreground is told apart in images of fewer than 2^31 voxels; this one has {grid.Count}.", nameof(grid));
        int columns = grid[0].Size, width = columns * channels, rows = 1, found = 0, others = 0;
        for (int axis = 1; axis < grid.Axes - 1; axis++) rows *= grid[axis].Size;
        // A row of x is a slab of its own only in an image of one axis.
        int first = grid.Axes == 1 ? 0 : firstSlab * rows, last = grid.Axes == 1 ? 1 : (firstSlab + slabs) * rows;
        int from = grid.Axes == 1 ? firstSlab : 0, to = grid.Axes == 1 ? firstSlab + slabs : columns;

        // Extremes over the neighbouring rows, with one more voxel on both sides that is its neighbour's copy.
        float[] low = new float[width + 2 * channels], high = new float[width + 2 * channels], range = new float[width];
        for (int row = first; row < last; row++)
        {
            Span<float> lowest = low.AsSpan(channels, width), highest = high.AsSpan(channels, width);
            lowest.Fill(float.MaxValue);
            highest.Fill(float.MinValue);
            AddRows(image, grid, grid.Axes - 1, row, 0, lowest, highest);
            for (int c = 0; c < channels; c++)
            {
                (low[c], high[c]) = (lowest[c], highest[c]);
                (low[width + channels + c], high[width + channels + c]) = (lowest[width - channels + c], highest[width - channels + c]);
            }
            Subtract(low, high, channels, range);
            for (int x = from; x < to; x++)
            {
                bool varies = false;
                for (int i = x * channels; i < (x + 1) * channels; i++) varies |= range[i] > threshold;
                uint voxel = (uint)(row * columns + x);
                foreground[found] = background[others] = voxel; // both: a branch would be mispredicted
                int one = varies ? 1 : 0;
                found += one;
                others += 1 - one;
            }
        }
        return found;
    }

    /// <summary>Takes the rows around a row into account: its neighbours along this axis and all before it but x.</summary>
    static void AddRows(ReadOnlySpan<float> image, in VoxelGrid grid, int axis, int row, int offset, Span<float> lowest, Span<float> highest)
    {
        if (axis == 0)
        {
            AddRow(image.Slice((row + offset) * lowest.Length, lowest.Length), lowest, highest);
            return;
        }
        int stride = 1;
        for (int i = 1; i < axis; i++) stride *= grid[i].Size;
        int at = row / stride % grid[axis].Size;
        for (int step = -1; step <= 1; step++)
            if (at + step >= 0 && at + step < grid[axis].Size) AddRows(image, grid, axis - 1, row, offset + step * stride, lowest, highest);
    }

    static void AddRow(ReadOnlySpan<float> row, Span<float> lowest, Span<float> highest)
    {
        ReadOnlySpan<Vector<float>> from = MemoryMarshal.Cast<float, Vector<float>>(row);
        Span<Vector<float>> low = MemoryMarshal.Cast<float, Vector<float>>(lowest), high = MemoryMarshal.Cast<float, Vector<float>>(highest);
        for (int i = 0; i < from.Length; i++) (low[i], high[i]) = (Vector.Min(low[i], from[i]), Vector.Max(high[i], from[i]));
        for (int i = from.Length * Vector<float>.Count; i < row.Length; i++)
            (lowest[i], highest[i]) = (Math.Min(lowest[i], row[i]), Math.Max(highest[i], row[i]));
    }

    /// <summary>Largest minus smallest of three neighbours along x.</summary>
    static void Subtract(ReadOnlySpan<float> low, ReadOnlySpan<float> high, int channels, Span<float> range)
    {
        int i = 0;
        for (; i <= range.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var below = Vector.Min(Vector.Min(new Vector<float>(low[i..]), new(low[(i + channels)..])), new(low[(i + 2 * channels)..]));
            var above = Vector.Max(Vector.Max(new Vector<float>(high[i..]), new(high[(i + channels)..])), new(high[(i + 2 * channels)..]));
            (above - below).CopyTo(range[i..]);
        }
        for (; i < range.Length; i++)
            range[i] = Math.Max(Math.Max(high[i], high[i + channels]), high[i + 2 * channels]) - Math.Min(Math.Min(low[i], low[i + channels]), low[i + 2 * channels]);
    }
}
