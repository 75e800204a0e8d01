using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Compression;

/// <summary>
/// An image's blocks with a fitted network each, before their numbers are rounded. Every tensor's step is chosen by what it costs: a step d of a tensor of n numbers adds
/// s d^2 to the squared error and takes n log2(1 / d) bits, so that for the least error of all files of one length d = c sqrt(n / s), with one c for the whole file.
/// </summary>
sealed class FittedBlocks
{
    /// <summary>Bits of a number with which networks are sized for a file.</summary>
    const double BitsOfNumber = 7;

    /// <summary>Numbers of a block's network about: few take little time to decode.</summary>
    const double NumbersOfBlock = 2000;

    /// <summary>Bytes of a block beside its network's numbers (scale, steps, checksum, index), and of the header without geometry.</summary>
    const double OverheadOfBlock = 20, OverheadOfHeader = 40, OverheadOfGeometry = 96;

    const int HiddenLayers = 3, FirstOmega = 20, HiddenOmega = 30;

    readonly IReadOnlyList<Box> boxes;
    readonly FittedBlock[] blocks;
    readonly float[] samples;

    FittedBlocks(CompressedHeader header, float[] samples, FittedBlock[] blocks)
    {
        (Header, this.samples, this.blocks, boxes) = (header, samples, blocks, header.Boxes());
        Parameters = blocks.Sum(block => block.Weights.Tensors.Sum(tensor => (long)tensor.Length));
    }

    public CompressedHeader Header { get; }

    /// <summary>Numbers of all networks.</summary>
    public long Parameters { get; }

    public int Networks => Header.Widths.Count(width => width > 0);

    /// <summary>Fits networks of about so many bytes in all.</summary>
    public static FittedBlocks Run(Image image, CompressionOptions options, double bytes, Device device, Workers workers, Action<FitProgress> tell, CancellationToken cancel)
    {
        var (low, high) = image.Range();
        var samples = image.Samples.ToArray();
        var values = ImageFit.Normalise(samples, low, high - low);
        int[] axes = ImageFit.AxesOf(image).Axes;
        double numbers = 8 / BitsOfNumber * (bytes - OverheadOfHeader - (image.Grid.IndexToWorld == Affine.Identity ? 0 : OverheadOfGeometry));
        int most = options.Method == CompressionMethod.Siren ? 1 : (int)Math.Clamp(numbers / NumbersOfBlock, 1, CompressedHeader.MostBlocks);
        var (leaves, divided) = BlockTree.Cut(values, axes, image.Channels, most, device);
        float[][] parts = [.. leaves.Select(leaf => leaf.Box.Gather(values, axes, image.Channels))];
        numbers -= 8 / BitsOfNumber * OverheadOfBlock * leaves.Count;
        var widths = Widths([.. leaves.Select((leaf, i) => parts[i].All(value => value == parts[i][0]) ? 0 : leaf.Box.Voxels / leaf.Concentration)], numbers, axes.Length, image.Channels);
        var header = new CompressedHeader(options.Method, image.Grid, image.Channels, image.Unit, image.Stored, low, high, null, HiddenLayers, FirstOmega, HiddenOmega, divided, widths);
        var blocks = new FittedBlock[leaves.Count];
        long done = 0, all = options.Iterations * widths.Count(width => width > 0), rows = 0;
        for (int b = 0; b < blocks.Length; b++)
        {
            int each = BlockFit.Rows(leaves[b].Box);
            blocks[b] = BlockFit.Run(header, leaves[b].Box, widths[b], parts[b], options.Iterations, unchecked(options.Seed + (ulong)b), device, workers,
                (step, loss) => tell(new(done + step, all, loss, double.NaN, 0, rows + step * each)), cancel);
            if (widths[b] == 0) continue;
            (done, rows) = (done + options.Iterations, rows + options.Iterations * each);
        }
        return new(header, samples, blocks);
    }

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

    /// <summary>The file in which every tensor's step is c times what it should be in proportion.</summary>
    public CompressedFile Encode(double c) => new(Header, [.. blocks.Select((block, b) =>
    {
        var codes = block.Weights.Tensors.Select((tensor, t) => WeightCoder.CodeOf(c * Math.Sqrt(tensor.Length / block.Sensitivity[t]), tensor.Max(MathF.Abs))).ToArray();
        return new CompressedBlock(WeightCoder.Encode(block.Weights, codes), []);
    })]);

    /// <summary>The largest file of at most so many bytes; throws <see cref="FitException"/> where there is none.</summary>
    public CompressedFile Within(long most)
    {
        const double Finest = 1e-9, Coarsest = 1e6;
        CompressedFile? best = null;
        double fine = Math.Log(Finest), rough = Math.Log(Coarsest);
        for (int i = 0; i < 40; i++)
        {
            double middle = (fine + rough) / 2;
            var file = Encode(Math.Exp(middle));
            if (file.ToBytes().Length <= most) (rough, best) = (middle, file);
            else fine = middle;
        }
        if (best is null || best.Blocks.Zip(Header.Widths).Any(block => !CompressedFile.CanHold(Header, block.Second, block.First.Network!.Length)))
            throw new FitException(FitError.WrongUse, $"a file of {most} bytes cannot hold this image's header and {boxes.Count} blocks; allow more");
        return best;
    }

    /// <summary>The same with what is missing of every value.</summary>
    public CompressedFile WithResidual(CompressedFile file, double maxError, Device device, Workers workers, CancellationToken cancel)
    {
        var header = Header with { MaxError = maxError };
        using var painter = new Decompressor.Painter(header, device, workers);
        return new(header, [.. file.Blocks.Select((block, b) =>
        {
            var network = painter.Whole(boxes[b], header.Widths[b], block.Network!, cancel);
            return block with { Residual = ResidualCoder.Encode(boxes[b].Gather(samples, header.Axes, header.Channels), network, boxes[b], header) };
        })]);
    }
}
