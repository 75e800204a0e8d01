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
/// (Sun 2022). Derivatives in the regularisers are exact, by jets. Of a series of moving images, one network of space and time takes the fixed image to all of them.
/// </summary>
public static class PairRegistration
{
    /// <summary>Throws <see cref="FitException"/> where the images or the options do not fit.</summary>
    public static RegistrationResult Run(Image fixedImage, Image moving, RegistrationOptions options, Device device, Workers workers, Action<FitProgress>? progress = null, CancellationToken cancel = default)
    {
        var watch = Stopwatch.StartNew();
        RegistrationChecks.Check(fixedImage, moving, options);
        Frame fixedFrame = new(fixedImage.Grid), movingFrame = new(moving.Grid);
        var initial = options.Previous?.Description.InitialMap ?? options.Initial ?? AffineRegistration.Run(fixedImage, moving, options, device, workers, cancel);
        RegistrationChecks.CheckOverlap(fixedFrame, movingFrame, initial);
        int axes = fixedFrame.Axes.Length;
        int inputs = axes + (moving.Times > 1 ? 1 : 0);
        var settings = options.Previous?.Settings ?? options.Network ?? new SirenSettings(inputs, axes, 128, HiddenLayers: 2, FirstOmega: 32, HiddenOmega: 32);
        var description = options.Previous?.Description ?? new DeformationDescription(options.Kind, options.IntegrationSteps, [fixedImage.Size.X, fixedImage.Size.Y, fixedImage.Size.Z],
            SignalDescription.Flatten(fixedImage.Grid.IndexToWorld), SignalDescription.Flatten(initial), options.Integrator, moving.Times);
        var graph = new Graph();
        var network = settings.Build(graph);
        var store = new ParameterStore(device, graph);
        network.Initialize(store, options.Seed);
        if (options.Previous is { } previous)
            foreach (var (to, from) in graph.Parameters.Zip(previous.Store.Graph.Parameters)) store.Write(to, previous.Store.Read(from));
        var model = new RegistrationModel(description, settings, network, store);
        var optimizer = Optimizer.Create(device, new Adam(), options.LearningRate, new CosineSchedule(options.Iterations, Floor: 0.01));
        var stages = Stages(options);
        var pair = new Pair(fixedImage, fixedFrame, moving, movingFrame, initial);
        double setup = watch.Elapsed.TotalSeconds, told = 0, loss = 0;
        var history = new List<FitProgress>();
        watch.Restart();
        foreach (var (blur, end) in stages)
        {
            if (cancel.IsCancellationRequested) break;
            var (losses, items) = RegistrationLosses.Build(graph, description, network, pair.Blurred(blur), options);
            using var plan = Plan.Train(device, losses);
            using var runner = Runner.Create(plan, store, workers, items, optimizer);
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
}
