using System.Collections.Immutable;
using System.Diagnostics;
using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Kernels.Optimizers;
using InrFast.Models;

namespace InrFast.Tasks.Fitting;

/// <summary>How to fit a pyramid. Everything has a default that depends on the image alone.</summary>
public sealed record MinerOptions
{
    /// <summary>The network of a block; null: SIREN of 20 units and two hidden layers.</summary>
    public NetworkSettings? Block { get; init; }

    /// <summary>Voxels of a block along each axis; null: 32 in pictures, 16 in volumes.</summary>
    public int? BlockSize { get; init; }

    /// <summary>Scales at most; fewer where a block would hold the whole image.</summary>
    public int Scales { get; init; } = 4;

    /// <summary>Updates of each scale's networks.</summary>
    public long Iterations { get; init; } = 500;

    public double LearningRate { get; init; } = 4e-3;

    /// <summary>dB that each block shall reach: one that has, is trained no further, and one with nothing left to say at a finer scale gets no network.</summary>
    public double TargetPsnr { get; init; } = 40;

    /// <summary>Seconds after which the scales that remain are left out.</summary>
    public double? TimeLimit { get; init; }

    public ulong Seed { get; init; }
}

/// <summary>
/// MINER (Saragadam 2022): a Laplacian pyramid of the image, coarsest scale first. Each scale is what its halved image has over the sum of the coarser
/// scales' networks, cut into blocks with a small network each.
/// </summary>
public static class MinerFit
{
    /// <summary>Updates between two looks at which blocks are done.</summary>
    const int Round = 50;

    /// <summary>Throws <see cref="FitException"/> where the image or the options do not fit.</summary>
    /// <param name="progress">Told after every <see cref="Round"/> updates.</param>
    public static FitResult Run(Image image, MinerOptions options, Device device, Workers workers, Action<FitProgress>? progress = null, CancellationToken cancel = default)
    {
        var watch = Stopwatch.StartNew();
        ImageFit.Check(image, new() { Iterations = options.Iterations, LearningRate = options.LearningRate, TargetPsnr = options.TargetPsnr, TimeLimit = options.TimeLimit });
        var (axes, spacing) = ImageFit.AxesOf(image);
        int size = options.BlockSize ?? (axes.Length == 2 ? 32 : 16), channels = image.Channels;
        if (size < 2) throw new FitException(FitError.WrongUse, $"blocks of {size} voxels; give at least 2");
        if (options.Scales < 1) throw new FitException(FitError.WrongUse, $"{options.Scales} scales; give at least 1");
        ImageFit.CheckNetwork(options.Block, axes, channels);
        int scales = Math.Clamp(1 + (int)Math.Ceiling(Math.Log2((double)axes.Max() / size)), 1, options.Scales);
        var settings = new MinerSettings(axes.Length, channels, options.Block ?? new SirenSettings(axes.Length, channels, 20, 1, FirstOmega: axes.Length == 2 ? 20 : 15), [.. axes], size, []);
        var (low, high) = image.Range();
        var pyramid = Pyramid(ImageFit.Normalise(image.Samples.Span, low, high - low), axes, channels, scales);
        float[][] sums = [.. pyramid.Select(level => new float[level.Values.Length])];
        double tolerance = Math.Pow(10, -options.TargetPsnr / 10), setup = watch.Elapsed.TotalSeconds, loss = 0;
        var fitted = new List<BlockState>[scales];
        var history = new List<FitProgress>();
        long rows = 0;
        watch.Restart();
        for (int scale = scales - 1; scale >= 0; scale--)
        {
            fitted[scale] = [];
            if (cancel.IsCancellationRequested || watch.Elapsed.TotalSeconds >= options.TimeLimit) continue;
            var layout = BlockLayout.Scale(axes, spacing, settings, scale);
            float[] residual = [.. pyramid[scale].Values.Zip(sums[scale], (value, sum) => value - sum)];
            var busy = Enumerable.Range(0, layout.Count).Where(block => scale == scales - 1 || MeanSquare(layout.Gather(residual, channels, [block])) > tolerance);
            var waiting = BlockBank.Begin(settings.Block, [.. busy], unchecked(options.Seed + (ulong)scale), device);
            var optimizer = Optimizer.Create(device, new Adam(), options.LearningRate, new CosineSchedule(options.Iterations, Floor: 0.01), clipNorm: 1);
            int batch = (int)Math.Min(layout.Block.Count, 1024);
            for (long step = 0; waiting.Count > 0; step += Round)
            {
                using var bank = new BlockBank(layout, settings.Block, waiting, residual, optimizer, batch, device, workers);
                long count = Math.Min(Round, options.Iterations - step);
                loss = bank.Train(step, count, options.Seed);
                if (!double.IsFinite(loss)) throw new FitException(FitError.Diverged, $"the loss of scale {scale} is {loss} after {step + count} iterations: lower the learning rate");
                rows += count * batch * waiting.Count;
                bool last = step + count == options.Iterations || cancel.IsCancellationRequested || watch.Elapsed.TotalSeconds >= options.TimeLimit;
                var errors = bank.Errors();
                var states = bank.Blocks().ToList();
                fitted[scale].AddRange(states.Where((_, i) => last || errors[i] <= tolerance));
                waiting = [.. states.Where((_, i) => !last && errors[i] > tolerance)];
                double seconds = watch.Elapsed.TotalSeconds;
                history.Add(new((scales - 1 - scale) * options.Iterations + step + count, scales * options.Iterations, loss, double.NaN, seconds, rows / seconds));
                progress?.Invoke(history[^1]);
            }
            fitted[scale].Sort((a, b) => a.Block - b.Block);
            if (fitted[scale].Count == 0) continue;
            using var all = new BlockBank(layout, settings.Block, fitted[scale], residual, optimizer, batch, device, workers);
            for (int finer = scale; finer >= 0; finer--) all.AddTo(sums[finer], pyramid[finer].Axes, 1 << (scale - finer));
        }
        double fit = watch.Elapsed.TotalSeconds, error = MeanSquare(pyramid[0].Values.Zip(sums[0], (value, sum) => value - sum));
        double psnr = -10 * Math.Log10(error);
        settings = settings with { ActiveBlocks = [.. fitted.Select(scale => scale.Select(block => block.Block).ToImmutableArray())] };
        var model = Model(image, settings, spacing, fitted, options.Seed, device);
        List<string> warnings = [];
        if (model.ParameterCount > image.Samples.Length) warnings.Add($"the model has {model.ParameterCount} parameters for {image.Samples.Length} samples: it is larger than the image");
        if (psnr < options.TargetPsnr) warnings.Add(FormattableString.Invariant($"{psnr:F2} dB were reached, not {options.TargetPsnr:R}; give more iterations"));
        history.Add(new(scales * options.Iterations, scales * options.Iterations, loss, psnr, fit, rows / fit));
        return new(model, scales * options.Iterations, loss, psnr, Math.Sqrt(error) * (high - low), setup, fit, rows / fit, Process.GetCurrentProcess().PeakWorkingSet64, history, warnings);
    }

    static double MeanSquare(IEnumerable<float> values) => values.Average(value => (double)value * value);

    /// <summary>The image and its halves; each voxel is the mean of those it covers.</summary>
    static List<(float[] Values, int[] Axes)> Pyramid(float[] values, int[] axes, int channels, int scales)
    {
        List<(float[] Values, int[] Axes)> levels = [(values, axes)];
        while (levels.Count < scales) levels.Add(Halve(levels[^1].Values, levels[^1].Axes, channels));
        return levels;
    }

    static (float[] Values, int[] Axes) Halve(float[] values, int[] axes, int channels)
    {
        int[] half = [.. axes.Select(n => (n + 1) / 2)];
        long voxels = half.Aggregate(1L, (product, n) => product * n);
        var (sums, counts) = (new double[voxels * channels], new int[voxels]);
        for (long voxel = 0; voxel < values.Length / channels; voxel++)
        {
            long rest = voxel, to = 0, stride = 1;
            for (int k = 0; k < axes.Length; k++)
            {
                to += stride * (rest % axes[k] / 2);
                (rest, stride) = (rest / axes[k], stride * half[k]);
            }
            counts[to]++;
            for (int c = 0; c < channels; c++) sums[to * channels + c] += values[voxel * channels + c];
        }
        return ([.. sums.Select((sum, i) => (float)(sum / counts[i / channels]))], half);
    }

    static FittedImage Model(Image image, MinerSettings settings, double[] spacing, List<BlockState>[] fitted, ulong seed, Device device)
    {
        var graph = new Graph();
        var network = settings.Build(graph);
        var store = new ParameterStore(device, graph, settings.Members);
        int member = 0;
        foreach (var block in fitted.SelectMany(scale => scale)) store.Values.Write<float>(block.Values, member++ * store.Length * sizeof(float));
        var (low, high) = image.Range();
        return new(SignalDescription.Of(image, [.. settings.Size], spacing, low, high - low, seed), settings, network, store);
    }
}
