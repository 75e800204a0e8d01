using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Compression;

/// <summary>A decoded image, and the blocks that could not be decoded: their voxels have the image's least value.</summary>
/// <param name="Damaged">Regions of the compressed image, first voxel and size along x, y and, in volumes, z.</param>
public sealed record Decompressed(Image Image, IReadOnlyList<(int[] First, int[] Size)> Damaged);

/// <summary>
/// Draws a compressed image, whole or in part, at any resolution. On its own grid the bytes are the same on every processor and for any number of threads.
/// </summary>
public static class Decompressor
{
    /// <param name="first">First voxel of the region on the grid that is drawn; null: all.</param>
    /// <param name="size">Its voxels.</param>
    /// <param name="factor">Voxels drawn along each axis for one of the image. A residual is of the image's own voxels: with another factor it has no part.</param>
    public static Decompressed Run(CompressedFile file, Device device, Workers workers, int[]? first = null, int[]? size = null, double factor = 1, CancellationToken cancel = default)
    {
        var header = file.Header;
        var grid = factor == 1 ? header.Grid : header.Grid.Scaled(factor);
        int[] own = header.Axes, drawn = grid.Dimensions == 2 ? [grid.Size.X, grid.Size.Y] : [grid.Size.X, grid.Size.Y, grid.Size.Z];
        if (own.Length != drawn.Length) drawn = [.. drawn, 1]; // a volume so small that one slice is left
        (first, size) = (first ?? new int[drawn.Length], size ?? drawn);
        for (int k = 0; k < drawn.Length; k++)
            if (first[k] < 0 || size[k] < 1 || first[k] > drawn[k] - size[k]) throw new FitException(FitError.WrongUse, $"the region {Describe(first, size)} reaches beyond the image of {string.Join(" x ", drawn)}");
        var region = new Box(first, size);
        var values = new float[checked(region.Voxels * header.Channels)];
        values.AsSpan().Fill(header.Low);
        // Where the drawn voxels' centres lie in voxels of the image, along each axis.
        double[][] positions = [.. Enumerable.Range(0, drawn.Length).Select(k => Enumerable.Range(first[k], size[k]).Select(i => (i + 0.5) * own[k] / drawn[k] - 0.5).ToArray())];
        bool hasResidual = header.MaxError is not null && factor == 1;
        // A residual's context are the block's voxels before: it takes all of the block.
        (NetworkPlace Place, Box Part)[] parts = [.. header.Networks().Where(place => place.Box is not null).SelectMany(place => Part(positions, place.Box!, own) is not { } part ? [] : hasResidual ? [part] : Slabs(part), (place, part) => (place, part))];
        var isDamaged = new bool[parts.Length];
        int next = 0;
        workers.Run(_ =>
        {
            using var painter = new BlockPainter(file, device);
            for (int i; (i = Interlocked.Increment(ref next) - 1) < parts.Length;)
            {
                cancel.ThrowIfCancellationRequested();
                var (place, part) = parts[i];
                isDamaged[i] = hasResidual ? !TryPaintExactly(painter, place) : !painter.TryPaint(place, positions, part, region, values);
                for (long line = 0; line < part.Voxels / part.Size[0]; line++) StoredValues.Round(values.AsSpan((int)(part.Line(line, region.Size) * header.Channels), part.Size[0] * header.Channels), header);
            }
        });
        var map = grid.IndexToWorld with { Origin = grid.ToWorld(new(first[0], first[1], first.Length > 2 ? first[2] : 0)) };
        var image = new Image(new Grid(new(size[0], size[1], size.Length > 2 ? size[2] : 1), map), values, header.Channels) { Unit = header.Unit, Stored = header.Stored };
        return new(image, [.. parts.Where((_, i) => isDamaged[i]).Select(each => each.Place.Box!).Distinct().Select(box => (box.First, box.Size))]);

        bool TryPaintExactly(BlockPainter painter, NetworkPlace place)
        {
            if (file.Blocks[place.Path[^1]].Residual is not { } residual || painter.Whole(place) is not { } whole) return false;
            ResidualCoder.Decode(residual, place.Box!, header, file.Version, whole);
            Copy(whole, place.Box!, values, region, header.Channels);
            return true;
        }
    }

    /// <summary>Parts of some planes each, for more workers than there are blocks.</summary>
    static IEnumerable<Box> Slabs(Box part)
    {
        const long Voxels = 1 << 17;
        int last = part.Size.Length - 1, count = (int)Math.Clamp(Voxels * part.Size[last] / part.Voxels, 1, part.Size[last]);
        for (int at = 0; at < part.Size[last]; at += count) yield return new([.. part.First[..last], part.First[last] + at], [.. part.Size[..last], Math.Min(count, part.Size[last] - at)]);
    }

    public static string Describe(int[] first, int[] size) => string.Join(" x ", first.Zip(size, (from, count) => $"{from}..{from + count - 1}"));

    /// <summary>The drawn voxels whose centres lie in a block, numbered within the region; null: none.</summary>
    static Box? Part(double[][] positions, Box box, int[] axes)
    {
        int[] first = new int[axes.Length], size = new int[axes.Length];
        for (int k = 0; k < axes.Length; k++)
        {
            double from = box.First[k] == 0 ? double.NegativeInfinity : box.First[k] - 0.5, to = box.First[k] + box.Size[k] == axes[k] ? double.PositiveInfinity : box.First[k] + box.Size[k] - 0.5;
            first[k] = positions[k].Count(p => p < from);
            size[k] = positions[k].Count(p => p >= from && p < to);
            if (size[k] == 0) return null;
        }
        return new(first, size);
    }

    static void Copy(float[] whole, Box box, float[] values, Box region, int channels)
    {
        int axes = box.Size.Length;
        int[] first = [.. Enumerable.Range(0, axes).Select(k => Math.Max(box.First[k], region.First[k]))], end = [.. Enumerable.Range(0, axes).Select(k => Math.Min(box.First[k] + box.Size[k], region.First[k] + region.Size[k]))];
        var common = new Box(first, [.. Enumerable.Range(0, axes).Select(k => end[k] - first[k])]);
        Box inBox = common with { First = [.. first.Zip(box.First, (a, b) => a - b)] }, inRegion = common with { First = [.. first.Zip(region.First, (a, b) => a - b)] };
        int row = common.Size[0] * channels;
        for (long line = 0; line < common.Voxels / common.Size[0]; line++)
            whole.AsSpan((int)(inBox.Line(line, box.Size) * channels), row).CopyTo(values.AsSpan((int)(inRegion.Line(line, region.Size) * channels)));
    }
}
