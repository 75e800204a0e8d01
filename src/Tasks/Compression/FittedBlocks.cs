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
    const double BitsOfNumber = 5.5;

    /// <summary>Numbers of a block's network about, and of a first cut's at least: fewer take less time, but small blocks share less.</summary>
    const double NumbersOfBlock = 5000, LeastNumbersOfBlock = 2500;

    /// <summary>Bytes of a block beside its network's numbers (scale, steps, checksum, index), and of the header without geometry.</summary>
    const double OverheadOfBlock = 20, OverheadOfHeader = 40, OverheadOfGeometry = 96;

    const int HiddenLayers = 3, FirstOmega = 20, HiddenOmega = 30;

    /// <summary>Updates with rounded numbers, as a part of those before.</summary>
    const double TuningShare = 0.25;

    /// <summary>What tuning may add to a file.</summary>
    const double Reserve = 0.005;

    readonly IReadOnlyList<Box> boxes;
    readonly FittedBlock[] blocks;
    readonly float[] samples;
    readonly float[][] parts;
    readonly Training training;

    FittedBlocks(CompressedHeader header, float[] samples, float[][] parts, Training training)
    {
        (Header, this.samples, this.parts, this.training, boxes) = (header, samples, parts, training, header.Boxes());
        training.Updates = (training.Iterations + TuningIterations) * Networks;
        blocks = training.ForEach(header, boxes, (b, inner, tell) => BlockFit.Run(header, boxes[b], header.Widths[b], parts[b], training.Iterations, training.SeedOf(b), training.Device, inner, tell));
        Parameters = blocks.Sum(block => block.Weights.Tensors.Sum(tensor => (long)tensor.Length));
    }

    long TuningIterations => (long)(training.Iterations * TuningShare);

    public CompressedHeader Header { get; }

    /// <summary>Numbers of all networks.</summary>
    public long Parameters { get; }

    public int Networks => Header.Widths.Count(width => width > 0);

    /// <summary>Fits networks of about so many bytes in all.</summary>
    public static FittedBlocks Run(Image image, CompressionOptions options, double bytes, Training training)
    {
        var (low, high) = image.Range();
        var samples = image.Samples.ToArray();
        var values = ImageFit.Normalise(samples, low, high - low);
        int[] axes = ImageFit.AxesOf(image).Axes;
        double numbers = 8 / BitsOfNumber * (bytes - OverheadOfHeader - (image.Grid.IndexToWorld == Affine.Identity ? 0 : OverheadOfGeometry));
        int most = options.Method == CompressionMethod.Siren ? 1 : MostBlocks(numbers, 1 << axes.Count(n => n > 1));
        var (leaves, divided) = BlockTree.Cut(values, axes, image.Channels, most, training.Device);
        float[][] parts = [.. leaves.Select(leaf => leaf.Box.Gather(values, axes, image.Channels))];
        numbers -= 8 / BitsOfNumber * OverheadOfBlock * leaves.Count;
        // By |x| / D as published, but D of the same texture falls with the root of the voxels, which would starve small blocks beside large ones.
        var widths = Widths([.. leaves.Select((leaf, i) => parts[i].All(value => value == parts[i][0]) ? 0 : Math.Sqrt(leaf.Box.Voxels) / leaf.Concentration)], numbers, axes.Length, image.Channels);
        var header = new CompressedHeader(options.Method, image.Grid, image.Channels, image.Unit, image.Stored, low, high, null, HiddenLayers, FirstOmega, HiddenOmega, divided, widths);
        return new(header, samples, parts, training);
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

    /// <summary>Steps of all tensors, each c times what it should be in proportion.</summary>
    byte[][] Codes(double c) => [.. blocks.Select(block => block.Weights.Tensors.Select((tensor, t) => WeightCoder.CodeOf(c * Math.Sqrt(tensor.Length / block.Sensitivity[t]), tensor.Max(MathF.Abs))).ToArray())];

    CompressedFile Encode(IEnumerable<BlockWeights> weights, byte[][] codes) => new(Header, [.. weights.Zip(codes, (block, own) => new CompressedBlock(WeightCoder.Encode(block, own), []))]);

    /// <summary>The largest file of at most so many bytes less a reserve, and its steps; throws <see cref="FitException"/> where there is none.</summary>
    (CompressedFile File, byte[][] Codes) Within(IReadOnlyList<BlockWeights> weights, long most, double reserve = 0)
    {
        const double Finest = 1e-9, Coarsest = 1e6;
        (CompressedFile File, byte[][] Codes)? best = null;
        double fine = Math.Log(Finest), rough = Math.Log(Coarsest);
        for (int i = 0; i < 40; i++)
        {
            double middle = (fine + rough) / 2;
            var codes = Codes(Math.Exp(middle));
            var file = Encode(weights, codes);
            if (file.ToBytes().Length <= most * (1 - reserve)) (rough, best) = (middle, (file, codes));
            else fine = middle;
        }
        return best ?? throw new FitException(FitError.WrongUse, $"a file of {most} bytes cannot hold this image's header and {boxes.Count} blocks; allow more");
    }

    /// <summary>The largest file of at most so many bytes.</summary>
    public CompressedFile Within(long most) => Within(Weights, most).File;

    /// <summary>The same, its networks trained on with their numbers rounded.</summary>
    public CompressedFile TunedWithin(long most)
    {
        var (_, codes) = Within(Weights, most, Reserve);
        var tuned = training.ForEach(Header, boxes, (b, inner, tell) => BlockFit.Tune(Header, boxes[b], Header.Widths[b], parts[b], blocks[b].Weights, codes[b], TuningIterations, training.SeedOf(b), training.Device, inner, tell));
        var file = Encode(tuned, codes);
        return file.ToBytes().Length <= most ? file : Within(tuned, most).File;
    }

    IReadOnlyList<BlockWeights> Weights => [.. blocks.Select(block => block.Weights)];

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
