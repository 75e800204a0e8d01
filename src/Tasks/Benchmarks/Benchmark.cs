using System.Diagnostics;
using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Optimizers;
using InrFast.Kernels.Sampling;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Benchmarks;

/// <summary>The pace of one kind of work.</summary>
/// <param name="RowsPerSecond">Of the fastest of some steps: what else the machine does only ever takes away.</param>
/// <param name="GigaflopsPerSecond">Of the dense layers alone (<see cref="Work.FlopsPerRow"/>).</param>
/// <param name="HostMicroseconds">A step's on the processor, of a device that enqueues; else null.</param>
public sealed record Pace(double RowsPerSecond, double GigaflopsPerSecond, double? HostMicroseconds = null);

/// <summary>How fast a model is.</summary>
/// <param name="Training">Updates: sampling an image, forward, mean squared error, backward, Adam.</param>
/// <param name="Inference">Values at an image's voxels.</param>
/// <param name="Derivatives">Updates whose loss has the model's first spatial derivatives too.</param>
public sealed record BenchmarkResult(string Model, long Parameters, int BatchRows, Pace Training, Pace Inference, Pace Derivatives);

/// <summary>Measures models at the sizes and batches that a fit takes, on an image of noise: its values have no part in the time.</summary>
/// <param name="seconds">Of each measurement, after half as many to warm up; at least two steps of each.</param>
/// <param name="batchRows">Of an update; null: as many as a fit takes.</param>
public sealed class Benchmark(Device device, Workers workers, double seconds = 0.2, int? batchRows = null)
{
    const int LeastInferenceRows = 65536;

    /// <summary>Steps between two looks at the clock: a device that enqueues is waited for after them.</summary>
    readonly int stepsAtOnce = device.RunsOnHost ? 1 : 10;

    static readonly int[] slice = [512, 512], volume = [160, 160, 128];

    static readonly Dictionary<string, (int[] Axes, NetworkSettings? Network)> models = new()
    {
        ["siren-64"] = (slice, new SirenSettings(2, 1, Width: 64)),
        ["siren-128"] = (slice, new SirenSettings(2, 1, Width: 128)),
        ["siren-256"] = (slice, new SirenSettings(2, 1, Width: 256)),
        ["relu"] = (slice, new MlpSettings(2, 1)),
        ["relu-64x5"] = (slice, new MlpSettings(2, 1, Width: 64, HiddenLayers: 5)),
        ["fourier"] = (slice, new MlpSettings(2, 1, new FourierEncoding())),
        ["frequency"] = (slice, new MlpSettings(2, 1, new FrequencyEncoding())),
        ["grid-2d"] = (slice, null),
        ["grid-3d"] = (volume, null),
        ["wire"] = (slice, new WireSettings(2, 1)),
        ["finer"] = (slice, new FinerSettings(2, 1)),
        ["multi-head"] = (slice, new MultiHeadSettings(2, 64, [8, 8])),
        ["experts"] = (slice, new LevelsOfExpertsSettings(2, 1)),
        ["ensemble"] = (slice, new EnsembleSettings(2, 1, new SirenSettings(2, 1, 20, 1), [16, 16])),
    };

    public static IReadOnlyCollection<string> Models => models.Keys;

    /// <summary>Multiply-add rate so far, operations per second: on one thread, and on as many as there are workers.</summary>
    public (double One, double All) PeakFlops { get; private set; }

    /// <summary>Runs one model, and the peak loop before and after it.</summary>
    public BenchmarkResult Run(string model)
    {
        var (axes, network) = models[model];
        var choice = FitChoice.For(axes, [.. axes.Select(_ => 1.0)], 1, new() { Network = network });
        if (device.RunsOnHost) MeasurePeak();
        var result = new BenchmarkResult(model, choice.Network.Build(new Graph()).ParameterCount * choice.Network.Members, RowsOf(choice), Train(choice, derivatives: false), Infer(choice), Train(choice, derivatives: true));
        if (device.RunsOnHost) MeasurePeak();
        return result;
    }

    int RowsOf(FitChoice choice) => batchRows ?? choice.BatchRows;

    void MeasurePeak()
    {
        for (int i = 0; i < 5; i++) PeakFlops = (Math.Max(PeakFlops.One, Rate(1)), Math.Max(PeakFlops.All, Rate(workers.Count)));

        static double Rate(int threads)
        {
            long start = Stopwatch.GetTimestamp();
            Peak.Run(threads);
            return Peak.Flops(threads) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    Pace Train(FitChoice choice, bool derivatives)
    {
        var graph = new Graph();
        var network = choice.Network.Build(graph);
        var grid = new VoxelGrid(choice.Axes, choice.Spacing);
        int members = choice.Network.Members, channels = choice.Network.Outputs, rows = Math.Max(1, RowsOf(choice) / members);
        var noise = new float[grid.Count * channels];
        for (int i = 0; i < noise.Length; i++) noise[i] = (float)((i * 0.6180339887498949) % 1);
        var voxels = new SampleVoxels<ShuffledSweep>(graph, grid, _ => new ShuffledSweep(grid.Count), noise, channels);
        using var plan = Plan.Train(device, Losses(network, voxels.Coordinates, voxels.Values, derivatives));
        using var store = Initialized(graph, network, members);
        using var runner = Runner.Create(plan, store, workers, rows, Optimizer.Create(device, new Adam(0.9, choice.Beta2, choice.Epsilon), 1e-4));
        return Measure(runner.Step, rows * members, Work.FlopsPerRow(graph, training: true));
    }

    static Loss[] Losses(Network network, Value coordinates, Value values, bool derivatives)
    {
        if (!derivatives) return [new(new RowLoss<SquaredError>(network.Apply(coordinates), values, default).Output)];
        var jet = network.Apply(new JetSeed(coordinates).Output);
        var zero = new Scale(values, 0).Output;
        return [.. Enumerable.Range(0, jet.Shape.Blocks).Select(block => new Loss(new RowLoss<SquaredError>(new JetBlock(jet, block).Output, block == 0 ? values : zero, default).Output))];
    }

    Pace Infer(FitChoice choice)
    {
        var graph = new Graph();
        var network = choice.Network.Build(graph);
        var grid = new VoxelGrid(choice.Axes, choice.Spacing);
        var points = new SampleVoxels<ImageOrder>(graph, grid, _ => new ImageOrder(grid.Count)).Coordinates;
        using var plan = Plan.Evaluate(device, network.Apply(points));
        int members = choice.Network.Members;
        using var store = Initialized(graph, network, members);
        int rows = Math.Max(LeastInferenceRows, RowsOf(choice)) / members;
        using var runner = Runner.Create(plan, store, workers, rows);
        return Measure(() => runner.Evaluate(), rows * members, Work.FlopsPerRow(graph, training: false));
    }

    ParameterStore Initialized(Graph graph, Network network, int members)
    {
        var store = new ParameterStore(device, graph, members);
        for (int member = 0; member < members; member++) network.Initialize(store, 0, member);
        return store;
    }

    Pace Measure(Action step, int rows, double flopsPerRow)
    {
        double best = double.PositiveInfinity, host = double.PositiveInfinity;
        long start = Stopwatch.GetTimestamp();
        do Steps();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds / 2);
        start = Stopwatch.GetTimestamp();
        do
        {
            long begin = Stopwatch.GetTimestamp();
            Steps();
            best = Math.Min(best, Stopwatch.GetElapsedTime(begin).TotalSeconds / stepsAtOnce);
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);
        return new(rows / best, rows / best * flopsPerRow * 1e-9, device.RunsOnHost ? null : 1e6 * host);

        void Steps()
        {
            long begin = Stopwatch.GetTimestamp();
            for (int i = 0; i < stepsAtOnce; i++) step();
            host = Math.Min(host, Stopwatch.GetElapsedTime(begin).TotalSeconds / stepsAtOnce);
            device.Wait();
        }
    }
}
