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

/// <summary>What came of a fit. The model is the caller's to dispose of.</summary>
/// <param name="Psnr">dB over all samples, the peak being the image's range.</param>
/// <param name="Rmse">In the image's unit.</param>
/// <param name="SetupSeconds">Choosing, planning, allocating.</param>
/// <param name="FitSeconds">Updates, and the measurements of PSNR between them.</param>
public sealed record FitResult(FittedImage Model, long Iterations, double Loss, double Psnr, double Rmse, double SetupSeconds, double FitSeconds, double RowsPerSecond,
    long PeakBytes, IReadOnlyList<FitProgress> History, IReadOnlyList<string> Warnings)
{
    public long Parameters => Model.ParameterCount;
}

/// <summary>Fits a network to an image: the field's first task, and the engine's main job.</summary>
public sealed class ImageFit : IDisposable
{
    /// <summary>dB by which a cycle aims above the target: falling just short costs another one.</summary>
    const double Margin = 0.2;

    readonly Device device;
    readonly Workers workers;
    readonly FitOptions options;
    readonly FitChoice choice;
    readonly float[] values;
    readonly float scale;
    readonly double variance;
    readonly int rowsOfNetwork;
    readonly FittedImage model;
    readonly Cycles cycles;
    readonly DivergenceGuard guard;
    readonly Plan plan;
    readonly Runner runner;
    readonly List<string> setupWarnings = [];
    readonly List<FitProgress> history = [];
    readonly double setupSeconds;
    readonly string origin = ""; // of a fit that starts from a model
    FittedImage.Renderer? renderer;
    float[]? rendered;

    /// <summary>Chooses, plans and allocates; throws <see cref="FitException"/> before anything is computed where the image or the options do not fit.</summary>
    public ImageFit(Image image, FitOptions options, Device device, Workers workers)
    {
        var watch = Stopwatch.StartNew();
        (this.device, this.workers) = (device, workers);
        Check(image, options);
        var (low, high) = image.Range();
        scale = high - low;
        var (axes, spacing) = AxesOf(image);
        var start = options.Initial;
        if (start is not null && options.Network is not null && options.Network.ToJson() != start.Settings.ToJson())
            throw new FitException(FitError.WrongUse, "the network asked for is not that of the model to start from; ask for none");
        this.options = options = start is null ? options : options with { Network = start.Settings };
        CheckNetwork(options.Network, axes, image.Channels);
        choice = FitChoice.For(axes, spacing, image.Channels, options);
        rowsOfNetwork = Math.Max(1, choice.BatchRows / choice.Network.Members);

        var graph = new Graph();
        var network = choice.Network.Build(graph);
        cycles = new Cycles(options.TargetPsnr is null ? choice.Iterations : Math.Min(choice.FirstCycle, choice.Iterations), choice.Floor, choice.Restart);
        network.CoarseToFineSteps = (long)(choice.CoarseToFine * cycles.End);
        values = Normalise(image.Samples.Span, low, scale);
        var (coordinates, targets) = Samples(graph, new VoxelGrid(choice.Axes, choice.Spacing), image.Channels);
        var loss = new RowLoss<SquaredError>(network.Apply(coordinates), targets, default).Output;
        CheckMemory(network, image);
        var store = new ParameterStore(device, graph, choice.Network.Members);
        if (start is null)
            for (int member = 0; member < store.Members; member++) network.Initialize(store, options.Seed, member);
        else CopyParameters(start, network, store);
        if (start is not null)
        {
            var begin = new float[store.Length * store.Members];
            store.Values.Read<float>(begin);
            origin = Checksum(begin);
        }
        variance = Variance(values);
        guard = new DivergenceGuard(device, store, variance);
        model = new(SignalDescription.Of(image, choice.Axes, choice.Spacing, low, scale, options.Seed), choice.Network, network, store);
        var optimizer = Optimizer.Create(device, new Adam(0.9, choice.Beta2, choice.Epsilon), choice.LearningRate, cycles, clipNorm: choice.ClipNorm);
        plan = Plan.Train(device, [new Loss(loss)]);
        runner = Runner.Create(plan, store, workers, rowsOfNetwork, optimizer);
        runner.Seed = options.Seed;
        if (model.ParameterCount > values.LongLength)
            setupWarnings.Add($"the model has {model.ParameterCount} parameters for {values.LongLength} samples: it is larger than the image");
        setupSeconds = watch.Elapsed.TotalSeconds;
    }

    /// <summary>The model as it stands; it survives this object.</summary>
    public FittedImage Model => model;
    public long Iterations => choice.Iterations;
    public long Step => model.Store.Step;

    /// <summary>Where a fit without a target ends: at the end of its only cycle.</summary>
    long Last => options.TargetPsnr is null ? cycles.End : choice.Iterations;

    /// <summary>Seconds between two calls of progress; 0: after every update.</summary>
    public double ProgressInterval { get; set; } = 0.1;

    /// <summary>Voxels along the network's axes, and what a step along each counts.</summary>
    internal static (int[] Axes, double[] Spacing) AxesOf(Image image)
    {
        int[] axes = image.Dimensions == 2 ? [image.Size.X, image.Size.Y] : [image.Size.X, image.Size.Y, image.Size.Z];
        var step = image.Grid.Spacing;
        double[] spacing = image.Dimensions == 2 ? [step.X, step.Y] : [step.X, step.Y, step.Z];
        if (image.Times == 1) return (axes, spacing);
        // Time has no millimetres: its whole span counts as much as the longest side.
        double longest = axes.Zip(spacing, (n, s) => n * s).Max();
        return ([.. axes, image.Times], [.. spacing, longest / image.Times]);
    }

    static void CopyParameters(FittedImage from, Network network, ParameterStore store)
    {
        foreach (var (source, target) in from.Network.Tensors.Zip(network.Tensors).Select(pair => (pair.First.Parameter, pair.Second.Parameter)).Distinct())
            for (int member = 0; member < store.Members; member++) store.Write(target, from.Store.Read(source, member), member);
    }

    internal static void Check(Image image, FitOptions options)
    {
        long bad = image.NonFiniteCount();
        if (bad > 0) throw new FitException(FitError.Input, $"{bad} of the image's samples are NaN or infinite; replace them first");
        var (low, high) = image.Range();
        if (low == high) throw new FitException(FitError.Input, $"the image is constant ({low:R}): there is nothing to fit, and PSNR is undefined");
        if (!float.IsFinite(high - low)) throw new FitException(FitError.Input, $"the image's range, {low:R} .. {high:R}, is too wide for float32");
        Positive(options.Iterations, "--iterations");
        Positive(options.Parameters, "--parameters");
        Positive(options.BatchRows, "the batch");
        Positive(options.BitsPerVoxel, "--bits-per-voxel");
        Positive(options.TimeLimit, "--time-limit");
        Positive(options.LearningRate, "the learning rate");
        if (options.TargetPsnr is { } target && !double.IsFinite(target)) throw new FitException(FitError.WrongUse, $"--target-psnr {target} is no number of dB");

        static void Positive(double? value, string name)
        {
            if (value is { } number && !(number > 0 && double.IsFinite(number))) throw new FitException(FitError.WrongUse, $"{name} is {number}; it must be above 0");
        }
    }

    internal static void CheckNetwork(NetworkSettings? network, int[] axes, int channels)
    {
        if (network is null) return;
        try
        {
            network.Validate();
        }
        catch (ArgumentException e)
        {
            throw new FitException(FitError.WrongUse, $"the network cannot be built: {e.Message}");
        }
        if (network is MinerSettings) throw new FitException(FitError.WrongUse, "MINER's pyramid grows while it is fitted: the method miner makes one");
        var cells = network switch { EnsembleSettings ensemble => ensemble.Blocks, MultiHeadSettings heads => heads.Heads, _ => [] };
        int perChannel = network is MultiHeadSettings ? cells.Aggregate(1, (product, n) => product * n) : 1;
        if (network.Inputs != axes.Length || network.Outputs != channels * perChannel)
            throw new FitException(FitError.WrongUse, $"the network takes {network.Inputs} coordinates to {network.Outputs} values, the image has {axes.Length} axes and {channels} channels");
        if (cells.Zip(axes).Any(pair => pair.First > pair.Second))
            throw new FitException(FitError.WrongUse, $"an image of {string.Join(" x ", axes)} has no {string.Join(" x ", cells)} blocks");
    }

    void CheckMemory(Network network, Image image)
    {
        long bytes = 4 * (9 * network.ParameterCount * choice.Network.Members + 4L * image.Samples.Length) + (64L << 20);
        if (options.MaxMemory is { } most && bytes > most)
            throw new FitException(FitError.Limit, $"the fit needs about {ReadLimits.Text(bytes)} and --max-memory allows {ReadLimits.Text(most)}; allow more, or give a smaller image");
    }

    internal static float[] Normalise(ReadOnlySpan<float> samples, float low, float scale)
    {
        var values = new float[samples.Length];
        for (int i = 0; i < values.Length; i++) values[i] = (samples[i] - low) / scale;
        return values;
    }

    static double Variance(float[] values)
    {
        double mean = values.Average(value => (double)value);
        return values.Average(value => (value - mean) * (value - mean));
    }

    /// <summary>A shuffled sweep over the voxels; in volumes the flat surroundings come less often.</summary>
    (Value Coordinates, Value Values) Samples(Graph graph, VoxelGrid grid, int channels)
    {
        if (BlockScale.All(choice.Network, choice.Axes, choice.Spacing, channels) is [{ Layout: var layout }])
        {
            float[] cut = layout.Gather(values, channels, [.. Enumerable.Range(0, layout.Count)]);
            int columns = choice.Network.Outputs;
            if (columns > channels) cut = BesideEachOther(cut, layout.Count, channels);
            var blocks = new SampleVoxels<ShuffledSweep>(graph, layout.Block, _ => new ShuffledSweep(layout.Block.Count), cut, columns);
            return (blocks.Coordinates, blocks.Values);
        }
        if (choice.ForegroundShare > 1 && grid.Count < int.MaxValue)
        {
            var (foreground, background) = Foreground.Split(values, grid, channels, 0.004);
            if (background.Length >= choice.ForegroundShare && foreground.Length > 0)
            {
                var listed = new SampleVoxels<ListedSweep>(graph, grid, binder => new ListedSweep(binder.Constant<uint>(foreground), foreground.Length,
                    binder.Constant<uint>(background), background.Length, choice.ForegroundShare), values, channels);
                return (listed.Coordinates, listed.Values);
            }
        }
        long count = grid.Count;
        var all = new SampleVoxels<ShuffledSweep>(graph, grid, _ => new ShuffledSweep(count), values, channels);
        return (all.Coordinates, all.Values);
    }

    /// <summary>[voxel][block][channel] of [block][voxel][channel]: what the heads of one network say.</summary>
    static float[] BesideEachOther(float[] cut, int blocks, int channels)
    {
        var values = new float[cut.Length];
        int voxels = cut.Length / blocks / channels;
        for (int block = 0, from = 0; block < blocks; block++)
            for (int voxel = 0; voxel < voxels; voxel++)
                for (int c = 0; c < channels; c++) values[((long)voxel * blocks + block) * channels + c] = cut[from++];
        return values;
    }

    /// <summary>
    /// Updates until the iterations' end, the target, the time limit or the cancellation, whichever comes first. <paramref name="progress"/> is told
    /// on the calling thread, between two updates.
    /// </summary>
    public FitResult Run(Action<FitProgress>? progress = null, CancellationToken cancel = default)
    {
        var watch = Stopwatch.StartNew();
        double told = 0, loss = double.NaN, seconds = 0, psnr = double.NaN;
        long begun = Step;
        var deadline = options is { TargetPsnr: null, TimeLimit: { } limit } ? new Deadline(limit, begun) : null;
        while (Step < Last && !(psnr >= options.TargetPsnr) && !(seconds >= options.TimeLimit) && !cancel.IsCancellationRequested)
        {
            loss = runner.Train() / choice.Network.Members;
            if (guard.Watch(loss))
            {
                if (guard.Restores > DivergenceGuard.MostRestores)
                    throw new FitException(FitError.Diverged, $"the loss was {loss:g3} after {Step} iterations, and the fit diverged again at ever smaller rates: lower the learning rate or take another preset");
                cycles.RateFactor /= 2;
            }
            psnr = double.NaN;
            if (Step == cycles.End && Step < Last)
            {
                psnr = Decibel(MeanSquaredError());
                long left = choice.Iterations - Step, length = cycles.NextLength(options.TargetPsnr!.Value - psnr + Margin);
                cycles.Add(length > 0.8 * left ? left : length); // a remainder that short would gain nothing
            }
            seconds = watch.Elapsed.TotalSeconds;
            if (deadline?.MovedEnd(Step, seconds) is { } end) cycles.MoveEnd(Math.Min(end, choice.Iterations));
            if (seconds - told < ProgressInterval && double.IsNaN(psnr)) continue;
            told = seconds;
            history.Add(new(Step, Last, loss, psnr, seconds, (Step - begun) * rowsOfNetwork * choice.Network.Members / seconds));
            progress?.Invoke(history[^1]);
        }
        seconds = watch.Elapsed.TotalSeconds;
        double error = MeanSquaredError(), rate = (Step - begun) * rowsOfNetwork * choice.Network.Members / seconds;
        psnr = Decibel(error);
        List<string> warnings = [.. setupWarnings];
        if (guard.Restores > 0)
            warnings.Add(FormattableString.Invariant($"the fit diverged {guard.Restores} time{(guard.Restores == 1 ? "" : "s")} and went on from an earlier state, in the end with a learning rate of {choice.LearningRate * cycles.RateFactor:g3}; give a lower one"));
        if (error > variance / 2) warnings.Add("the model explains less than half of the image's variance; give a lower learning rate, more parameters or more iterations");
        if (psnr < options.TargetPsnr) warnings.Add($"{psnr:F2} dB were reached, not {options.TargetPsnr:R}; give more parameters or iterations");
        history.Add(new(Step, Last, loss, psnr, seconds, rate));
        return new(model, Step, loss, psnr, Math.Sqrt(error) * scale, setupSeconds, seconds, rate, Process.GetCurrentProcess().PeakWorkingSet64, history, warnings);
    }

    static double Decibel(double meanSquaredError) => -10 * Math.Log10(meanSquaredError);

    const string FitKey = "inrfast.fit", CyclesKey = "inrfast.cycles", GuardKey = "inrfast.guard";

    /// <summary>What a checkpoint must agree with to be gone on from.</summary>
    string Identity => FormattableString.Invariant($"{choice.Network.ToJson()} batch {choice.BatchRows} iterations {choice.Iterations} rate {choice.LearningRate} target {options.TargetPsnr} seed {options.Seed} image {Checksum(values)} from {origin}");

    static string Checksum(float[] numbers) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(numbers.AsSpan())));

    /// <summary>Writes a checkpoint; between two updates, so from within a progress call.</summary>
    public void Save(Stream stream) => TrainingState.Write(stream, model.Store,
        new Dictionary<string, string> { [FitKey] = Identity, [CyclesKey] = cycles.ToString(), [GuardKey] = guard.ToString() }, guard.Snapshot);

    /// <summary>
    /// Goes on from a checkpoint to the same result, bit for bit. Throws <see cref="ModelFileException"/>, the parameters untouched, where it is damaged, or of another image or
    /// other options.
    /// </summary>
    public void Resume(Stream stream)
    {
        var state = TrainingState.Read(stream);
        if (state.Metadata.GetValueOrDefault(FitKey) != Identity) throw new ModelFileException("the checkpoint is of another image, or of a fit with other options");
        if (!cycles.Restore(state.Metadata.GetValueOrDefault(CyclesKey, "")) || !guard.Restore(state.Metadata.GetValueOrDefault(GuardKey, "")))
            throw new ModelFileException("the checkpoint's schedule is damaged");
        cycles.RateFactor = Math.Pow(0.5, guard.Restores);
        state.Load(model.Store, guard.Snapshot);
    }

    /// <summary>Of the whole image, values scaled to [0, 1].</summary>
    double MeanSquaredError()
    {
        renderer ??= new(model, device, workers, choice.Axes, null);
        rendered ??= new float[values.Length];
        renderer.Render(rendered);
        double sum = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double difference = rendered[i] - values[i];
            sum += difference * difference;
        }
        return sum / values.Length;
    }

    public void Dispose()
    {
        renderer?.Dispose();
        runner.Dispose();
        guard.Dispose();
        plan.Dispose();
    }
}
