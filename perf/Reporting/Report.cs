using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Json.Nodes;

namespace InrFast.Reporting;

/// <summary>A report in Markdown, printed line by line and kept in perf/results where it has a name, and what programs need that compare <c>inrfast</c> with others: it is published, and run beside them in a folder that goes with the report.</summary>
/// <param name="name">Of the file in perf/results, without its ending; null: it is printed alone.</param>
/// <param name="memory">Files lie in memory, where the machine has /dev/shm: no disk in the way.</param>
public sealed class Report(string? name, bool memory = false) : IDisposable
{
    readonly StringBuilder text = new();
    string? inrfast;

    /// <summary>The repository.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Here(), "..", ".."));

    /// <summary>For files of the report's life.</summary>
    public string Work { get; } = memory && Directory.Exists("/dev/shm") ? Directory.CreateDirectory($"/dev/shm/inrfast-{Environment.ProcessId}").FullName : Directory.CreateTempSubdirectory("inrfast-").FullName;

    /// <summary>The command, published when it is first asked for.</summary>
    public string Inrfast => inrfast ??= Publish("program");

    public static string Load => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    public static string Machine =>
        $"{(File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() : null) ?? "unknown processor"}, {Environment.ProcessorCount} cores, "
        + $"{(Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128)}-bit vectors; {RuntimeInformation.FrameworkDescription}; load average over the last minute {Load}";

    /// <summary>A file or folder of shared/data, beside the repository or above it; null: it is not there.</summary>
    public static string? Data(params string[] path)
    {
        for (string? folder = Root; folder is not null; folder = Path.GetDirectoryName(folder))
            if (Path.Combine([folder, "shared", "data", .. path]) is var found && Path.Exists(found)) return found;
        return null;
    }

    public static double Median(IEnumerable<double> values) => values.Order().ToArray() is var sorted ? sorted[sorted.Length / 2] : 0;

    public void Line(string line)
    {
        Console.WriteLine(line);
        text.AppendLine(line);
    }

    /// <summary>Writes perf/results/NAME.md, and NAME.json where there is one.</summary>
    public void Save(JsonNode? json = null)
    {
        if (name is null) return;
        string path = Path.Combine(Root, "perf", "results", name);
        File.WriteAllText(path + ".md", text.ToString());
        if (json is not null) File.WriteAllText(path + ".json", json.ToJsonString(new() { WriteIndented = true }) + "\n");
    }

    /// <summary>The command as it is built with some properties, in a folder of <see cref="Work"/>.</summary>
    public string Publish(string folder, params string[] properties)
    {
        string path = Path.Combine(Work, folder);
        Execute("dotnet", ["publish", Path.Combine(Root, "src", "Cli", "Cli.csproj"), "-c", "Release", "-o", path, "-v", "q", .. properties]);
        return Path.Combine(path, "inrfast");
    }

    /// <summary>What <c>inrfast</c> says of a run with <c>--json</c>, and seconds of the whole process.</summary>
    public (JsonNode Json, double Seconds) Run(params string[] command)
    {
        string result = Path.Combine(Work, "result.json");
        double seconds = Execute(Inrfast, [.. command, "-q", "-f", "--json", result]);
        return (JsonNode.Parse(File.ReadAllText(result))!, seconds);
    }

    /// <summary>Seconds that a program takes.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    /// <exception cref="System.ComponentModel.Win32Exception">It is not installed.</exception>
    public static double Execute(string program, params string[] arguments)
    {
        long start = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = Root, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? Stopwatch.GetElapsedTime(start).TotalSeconds : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}\n{output}{error.Result}");
    }

    public void Dispose() => Directory.Delete(Work, recursive: true);

    static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
