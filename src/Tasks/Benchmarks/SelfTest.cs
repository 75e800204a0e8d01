using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels;
using InrFast.Kernels.Encodings;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Optimizers;
using InrFast.Kernels.Projection;
using InrFast.Kernels.Sampling;
using InrFast.Models;
using InrFast.Tasks.Reconstruction;

namespace InrFast.Tasks.Benchmarks;

/// <summary>One part of the engine on a device, held against its definition in double.</summary>
/// <param name="Difference">Of the gradient, or of the parameters after some updates: L2, relative.</param>
/// <param name="Bound">What the device's precision may differ by.</param>
/// <param name="Repeats">The same bits a second time.</param>
public sealed record SelfTestResult(string Name, double Difference, double Bound, bool Repeats)
{
    public bool Passed => Repeats && Difference <= Bound;
}

/// <summary>
/// Whether a device computes what it should: every kind of network, derivatives, loss, sampling and optimiser by the same plan on the device and on the reference.
/// For whoever has a processor or a card that nobody has tried.
/// </summary>
public sealed class SelfTest(Device device, Workers workers, int rows = 300)
{
    const double Tight = 5e-6, Loose = 3e-4, OfHalves = 2e-2; // Loose: phases of many radians, second derivatives
    static readonly VoxelGrid Voxels = new([24, 20]);
    static readonly float[] Image = [.. Enumerable.Range(0, 480).Select(i => (float)(0.5 + 0.4 * Math.Sin(0.4 * (i % 24)) * Math.Cos(0.3 * (i / 24))))];
    static readonly SirenSettings Siren = new(2, 1, 24, 2, 6, 6);

    /// <param name="Build">The graph's losses, and what initialises its parameters.</param>
    sealed record Case(string Name, double Bound, Func<Graph, (Loss[] Losses, Network Network)> Build, int Members = 1);

    static IEnumerable<Case> Cases =>
    [
        Fit("SIREN", Siren, Loose),
        .. Enum.GetValues<Activation>().Where(f => f != Activation.Identity).Select(f => Fit($"activation {f}", new MlpSettings(2, 1, null, 20, 2, f), Loose)),
        Fit("Fourier features", new MlpSettings(2, 1, new FourierEncoding(FourierVariant.Positional, 8, 4), 20, 2)),
        Fit("one-blob encoding", new MlpSettings(2, 1, new OneBlobEncoding(8), 20, 1)),
        Fit("FINER", new FinerSettings(2, 1, 24, 2, 5, 5), Loose),
        Fit("WIRE", new WireSettings(2, 1, 24, 1, 5, 2), Loose),
        Fit("levels of experts", new LevelsOfExpertsSettings(2, 1, 16, 3)),
        .. new[] { 1, 2, 4, 8 }.Select(features => Fit($"grid, {features} feature{(features == 1 ? "" : "s")}", Grid(features, Interpolation.Linear))),
        Fit("grid, smooth", Grid(2, Interpolation.Smoothstep)),
        Fit("bank of networks", new EnsembleSettings(2, 1, new SirenSettings(2, 1, 16, 1, 6, 6), [2, 2])),
        Derivatives("SIREN", Siren, 1),
        Derivatives("SIREN", Siren, 2),
        Derivatives("WIRE", new WireSettings(2, 1, 16, 1, 4, 2), 2),
        Derivatives("grid", Grid(2, Interpolation.Smoothstep), 2),
        RowLosses("squared error", default(SquaredError)),
        RowLosses("absolute error", default(AbsoluteError)),
        RowLosses("Huber", new Huber(0.1f)),
        RowLosses("relative squared error", default(RelativeSquaredError)),
        RowLosses("cross-entropy with logits", default(BinaryCrossEntropyWithLogits)),
        BatchLoss("correlation", new NormalizedCrossCorrelation()),
        BatchLoss("Dice", new SoftDice()),
        new("local correlation", Loose, graph =>
        {
            var network = Siren.Build(graph);
            var samples = new SampleVoxels<ShuffledSweep>(graph, Voxels, _ => new ShuffledSweep(Voxels.Count), Image, group: 12);
            return ([new(new LocalCorrelation(network.Apply(samples.Coordinates), samples.Values, new(4, 3, 1), new(3, 2, 1)).Output)], network);
        }),
        new("standardised batch", Tight, graph => With(graph, Siren, (y, values) => Error(new Standardize(y).Output, values))),
        new("folding penalty", Loose, graph => Built(graph, Siren with { Outputs = 2 }, (network, samples) => [new(new FoldingPenalty<SquaredError>(network.Apply(new JetSeed(samples.Coordinates).Output), default).Output)])),
        new("surface penalty", Loose, graph => Built(graph, Siren with { Outputs = 2 }, (network, samples) => [new(new SurfacePenalty<Excess>(network.Apply(new JetSeed(samples.Coordinates).Output), default).Output)])),
        Warp("linear interpolation", default(Linear)),
        Warp("cubic interpolation", default(Cubic)),
        Sampled("random voxels", _ => new RandomVoxels(Voxels.Count), jitter: false),
        Sampled("points between voxels", _ => new ShuffledSweep(Voxels.Count), jitter: true),
        Sampled("listed voxels", binder => new ListedSweep(binder.Constant<uint>(Listed), Listed.Length), jitter: false),
        Sampled("weighted voxels", binder => new ImportanceVoxels(binder.Constant<AliasEntry>(Weighted), Voxels.Count), jitter: false),
        new("rays", Tight, graph =>
        {
            const int Samples = 6;
            var geometry = Scan(DetectorShape.Flat);
            var network = (Siren with { Inputs = 3 }).Build(graph);
            var rays = new SampleRays<ShuffledSweep>(graph, geometry, new([11, 9, 4], [0.9, 1.1, 1.3]), _ => new ShuffledSweep(geometry.Count), Numbers(geometry.Count), Samples);
            var integrals = new Product(new GroupSum(network.Apply(rays.Coordinates), 1f / Samples).Output, rays.Lengths).Output;
            return ([new(new RowLoss<Transmission>(integrals, rays.Values, default).Output)], network);
        }),
    ];

    static readonly uint[] Listed = [.. Enumerable.Range(0, 160).Select(i => (uint)(3 * i))];
    static readonly AliasEntry[] Weighted = MakeWeighted();

    static AliasEntry[] MakeWeighted()
    {
        var table = new AliasEntry[Voxels.Count];
        AliasTable.Build(Image, table);
        return table;
    }

    static MlpSettings Grid(int features, Interpolation interpolation) => new(2, 1, new GridEncoding([24, 20], 4, features, 4, 1, 7, interpolation), 16, 1);

    // ---- cases ----

    static (Loss[], Network) Built(Graph graph, NetworkSettings settings, Func<Network, SampleVoxels<ShuffledSweep>, Loss[]> losses)
    {
        var network = settings.Build(graph);
        return (losses(network, new(graph, Voxels, _ => new ShuffledSweep(Voxels.Count), Image)), network);
    }

    static (Loss[], Network) With(Graph graph, NetworkSettings settings, Func<Value, Value, Value> loss) =>
        Built(graph, settings, (network, samples) => [new(loss(network.Apply(samples.Coordinates), samples.Values))]);

    static Value Error(Value prediction, Value target) => new RowLoss<SquaredError>(prediction, target, default).Output;

    static Case Fit(string name, NetworkSettings network, double bound = Tight) => new(name, bound, graph => With(graph, network, Error), network.Members);

    static Case Derivatives(string name, NetworkSettings settings, int order) => new($"{name}, derivatives of order {order}", Loose, graph => Built(graph, settings, (network, samples) =>
    {
        var jet = network.Apply(new JetSeed(samples.Coordinates, order).Output);
        return [.. Enumerable.Range(0, jet.Shape.Blocks).Select(block => new Loss(Error(new JetBlock(jet, block).Output, samples.Values), block == 0 ? 1 : 1e-3))];
    }));

    static Case RowLosses<TLoss>(string name, TLoss loss) where TLoss : struct, ILoss =>
        new(name, Tight, graph => With(graph, Siren, (y, values) => new RowLoss<TLoss>(y, values, loss).Output));

    static Case BatchLoss<TFunction>(string name, TFunction function) where TFunction : struct, ISharedFunction =>
        new(name, Tight, graph => With(graph, Siren, (y, values) => new SharedFunction<TFunction>(new Moments(y, values).Output, function).Output));

    static Case Warp<TInterpolant>(string name, TInterpolant interpolant) where TInterpolant : struct, IInterpolant =>
        new(name, Loose, graph => With(graph, Siren with { Outputs = 2 }, (at, values) => Error(new Interpolate<TInterpolant>(at, Voxels, Image, 1, interpolant).Output, values)));

    static Case Sampled<TOrder>(string name, Func<Binder, TOrder> order, bool jitter) where TOrder : struct, IVoxelOrder => new(name, Tight, graph =>
    {
        var network = Siren.Build(graph);
        var samples = new SampleVoxels<TOrder>(graph, Voxels, order, Image, jitter: jitter);
        return ([new(new RowLoss<SquaredError>(network.Apply(samples.Coordinates), samples.Values, default, samples.Weights).Output)], network);
    });

    // ---- scans ----

    static ProjectionGeometry Scan(DetectorShape shape) => new(new(11, 9, 4, new(0.9, 1.1, 1.3), new(-4.9, -4.2, -2)), shape, 12, 5, 5.1, 2.2,
        [.. Angles.Select(angle => View.Circular(shape, angle, 40, 60, shape == DetectorShape.Parallel ? 0.9 : 1.4, 1.4))]);

    static readonly double[] Angles = [.. Enumerable.Range(0, 4).Select(i => 0.3 + i * Math.PI / 2)];

    static float[] Numbers(long count) => [.. Enumerable.Range(0, (int)count).Select(i => (float)(0.5 + 0.4 * Math.Sin(0.7 * i)))];

    /// <summary>Projections of an image, their adjoint, their filtered backprojection, and an image of least total variation that explains them.</summary>
    float[] Scanned(DetectorShape shape, Device on)
    {
        var geometry = Scan(shape);
        using Projector projector = new(geometry, on, workers);
        float[] projections = projector.Forward(Numbers(geometry.Volume.Count));
        return [.. projections, .. projector.Adjoint(projections), .. FilteredBackprojection.Run(geometry, Angles, projections, RampWindow.Hann, on, workers), .. TotalVariation.Run(projector, projections, 0.05, 2, on, workers)];
    }

    /// <summary>Rows of real numbers, a volume of complex ones, and back: lengths that stages divide, and one that needs a chirp.</summary>
    static float[] Transformed(Device on)
    {
        var (real, complex) = (on.Fourier([30, 4], real: true), on.Fourier([17, 8, 5]));
        using DeviceMemory rows = Memory(120), spectrum = Memory(2 * real.SpectrumCount), volume = Memory(2 * complex.SpectrumCount), scratch = Memory(Math.Max(real.ScratchFloats, complex.ScratchFloats));
        rows.Write<float>(Numbers(120));
        volume.Write<float>(Numbers(2 * complex.SpectrumCount));
        real.RealForward(rows.Address, spectrum.Address, scratch.Address);
        complex.Transform(volume.Address, false, scratch.Address);
        float[] result = [.. Read(spectrum), .. Read(volume)];
        real.RealInverse(spectrum.Address, rows.Address, scratch.Address);
        complex.Transform(volume.Address, true, scratch.Address);
        return [.. result, .. Read(rows), .. Read(volume)];

        DeviceMemory Memory(long floats) => on.Allocate(floats * sizeof(float));
        static float[] Read(DeviceMemory memory)
        {
            var numbers = new float[memory.Bytes / sizeof(float)];
            memory.Read<float>(numbers);
            return numbers;
        }
    }

    // ---- running ----

    /// <summary>One after the other, as they are asked for.</summary>
    public IEnumerable<SelfTestResult> Run()
    {
        foreach (var test in Cases)
            yield return Compare(test.Name, test.Bound, on => Gradient(test, on));
        foreach (var shape in Enum.GetValues<DetectorShape>()) yield return Compare($"scan, {shape.ToString().ToLowerInvariant()} detector", Tight, on => Scanned(shape, on));
        yield return Compare("Fourier transforms", Tight, Transformed);
        yield return Trained("gradient descent", new GradientDescent(0.9, 0.1, Nesterov: false), 1e-2);
        yield return Trained("Nesterov's momentum", new GradientDescent(0.9, Nesterov: true), 1e-2);
        yield return Trained("Adam", new Adam { Epsilon = 1e-3 }, 1e-2);
        yield return Trained("AdamW", new Adam { Epsilon = 1e-3, DecouplesWeightDecay = true }, 1e-2);
        yield return Trained("Adamax", new Adamax { Epsilon = 1e-3 }, 1e-2);
        yield return Trained("RMSprop", new RMSProp { Epsilon = 1e-3 }, 1e-3);
    }

    SelfTestResult Trained<TRule>(string name, TRule rule, double rate) where TRule : struct, IOptimizer => Compare(name, Tight, on => Parameters(rule, rate, on));

    SelfTestResult Compare(string name, double bound, Func<Device, float[]> compute)
    {
        if (device.Precision == Precision.Half) bound = OfHalves;
        float[] actual = compute(device), again = compute(device), expected = compute(new ReferenceDevice());
        double difference = 0, norm = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            difference += Math.Pow((double)actual[i] - expected[i], 2);
            norm += (double)expected[i] * expected[i];
        }
        return new(name, Math.Sqrt(difference / norm), bound, actual.AsSpan().SequenceEqual(again));
    }

    /// <summary>All gradients of a batch, after it was run twice: the second time from a recording.</summary>
    float[] Gradient(Case test, Device on) => Prepared(test, on, null, (runner, store) =>
    {
        for (int i = 0; i < 2; i++) runner.Evaluate();
        return store.Gradients;
    });

    /// <summary>A SIREN's parameters after five updates with decay and clipping.</summary>
    float[] Parameters<TRule>(TRule rule, double rate, Device on) where TRule : struct, IOptimizer =>
        Prepared(Fit("", Siren), on, Optimizer.Create(on, rule, rate, new CosineSchedule(6), [new(WeightDecay: 1e-2)], clipNorm: 0.5), (runner, store) =>
        {
            for (int i = 0; i < 5; i++) runner.Step();
            return store.Values;
        });

    float[] Prepared(Case test, Device on, Optimizer? optimizer, Func<Runner, ParameterStore, DeviceMemory> result)
    {
        Graph graph = new();
        var (losses, network) = test.Build(graph);
        using var plan = Plan.Train(on, losses);
        using ParameterStore store = new(on, graph, test.Members);
        for (int member = 0; member < store.Members; member++) network.Initialize(store, 5, member);
        using var runner = Runner.Create(plan, store, workers, Math.Max(1, rows / test.Members), optimizer);
        (runner.Seed, runner.Batch) = (7, 2);
        var numbers = new float[store.Length * store.Members];
        result(runner, store).Read<float>(numbers);
        return numbers;
    }
}
