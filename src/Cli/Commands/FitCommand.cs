using System.CommandLine;
using System.Globalization;
using InrFast.Autodiff;
using InrFast.Cli.Output;
using InrFast.Imaging;
using InrFast.Tasks.Fitting;

namespace InrFast.Cli.Commands;

/// <summary>Fits a network to an image.</summary>
internal static class FitCommand
{
    private static readonly Argument<string> Input = new("IMAGE") { Description = "An image, a volume or a time series" };

    private static readonly Option<string> Preset = OptionTypes.Choice("--preset", "fast: a grid, the quickest; smooth: a SIREN, better between the voxels", "fast", "fast", "smooth");

    private static readonly Option<long?> Parameters = OptionTypes.Number("--parameters", "N", "At most so many numbers in the model", 1, long.MaxValue);

    private static readonly Option<double?> BitsPerVoxel = OptionTypes.Number("--bits-per-voxel", "B", "At most so many bits of model per value of the image", 1e-6, 1e6);

    private static readonly Option<long?> Iterations = OptionTypes.Number("--iterations", "N", "Updates in all; the learning rate falls to their end", 1, long.MaxValue);

    private static readonly Option<double?> TimeLimit = OptionTypes.Number("--time-limit", "SECONDS", "End the fit after so long", 1e-3, 1e9);

    private static readonly Option<double?> TargetPsnr = OptionTypes.Number("--target-psnr", "DB", "End the fit when the whole image has reached this", 0.0, 1000.0);

    private static readonly Option<string?> Initial = OptionTypes.File("--initial", "Start from this model's parameters, and take its network: a fit of a similar image");

    public static Command Create()
    {
        var command = new Command("fit", "Fit a network to an image; the model can be rendered at any resolution.")
        {
            Input, Options.Output, Preset, Initial, Parameters, BitsPerVoxel, Iterations, TimeLimit, TargetPsnr, Options.RequirePsnr, Options.Seed, Options.Preview,
            Options.Checkpoint, Options.Resume, Options.Device, Options.Threads, Options.MaxMemory,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(Options.Resume) is not null && result.GetResult(Options.Checkpoint) is null)
            {
                result.AddError("--resume goes on from a checkpoint; name it with --checkpoint");
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
        var device = session.Get(Options.Device).Open();
        var seed = session.Get(Options.Seed) ?? 0;
        using var cancellation = new Cancellation();
        var image = session.ReadFiniteImage(session.Get(Input));
        using var workers = session.StartWorkers();
        using var initial = session.Get(Initial) is { } path ? session.ReadModel(path, stream => FittedImage.Load(stream, device)) : null;
        var options = new FitOptions
        {
            Initial = initial,
            Preset = session.Get(Preset) == "smooth" ? FitPreset.Smooth : FitPreset.Fast,
            Parameters = session.Get(Parameters),
            BitsPerVoxel = session.Get(BitsPerVoxel),
            Iterations = session.Get(Iterations),
            TimeLimit = session.Get(TimeLimit),
            TargetPsnr = session.Get(TargetPsnr),
            Seed = seed,
            MaxMemory = session.Get(Options.MaxMemory),
        };
        using var fit = new ImageFit(image, options, device, workers);
        using var model = fit.Model;
        var checkpoint = Checkpoint.Of(session, fit);
        session.Say(string.Create(CultureInfo.InvariantCulture,
            $"{device.Name}, {workers.Count} threads: {fit.Model.ParameterCount} parameters for {image.Samples.Length} values, at most {fit.Iterations} iterations"));
        var force = session.Get(Options.Force);
        using var preview = session.Get(Options.Preview) is { } picture
            ? new LivePreview(picture, force, () => Preview.Compare(image, model.Render(device, workers, cancellation.Token))) : null;
        var result = Fit(session, fit, options, now =>
        {
            checkpoint?.SaveWhenDue();
            preview?.ShowEarly(now);
        }, cancellation.Token);
        if (cancellation.Token.IsCancellationRequested)
        {
            checkpoint?.Interrupt();
            throw new OperationCanceledException();
        }
        preview?.Show();
        cancellation.Token.ThrowIfCancellationRequested();
        var begin = session.Elapsed;
        AtomicFile.Write(output, force, model.Save);
        preview?.Keep();
        checkpoint?.Remove();
        foreach (var warning in result.Warnings)
        {
            session.Warn(warning);
        }
        Describe(session.Result, result, image);
        (session.Result.Device, session.Result.Seed, session.Result.Output, session.Result.Method) = (device.Name, seed, output, session.Get(Preset));
        session.Result.Seconds.Write = session.Elapsed - begin;
        session.Say(Summary(result, image));
        return session.Finish(result.Psnr < session.Get(Options.RequirePsnr) ? ExitCode.BelowRequirement : ExitCode.Done);
    }

    private static FitResult Fit(Session session, ImageFit fit, FitOptions options, Action<FitProgress> between, CancellationToken cancel)
    {
        using var progress = session.ShowProgress();
        return fit.Run(now =>
        {
            progress?.Report(StateOf(now, options));
            between(now);
        }, cancel);
    }

    // Values are scaled to [0, 1], so that a batch's loss is a PSNR too: a rough one, where the whole image was not measured.
    private static ProgressState StateOf(in FitProgress now, FitOptions options) => new(now.Iteration,
        Math.Max((double)now.Iteration / now.Iterations, now.Seconds / options.TimeLimit ?? 0), now.Loss, double.IsNaN(now.Psnr) ? -10 * Math.Log10(now.Loss) : now.Psnr, now.RowsPerSecond);

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
