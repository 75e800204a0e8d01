using System.Diagnostics;
using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Optimizers;
using InrFast.Kernels.Sampling;
using InrFast.Models;

namespace InrFast.Tasks.Fitting;

/// <summary>How to learn where fits start.</summary>
public sealed record MetaOptions
{
    /// <summary>Network, learning rate, batch and seed of the fits that will start there.</summary>
    public FitOptions Fit { get; init; } = new();

    /// <summary>Updates of the start.</summary>
    public int OuterSteps { get; init; } = 100;

    /// <summary>Updates of each image's network, all from the start, before one of the start.</summary>
    public int InnerSteps { get; init; } = 16;

    /// <summary>How far the start moves towards the images' networks: epsilon, falling to 0 along a line.</summary>
    public double OuterRate { get; init; } = 0.5;
}

/// <summary>
/// A start for fits of similar images, learned from a few of them by Reptile (Nichol, Achiam and Schulman 2018, algorithm 2; for coordinate networks
/// Tancik 2021): theta += epsilon mean(theta_i - theta), theta_i being theta after some steps of Adam on image i. The images' networks are one bank.
/// </summary>
public static class MetaInitialization
{
    /// <summary>
    /// The start, to be given as <see cref="FitOptions.Initial"/>; saved and rendered as any model, in the first image's place and values.
    /// Throws <see cref="FitException"/> where the images differ in size or cannot be fitted.
    /// </summary>
    /// <param name="progress">Told after each outer step; the loss is the mean of the images' at the last inner step.</param>
    public static FittedImage Learn(IReadOnlyList<Image> images, MetaOptions options, Device device, Workers workers, Action<FitProgress>? progress = null, CancellationToken cancel = default)
    {
        Check(images, options);
        var (fit, first) = (options.Fit, images[0]);
        var (axes, spacing) = ImageFit.AxesOf(first);
        ImageFit.CheckNetwork(fit.Network, axes, first.Channels);
        var choice = FitChoice.For(axes, spacing, first.Channels, fit);
        if (choice.Network is MultiHeadSettings or { Members: > 1 }) throw new FitException(FitError.WrongUse, "a start is learned for one network of the whole image, not for its blocks");

        var graph = new Graph();
        var network = choice.Network.Build(graph);
        var grid = new VoxelGrid(choice.Axes, choice.Spacing);
        var samples = new SampleVoxels<ShuffledSweep>(graph, grid, _ => new ShuffledSweep(grid.Count), Values(images), first.Channels);
        using var plan = Plan.Train(device, [new Loss(new RowLoss<SquaredError>(network.Apply(samples.Coordinates), samples.Values, default).Output)]);
        using var bank = new ParameterStore(device, graph, images.Count);
        var optimizer = Optimizer.Create(device, new Adam(0.9, choice.Beta2, choice.Epsilon), choice.LearningRate, clipNorm: choice.ClipNorm);
        using var runner = Runner.Create(plan, bank, workers, choice.BatchRows, optimizer);

        var start = new ParameterStore(device, graph);
        network.Initialize(start, fit.Seed);
        float[] theta = new float[start.Length], fitted = new float[start.Length * images.Count];
        start.Values.Read<float>(theta);
        var watch = Stopwatch.StartNew();
        for (int outer = 0; outer < options.OuterSteps && !cancel.IsCancellationRequested; outer++)
        {
            double loss = Fit(runner, bank, theta, options.InnerSteps, unchecked(fit.Seed + (ulong)outer)) / images.Count;
            if (!double.IsFinite(loss))
            {
                start.Dispose();
                throw new FitException(FitError.Diverged, $"the loss is {loss} in outer step {outer}: lower the learning rate");
            }
            bank.Values.Read<float>(fitted);
            Move(theta, fitted, images.Count, options.OuterRate * (1 - (double)outer / options.OuterSteps));
            double seconds = watch.Elapsed.TotalSeconds;
            progress?.Invoke(new(outer + 1, options.OuterSteps, loss, double.NaN, seconds, (outer + 1.0) * options.InnerSteps * choice.BatchRows * images.Count / seconds));
        }
        start.Values.Write<float>(theta);
        var (low, high) = first.Range();
        return new(SignalDescription.Of(first, choice.Axes, choice.Spacing, low, high - low, fit.Seed), choice.Network, network, start);
    }

    static void Check(IReadOnlyList<Image> images, MetaOptions options)
    {
        if (images.Count == 0) throw new FitException(FitError.Input, "a start is learned from at least one image");
        foreach (var image in images)
        {
            ImageFit.Check(image, options.Fit);
            if ((image.Size, image.Times, image.Channels) != (images[0].Size, images[0].Times, images[0].Channels))
                throw new FitException(FitError.Input, $"a start is learned from images of one size; one has {images[0].Size}, another {image.Size} (or other channels or times)");
        }
        if (options.OuterSteps < 1 || options.InnerSteps < 1) throw new FitException(FitError.WrongUse, $"{options.OuterSteps} outer and {options.InnerSteps} inner steps; both must be above 0");
        if (!(options.OuterRate is > 0 and <= 1)) throw new FitException(FitError.WrongUse, $"the outer rate is {options.OuterRate}; it must be above 0 and at most 1");
    }

    /// <summary>Each image scaled to its own range, as a fit sees it.</summary>
    static float[] Values(IReadOnlyList<Image> images) => [.. images.SelectMany(image =>
    {
        var (low, high) = image.Range();
        return ImageFit.Normalise(image.Samples.Span, low, high - low);
    })];

    /// <summary>All networks from theta, as new fits: fresh states, other samples each time. The last loss, summed over the images.</summary>
    static double Fit(Runner runner, ParameterStore bank, float[] theta, int steps, ulong seed)
    {
        for (int member = 0; member < bank.Members; member++) bank.Values.Write<float>(theta, member * bank.Length * sizeof(float));
        for (int i = 0; i < 2; i++) bank.State(i).Clear();
        (bank.Step, runner.Seed) = (0, seed);
        double loss = 0;
        for (int i = 0; i < steps; i++) loss = runner.Train();
        return loss;
    }

    static void Move(float[] theta, float[] fitted, int members, double rate)
    {
        for (int i = 0; i < theta.Length; i++)
        {
            double sum = 0;
            for (int member = 0; member < members; member++) sum += fitted[(long)member * theta.Length + i] - (double)theta[i];
            theta[i] += (float)(rate / members * sum);
        }
    }
}
