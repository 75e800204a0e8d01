using InrFast.Cli.Output;

namespace InrFast.Tests;

/// <summary>Progress: a bar in place on a terminal, seldom a line elsewhere.</summary>
internal sealed class ProgressTests
{
    private sealed class Clock : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => ticks;

        public void Advance(double seconds) => ticks += TimeSpan.FromSeconds(seconds).Ticks;
    }

    private static string Show(int? columns, int reports, double secondsBetween)
    {
        using var error = new StringWriter();
        var clock = new Clock();
        var progress = new Progress(error, columns, clock);
        for (var i = 1; i <= reports; i++)
        {
            clock.Advance(secondsBetween);
            progress.Report(new ProgressState(10 * i, (double)i / reports, 0.00125, i == 1 ? null : 31.256, 2.5e6));
        }
        progress.Dispose();
        return error.ToString();
    }

    [Test]
    public void Elsewhere_it_is_a_line_every_five_seconds()
    {
        var lines = Show(columns: null, reports: 100, secondsBetween: 0.11).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        // 11 seconds: after 5 and 10.
        Assert.That(lines, Has.Length.EqualTo(2));
        Assert.That(lines[0].TrimEnd(), Is.EqualTo(" 46 %  iteration 460  loss 1.25e-03  31.26 dB  2.50 M rows/s  0:05 left"));
    }

    [Test]
    public void On_a_terminal_it_redraws_one_line_and_leaves_none()
    {
        var text = Show(columns: 120, reports: 4, secondsBetween: 1);
        Assert.That(text, Does.Not.Contain("\n"));
        var drawings = text.Split('\r', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(drawings[0], Does.Not.Contain("dB"));
        Assert.That(drawings[1], Does.StartWith("[##########..........]  50 %  iteration 20"));
        Assert.That(drawings[1], Does.Contain("0:02 left"));
        Assert.That(drawings[^1], Is.EqualTo(new string(' ', drawings[^2].TrimEnd().Length)));
    }

    [Test]
    public void Reports_that_come_quickly_are_not_all_drawn() =>
        Assert.That(Show(columns: 120, reports: 1000, secondsBetween: 0.001).Split('\r', StringSplitOptions.RemoveEmptyEntries), Has.Length.LessThan(15));

    [TestCase(80, "[##")]
    [TestCase(40, " 50 %  iteration 20")]
    public void It_never_fills_the_terminals_line(int columns, string begin)
    {
        var drawings = Show(columns, reports: 4, secondsBetween: 1).Split('\r', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(drawings.Select(line => line.Length), Is.All.LessThan(columns));
        Assert.That(drawings[1], Does.StartWith(begin));
    }
}
