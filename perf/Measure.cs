using System.Diagnostics;
using System.Runtime.InteropServices;
using InrFast.Tasks.Benchmarks;

namespace InrFast.Perf;

/// <summary>One thing to time. <paramref name="Flops"/>: floating-point operations of one run, 0 where a share of peak says nothing.</summary>
sealed record Contestant(string Name, Action Run, double Flops = 0);

/// <summary>
/// Medians over the rounds. Ratios are this contestant's time over the first one's of its group, paired within a round.
/// Gigaflops are per second of CPU time, so per core. Shares are of the FMA peak measured in the same round: by CPU time per core, by wall over all threads.
/// </summary>
sealed record Timing(
    string Case, string Peer, int Threads, string Name,
    double CpuMilliseconds, double WallMilliseconds, double CpuRatio, double WallRatio,
    double Gigaflops, double CpuShareOfPeak, double WallShareOfPeak);

static class Measure
{
    /// <summary>Runs all in turn, round by round, so that whatever else the machine does falls on all alike; two rounds to warm up.</summary>
    public static IReadOnlyList<Timing> Interleaved(string group, Settings settings, params Contestant[] contestants)
    {
        const int WarmUp = 2;
        int threads = settings.Threads;
        var peak = new List<(double Cpu, double Wall)>();
        var times = contestants.Select(_ => new List<(double Cpu, double Wall)>()).ToArray();
        for (int round = -WarmUp; round < settings.Rounds; round++)
        {
            var rate = Time(() => Peak.Run(threads));
            if (round >= 0) peak.Add(rate);
            for (int i = 0; i < contestants.Length; i++)
            {
                var time = Time(contestants[i].Run);
                if (round >= 0) times[i].Add(time);
            }
        }

        double Paired(List<(double Cpu, double Wall)> over, List<(double Cpu, double Wall)> under, Func<(double Cpu, double Wall), double> clock) =>
            Median(over.Zip(under, (a, b) => clock(a) / clock(b)));

        return [.. contestants.Select((c, i) => new Timing(group, settings.Peer, threads, c.Name,
            Median(times[i].Select(t => t.Cpu)) * 1e3, Median(times[i].Select(t => t.Wall)) * 1e3,
            Paired(times[i], times[0], t => t.Cpu), Paired(times[i], times[0], t => t.Wall),
            c.Flops / Median(times[i].Select(t => t.Cpu)) * 1e-9,
            c.Flops / Peak.Flops(threads) * Paired(peak, times[i], t => t.Cpu), c.Flops / Peak.Flops(threads) * Paired(peak, times[i], t => t.Wall)))];
    }

    /// <summary>Seconds: CPU time of all the process's threads, and wall.</summary>
    public static (double Cpu, double Wall) Time(Action run, bool pause = true)
    {
        if (pause) Thread.Sleep(15); // the workers of the one before stop spinning
        double cpu = CpuSeconds();
        long wall = Stopwatch.GetTimestamp();
        run();
        return (CpuSeconds() - cpu, Stopwatch.GetElapsedTime(wall).TotalSeconds);
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>clock_gettime(CLOCK_PROCESS_CPUTIME_ID): to the nanosecond, where .NET's own figure comes in ticks of the scheduler.</summary>
    public static double CpuSeconds()
    {
        const int ProcessCpuTime = 2;
        return clock_gettime(ProcessCpuTime, out var time) == 0 ? time.Seconds + time.Nanoseconds * 1e-9 : throw new PlatformNotSupportedException("perf runs on Linux: no process CPU clock here");
    }

    struct TimeSpecification { public long Seconds, Nanoseconds; }

    [DllImport("libc")]
    static extern int clock_gettime(int clock, out TimeSpecification time);
}
