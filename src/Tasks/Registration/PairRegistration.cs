using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Kernels.Optimizers;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Registration;

/// <summary>What came of a registration. The model is the caller's to dispose of.</summary>
/// <param name="Loss">Of the last update; NaN where there was none.</param>
/// <param name="Determinants">Of each time (<see cref="RegistrationModel.JacobianDeterminant"/>).</param>
/// <param name="FitSeconds">The search for a map before the field, and updates.</param>
public sealed record RegistrationResult(RegistrationModel Model, IReadOnlyList<Image> Determinants, long Iterations, double Loss, double SetupSeconds, double FitSeconds, double PointsPerSecond, IReadOnlyList<FitProgress> History);

/// <summary>
/// Registers a pair of images by a coordinate network, trained on this pair alone: IDIR (Wolterink 2022) as a displacement, or as the flow of a velocity field
/// (Sun 2022). Derivatives in the regularisers are exact, by jets. Of a series of moving images, one network of space and time takes the fixed image to all of them.
/// </summary>
public sealed class PairRegistration : IDisposable
{
    /// <summary>Of an integration whose steps are ours to choose: while its velocity is trained, each update taking as many times longer, and in the end.</summary>
    const int MostTrainedSteps = 8, MostSteps = 64;

    /// <summary>Voxels where a flow is looked at after a stage; in the end it is at all.</summary>
    const int Probes = 1 << 14;

    readonly Image fixedImage, moving;
    readonly RegistrationOptions options;
    readonly Device device;
    readonly Workers workers;
    readonly NetworkSettings settings;
    readonly Graph graph = new();
    readonly Network network;
    readonly ParameterStore store;
    readonly Cycles cycles;
    readonly double setupSeconds;

    /// <summary>The map of the world before the field; null: it is yet to be found.</summary>
    Affine? initial;
    int steps, stage;
    bool isDone;
    string? identity;

    /// <summary>Throws <see cref="FitException"/> where the images or the options do not fit.</summary>
    public PairRegistration(Image fixedImage, Image moving, RegistrationOptions options, Device device, Workers workers)
    {
        var watch = Stopwatch.StartNew();
        (this.fixedImage, this.moving, this.options, this.device, this.workers) = (fixedImage, moving, options, device, workers);
        RegistrationChecks.Check(fixedImage, moving, options);
        int axes = fixedImage.Dimensions, inputs = axes + (moving.Times > 1 ? 1 : 0);
        settings = options.Previous?.Settings ?? options.Network ?? new SirenSettings(inputs, axes, 128, HiddenLayers: 2, FirstOmega: 32, HiddenOmega: 32);
        network = settings.Build(graph);
        store = new ParameterStore(device, graph);
        network.Initialize(store, options.Seed);
        if (options.Previous is { } previous)
            foreach (var (to, from) in graph.Parameters.Zip(previous.Store.Graph.Parameters)) store.Write(to, previous.Store.Read(from));
        initial = options.Previous?.Description.InitialMap ?? options.Initial;
        if (initial is { } map) RegistrationChecks.CheckOverlap(new(fixedImage.Grid), new(moving.Grid), map);
        steps = options.Previous?.Description.Steps ?? options.IntegrationSteps ?? 1;
        cycles = new(options.Iterations, floor: 0.01, restart: 1);
        setupSeconds = watch.Elapsed.TotalSeconds;
    }

    /// <summary>Seconds between two calls of progress; 0: after every update.</summary>
    public double ProgressInterval { get; set; } = 0.1;

    public long ParameterCount => network.ParameterCount;

    /// <summary>Updates so far.</summary>
    public long Step => store.Step;

    DeformationDescription Description => options.Previous is { } previous ? previous.Description with { Steps = steps }
        : new(options.Kind, steps, [fixedImage.Size.X, fixedImage.Size.Y, fixedImage.Size.Z], SignalDescription.Flatten(fixedImage.Grid.IndexToWorld), SignalDescription.Flatten(initial!.Value), options.Integrator, moving.Times);

    RegistrationModel Model => new(Description, settings, network, store);

    /// <summary>Updates until the iterations' end or the time limit. <paramref name="progress"/> is told on the calling thread, between two updates.</summary>
    /// <exception cref="FitException">The loss is no number any more.</exception>
    /// <exception cref="OperationCanceledException">The state is that after the last update, and may be saved.</exception>
    public RegistrationResult Run(Action<FitProgress>? progress = null, CancellationToken cancel = default)
    {
        var watch = Stopwatch.StartNew();
        initial ??= AffineRegistration.Run(fixedImage, moving, options, device, workers, cancel);
        Frame fixedFrame = new(fixedImage.Grid), movingFrame = new(moving.Grid);
        var pair = new Pair(fixedImage, fixedFrame, moving, movingFrame, initial.Value);
        var optimizer = Optimizer.Create(device, new Adam(), options.LearningRate, cycles);
        double begin = watch.Elapsed.TotalSeconds, seconds = begin, told = begin, loss = double.NaN;
        long begun = Step;
        var deadline = options.TimeLimit is { } limit ? new Deadline(limit, begun) : null;
        var history = new List<FitProgress>();
        for (; stage < options.Blur.Count; stage++)
        {
            if (!Ended()) Train();
            while (MayTakeMoreSteps && steps < MostTrainedSteps && Model.LeastDeterminant(Probes, device, workers, cancel) <= 0) steps *= 2;
        }
        seconds = watch.Elapsed.TotalSeconds;
        var determinants = Determinants();
        for (; MayTakeMoreSteps && determinants.Min(determinant => determinant.Range().Minimum) <= 0; determinants = Determinants()) steps *= 2;
        isDone = true;
        return new(Model, determinants, Step, loss, setupSeconds, seconds, Rate(), history);

        Image[] Determinants() => [.. Enumerable.Range(0, moving.Times).Select(time => Model.JacobianDeterminant(device, workers, time, cancel))];
        bool Ended() => Step >= EndOf(stage) || (seconds >= options.TimeLimit && Step > begun);
        double Rate() => (Step - begun) * options.Points / (seconds - begin);

        void Train()
        {
            var (losses, items) = RegistrationLosses.Build(graph, Description, network, pair.Blurred(options.Blur[stage]), options);
            using var plan = Plan.Train(device, losses);
            using var runner = Runner.Create(plan, store, workers, items, optimizer);
            runner.Seed = options.Seed;
            while (!Ended())
            {
                cancel.ThrowIfCancellationRequested();
                loss = runner.Train();
                if (!double.IsFinite(loss)) throw new FitException(FitError.Diverged, $"the loss is {loss} after {Step} iterations: lower the learning rate");
                seconds = watch.Elapsed.TotalSeconds;
                if (deadline?.MovedEnd(Step, seconds) is { } end) cycles.MoveEnd(Math.Min(end, options.Iterations));
                if (seconds - told < ProgressInterval && Step < cycles.End) continue;
                told = seconds;
                history.Add(new(Step, cycles.End, loss, double.NaN, seconds, Rate()));
                progress?.Invoke(history[^1]);
            }
        }
    }

    /// <summary>Stages have equal numbers of updates but for the last, which has half of all.</summary>
    long EndOf(int stage) => stage == options.Blur.Count - 1 ? cycles.End : cycles.End / 2 * (stage + 1) / (options.Blur.Count - 1);

    /// <summary>A flow folds nowhere, but in steps that are too long: as many are taken as no voxel folds in, where none are asked for.</summary>
    bool MayTakeMoreSteps => Description.Kind == DeformationKind.Velocity && options.IntegrationSteps is null && steps < MostSteps;

    const string IdentityKey = "inrfast.registration", StageKey = "inrfast.stage", CyclesKey = "inrfast.cycles", MapKey = "inrfast.deformation";

    /// <summary>What a checkpoint must agree with to be gone on from.</summary>
    string Identity => identity ??= string.Join(' ', settings.ToJson(), options with { Network = null, Previous = null, Mask = null, MovingMask = null, TimeLimit = null, Blur = [] }, string.Join(',', options.Blur),
        Checksum(fixedImage), Checksum(moving), Checksum(options.Mask), Checksum(options.MovingMask),
        options.Previous is { } previous ? JsonSerializer.Serialize(previous.Description, RegistrationJson.Default.DeformationDescription) + string.Concat(previous.Store.Graph.Parameters.Select(parameter => Checksum(previous.Store.Read(parameter)))) : "");

    static string Checksum(Image? image) => image is null ? "" : $"{image.Size} {image.Times} {string.Join(',', SignalDescription.Flatten(image.Grid.IndexToWorld))} {Checksum(image.Samples.Span)}";

    static string Checksum(ReadOnlySpan<float> numbers) => Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(numbers)));

    /// <summary>Writes a checkpoint; between two updates, so from within a progress call, or when <see cref="Run"/> has ended. A search for a map before the field begins anew.</summary>
    public void Save(Stream stream) => TrainingState.Write(stream, store, new Dictionary<string, string>
    {
        [IdentityKey] = Identity, [StageKey] = string.Create(CultureInfo.InvariantCulture, $"{stage}"), [CyclesKey] = cycles.ToString(),
        [MapKey] = initial is null ? "" : JsonSerializer.Serialize(Description, RegistrationJson.Default.DeformationDescription),
    });

    /// <summary>
    /// Goes on from a checkpoint to the same result, bit for bit. Throws <see cref="ModelFileException"/>, the parameters untouched, where it is damaged, or of other images or
    /// other options.
    /// </summary>
    public void Resume(Stream stream)
    {
        var state = TrainingState.Read(stream);
        string Text(string key) => state.Metadata.GetValueOrDefault(key, "");
        if (Text(IdentityKey) != Identity) throw new ModelFileException("the checkpoint is of other images, or of a registration with other options");
        var saved = Text(MapKey) is { Length: > 0 } json ? Described(json) : null;
        if (!int.TryParse(Text(StageKey), NumberStyles.None, CultureInfo.InvariantCulture, out int at) || at > options.Blur.Count || !cycles.Restore(Text(CyclesKey)))
            throw new ModelFileException("the checkpoint's schedule is damaged");
        state.Load(store);
        stage = at;
        if (saved is not null) (initial, steps) = (saved.InitialMap, saved.Steps);
    }

    /// <summary>Frees the parameters, unless a result has them.</summary>
    public void Dispose()
    {
        if (!isDone) store.Dispose();
    }

    DeformationDescription Described(string json)
    {
        try
        {
            var description = JsonSerializer.Deserialize(json, RegistrationJson.Default.DeformationDescription) ?? throw new JsonException("it is empty");
            description.Check(settings);
            return description;
        }
        catch (JsonException e)
        {
            throw new ModelFileException("the checkpoint's map is damaged", e);
        }
    }
}
