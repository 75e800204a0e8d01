using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Compression;

/// <summary>
/// An image's networks, fitted, before their numbers are rounded. Every tensor's step is chosen by what it costs: a step d of a tensor of n numbers adds
/// s d^2 to the squared error and takes n log2(1 / d) bits, so that for the least error of all files of one length d = c sqrt(n / s), with one c for the whole file.
/// </summary>
sealed class FittedBlocks
{
    /// <summary>Updates while numbers are rounded, as a part of those before.</summary>
    const double TuningShare = 0.25;

    /// <summary>
    /// Updates before any number is rounded, where rounding follows; of more the rest is spent while rounding. A phantom of 64 voxels in 4 KB: 4800 and 1200 updates 33.0 dB, 16,000 and 4000 30.4, 4800 and 12,000 33.5:
    /// a long fit at full rate gains nothing here (34.0 and 33.7 unrounded), and its numbers bear rounding worse (31.3 and 26.1 dB before they make up for it).
    /// </summary>
    const long MostFitIterations = 5000;

    /// <summary>What tuning may add to a file.</summary>
    const double Reserve = 0.005;

    readonly FittedBlock[] blocks;
    readonly IReadOnlyList<NetworkGroup> groups;
    readonly RegionTerm? region;
    readonly Training training;

    /// <summary>Fits the networks.</summary>
    public FittedBlocks(CompressedHeader header, IReadOnlyList<NetworkGroup> groups, RegionTerm? region, Training training)
    {
        (Header, this.groups, this.region, this.training) = (header, groups, region, training);
        training.Expect((FitIterations + TuningIterations) * Fitted);
        blocks = training.ForEach($"fit {header.Widths.Count} {string.Join(' ', header.Widths)}", header, groups, FitIterations, (g, inner, tell) => BlockFit.Run(header, groups[g], region, FitIterations, training.SeedOf(g), training.Device, inner, tell));
        Parameters = blocks.Sum(block => block.Weights.Tensors.Sum(tensor => (long)tensor.Length));
    }

    long FitIterations => Math.Min(training.Iterations, MostFitIterations);
    long TuningIterations => (long)(training.Iterations * (1 + TuningShare)) - FitIterations;
    int Fitted => groups.Count(group => Header.Widths[group.Networks[0]] > 0);

    public CompressedHeader Header { get; }

    /// <summary>Numbers of all networks.</summary>
    public long Parameters { get; }

    /// <summary>Steps of all tensors, each c times what it should be in proportion.</summary>
    byte[][] Codes(double c) => [.. blocks.Select(block => block.Weights.Tensors.Select((tensor, t) => WeightCoder.CodeOf(c * Math.Sqrt(tensor.Length / block.Sensitivity[t]), tensor.Max(MathF.Abs))).ToArray())];

    CompressedFile Encode(IEnumerable<BlockWeights> weights, byte[][] codes) => new(Header, [.. weights.Zip(codes, (block, own) => new CompressedBlock(WeightCoder.Encode(block, own), []))]);

    /// <summary>The largest file of at most so many bytes less a reserve, and its steps; throws <see cref="FitException"/> where there is none.</summary>
    (CompressedFile File, byte[][] Codes) Within(IReadOnlyList<BlockWeights> weights, long most, double reserve = 0)
    {
        const double Finest = 1e-9, Coarsest = 1e6;
        (CompressedFile File, byte[][] Codes)? best = null;
        double fine = Math.Log(Finest), rough = Math.Log(Coarsest);
        for (int i = 0; i < 24; i++) // factors are told apart to 2e-6
        {
            double middle = (fine + rough) / 2;
            var codes = Codes(Math.Exp(middle));
            var file = Encode(weights, codes);
            if (file.ToBytes().Length <= most * (1 - reserve)) (rough, best) = (middle, (file, codes));
            else fine = middle;
        }
        return best ?? throw new FitException(FitError.WrongUse, $"a file of {most} bytes cannot hold this image's header and {Header.Widths.Count} network{(Header.Widths.Count == 1 ? "" : "s")}; allow more");
    }

    /// <summary>The largest file of at most so many bytes.</summary>
    public CompressedFile Within(long most) => Within(Weights, most).File;

    /// <summary>The same, its networks trained on with their numbers rounded.</summary>
    public CompressedFile TunedWithin(long most)
    {
        var (_, codes) = Within(Weights, most, Reserve);
        training.Expect(TuningIterations * Fitted);
        var tuned = training.ForEach($"tuning {most}", Header, groups, TuningIterations, (g, inner, tell) =>
        {
            int[] own = groups[g].Networks;
            return BlockFit.Tune(Header, groups[g], region, [.. own.Select(network => blocks[network])], [.. own.Select(network => codes[network])], TuningIterations, training.SeedOf(g), training.Device, inner, tell);
        });
        BlockWeights[] weights = [.. tuned.Select(block => block.Weights)];
        var file = Encode(weights, codes);
        return file.ToBytes().Length <= most ? file : Within(weights, most).File;
    }

    IReadOnlyList<BlockWeights> Weights => [.. blocks.Select(block => block.Weights)];
}
