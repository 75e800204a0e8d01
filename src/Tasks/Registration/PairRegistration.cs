using System.Diagnostics;
using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Optimizers;
using InrFast.Kernels.Sampling;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Registration;

/// <summary>What came of a registration. The model is the caller's to dispose of.</summary>
/// <param name="Loss">Of the last update.</param>
public sealed record RegistrationResult(RegistrationModel Model, long Iterations, double Loss, double SetupSeconds, double FitSeconds, double PointsPerSecond, IReadOnlyList<FitProgress> History);

/// <summary>
/// Registers a pair of images by a coordinate network, trained on this pair alone: IDIR (Wolterink 2022) as a displacement, or as the flow of a velocity field
/// (Sun 2022). Derivatives in the regularisers are exact, by jets.
/// </summary>
public static class PairRegistration
{
    /// <summary>Throws <see cref="FitException"/> where the images or the options do not fit.</summary>
    public static RegistrationResult Run(Image fixedImage, Image moving, RegistrationOptions options, Device device, Workers workers, Action<FitProgress>? progress = null, CancellationToken cancel = default)
    {
        var watch = Stopwatch.StartNew();
        Check(fixedImage, moving, options);
        Frame fixedFrame = new(fixedImage.Grid), movingFrame = new(moving.Grid);
        var initial = options.Initial ?? AffineRegistration.Run(fixedImage, moving, options, device, workers, cancel);
        CheckOverlap(fixedFrame, movingFrame, initial);
        int axes = fixedFrame.Axes.Length;
        var settings = options.Network ?? new SirenSettings(axes, axes, 128, HiddenLayers: 2, FirstOmega: 32, HiddenOmega: 32);
        var description = new DeformationDescription(options.Kind, options.IntegrationSteps, [fixedImage.Size.X, fixedImage.Size.Y, fixedImage.Size.Z],
            SignalDescription.Flatten(fixedImage.Grid.IndexToWorld), SignalDescription.Flatten(initial));
        var graph = new Graph();
        var network = settings.Build(graph);
        var store = new ParameterStore(device, graph);
        network.Initialize(store, options.Seed);
        var model = new RegistrationModel(description, settings, network, store);
        var optimizer = Optimizer.Create(device, new Adam(), options.LearningRate, new CosineSchedule(options.Iterations, Floor: 0.01));
        var stages = Stages(options);
        double setup = watch.Elapsed.TotalSeconds, told = 0, loss = 0;
        var history = new List<FitProgress>();
        watch.Restart();
        foreach (var (blur, end) in stages)
        {
            if (cancel.IsCancellationRequested) break;
            var losses = Losses(graph, description, network, new Pair(fixedImage, fixedFrame, moving, movingFrame, initial).Blurred(blur), options);
            using var plan = Plan.Train(device, losses);
            using var runner = Runner.Create(plan, store, workers, options.Points, optimizer);
            runner.Seed = options.Seed;
            while (store.Step < end && !cancel.IsCancellationRequested)
            {
                loss = runner.Train();
                if (!double.IsFinite(loss)) throw new FitException(FitError.Diverged, $"the loss is {loss} after {store.Step} iterations: lower the learning rate");
                double seconds = watch.Elapsed.TotalSeconds;
                if (seconds - told < 0.1 && store.Step < options.Iterations) continue;
                told = seconds;
                history.Add(new(store.Step, options.Iterations, loss, double.NaN, seconds, store.Step * options.Points / seconds));
                progress?.Invoke(history[^1]);
            }
        }
        double fit = watch.Elapsed.TotalSeconds;
        return new(model, store.Step, loss, setup, fit, store.Step * options.Points / fit, history);
    }

    /// <summary>The stages' blur, in mm of the fixed image's coarsest spacing, and the step at which each ends.</summary>
    static IEnumerable<(double Blur, long End)> Stages(RegistrationOptions options)
    {
        int count = options.Blur.Count;
        for (int i = 0; i < count; i++) yield return (options.Blur[i], i == count - 1 ? options.Iterations : options.Iterations / 2 * (i + 1) / (count - 1));
    }

    internal static Loss[] Losses(Graph graph, DeformationDescription description, Network network, Pair pair, RegistrationOptions options)
    {
        var samples = pair.Sample(graph, options.Mask);
        int order = options.Regularizer switch { Regularizer.None => 0, Regularizer.Jacobian => 1, _ => 2 };
        if (options.RegularizerWeight == 0) order = 0;
        var x = order == 0 ? samples.Coordinates : new JetSeed(samples.Coordinates, order).Output;
        var phi = RegistrationModel.Map(description, network, x);
        var point = order == 0 ? phi : new JetBlock(phi, 0).Output;
        var value = new Interpolate<Linear>(new AffineMap(point, pair.Fixed.RowsTo(pair.Moving, pair.Initial)).Output, pair.Moving.Voxels, pair.MovingValues, 1, default).Output;
        var similarity = options.Similarity == Similarity.SquaredDifference ? new RowLoss<SquaredError>(value, samples.Values, default).Output
            : new SharedFunction<NormalizedCrossCorrelation>(new Moments(value, samples.Values).Output, default).Output;
        if (order == 0) return [new(similarity)];
        // The identity's derivatives are 1 and 0: phi - x is a jet of u.
        var u = new Sum(phi, new Scale(x, -1).Output).Output;
        return [new(similarity), .. options.Regularizer == Regularizer.Jacobian ? [new Loss(new FoldingPenalty<AbsoluteError>(u, default).Output, options.RegularizerWeight)] : Bending(u, new Scale(samples.Coordinates, 0).Output, options.RegularizerWeight)];
    }

    static IEnumerable<Loss> Bending(Value u, Value zero, double weight)
    {
        int axes = u.Shape.Directions;
        for (int i = 0, block = 1 + axes; i < axes; i++)
            for (int j = i; j < axes; j++, block++) yield return new(new RowLoss<SquaredError>(new JetBlock(u, block).Output, zero, default).Output, weight * (i == j ? 1 : 2));
    }

    static void Check(Image fixedImage, Image moving, RegistrationOptions options)
    {
        foreach (var (image, name) in new[] { (fixedImage, "fixed"), (moving, "moving") })
        {
            if (image.Channels > 1 || image.Times > 1) throw new FitException(FitError.Input, $"the {name} image has {image.Channels} channels and {image.Times} times; registration takes one of each");
            if (image.NonFiniteCount() is var bad and > 0) throw new FitException(FitError.Input, $"{bad} of the {name} image's samples are NaN or infinite; replace them first");
            if (image.Range() is var (low, high) && low == high) throw new FitException(FitError.Input, $"the {name} image is constant ({low:R}): there is nothing to register");
        }
        if (fixedImage.Dimensions != moving.Dimensions) throw new FitException(FitError.Input, $"the fixed image has {fixedImage.Dimensions} dimensions, the moving one {moving.Dimensions}; give two pictures or two volumes");
        if (options.Mask is { } mask)
        {
            if (!mask.Grid.Matches(fixedImage.Grid)) throw new FitException(FitError.Input, "the mask is not of the fixed image's grid; resample it first");
            if (mask.Samples.Span.IndexOfAnyExcept(0f) < 0) throw new FitException(FitError.Input, "the mask is empty");
        }
        if (options.Network is { } network && (network.Inputs != fixedImage.Dimensions || network.Outputs != fixedImage.Dimensions || network.Members != 1))
            throw new FitException(FitError.WrongUse, $"a field of {fixedImage.Dimensions} dimensions takes as many coordinates to as many values; the network takes {network.Inputs} to {network.Outputs}");
        if (options.Iterations < 1 || options.Points < 2 || options.IntegrationSteps < 1 || options.Blur.Count == 0 || !(options.LearningRate > 0) || !(options.RegularizerWeight >= 0))
            throw new FitException(FitError.WrongUse, "iterations, points, steps, stages and learning rate are above 0, the regulariser's weight is not below");
    }

    /// <summary>Some of the fixed image's field of view must come to lie in the moving one's.</summary>
    static void CheckOverlap(Frame fixedFrame, Frame movingFrame, Affine initial)
    {
        const int Side = 9;
        var own = fixedFrame.Grid.Size;
        for (int i = 0; i < Side * Side * Side; i++)
        {
            double Part(int n, int at) => -0.5 + n * (at + 0.5) / Side;
            if (movingFrame.Grid.Contains(initial.Apply(fixedFrame.Grid.ToWorld(new(Part(own.X, i % Side), Part(own.Y, i / Side % Side), Part(own.Z, i / Side / Side)))))) return;
        }
        throw new FitException(FitError.Input, "the images do not overlap in the world; give an initial map, or images of one frame of reference");
    }
}
