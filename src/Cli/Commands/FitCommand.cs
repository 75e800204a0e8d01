using System.CommandLine;
using System.Globalization;
using InrFast.Autodiff;
using InrFast.Cli.Output;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Tasks.Fitting;

namespace InrFast.Cli.Commands;

/// <summary>Fits a network to an image.</summary>
internal static class FitCommand
{
    private static readonly Argument<string[]> Input = new("IMAGE") { Description = "An image, a volume or a time series; a folder or a DICOMDIR; or the DICOM files of a series", Arity = ArgumentArity.OneOrMore };

    private const string Miner = "miner";

    private static readonly Option<string> Preset = OptionTypes.Choice("--preset", "fast: a grid, the quickest; smooth: a SIREN, better between the voxels", "fast", "fast", "smooth");

    private static readonly Option<string> Method = OptionTypes.Choice("--method", "A published kind of network instead of the preset's", "auto",
        ["auto", "grid", .. FitMethod.All.Select(method => method.Name), Miner]);

    private static readonly Option<long?> Parameters = OptionTypes.Number("--parameters", "N", "At most so many numbers in the model", 1, long.MaxValue);

    private static readonly Option<double?> BitsPerVoxel = OptionTypes.Number("--bits-per-voxel", "B", "At most so many bits of model per value of the image", 1e-6, 1e6);

    private static readonly Option<long?> Iterations = OptionTypes.Number("--iterations", "N", "Updates in all; the learning rate falls to their end", 1, long.MaxValue);

    private static readonly Option<double?> TargetPsnr = OptionTypes.Number("--target-psnr", "DB", "End the fit when the whole image has reached this", 0.0, 1000.0);

    private static readonly Option<double?> LearningRate = OptionTypes.Number("--learning-rate", "RATE", "Of the first update", 1e-12, 1e3);

    private static readonly Option<string?> Initial = OptionTypes.File("--initial", "Start from this model's parameters, and take its network: a fit of a similar image");

    public static Command Create()
    {
        var command = new Command("fit", "Fit a network to an image; the model can be rendered at any resolution.")
        {
            Input, Options.Output, Preset, Method, Initial, Parameters, BitsPerVoxel, Iterations, LearningRate, Options.TimeLimit, TargetPsnr, Options.RequirePsnr, Options.Seed, Options.Preview,
            Options.Checkpoint, Options.Resume, Options.Device, Options.Precision, Options.Threads,
        };
        Options.OfInputs.ToList().ForEach(command.Add);
        Options.RequireCheckpoint(command);
        command.Validators.Add(result =>
        {
            // Not its value: that of a name that is none cannot be asked for.
            var method = result.GetResult(Method)?.Tokens is [var token] ? token.Value : "auto";
            if (method != "auto" && result.GetResult(Preset)?.Tokens is [{ Value: not "fast" }])
            {
                result.AddError("--preset and --method both choose the network; give one");
            }
            if (method == Miner && new Option[] { Initial, Parameters, BitsPerVoxel, Options.Checkpoint }.FirstOrDefault(option => result.GetResult(option) is not null) is { } option)
            {
                result.AddError($"--method miner grows its own pyramid from the start, towards --target-psnr; it knows no {option.Name}");
            }
        });
        command.SetAction(parsed => Run(new Session(parsed)));
        return command;
    }

    private static int Run(Session session)
    {
        var output = session.Get(Options.Output)!;
        if (!output.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            throw new CommandException(ExitCode.WrongUse, $"{output}: a model is a .safetensors file; give such a name");
        }
        var device = session.OpenDevice();
        using var cancellation = new Cancellation();
        var image = session.ReadFiniteImage(session.Get(Input));
        using var workers = session.StartWorkers();
        return session.Get(Method) == Miner ? RunMiner(session, image, device, workers, output, cancellation.Token) : RunNetwork(session, image, device, workers, output, cancellation.Token);
    }

    private static int RunNetwork(Session session, Image image, Device device, Workers workers, string output, CancellationToken cancel)
    {
        using var initial = session.Get(Initial) is { } path ? session.ReadModel(path, stream => FittedImage.Load(stream, device)) : null;
        var options = new FitOptions
        {
            Initial = initial,
            Preset = session.Get(Preset) == "smooth" ? FitPreset.Smooth : FitPreset.Fast,
            Method = session.Get(Method) is var method and not "auto" ? method : null,
            Parameters = session.Get(Parameters),
            BitsPerVoxel = session.Get(BitsPerVoxel),
            Iterations = session.Get(Iterations),
            LearningRate = session.Get(LearningRate),
            TimeLimit = session.Get(Options.TimeLimit),
            TargetPsnr = session.Get(TargetPsnr),
            Seed = session.Seed(),
            MaxMemory = session.Get(Options.MaxMemory),
        };
        using var fit = new ImageFit(image, options, device, workers);
        using var model = fit.Model;
        var checkpoint = Checkpoint.Of(session, fit.Resume, fit.Save, () => $"iteration {fit.Step}");
        session.Say(string.Create(CultureInfo.InvariantCulture,
            $"{device.Name}, {workers.Count} threads: {fit.Model.ParameterCount} parameters for {image.Samples.Length} values, at most {fit.Iterations} iterations"));
        using var preview = PreviewOf(session, image, () => model.Render(device, workers, cancel));
        var result = WithProgress(session, options.TimeLimit, report => fit.Run(now =>
        {
            report(now);
            checkpoint?.SaveWhenDue();
            preview?.ShowEarly(now);
        }, cancel));
        if (cancel.IsCancellationRequested)
        {
            checkpoint?.Interrupt();
            throw new OperationCanceledException();
        }
        return Finish(session, image, result, device, output, preview, checkpoint, cancel);
    }

    private static int RunMiner(Session session, Image image, Device device, Workers workers, string output, CancellationToken cancel)
    {
        session.RequireMemory(8 * (Int128)image.Samples.Length * sizeof(float) + (64 << 20), "the fit");
        var standard = new MinerOptions();
        var options = standard with
        {
            Iterations = session.Get(Iterations) ?? standard.Iterations,
            LearningRate = session.Get(LearningRate) ?? standard.LearningRate,
            TimeLimit = session.Get(Options.TimeLimit),
            TargetPsnr = session.Get(TargetPsnr) ?? standard.TargetPsnr,
            Seed = session.Seed(),
        };
        var result = WithProgress(session, options.TimeLimit, report => MinerFit.Run(image, options, device, workers, report, cancel));
        using var model = result.Model;
        cancel.ThrowIfCancellationRequested();
        using var preview = PreviewOf(session, image, () => model.Render(device, workers, cancel));
        return Finish(session, image, result, device, output, preview, null, cancel);
    }

    private static LivePreview? PreviewOf(Session session, Image image, Func<Image> render) =>
        session.WantsPicture ? new(session.Get(Options.Preview), session.Get(Options.Force), () => session.Picture = Preview.Compare(image, render())) : null;

    private static int Finish(Session session, Image image, FitResult result, Device device, string output, LivePreview? preview, Checkpoint? checkpoint, CancellationToken cancel)
    {
        preview?.Show();
        cancel.ThrowIfCancellationRequested();
        var begin = session.Elapsed;
        AtomicFile.Write(output, session.Get(Options.Force), result.Model.Save);
        preview?.Keep();
        checkpoint?.Remove();
        foreach (var warning in result.Warnings)
        {
            session.Warn(warning);
        }
        Describe(session.Result, result, image);
        (session.Result.Device, session.Result.Output) = (device.Name, output);
        session.Result.Method = session.Get(Method) is var method and not "auto" ? method : session.Get(Preset) == "smooth" ? "siren" : "grid";
        session.Result.Seconds.Write = session.Elapsed - begin;
        session.Say(Summary(result, image));
        return session.Finish(result.Psnr < session.Get(Options.RequirePsnr) ? ExitCode.BelowRequirement : ExitCode.Done);
    }

    private static FitResult WithProgress(Session session, double? timeLimit, Func<Action<FitProgress>, FitResult> run)
    {
        using var progress = session.ShowProgress();
        return run(now => progress?.Report(StateOf(now, timeLimit)));
    }

    // Values are scaled to [0, 1], so that a batch's loss is a PSNR too: a rough one, where the whole image was not measured.
    private static ProgressState StateOf(in FitProgress now, double? timeLimit) => new(now.Iteration,
        Math.Max((double)now.Iteration / now.Iterations, now.Seconds / timeLimit ?? 0), now.Loss, double.IsNaN(now.Psnr) ? -10 * Math.Log10(now.Loss) : now.Psnr, now.RowsPerSecond);

    private static void Describe(CommandResult json, FitResult fit, Image image)
    {
        (json.Parameters, json.Iterations, json.Loss, json.RowsPerSecond) = (fit.Parameters, fit.Iterations, fit.Loss, fit.RowsPerSecond);
        (json.Seconds.Setup, json.Seconds.Fit) = (fit.SetupSeconds, fit.FitSeconds);
        json.Metrics = new()
        {
            ["psnr"] = fit.Psnr,
            ["rmse"] = fit.Rmse,
            ["parametersPerVoxel"] = (double)fit.Parameters / image.Samples.Length,
            ["bitsPerVoxel"] = 32.0 * fit.Parameters / image.Samples.Length,
        };
        json.History = new([.. fit.History.Select(p => p.Iteration)], [.. fit.History.Select(p => p.Seconds)], [.. fit.History.Select(p => p.Loss)],
            [.. fit.History.Select(p => double.IsNaN(p.Psnr) ? (double?)null : p.Psnr)]);
    }

    private static string Summary(FitResult fit, Image image) => string.Create(CultureInfo.InvariantCulture,
        $"{fit.Psnr:f2} dB, RMSE {fit.Rmse:g4}{(image.Unit.Length > 0 ? " " + image.Unit : "")}, {(double)fit.Parameters / image.Samples.Length:g3} parameters per voxel, {fit.Iterations} iterations in {fit.FitSeconds:g3} s");
}
