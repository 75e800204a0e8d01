using System.CommandLine;
using System.Globalization;
using InrFast.Cli.Output;
using InrFast.Tasks.Benchmarks;

namespace InrFast.Cli.Commands;

/// <summary>Measures how fast this machine trains and evaluates the models.</summary>
internal static class BenchCommand
{
    private const string LoadAverage = "/proc/loadavg";

    private static readonly Option<string> Model = OptionTypes.Choice("--model", "One model; all of them unless told", "all", ["all", .. Benchmark.Models]);

    private static readonly Option<int?> Batch = OptionTypes.Number("--batch", "ROWS", "Rows of an update; as many as a fit takes unless told", 1, 1 << 24);

    public static Command Create()
    {
        var command = new Command("bench", "Measure rows per second and the share of this machine's peak.") { Model, Batch, Options.Device, Options.Precision, Options.Threads };
        command.SetAction(parsed => Run(new Session(parsed)));
        return command;
    }

    private static int Run(Session session)
    {
        var device = session.OpenDevice();
        using var cancellation = new Cancellation();
        using var workers = session.StartWorkers();
        var load = File.Exists(LoadAverage) ? File.ReadAllText(LoadAverage).Split(' ')[..3] : null;
        var benchmark = new Benchmark(device, workers, batchRows: session.Get(Batch));
        var results = new List<BenchmarkResult>();
        foreach (var model in session.Get(Model) is var name and not "all" ? [name!] : Benchmark.Models)
        {
            session.Say($"measuring {model}");
            results.Add(benchmark.Run(model));
            cancellation.Token.ThrowIfCancellationRequested();
        }
        var (one, all) = benchmark.PeakFlops;
        SpeedOf Speed(Pace pace) => new(pace.RowsPerSecond, pace.GigaflopsPerSecond, all > 0 ? pace.GigaflopsPerSecond * 1e9 / all : null, pace.HostMicroseconds);
        session.Result.Device = device.Name;
        session.Result.Bench = new(all > 0 ? Peak.Width : null, all > 0 ? one * 1e-9 : null, all > 0 ? all * 1e-9 : null, load?.Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray(),
            [.. results.Select(r => new ModelSpeed(r.Model, r.Parameters, r.BatchRows, Speed(r.Training), Speed(r.Inference), Speed(r.Derivatives)))]);
        session.Write(Table(session.Result.Bench, device.Name, workers.Count));
        return session.Finish();
    }

    private static IEnumerable<string> Table(BenchDescription bench, string device, int threads)
    {
        yield return bench.PeakGigaflops is null ? device : string.Create(CultureInfo.InvariantCulture,
            $"{device}: peak {bench.PeakGigaflopsOneThread:f0} Gflop/s on one thread, {bench.PeakGigaflops:f0} on {threads}");
        if (bench.LoadAverage is { } load)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"load average {load[0]:f2}, {load[1]:f2}, {load[2]:f2}: other programs make all of this slower");
        }
        yield return "";
        yield return $"Million rows per second, {(bench.PeakGigaflops is null ? "Tflop/s" : "share of that peak")} in the dense layers; fastest step";
        yield return $"{"model",-11}{"parameters",11}{"batch",7}{"training",17}{"inference",17}{"with derivatives",18}";
        foreach (var m in bench.Models)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{m.Model,-11}{m.Parameters,11}{m.BatchRows,7}{Cell(m.Training),17}{Cell(m.Inference),17}{Cell(m.Derivatives),18}");
        }
    }

    private static string Cell(SpeedOf speed) => string.Create(CultureInfo.InvariantCulture,
        $"{speed.RowsPerSecond * 1e-6:f2} {(speed.ShareOfPeak is { } share ? $"{100 * share,5:f1} %" : $"{speed.GigaflopsPerSecond * 1e-3,7:f1}")}");
}
