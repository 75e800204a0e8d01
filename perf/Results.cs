using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using InrFast.Tasks.Benchmarks;

namespace InrFast.Perf;

/// <summary>The machine and its state, without which a time means nothing.</summary>
sealed record Machine(string Processor, int Cores, string System, string Runtime, int VectorBits, string LoadAverage)
{
    public static Machine Describe() => new(
        File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("model name", StringComparison.Ordinal)).Split(':')[1].Trim(),
        Environment.ProcessorCount, RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription, Peak.Width, LoadNow());

    /// <summary>Averages over 1, 5 and 15 minutes.</summary>
    public static string LoadNow() => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]);
}

static class Results
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string Line(Timing t) => string.Create(CultureInfo.InvariantCulture,
        $"{t.Case} ({Label(t)}): {t.Name}: cpu {t.CpuMilliseconds:F2} ms, wall {t.WallMilliseconds:F2} ms, {t.CpuRatio:F2} x the first{(t.Gigaflops == 0 ? "" : $", {t.Gigaflops:F0} GF/s a core, {Share(t.CpuShareOfPeak)} of peak")}; load {Machine.LoadNow()}");

    static string Label(Timing t) => t.Peer == "none" ? $"-, {t.Threads}" : $"{t.Peer}, {t.Threads}";

    /// <summary>A table on standard output; with a name also Markdown and JSON under perf/results.</summary>
    public static void Write(Settings settings, string loadAtStart, IReadOnlyList<Timing> timings)
    {
        var machine = Machine.Describe();
        var text = new StringBuilder();
        IReadOnlyList<Figure> figures = settings.Command == "speed" ? Speed.Figures(timings) : [];
        text.AppendLine(CultureInfo.InvariantCulture, $"# {settings.Command}, {settings.Date}").AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"{machine.Processor}, {machine.Cores} cores, {machine.VectorBits}-bit vectors; {machine.System}; {machine.Runtime}; load average (1, 5, 15 minutes) at the start {loadAtStart}, at the end {machine.LoadAverage}.")
            .AppendLine(CultureInfo.InvariantCulture, $"Medians of {settings.Rounds} interleaved rounds. Ratios are to the first line of a group, paired round by round; peak is the multiply-add rate measured in the same rounds.")
            .AppendLine("Stock: libtorch 2.10 as it comes. Tuned: MKL's vendor check lifted; glibc's allocator keeps its memory, in huge pages.")
            .AppendLine();
        if (figures.Count > 0) text.AppendLine("One thread: CPU time of the process. Several: wall time, which means little where other programs run.").AppendLine().Append(Speed.Table(figures)).AppendLine();
        text.AppendLine("| case | libtorch, threads | contestant | CPU ms | wall ms | CPU ratio | wall ratio | GF/s a core | of peak, CPU | of peak, wall |")
            .AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var t in timings)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {t.Case} | {Label(t)} | {t.Name} | {t.CpuMilliseconds:F2} | {t.WallMilliseconds:F2} | {t.CpuRatio:F2} | {t.WallRatio:F2} | {(t.Gigaflops == 0 ? "" : t.Gigaflops.ToString("F0", CultureInfo.InvariantCulture))} | {Share(t.CpuShareOfPeak)} | {Share(t.WallShareOfPeak)} |");
        Console.Write(text);
        if (settings.Name is null) return;
        var folder = Directory.CreateDirectory("perf/results");
        File.WriteAllText(Path.Combine(folder.FullName, settings.Name + ".md"), text.ToString());
        File.WriteAllText(Path.Combine(folder.FullName, settings.Name + ".json"), JsonSerializer.Serialize(new { settings.Command, settings.Date, settings.Rounds, Machine = machine, LoadAtStart = loadAtStart, Figures = figures.Select(f => new { f.What, f.Case, f.Value, f.Gate, f.Goal, f.Verdict }), Timings = timings }, Indented) + "\n");
    }

    static string Share(double share) => share == 0 ? "" : share.ToString("P0", CultureInfo.InvariantCulture);
}
