using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Compression;

/// <summary>Which networks a file of some size gets: the cut into blocks, and the numbers of each.</summary>
static class NetworkPlan
{
    /// <summary>Bits of a number with which networks are sized for a file. Parts of 64 voxels of a brain and a chest, 64 times smaller, dB: 4 bits 28.6 and 27.5, 4.7 28.9 and 27.8, 5.5 28.6 and 27.8, 6.3 28.1.</summary>
    const double BitsOfNumber = 5;

    /// <summary>Numbers of a block's network about, and of a first cut's at least: fewer take less time, but small blocks share less.</summary>
    const double NumbersOfBlock = 5000, LeastNumbersOfBlock = 2500;

    /// <summary>Numbers of a leaf at least, where a tree's levels are not given: two, since a third starves the leaves at the sizes that were tried (perf/results/compression.md).</summary>
    const double LeastNumbersOfLeaf = 200;

    /// <summary>Bytes of a block beside its network's numbers (scale, steps, checksum, index), and of the header without geometry.</summary>
    const double OverheadOfBlock = 20, OverheadOfHeader = 40, OverheadOfGeometry = 96;

    /// <summary>Layers of a tree's nodes beyond the first; a network alone has what a path of two nodes has in all.</summary>
    const int HiddenLayersOfNode = 1, HiddenLayers = 3;

    const int HiddenOmega = 30;

    /// <summary>
    /// Of the first layer: 20 as published for blocks of 64 voxels and more, the same frequency a voxel for smaller ones, down to the half. Blocks of 48 voxels of a brain (64 times smaller, 400 updates): at 14 sci has 31.0
    /// and tinc 30.9 dB, at 20 30.6 and 30.3. Blocks of 32 of a chest (32 times, 300): at 8, 11, 20 25.4, 25.8, 25.4; of 64: at 14, 20 27.7, 28.1.
    /// </summary>
    static int FirstOmega(IEnumerable<Box> leaves) => (int)Math.Round(Math.Clamp(0.3 * leaves.Max(box => box.Size.Max()), 10, 20));

    /// <summary>
    /// Numbers of a node beside the root's, by levels and how many of them lie above it: TINC's settings, but of two levels 1.7 instead of 1 for the root. A shared root makes leaves alike at their faces and is paid for once: volumes of 96 voxels, 64 times
    /// smaller, 300 to 400 updates, at 1, 1.7, 1.9 and 2.5: brain 31.09, 31.38, 31.42, 31.48 dB, chest 26.82, 27.09, 27.07, 26.83, embryo 34.83, 35.00, 34.62, 33.97.
    /// </summary>
    static readonly double[][] nodeRatios = [[1], [1.7, 1.5], [1, 0.8, 1.5]];

    /// <summary>The header, and what is trained together, for a file of about so many bytes.</summary>
    public static (CompressedHeader Header, IReadOnlyList<NetworkGroup> Groups, RegionTerm? Region) Of(Image image, CompressionOptions options, double bytes, Device device)
    {
        var (low, high) = image.Range();
        float[] values = ImageFit.Normalise(image.Samples.ToArray(), low, high - low);
        int[] axes = ImageFit.AxesOf(image).Axes;
        double bits = 8 * (bytes - OverheadOfHeader - (image.Grid.IndexToWorld == Affine.Identity ? 0 : OverheadOfGeometry));
        float[]? mask = options.Region?.Samples.ToArray().Select(value => value > 0 ? 1f : 0).ToArray();
        var (header, groups) = options.Method == CompressionMethod.Tinc ? Tree() : Blocks();
        return (header, groups, mask is null ? null : RegionTerm.Of(values, mask, options.RegionWeight));

        CompressedHeader Header(IEnumerable<Box> leaves, int hiddenLayers, List<bool> divided, int[] widths) =>
            new(options.Method, image.Grid, image.Channels, image.Unit, image.Stored, low, high, null, hiddenLayers, FirstOmega(leaves), HiddenOmega, divided, widths);

        (CompressedHeader, IReadOnlyList<NetworkGroup>) Blocks()
        {
            int most = options.Method == CompressionMethod.Siren ? 1 : MostBlocks(bits / BitsOfNumber, 1 << axes.Count(n => n > 1));
            var (leaves, divided) = BlockTree.Cut(values, axes, image.Channels, most, device);
            NetworkGroup[] groups = [.. leaves.Select((leaf, b) => new NetworkGroup([b], leaf.Box.Size, leaf.Box.Gather(values, axes, image.Channels), mask is null ? null : leaf.Box.Gather(mask, axes, 1)))];
            // By |x| / D as published, but D of the same texture falls with the root of the voxels, which would starve small blocks beside large ones.
            double[] shares = [.. leaves.Select((leaf, b) => groups[b].Values.All(value => value == groups[b].Values[0]) ? 0 : Math.Sqrt(leaf.Box.Voxels) / leaf.Concentration)];
            return (Header(leaves.Select(leaf => leaf.Box), HiddenLayers, divided, Widths(shares, (bits - 8 * OverheadOfBlock * leaves.Count) / BitsOfNumber, axes.Length, image.Channels)), groups);
        }

        (CompressedHeader, IReadOnlyList<NetworkGroup>) Tree()
        {
            int levels = options.Levels ?? (bits / BitsOfNumber / (1 << axes.Count(n => n > 1)) >= LeastNumbersOfLeaf ? 2 : 1);
            var divided = BlockTree.Uniform(axes, levels);
            int node = 0;
            var nodes = BlockTree.Nodes(axes, () => divided[node++], CompressedHeader.MostBlocks)!;
            int[] widths = TreeWidths(nodes, levels, (bits - 8 * OverheadOfBlock * nodes.Count) / BitsOfNumber, Importance(nodes), axes.Length, image.Channels);
            Box[] leaves = [.. nodes.Where(place => place.IsLeaf).Select(place => place.Box)];
            var header = Header(leaves, levels == 1 ? HiddenLayers : HiddenLayersOfNode, divided, widths);
            int[] span = header.SharedSpan(header.Networks())!;
            return (header, [new([.. Enumerable.Range(0, nodes.Count)], span, GatherLeaves(leaves, span, values, axes, image.Channels), mask is null ? null : GatherLeaves(leaves, span, mask, axes, 1))]);
        }

        // Of each leaf, its share of the leaves' numbers.
        double[] Importance(List<BlockTree.Place> nodes)
        {
            double[][] leaves = [.. nodes.Where(place => place.IsLeaf).Select(place => Array.ConvertAll(place.Box.Gather(values, axes, image.Channels), value => (double)value))];
            double mean = values.Average(value => (double)value);
            double[] amounts = [.. leaves.Select(own => options.Allocation switch
            {
                TreeAllocation.Equal => 1,
                TreeAllocation.Importance => own.Count(value => value > mean) / (double)own.Length + 1e-3,
                _ => own.Average(value => value * value) - Math.Pow(own.Average(), 2) + 1e-6,
            })];
            return [.. amounts.Select(amount => amount / amounts.Sum())];
        }
    }

    static int MostBlocks(double numbers, int firstCut) =>
        (int)Math.Clamp(numbers / NumbersOfBlock, numbers / firstCut >= LeastNumbersOfBlock ? firstCut : 1, CompressedHeader.MostBlocks);

    /// <summary>Units of each block's network, numbers shared out in proportion; blocks that would get too few are constant, and theirs go to the others.</summary>
    static int[] Widths(double[] shares, double numbers, int axes, int channels)
    {
        var widths = new int[shares.Length];
        double least = BlockNetwork.Parameters(axes, CompressedHeader.LeastWidth, HiddenLayers, channels);
        var kept = Enumerable.Range(0, shares.Length).Where(b => shares[b] > 0).ToList();
        while (kept.Count > 0)
        {
            double all = kept.Sum(b => shares[b]);
            if (kept.RemoveAll(b => numbers * shares[b] / all < least) > 0) continue;
            foreach (int b in kept) widths[b] = BlockNetwork.WidthFor(numbers * shares[b] / all, axes, HiddenLayers, channels);
            break;
        }
        return widths;
    }

    /// <summary>Units of a tree's nodes: levels share the numbers in their ratio, nodes of a level evenly, leaves as given; scaled so that what rounding down leaves is used.</summary>
    static int[] TreeWidths(List<BlockTree.Place> nodes, int levels, double numbers, double[] leafShares, int axes, int channels)
    {
        int[] levelOf = new int[nodes.Count];
        for (int i = 1; i < nodes.Count; i++) levelOf[i] = levelOf[nodes[i].Parent] + 1;
        double[] ratios = nodeRatios[levels - 1];
        int hiddenLayers = levels == 1 ? HiddenLayers : HiddenLayersOfNode;
        double all = levelOf.Sum(level => ratios[level]), leavesAll = nodes.Select((place, i) => place.IsLeaf ? ratios[levelOf[i]] : 0).Sum();
        double few = 0, many = 4;
        for (int i = 0; i < 30; i++)
        {
            double middle = (few + many) / 2;
            if (At(middle).Numbers <= numbers) few = middle;
            else many = middle;
        }
        return At(few).Widths;

        (int[] Widths, long Numbers) At(double factor)
        {
            var (widths, leaf, sum) = (new int[nodes.Count], 0, 0L);
            for (int i = 0; i < widths.Length; i++)
            {
                int inputs = i == 0 ? axes : widths[nodes[i].Parent], outputs = nodes[i].IsLeaf ? channels : 0;
                double own = factor * numbers / all * (nodes[i].IsLeaf ? leavesAll * leafShares[leaf++] : ratios[levelOf[i]]);
                widths[i] = Math.Max(CompressedHeader.LeastWidth, BlockNetwork.WidthFor(own, inputs, hiddenLayers, outputs));
                sum += BlockNetwork.Parameters(inputs, widths[i], hiddenLayers, outputs);
            }
            return (widths, sum);
        }
    }

    /// <summary>[voxel of a leaf][leaf][channel]; leaves smaller than the span take what lies beyond them, and at the image's end its last voxel.</summary>
    static float[] GatherLeaves(Box[] leaves, int[] span, float[] values, int[] axes, int channels)
    {
        long voxels = Box.Whole(span).Voxels;
        var gathered = new float[checked(voxels * leaves.Length * channels)];
        long to = 0;
        for (long voxel = 0; voxel < voxels; voxel++)
            foreach (var leaf in leaves)
            {
                long rest = voxel, at = 0, stride = 1;
                for (int k = 0; k < axes.Length; k++)
                {
                    at += stride * Math.Min(leaf.First[k] + rest % span[k], axes[k] - 1);
                    (rest, stride) = (rest / span[k], stride * axes[k]);
                }
                for (int c = 0; c < channels; c++) gathered[to++] = values[at * channels + c];
            }
        return gathered;
    }
}
