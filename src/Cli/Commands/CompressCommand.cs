using System.CommandLine;
using System.Globalization;
using InrFast.Cli.Output;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Tasks.Compression;

namespace InrFast.Cli.Commands;

/// <summary>Compresses an image into an .inrz file.</summary>
internal static class CompressCommand
{
    private const double DefaultRatio = 64;

    private static readonly Argument<string[]> Input = new("IMAGE") { Description = "An image or a volume; a folder or a DICOMDIR; or the DICOM files of a series", Arity = ArgumentArity.OneOrMore };

    private static readonly Option<string> Method = OptionTypes.Choice("--method", "sci: a network for each block, cut by how concentrated their spectra are; tinc: a tree of networks that blocks share; siren: one for the whole image", "sci", "sci", "tinc", "siren");

    private static readonly Option<int?> Levels = OptionTypes.Number("--levels", "N", "Of tinc: levels of the tree (2, or 1 where its leaves would get few numbers)", 1, CompressionOptions.MostLevels);

    private static readonly Option<string> Allocation = OptionTypes.Choice("--allocation", "Of tinc: how its leaves share their numbers, by voxels above the mean or by variance", "equal", "equal", "importance", "variance");

    private static readonly Option<double?> Ratio = OptionTypes.Number("--ratio", "R", "Bytes of the image as it was stored, for one of the file (64 unless another goal is given)", 1, 1e9);

    private static readonly Option<long?> Bytes = OptionTypes.Parsed("--bytes", "SIZE", "Of the file at most (bytes; K, M, G for powers of 1024)", Options.ParseBytes, "size such as 4096 or 200K");

    private static readonly Option<double?> BitsPerVoxel = OptionTypes.Number("--bpv", "B", "Bits of the file for a voxel at most", 1e-6, 64);

    private static readonly Option<double?> TargetPsnr = OptionTypes.Number("--target-psnr", "DB", "The smallest file that reaches this, among those tried; peak is the image's range", 0.0, 200);

    private static readonly Option<double?> MaxError = OptionTypes.Number("--max-error", "E", "No voxel is off by more, in the image's unit; 0: exact, of integers", 0, 1e30);

    private static readonly Option<string?> Region = OptionTypes.File("--roi", "A region to be kept, above 0 in a mask on the image's grid: what a threshold finds in the decoded image shall be this region", "MASK");

    private static readonly Option<double?> RegionWeight = OptionTypes.Number("--roi-weight", "W", "Of 1 - Dice of the region beside the squared error (0.1)", 0.0, 1e6);

    private static readonly Option<long?> Iterations = OptionTypes.Number("--iterations", "N", "Updates of each block's network", 1, 100_000_000L);

    private static readonly Option[] goals = [Ratio, Bytes, BitsPerVoxel, TargetPsnr, MaxError];

    public static Command Create()
    {
        var command = new Command("compress", "Compress an image or a volume into an .inrz file of a given size, PSNR or largest error.")
        {
            Input, Options.Output, Method, Ratio, Bytes, BitsPerVoxel, TargetPsnr, MaxError, Levels, Allocation, Region, RegionWeight, Iterations, Options.RequirePsnr, Options.Seed, Options.Preview, Options.Checkpoint, Options.Resume,
            Options.Device, Options.Threads,
        };
        Options.OfInputs.ToList().ForEach(command.Add);
        Options.RequireCheckpoint(command);
        command.Validators.Add(result =>
        {
            var given = goals.Where(option => result.GetResult(option) is not null).Select(option => option.Name).ToArray();
            if (given.Length > 1)
            {
                result.AddError($"{string.Join(" and ", given)} are each a goal of its own; give one");
            }
        });
        command.SetAction(parsed => Run(new Session(parsed)));
        return command;
    }

    /// <summary>What the networks are fitted on; the file is made on the processor. The same file comes of the same device: auto takes the processor, of which everyone has one.</summary>
    private static Device OpenDevice(Session session) => session.Get(Options.Device) is { IsAuto: false } choice ? choice.Open(Precision.Float32) : CpuDevice.Best;

    private static int Run(Session session)
    {
        var output = session.Get(Options.Output)!;
        if (!output.EndsWith(".inrz", StringComparison.OrdinalIgnoreCase))
        {
            throw new CommandException(ExitCode.WrongUse, $"{output}: a compressed image is an .inrz file; give such a name");
        }
        var device = OpenDevice(session);
        using var cancellation = new Cancellation();
        var image = session.ReadFiniteImage(session.Get(Input));
        var raw = (double)image.Samples.Length * image.Stored.Type.Bytes();
        var options = new CompressionOptions
        {
            Method = Enum.Parse<CompressionMethod>(session.Get(Method)!, ignoreCase: true),
            Levels = session.Get(Levels),
            Allocation = Enum.Parse<TreeAllocation>(session.Get(Allocation)!, ignoreCase: true),
            Bytes = session.Get(TargetPsnr) is null && session.Get(MaxError) is null ? session.Get(Bytes) ?? (long)(session.Get(BitsPerVoxel) is { } bits ? bits * image.Grid.Size.Voxels / 8 : raw / (session.Get(Ratio) ?? DefaultRatio)) : null,
            TargetPsnr = session.Get(TargetPsnr),
            MaxError = session.Get(MaxError),
            Region = session.Get(Region) is { } mask ? session.ReadFiniteImage([mask]) : null,
            Seed = session.Seed(),
        };
        options = options with { Iterations = session.Get(Iterations) ?? options.Iterations, RegionWeight = session.Get(RegionWeight) ?? options.RegionWeight };
        using var workers = session.StartWorkers();
        using var progress = session.ShowProgress();
        var state = new CompressionState(image, options);
        var checkpoint = Checkpoint.Of(session, state.Resume, state.Save, () => $"{state.Done} fitted networks");
        CompressionResult result;
        try
        {
            result = Compressor.Run(image, options, device, workers, now =>
            {
                progress?.Report(new(now.Iteration, (double)now.Iteration / now.Iterations, now.Loss, null, now.RowsPerSecond));
                checkpoint?.SaveWhenDue();
            }, state, cancellation.Token);
        }
        catch (OperationCanceledException) when (checkpoint is not null)
        {
            checkpoint.Interrupt();
            throw;
        }

        var begin = session.Elapsed;
        AtomicFile.Write(output, session.Get(Options.Force), stream => stream.Write(result.File));
        checkpoint?.Remove();
        if (session.WantsPicture)
        {
            session.Picture = Preview.Compare(image, result.Decoded);
        }
        if (session.Get(Options.Preview) is { } preview)
        {
            session.Picture!.WritePng(preview, session.Get(Options.Force));
        }
        var json = session.Result;
        (json.Device, json.Method, json.Seed, json.Output) = (device.Name, session.Get(Method), options.Seed, output);
        (json.Parameters, json.Iterations, json.RowsPerSecond) = (result.Parameters, result.Iterations, result.RowsPerSecond);
        (json.Seconds.Fit, json.Seconds.Write) = (result.FitSeconds, session.Elapsed - begin);
        json.Metrics = new()
        {
            ["bytes"] = result.File.Length,
            ["ratio"] = raw / result.File.Length,
            ["bitsPerVoxel"] = 8.0 * result.File.Length / image.Grid.Size.Voxels,
            ["psnr"] = result.Psnr,
            ["ssim"] = StructuralSimilarity.Mean(image, result.Decoded),
            ["blocks"] = result.Blocks,
        };
        json.History = new([.. result.History.Select(p => p.Iteration)], [.. result.History.Select(p => p.Seconds)], [.. result.History.Select(p => p.Loss)], [.. result.History.Select(_ => (double?)null)]);
        session.Say(string.Create(CultureInfo.InvariantCulture,
            $"{result.File.Length} bytes, {raw / result.File.Length:g4} times less than {raw:f0}, {(double.IsFinite(result.Psnr) ? $"{result.Psnr:f2} dB" : "exact")}; {Counted(result.Networks, "network")} of {result.Parameters} numbers in {Counted(result.Blocks, "block")}, {result.FitSeconds:g3} s"));
        return session.Finish(result.Psnr < session.Get(Options.RequirePsnr) ? ExitCode.BelowRequirement : ExitCode.Done);
    }

    private static string Counted(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
