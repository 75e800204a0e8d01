using System.CommandLine;
using System.CommandLine.Parsing;
using CommandResult = InrFast.Cli.Output.CommandResult;
using System.Diagnostics;
using InrFast.Autodiff;
using InrFast.Cli.Output;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Models;

namespace InrFast.Cli;

/// <summary>One run of one command: its options, where it writes, what it has found so far.</summary>
internal sealed class Session
{
    private readonly ParseResult parsed;
    private readonly long start = Stopwatch.GetTimestamp();
    private readonly HashSet<string> outputs = [];
    private long memoryLeft;

    /// <summary>Checks every file that is to be written before any work is done.</summary>
    public Session(ParseResult parsed)
    {
        this.parsed = parsed;
        (Output, Error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        memoryLeft = Get(Options.MaxMemory) ?? ReadLimits.Default.MaxBytes;
        Result = new CommandResult { Command = Application.NameOf(parsed.CommandResult), Version = Application.Version };
        foreach (var option in Options.OutputFiles)
        {
            CheckOutput(option.Name, option == Options.Json && IsJsonOnOutput ? null : Get(option), (path, mayExist) => CheckOutput(option, path, mayExist));
        }
    }

    /// <summary>For what was asked for alone.</summary>
    public TextWriter Output { get; }

    /// <summary>For warnings and progress.</summary>
    public TextWriter Error { get; }

    /// <summary>What --json writes.</summary>
    public CommandResult Result { get; }

    /// <summary>What --report shows; null where there is none.</summary>
    public Raster? Picture { get; set; }

    /// <summary>Whether the user asked for a picture, in a file or in the report.</summary>
    public bool WantsPicture => Get(Options.Preview) is not null || Get(Options.Report) is not null;

    /// <summary>Whether the JSON result takes standard output for itself.</summary>
    public bool IsJsonOnOutput => Get(Options.Json) == "-";

    /// <summary>What reading may still cost.</summary>
    public ReadLimits Limits => new(memoryLeft);

    public double Elapsed => Stopwatch.GetElapsedTime(start).TotalSeconds;

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    public T Get<T>(Argument<T> argument) => parsed.GetRequiredValue(argument);

    public void Warn(string warning)
    {
        Result.Warnings.Add(warning);
        Say($"inrfast: warning: {warning}");
    }

    /// <summary>Reads an image (a file, a folder, or the files of a series) within what --max-memory leaves after those read before it, and passes its warnings on.</summary>
    public Image ReadImage(params IReadOnlyList<string> paths) => Read(paths, Get(Options.Series));

    /// <summary>The same of one array in a file of several.</summary>
    public Image ReadArray(string path, string array) => Read([path], array);

    private Image Read(IReadOnlyList<string> paths, string? series)
    {
        var begin = Elapsed;
        var image = ImageFile.Read(paths, new ReadOptions { Limits = Limits, Series = series, AllowGaps = Get(Options.AllowGaps) });
        memoryLeft -= (long)image.Samples.Length * sizeof(float);
        foreach (var warning in image.Warnings)
        {
            Warn(warning);
        }
        Result.Input.Add(ImageDescription.Of(NameOf(paths), image));
        if (Get(Options.Series) is not null && Result.Input[^1].Format is not ("DICOM" or "NPZ" or "HDF5"))
        {
            Warn($"{NameOf(paths)}: this is no DICOM series, and no file of several arrays; --series was not used for it");
        }
        Result.Seconds.Load = (Result.Seconds.Load ?? 0) + Elapsed - begin;
        return image;
    }

    /// <summary>The same for k-space.</summary>
    public KSpace ReadKSpace(string path)
    {
        var begin = Elapsed;
        var data = KSpaceFile.Read(path, limits: Limits);
        memoryLeft -= (long)data.Samples.Length * sizeof(float);
        foreach (var warning in data.Warnings)
        {
            Warn(warning);
        }
        (Result.KSpace ??= []).Add(KSpaceDescription.Of(path, data));
        Result.Seconds.Load = (Result.Seconds.Load ?? 0) + Elapsed - begin;
        return data;
    }

    /// <summary>The same, for work on numbers: an image with NaN or infinite voxels is refused.</summary>
    public Image ReadFiniteImage(params IReadOnlyList<string> paths)
    {
        var image = ReadImage(paths);
        return image.NonFiniteCount() is var count and > 0
            ? throw new CommandException(ExitCode.BadInput, $"{NameOf(paths)}: {count} of {image.Samples.Length} values are NaN or infinite; replace them first")
            : image;
    }

    private static string NameOf(IReadOnlyList<string> paths) => paths.Count == 1 ? paths[0] : $"{paths[0]} and {paths.Count - 1} more";

    /// <summary>Reads a model file; what is wrong with it is said with its name.</summary>
    public T ReadModel<T>(string path, Func<Stream, T> read)
    {
        using var stream = InputStream.Open(path);
        try
        {
            return read(stream);
        }
        catch (ModelFileException e)
        {
            throw new CommandException(ExitCode.BadInput, $"{path}: {e.Message}");
        }
    }

    /// <summary>Refuses what would need more than --max-memory, or the machine, has left.</summary>
    public void RequireMemory(Int128 bytes, string what)
    {
        if (bytes > memoryLeft || bytes > (Int128)Array.MaxLength * sizeof(float))
        {
            throw new CommandException(ExitCode.LimitExceeded, $"{what} needs {ReadLimits.Text(bytes)} and {ReadLimits.Text(memoryLeft)} are allowed; ask for fewer, or give more with --max-memory");
        }
    }

    /// <summary>What --device and --precision name.</summary>
    public Device OpenDevice()
    {
        var choice = Get(Options.Device);
        var device = choice.Open(Get(Options.Precision) == "half" ? Precision.Half : Precision.Float32);
        if (choice.IsAuto && !device.RunsOnHost)
        {
            Say($"{device.Name} is taken; --device cpu for the processor");
        }
        return device;
    }

    /// <summary>As many as --threads says, or one for each core.</summary>
    public Workers StartWorkers()
    {
        Result.Threads = Get(Options.Threads) ?? Environment.ProcessorCount;
        return new Workers(Result.Threads.Value);
    }

    /// <summary>What --seed says, or 0.</summary>
    public ulong Seed() => (Result.Seed = Get(Options.Seed) ?? 0).Value;

    /// <summary>Null where the user wants none.</summary>
    public Progress? ShowProgress() => Get(Options.Quiet) ? null : Progress.For(Error);

    /// <summary>A line for people on standard error, unless they want quiet.</summary>
    public void Say(string line)
    {
        if (!Get(Options.Quiet))
        {
            Error.WriteLine(line);
        }
    }

    /// <summary>Writes lines to standard output, unless the JSON result goes there.</summary>
    public void Write(IEnumerable<string> lines)
    {
        if (!IsJsonOnOutput)
        {
            foreach (var line in lines)
            {
                Output.WriteLine(line);
            }
        }
    }

    /// <summary>Writes the files that options ask of every command.</summary>
    public int Finish(int exitCode = ExitCode.Done)
    {
        var force = Get(Options.Force);
        if (Get(Options.SaveConfig) is { } configuration)
        {
            AtomicFile.Write(configuration, force, stream => Configuration.Save(stream, parsed, Result));
        }
        (Result.Seconds.Total, Result.PeakMemoryBytes) = (Elapsed, CommandResult.MeasurePeakMemory());
        if (Get(Options.Report) is { } report)
        {
            AtomicFile.Write(report, force, stream => Report.Write(stream, parsed, Result, Picture));
        }
        if (Get(Options.Json) is { } json)
        {
            if (json == "-")
            {
                Output.WriteLine(Result.ToJson());
            }
            else
            {
                AtomicFile.Write(json, force, Result.Write);
            }
        }
        return exitCode;
    }

    /// <summary>Refuses at once, before long work, an output that may not be written, or whose name another one has.</summary>
    /// <param name="name">Of the option.</param>
    /// <param name="path">Null: none is asked for.</param>
    /// <param name="check">Takes the path and whether it may exist; returns it in full.</param>
    public void CheckOutput(string name, string? path, Func<string, bool, string> check)
    {
        if (path is not null && check(path, Get(Options.Force) || name == Options.Checkpoint.Name && Get(Options.Resume)) is var target
            && (!outputs.Add(target) || IsReadFrom(target, name)))
        {
            throw new CommandException(ExitCode.WrongUse, $"{name}: {path} is the name of another output or of a folder that is read; give each its own");
        }
    }

    // A folder is replaced as a whole, so none that the command reads something of may be.
    private bool IsReadFrom(string target, string output) =>
        Directory.Exists(target) && parsed.CommandResult.Children.SelectMany(child => child switch
        {
            ArgumentResult argument => argument.Tokens,
            OptionResult option when option.Option.Name != output => option.Tokens,
            _ => [],
        }).Any(token => (Path.GetFullPath(token.Value) + Path.DirectorySeparatorChar).StartsWith(target + Path.DirectorySeparatorChar, StringComparison.Ordinal));

    private static string CheckOutput(Option<string?> option, string path, bool mayExist) =>
        option == Options.DataOutput && KSpaceFile.HasOwnEnding(path) ? KSpaceFile.CheckOutput(path, mayExist)
        : option == Options.ImageOutput || option == Options.DataOutput && !LandmarkFile.HasEnding(path) ? ImageFile.CheckOutput(path, mayExist)
        : AtomicFile.Check(path, mayExist);
}
