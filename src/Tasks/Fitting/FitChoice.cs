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
/// <param name="FirstCycle">Iterations after which a fit with a target first looks where it stands.</param>
sealed record FitChoice(NetworkSettings Network, int[] Axes, double[] Spacing, int BatchRows, long Iterations, double LearningRate, double Floor, double Beta2, double Epsilon,
    double ClipNorm, int ForegroundShare, double CoarseToFine, long FirstCycle)
{
    public static FitChoice For(int[] axes, double[] spacing, int channels, FitOptions options)
    {
        long samples = axes.Aggregate(1L, (product, n) => product * n);
        if (options.Parameters is not null && options.BitsPerVoxel is not null) throw new FitException(FitError.WrongUse, "--parameters and --bits-per-voxel both give a budget; give one");
        long? budget = options.Parameters ?? (options.BitsPerVoxel is { } bits ? (long)(bits / 32 * samples * channels) : null);
        bool grid = options.Network is null ? options.Preset == FitPreset.Fast : options.Network is MlpSettings { Encoding: GridEncoding };
        var choice = grid ? Grid(axes, samples, channels, budget, options.Network) : Smooth(axes, spacing, samples, channels, budget, options);
        return choice with
        {
            BatchRows = options.BatchRows ?? choice.BatchRows,
            // With a target the end is open: cycles until it is reached, or clearly out of reach.
            Iterations = options.Iterations ?? (options.TargetPsnr is null ? 1 : 4) * choice.Iterations,
            LearningRate = options.LearningRate ?? choice.LearningRate,
        };
    }

    static FitChoice Grid(int[] axes, long samples, int channels, long? budget, NetworkSettings? network)
    {
        bool flat = axes.Length <= 2;
        budget ??= (long)Math.Max(flat ? samples * channels * 0.5 : samples * channels * 0.65, 4096);
        network ??= LargestGrid(axes, samples, channels, budget.Value);
        int batch = (int)Math.Min(flat ? 4096 : 16384, Math.Max(256, samples / 4));
        long iterations = Math.Max(200, (flat ? 40 : 30) * samples / batch);
        // A small network takes longer to come as far.
        double perSample = (double)ParametersOf(network) / (samples * channels);
        long first = (long)(0.1 * iterations * Math.Clamp(Math.Pow(0.5 / perSample, 0.6), 0.5, 5));
        return new(network, axes, [.. axes.Select(_ => 1.0)], batch, iterations, 2e-2, 0.01, 0.99, 1e-15, double.PositiveInfinity, flat ? 1 : 8, flat ? 0.15 : 0, first);
    }

    /// <summary>Levels and features by the numbers per sample, then the largest table that the budget allows.</summary>
    static MlpSettings LargestGrid(int[] axes, long samples, int channels, long budget)
    {
        double perSample = (double)budget / (samples * channels);
        bool flat = axes.Length <= 2;
        var (levels, features, fine) = !flat ? (6, 4, 0.8) : perSample >= 0.3 ? (12, 2, 1.0) : perSample >= 0.12 ? (8, 2, 0.8) : (6, 4, 0.4);
        for (int log2 = 24; log2 >= 4; log2--)
        {
            // Small images: levels that differ.
            double coarse = Math.Clamp(fine * axes.Max() / 4, 2, 16);
            var encoding = new GridEncoding([.. axes], levels, features, coarse, fine, log2);
            var settings = new MlpSettings(axes.Length, channels, encoding, Width: 32, HiddenLayers: 1);
            if (ParametersOf(settings) <= budget) return settings;
        }
        throw new FitException(FitError.WrongUse, $"a budget of {budget} parameters is too small for a grid; give more, or --preset smooth");
    }

    static long ParametersOf(NetworkSettings settings) => settings.Build(new Graph()).ParameterCount;

    static FitChoice Smooth(int[] axes, double[] spacing, long samples, int channels, long? budget, FitOptions options)
    {
        bool flat = axes.Length <= 2;
        var network = options.Network;
        if (network is null)
        {
            int width = flat ? 64 : 128;
            if (budget is { } most)
            {
                width = 256;
                while (width > 8 && ParametersOf(Siren(width)) > most) width -= 8;
                if (ParametersOf(Siren(width)) > most)
                    throw new FitException(FitError.WrongUse, $"a budget of {most} parameters is too small for a SIREN of three hidden layers ({ParametersOf(Siren(width))}); give more");
            }
            network = Siren(width);
        }
        SirenSettings Siren(int width) => new(axes.Length, channels, width, HiddenLayers: 3);
        int batch = (int)Math.Min(flat ? 4096 : 8192, Math.Max(256, samples / 4));
        long iterations = Math.Max(500, (flat ? 64 : 40) * samples / batch);
        // The gradient's norm is clipped, and long or repeated cycles take half the rate: 2e-3 without either diverges late.
        double rate = flat && options.TargetPsnr is null && (options.Iterations ?? iterations) <= 6000 ? 2e-3 : 1e-3;
        return new(network, axes, spacing, batch, iterations, rate, 0.01, 0.999, 1e-8, 1, flat ? 1 : 8, 0, iterations / 10);
    }
}
