using System.Text.Json;

namespace InrFast.Tests;

/// <summary>The speed of this machine, as a table and for programs.</summary>
internal sealed class BenchTests : CommandTests
{
    [Test]
    public void A_table_names_the_peak_and_the_model()
    {
        var run = CommandRun.Of("bench", "--model", "siren-64", "--threads", "1", "-q");
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.Contain("Gflop/s on one thread").And.Match(@"siren-64 +12737 +4096( +[0-9.]+ +[0-9.]+ %){3}"));
        Assert.That(run.Output.Contains("load average", StringComparison.Ordinal), Is.EqualTo(File.Exists("/proc/loadavg")));
    }

    [Test]
    public void The_result_for_programs_has_paces_and_shares()
    {
        var run = CommandRun.Of("bench", "--model", "grid-2d", "--threads", "2", "--json", "-");
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "measuring grid-2d\n")));
        using var document = JsonDocument.Parse(run.Output);
        var json = document.RootElement;
        Assert.That((json.GetProperty("command").GetString(), json.GetProperty("threads").GetInt32()), Is.EqualTo(("bench", 2)));
        var bench = json.GetProperty("bench");
        Assert.That(bench.GetProperty("peakGigaflopsOneThread").GetDouble(), Is.GreaterThan(0.1));
        Assert.That(bench.GetProperty("peakGigaflops").GetDouble(), Is.GreaterThan(0.1));
        var model = bench.GetProperty("models").EnumerateArray().Single();
        Assert.That(model.GetProperty("model").GetString(), Is.EqualTo("grid-2d"));
        foreach (var what in new[] { "training", "inference", "derivatives" })
        {
            Assert.That(model.GetProperty(what).GetProperty("rowsPerSecond").GetDouble(), Is.GreaterThan(100), what);
            Assert.That(model.GetProperty(what).GetProperty("shareOfPeak").GetDouble(), Is.GreaterThan(0).And.LessThan(20), what);
        }
    }

    [TestCase("--model alexnet", 64, "'alexnet' is none of all, siren-64")]
    [TestCase("--threads 0", 64, "'0' is no whole number")]
    [TestCase("--device cuda:99", 69, "cuda:99")]
    public void What_cannot_be_measured(string options, int exitCode, string words) => AssertRefused(CommandRun.Of(["bench", .. options.Split(' ')]), exitCode, words);
}
