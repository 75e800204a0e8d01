using System.Globalization;

namespace InrFast.Cli.Output;

/// <summary>Where a fit stands. Rows are coordinates that went through the model and back.</summary>
/// <param name="Fraction">Share of the way to the first limit (iterations or time), 0 to 1.</param>
/// <param name="Psnr">dB; null where unknown.</param>
internal readonly record struct ProgressState(long Iteration, double Fraction, double Loss, double? Psnr, double RowsPerSecond);

/// <summary>
/// Shows progress on standard error: a bar that redraws itself on a terminal, a line every few seconds elsewhere. Cheap to call at every
/// iteration: it draws only when that is due. Disposing takes the bar off the terminal, for what comes after it.
/// </summary>
/// <param name="columns">Width of the terminal; null where it is none.</param>
internal sealed class Progress(TextWriter error, int? columns, TimeProvider clock) : IDisposable
{
    private const int WidestBar = 20, NarrowestBar = 4;
    private static readonly TimeSpan Redraw = TimeSpan.FromSeconds(0.1), Repeat = TimeSpan.FromSeconds(5);
    private readonly TimeSpan interval = columns is null ? Repeat : Redraw;
    private readonly long start = clock.GetTimestamp();
    private TimeSpan due = columns is null ? Repeat : Redraw;
    private int drawn;

    /// <summary>For the error stream of a program: a bar where that is a terminal that can redraw.</summary>
    public static Progress For(TextWriter error) => new(error,
        ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb" ? TerminalColumns() : null, TimeProvider.System);

    public void Report(in ProgressState state)
    {
        var elapsed = clock.GetElapsedTime(start);
        if (elapsed < due)
        {
            return;
        }
        due = elapsed + interval;
        var text = Format(state, elapsed);
        if (columns is not { } width)
        {
            error.WriteLine(text);
            return;
        }
        // A line that wraps cannot be redrawn; the last column stays free because some terminals wrap there already.
        var line = Bar(state.Fraction, width - 1 - text.Length) + text;
        line = line[..Math.Min(line.Length, width - 1)];
        error.Write('\r' + line.PadRight(drawn));
        drawn = line.Length;
    }

    public void Dispose()
    {
        if (drawn > 0)
        {
            error.Write('\r' + new string(' ', drawn) + '\r');
            drawn = 0;
        }
    }

    private static string Bar(double fraction, int room)
    {
        var width = Math.Min(room - "[] ".Length, WidestBar);
        if (width < NarrowestBar)
        {
            return "";
        }
        var filled = (int)(Math.Clamp(fraction, 0, 1) * width);
        return $"[{new string('#', filled)}{new string('.', width - filled)}] ";
    }

    private static string Format(in ProgressState state, TimeSpan elapsed)
    {
        var psnr = state.Psnr is { } value ? string.Create(CultureInfo.InvariantCulture, $"  {value:f2} dB") : "";
        var left = state.Fraction is > 0 and < 1 ? "  " + Duration(elapsed * (1 / state.Fraction - 1)) + " left" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{100 * state.Fraction,3:f0} %  iteration {state.Iteration}  loss {state.Loss:0.00e-00}{psnr}  {state.RowsPerSecond / 1e6:f2} M rows/s{left}");
    }

    private static string Duration(TimeSpan time) =>
        time.TotalHours < 1 ? time.ToString(@"m\:ss", CultureInfo.InvariantCulture) : $"{(long)time.TotalHours}:{time:mm\\:ss}";

    // Terminals that do not tell their width count as the usual one.
    private static int TerminalColumns() => Console.WindowWidth is > 0 and var width ? width : 80;
}
