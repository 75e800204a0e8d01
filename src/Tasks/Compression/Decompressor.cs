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
    const int Rows = 16384;

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
        var damaged = new List<(int[], int[])>();
        using var painter = new Painter(file, device, workers);
        foreach (var place in painter.Networks)
        {
            cancel.ThrowIfCancellationRequested();
            if (place.Box is not { } box || Part(positions, box, own) is not { } part) continue;
            byte[]? residual = header.MaxError is not null && factor == 1 ? file.Blocks[place.Path[^1]].Residual : [];
            if (residual is null || !painter.TryPaint(place, positions, part, region, values, cancel))
            {
                damaged.Add((box.First, box.Size));
                continue;
            }
            if (header.MaxError is null || factor != 1) continue;
            // Its context are the block's voxels before: all of the block is needed.
            var whole = painter.Whole(place, cancel);
            ResidualCoder.Decode(residual, box, header, whole);
            Copy(whole, box, values, region, header.Channels);
        }
        ToStored(values, header);
        var map = grid.IndexToWorld with { Origin = grid.ToWorld(new(first[0], first[1], first.Length > 2 ? first[2] : 0)) };
        var image = new Image(new Grid(new(size[0], size[1], size.Length > 2 ? size[2] : 1), map), values, header.Channels) { Unit = header.Unit, Stored = header.Stored };
        return new(image, damaged);
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

    /// <summary>Values as the file kept them: of integers, the nearest there is.</summary>
    static void ToStored(Span<float> values, CompressedHeader header)
    {
        if (!header.Stored.Type.IsInteger()) return;
        foreach (ref float value in values) value = header.Stored.ValueOf(StoredValues.Nearest(value, header));
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

    /// <summary>Evaluates networks; those of the same widths share a plan.</summary>
    internal sealed class Painter : IDisposable
    {
        const int MostNetworks = 32;
        readonly CompressedFile file;
        readonly CompressedHeader header;
        readonly Device device;
        readonly Workers workers;
        readonly int[]? span;
        readonly Dictionary<string, (BlockNetwork Network, Value Input, Plan Plan, Runner Runner)> networks = [];
        readonly float[] rows, results;

        public Painter(CompressedFile file, Device device, Workers workers)
        {
            (this.file, header, this.device, this.workers, Networks) = (file, file.Header, device, workers, file.Header.Networks());
            (span, rows, results) = (header.SharedSpan(Networks), new float[Rows * header.Axes.Length], new float[Rows * BlockNetwork.PaddedOutputs]);
        }

        public IReadOnlyList<NetworkPlace> Networks { get; }

        /// <summary>All of a leaf's block on its own voxels.</summary>
        public float[] Whole(NetworkPlace leaf, CancellationToken cancel)
        {
            var box = leaf.Box!;
            var values = new float[box.Voxels * header.Channels];
            double[][] positions = [.. box.First.Zip(box.Size, (from, count) => Enumerable.Range(from, count).Select(i => (double)i).ToArray())];
            var all = Box.Whole(box.Size);
            if (!TryPaint(leaf, positions, all, all, values, cancel)) throw new FitException(FitError.Input, "a block of the compressed file is damaged");
            return values;
        }

        /// <summary>Draws the part of a region that lies in a leaf's block. False where the bytes of one of its networks are damaged.</summary>
        public bool TryPaint(NetworkPlace leaf, double[][] positions, Box part, Box region, float[] values, CancellationToken cancel)
        {
            var box = leaf.Box!;
            int axes = box.Size.Length, channels = header.Channels;
            int[] widths = [.. leaf.Path.Select(network => header.Widths[network])], size = span ?? box.Size;
            bool constant = widths[^1] == 0;
            BlockWeights[] weights;
            try
            {
                weights = [.. leaf.Path.Select(network => WeightCoder.Decode(file.Blocks[network].Network ?? throw new FormatException("a block is damaged"), Networks[network].Tensors(header)))];
            }
            catch (FormatException)
            {
                return false;
            }
            var used = constant ? default : Of(widths);
            if (!constant) used.Network.Write(weights.SelectMany(network => network.Tensors));
            // Of the part's voxels along each axis.
            float[][] coordinates = [.. Enumerable.Range(0, axes).Select(k => Enumerable.Range(part.First[k], part.Size[k]).Select(i => (float)((2 * (positions[k][i] - box.First[k]) + 1 - size[k]) / size[k])).ToArray())];
            int[] index = new int[axes];
            float range = header.High - header.Low, offset = header.Low + range * (float)weights[^1].Offset, scale = range * (float)weights[^1].Scale;
            for (long from = 0; from < part.Voxels; from += Rows)
            {
                cancel.ThrowIfCancellationRequested();
                int count = (int)Math.Min(Rows, part.Voxels - from);
                if (!constant)
                {
                    for (int i = 0; i < count; i++)
                    {
                        for (int k = 0; k < axes; k++) rows[i * axes + k] = coordinates[k][index[k]];
                        for (int k = 0; k < axes && ++index[k] == part.Size[k]; k++) index[k] = 0;
                    }
                    used.Runner.Feed(used.Input, rows);
                    used.Runner.Evaluate();
                    used.Runner.Read(results);
                }
                for (int i = 0; i < count;)
                {
                    int run = (int)Math.Min(count - i, part.Size[0] - (from + i) % part.Size[0]);
                    long at = (part.Line((from + i) / part.Size[0], region.Size) + (from + i) % part.Size[0]) * channels;
                    for (int end = i + run; i < end; i++)
                        for (int c = 0; c < channels; c++) values[at++] = constant ? offset : offset + scale * results[i * BlockNetwork.PaddedOutputs + c];
                }
            }
            return true;
        }

        (BlockNetwork Network, Value Input, Plan Plan, Runner Runner) Of(int[] widths)
        {
            string key = string.Join(' ', widths);
            if (networks.TryGetValue(key, out var known)) return known;
            if (networks.Count == MostNetworks) Dispose();
            var network = BlockNetwork.Path(header, widths, device);
            var input = network.Graph.Input(header.Axes.Length);
            var plan = Plan.Evaluate(device, network.Network.Apply(input));
            return networks[key] = (network, input, plan, Runner.Create(plan, network.Store, workers, Rows));
        }

        public void Dispose()
        {
            foreach (var (network, _, plan, runner) in networks.Values)
            {
                runner.Dispose();
                plan.Dispose();
                network.Dispose();
            }
            networks.Clear();
        }
    }
}
