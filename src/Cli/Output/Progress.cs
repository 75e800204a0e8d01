using System.Globalization;

namespace InrFast.Cli.Output;

/// <summary>Where a fit stands. Rows are coordinates that went through the model and back.</summary>
/// <param name="Fraction">Share of the way to the first limit (iterations or time), 0 to 1.</param>
/// <param name="Psnr">dB; null where unknown.</param>
internal readonly record struct ProgressState(long Iteration, double Fraction, double Loss, double? Psnr, double RowsPerSecond);

/// <summary>
/// Shows progress on standard error: a bar that redraws itself on a terminal, a line every few seconds elsewhere. Cheap to call at every
/// iteration: it draws only when that is due.
/// </summary>
internal sealed class Progress(TextWriter error, bool isTerminal, TimeProvider clock)
{
    private const int BarWidth = 20;
    private static readonly TimeSpan Redraw = TimeSpan.FromSeconds(0.1), Repeat = TimeSpan.FromSeconds(5);
    private readonly long start = clock.GetTimestamp();
    private readonly TimeSpan interval = isTerminal ? Redraw : Repeat;
    private TimeSpan due = isTerminal ? Redraw : Repeat;
    private int drawn;

    /// <summary>For the error stream of a program: a bar where that is a terminal that can redraw.</summary>
    public static Progress For(TextWriter error) =>
        new(error, ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb", TimeProvider.System);

    public void Report(in ProgressState state)
    {
        var elapsed = clock.GetElapsedTime(start);
        if (elapsed < due)
        {
            return;
        }
        due = elapsed + interval;
        var text = Format(state, elapsed);
        if (!isTerminal)
        {
            error.WriteLine(text);
            return;
        }
        var filled = (int)(Math.Clamp(state.Fraction, 0, 1) * BarWidth);
        var line = $"[{new string('#', filled)}{new string('.', BarWidth - filled)}] {text}";
        error.Write('\r' + line.PadRight(drawn));
        drawn = line.Length;
    }

    /// <summary>Takes the bar off the terminal, for what comes after it.</summary>
    public void Clear()
    {
        if (drawn > 0)
        {
            error.Write('\r' + new string(' ', drawn) + '\r');
            drawn = 0;
        }
    }

    private static string Format(in ProgressState state, TimeSpan elapsed)
    {
        var psnr = state.Psnr is { } value ? string.Create(CultureInfo.InvariantCulture, $"  {value:f2} dB") : "";
        var left = state.Fraction is > 0 and < 1 ? "  " + Duration(elapsed * (1 / state.Fraction - 1)) + " left" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{100 * state.Fraction,3:f0} %  iteration {state.Iteration}  loss {state.Loss:0.00e-00}{psnr}  {state.RowsPerSecond / 1e6:f2} M rows/s{left}");
    }

    private static string Duration(TimeSpan time) =>
        time.TotalHours < 1 ? time.ToString(@"m\:ss", CultureInfo.InvariantCulture) : $"{(int)time.TotalHours}:{time:mm\\:ss}";
}
