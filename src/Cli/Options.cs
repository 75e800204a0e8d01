using System.CommandLine;
using System.Globalization;

namespace InrFast.Cli;

/// <summary>The options that mean the same in every command that has them.</summary>
internal static class Options
{
    public static Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "No progress and no warnings" };

    public static Option<bool> Verbose { get; } = new("--verbose", "-v") { Description = "More detail" };

    public static Option<string?> Config { get; } = OptionTypes.File("--config", "Take options from a JSON file; the command line wins");

    public static Option<string?> SaveConfig { get; } = OptionTypes.File("--save-config", "Write the options that were in force as JSON");

    public static Option<string?> Json { get; } = OptionTypes.File("--json", "Write the result as JSON; - is standard output");

    public static Option<string?> Report { get; } = OptionTypes.FileOf(".html", "--report", "Write a page about the run: picture, curves, options, result");

    public static Option<bool> Force { get; } = new("--force", "-f") { Description = "Overwrite existing outputs" };

    public static IEnumerable<Option> OfEveryCommand { get; } = [Json, Report, Config, SaveConfig, Force, Quiet, Verbose];

    public static Option<string> Output { get; } = new("--output", "-o")
    {
        Description = "Where the result goes; the format follows the name's ending",
        HelpName = "FILE",
        Required = true,
    };

    /// <summary>The same where it is an image.</summary>
    public static Option<string> ImageOutput { get; } = new("--output", "-o")
    {
        Description = "Where the image goes; the format follows the name's ending, and a folder (NAME/) becomes a DICOM series",
        HelpName = "FILE|FOLDER/",
        Required = true,
    };

    /// <summary>The same where it may be k-space or a list of landmarks too.</summary>
    public static Option<string> DataOutput { get; } = new("--output", "-o")
    {
        Description = "Where the image goes; the format follows the name's ending, and a folder (NAME/) becomes a DICOM series. K-space: .cfl or .npy; landmarks: .csv",
        HelpName = "FILE|FOLDER/",
        Required = true,
    };

    /// <summary>Bytes.</summary>
    public static Option<long?> MaxMemory { get; } = OptionTypes.Parsed("--max-memory", "SIZE",
        "Refuse before starting what would need more (bytes; K, M, G, T for powers of 1024)", ParseBytes, "size such as 800M or 4G");

    public static Option<string?> Series { get; } = new("--series")
    {
        Description = "Which DICOM series of a folder, a DICOMDIR or several files: its number, UID, or name in info; which array of an .npz or .h5 file: its name",
        HelpName = "NUMBER|UID|NAME",
    };

    public static Option<bool> AllowGaps { get; } = OptionTypes.Flag("--allow-gaps", "Interpolate DICOM slices that are missing or uneven instead of refusing them");

    /// <summary>For every command that reads images.</summary>
    public static IEnumerable<Option> OfInputs { get; } = [Series, AllowGaps, MaxMemory];

    public static Option<int?> Threads { get; } = OptionTypes.Number("--threads", "N", "CPU workers; all cores unless told", 1, 1024);

    public static Option<DeviceChoice> Device { get; } = DeviceChoice.CreateOption();

    /// <summary>Float32 unless told, on cards too: results do not change by themselves.</summary>
    public static Option<string> Precision { get; } = OptionTypes.Choice("--precision", "Of dense layers on a card; half takes its matrix units, many times faster, with 11 bits for values and weights", "float32", "float32", "half");

    public static Option<ulong?> Seed { get; } = OptionTypes.Number<ulong>("--seed", "N", "Key of all random numbers (0 unless told): same seed, same bytes", 0, ulong.MaxValue);

    public static Option<double?> RequirePsnr { get; } = OptionTypes.Number("--require-psnr", "DB", "End with exit code 2 where the PSNR is below", 0.0, 1000.0);

    public static Option<string?> Preview { get; } = OptionTypes.FileOf(".png", "--preview", "Draw the result, beside its input and the difference where there are such (volumes: three planes)");

    public static Option<double?> TimeLimit { get; } = OptionTypes.Number("--time-limit", "SECONDS", "End the search for the result after so long", 1e-3, 1e9);

    public static Option<string?> Checkpoint { get; } = OptionTypes.File("--checkpoint", "Save the state of the work here every half minute, and when it is interrupted");

    public static Option<bool> Resume { get; } = OptionTypes.Flag("--resume", "Go on from the checkpoint, to the same result; from the beginning where there is none yet");

    /// <summary>A command with a checkpoint: --resume alone says nothing to go on from.</summary>
    public static void RequireCheckpoint(Command command) => command.Validators.Add(result =>
    {
        if (result.GetResult(Resume) is not null && result.GetResult(Checkpoint) is null)
        {
            result.AddError("--resume goes on from a checkpoint; name it with --checkpoint");
        }
    });

    /// <summary>Files that the options name for writing, checked before the work begins.</summary>
    public static IEnumerable<Option<string?>> OutputFiles { get; } = [Output!, ImageOutput!, DataOutput!, Json, Report, SaveConfig, Preview, Checkpoint];

    internal static long? ParseBytes(string text)
    {
        var power = text.Length > 0 ? "KMGT".IndexOf(char.ToUpperInvariant(text[^1])) + 1 : 0;
        var digits = power > 0 ? text[..^1] : text;
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number * Math.Pow(1024, power) is >= 1 and < long.MaxValue and var bytes ? (long)bytes : null;
    }
}
