using InrFast.Autodiff;
using InrFast.Models;

namespace InrFast.Tasks.Fitting;

/// <summary>
/// The network and the schedule of a fit, chosen from the image's size and the budget: measured settings of grids and SIRENs on CT, MR and
/// photographs (perf/quality).
/// </summary>
/// <param name="Axes">Voxels along the axes that the network sees, x first.</param>
/// <param name="Spacing">What one step along each axis counts in the network's coordinates: 1 for grids, whose cells follow the voxels; millimetres for
/// SIRENs, which see space as isotropic.</param>
/// <param name="ForegroundShare">One in so many voxels of flat surroundings is visited per epoch; 1: all.</param>
/// <param name="CoarseToFine">Part of the first cycle over which a grid's levels are switched on.</param>
/// <param name="Restart">The rate at which a later cycle begins, of the first one's: all of it, which grids gain from; half of it for SIREN, which a second one at 2e-3
/// makes diverge.</param>
/// <param name="FirstCycle">Iterations after which a fit with a target first looks where it stands.</param>
sealed record FitChoice(NetworkSettings Network, int[] Axes, double[] Spacing, int BatchRows, long Iterations, double LearningRate, double Floor, double Beta2, double Epsilon,
    double ClipNorm, int ForegroundShare, double CoarseToFine, double Restart, long FirstCycle)
{
    public static FitChoice For(int[] axes, double[] spacing, int channels, FitOptions options)
    {
        long samples = axes.Aggregate(1L, (product, n) => product * n);
        if (options.Parameters is not null && options.BitsPerVoxel is not null) throw new FitException(FitError.WrongUse, "--parameters and --bits-per-voxel both give a budget; give one");
        long? budget = options.Parameters ?? (options.BitsPerVoxel is { } bits ? (long)(bits / 32 * samples * channels) : null);
        bool grid = options.Network is null ? options.Method is null ? options.Preset == FitPreset.Fast : options.Method == "grid" : options.Network is MlpSettings { Encoding: GridEncoding };
        var choice = grid ? Grid(axes, samples, channels, budget, options) : Smooth(axes, spacing, samples, channels, budget, options);
        return choice with
        {
            BatchRows = options.BatchRows ?? choice.BatchRows,
            // With a target the end is open: cycles until it is reached, or clearly out of reach.
            Iterations = options.Iterations ?? (options.TargetPsnr is null ? 1 : 4) * choice.Iterations,
            LearningRate = options.LearningRate ?? choice.LearningRate,
        };
    }

    /// <summary>Updates below which even a tiny image is not fitted, whatever its epochs; well under a second.</summary>
    const long FewestIterations = 1000;

    static FitChoice Grid(int[] axes, long samples, int channels, long? budget, FitOptions options)
    {
        bool flat = axes.Length <= 2;
        budget ??= (long)Math.Max(flat ? samples * channels * 0.5 : samples * channels * 0.65, 4096);
        var network = options.Network ?? LargestGrid(axes, samples, channels, budget.Value);
        int batch = (int)Math.Min(flat ? 4096 : 16384, Math.Max(256, samples / 4));
        long iterations = Math.Max(FewestIterations, (flat ? 40 : 30) * samples / batch);
        // A small network takes longer to come as far.
        double perSample = (double)ParametersOf(network) / (samples * channels);
        double first = (flat ? 0.12 : 0.1) * iterations * Math.Clamp(Math.Pow(0.5 / perSample, 0.6), 0.5, 5);
        first = Math.Max(1, first * Towards(options.TargetPsnr, usual: 40, perDoubling: 4, 0.5, 1));
        return new(network, axes, [.. axes.Select(_ => 1.0)], batch, iterations, 2e-2, 0.01, 0.99, 1e-15, double.PositiveInfinity, flat ? 1 : 8, flat ? 0.15 : 0, Restart: 1, (long)first);
    }

    /// <summary>What a first cycle is shortened by when the target lies below the <paramref name="usual"/> dB that its full length reaches on CT and MR.</summary>
    static double Towards(double? target, double usual, double perDoubling, double least, double most) =>
        Math.Clamp(Math.Pow(2, ((target ?? usual) - usual) / perDoubling), least, most);

    /// <summary>Levels and features by the numbers per sample, then the largest table that the budget allows.</summary>
    static MlpSettings LargestGrid(int[] axes, long samples, int channels, long budget)
    {
        double perSample = (double)budget / (samples * channels);
        bool flat = axes.Length <= 2;
        var (levels, features, fine) = !flat ? (6, 4, 0.8) : perSample >= 0.3 ? (12, 2, 1.0) : perSample >= 0.12 ? (8, 2, 0.8) : (6, 4, 0.4);
        for (int log2 = 24; log2 >= 4; log2--)
        {
            // Small images: levels that differ, the coarsest of them dense. Hashed, it would smear even a smooth image.
            double coarse = Math.Clamp(Math.Min(fine * axes.Max() / 4, Math.Pow(2, (double)log2 / axes.Length) - 1), 2, 16);
            var encoding = new GridEncoding([.. axes], levels, features, coarse, fine, log2);
            var settings = new MlpSettings(axes.Length, channels, encoding, Width: 32, HiddenLayers: 1);
            if (ParametersOf(settings) <= budget) return settings;
        }
        throw new FitException(FitError.WrongUse, $"a budget of {budget} parameters is too small for a grid; give more, or --preset smooth");
    }

    static long ParametersOf(NetworkSettings settings) => settings.Build(new Graph()).ParameterCount * settings.Members;

    static FitChoice Smooth(int[] axes, double[] spacing, long samples, int channels, long? budget, FitOptions options)
    {
        bool flat = axes.Length <= 2;
        var method = FitMethod.All.FirstOrDefault(method => method.Name == (options.Method ?? "siren"))
            ?? throw new FitException(FitError.WrongUse, $"there is no method {options.Method}; there are grid, {string.Join(", ", FitMethod.All.Select(method => method.Name))}");
        var network = options.Network ?? Widest(method, axes, channels, budget);
        long rows = samples / Math.Max(1, network.Outputs / channels); // one row of a network with several heads has a voxel of each block
        int batch = (int)Math.Min(flat ? 4096 : 8192, Math.Max(256, rows / 4));
        long iterations = Math.Max(FewestIterations, (flat ? 64 : 40) * rows / batch);
        // The gradient's norm is clipped, and long cycles of SIREN take half the rate: 2e-3 without either diverges late.
        double rate = flat && network is SirenSettings && (options.Iterations ?? iterations) <= 6000 ? 2e-3 : options.Network is null ? method.Rate : 1e-3;
        double first = iterations * Towards(options.TargetPsnr, usual: 40.5, perDoubling: 2.5, 0.1, 1);
        return new(network, axes, spacing, batch, iterations, rate, 0.01, 0.999, 1e-8, 1, flat ? 1 : 8, 0, Restart: 0.5, (long)first);
    }

    static NetworkSettings Widest(FitMethod method, int[] axes, int channels, long? budget)
    {
        bool flat = axes.Length <= 2;
        if (budget is not { } most) return method.Create(axes, channels, flat ? method.Width.Picture : method.Width.Volume);
        for (int width = 256; width >= 8; width -= 8)
            if (method.Create(axes, channels, width) is var network && ParametersOf(network) <= most) return network;
        throw new FitException(FitError.WrongUse, $"a budget of {most} parameters is too small for {method.Name} ({ParametersOf(method.Create(axes, channels, 8))} at least); give more");
    }
}
