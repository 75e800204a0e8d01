using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Cli;

/// <summary>The one place that turns an exception into an exit code and a line for the user.</summary>
internal static class Failure
{
    public static (int ExitCode, string Message) Describe(Exception exception) => exception switch
    {
        CommandException e => (e.ExitCode, OneLine(e.Message)),
        ImagingException e => (CodeOf(e.Kind), OneLine(e.Message)),
        ModelFileException e => (ExitCode.BadInput, OneLine(e.Message)),
        FitException e => (CodeOf(e.Kind), OneLine(e.Message)),
        DeviceException e => (e.Kind == DeviceError.OutOfMemory ? ExitCode.LimitExceeded : ExitCode.Unavailable, OneLine(e.Message)),
        OperationCanceledException => (ExitCode.Cancelled, "cancelled; nothing was written"),
        OutOfMemoryException => (ExitCode.LimitExceeded, "not enough memory; give a smaller image, or set --max-memory to be refused before the work begins"),
        IOException e => (ExitCode.InputOutput, OneLine(e.Message)),
        _ => (ExitCode.Defect, $"a defect of this program: {exception.GetType().Name}: {OneLine(exception.Message)} "
            + $"(please report this line, the command, and what -v adds; version {Application.Version})"),
    };

    private static int CodeOf(ImagingError kind) => kind switch
    {
        ImagingError.Malformed => ExitCode.BadInput,
        ImagingError.Unsupported => ExitCode.Unavailable,
        ImagingError.Missing or ImagingError.Unreadable => ExitCode.NoInput,
        ImagingError.Exists or ImagingError.CannotCreate => ExitCode.CannotCreate,
        ImagingError.WriteFailed => ExitCode.InputOutput,
        ImagingError.LimitExceeded => ExitCode.LimitExceeded,
        ImagingError.WrongUse => ExitCode.WrongUse,
        _ => ExitCode.Defect,
    };

    private static int CodeOf(FitError kind) => kind switch
    {
        FitError.Input => ExitCode.BadInput,
        FitError.WrongUse => ExitCode.WrongUse,
        FitError.Diverged => ExitCode.Diverged,
        FitError.Limit => ExitCode.LimitExceeded,
        _ => ExitCode.Defect,
    };

    private static string OneLine(string text) => new([.. text.ReplaceLineEndings(" ").Trim().Select(c => char.IsControl(c) ? '?' : c)]);
}
