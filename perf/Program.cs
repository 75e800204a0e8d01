using System.Diagnostics;
using System.Text.Json;
using InrFast.Perf;
using InrFast.Perf.Peer;

try
{
    var settings = Settings.Parse(args);
    if (settings.Command == "profile")
    {
        Profile.Siren(settings);
        return 0;
    }
    string load = Machine.LoadNow();
    if (settings.Command == "speed")
    {
        Results.Write(settings, load, [.. Speed.Runs().SelectMany(run => Child(["--child", run.Peer, "--threads", $"{run.Threads}"], run.Command, run.Peer))]);
        return 0;
    }
    Func<Settings, IEnumerable<Timing>> command = settings.Command switch
    {
        "siren" => Comparisons.Siren,
        "jets" => Comparisons.Jets,
        "registration" => Comparisons.Registration,
        "hashgrid" => Comparisons.HashGrid,
        "threads" => Comparisons.Threads,
        "engine" => Comparisons.Engine,
        "growth" => Comparisons.Growth,
        "fit" => Fits.Compare,
        "peak" => Comparisons.Multiply,
        _ => throw new ArgumentException($"unknown command '{settings.Command}'"),
    };
    if (settings.Peer != "") RunChild(settings, command);
    else Results.Write(settings, load, [.. (settings.Command is "peak" or "threads" or "engine" or "growth" ? ["none"] : settings.Peers).SelectMany(peer => Child(["--child", peer], settings.Command, peer))]);
    return 0;
}
catch (ArgumentException e)
{
    Console.Error.WriteLine($"perf: {e.Message}\n{Settings.Usage}");
    return 64;
}
catch (InvalidOperationException e)
{
    Console.Error.WriteLine($"perf: {e.Message}");
    return 1;
}

// Stock and tuned libtorch are two processes: the vendor check and the allocator are set for a process's whole life.
IEnumerable<Timing> Child(string[] more, string command, string peer)
{
    string program = Environment.ProcessPath!;
    string[] self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(Results).Assembly.Location] : [];
    var start = new ProcessStartInfo(program, [.. self, command, .. args[1..], .. more]) { RedirectStandardOutput = true };
    if (peer == "tuned") start.Environment["GLIBC_TUNABLES"] = Allocator;
    using var child = Process.Start(start)!;
    while (child.StandardOutput.ReadLine() is { } line) yield return JsonSerializer.Deserialize<Timing>(line)!;
    child.WaitForExit();
    if (child.ExitCode != 0) throw new InvalidOperationException($"the measuring process ({peer}) ended with exit code {child.ExitCode}");
}

static void RunChild(Settings settings, Func<Settings, IEnumerable<Timing>> command)
{
    if (settings.Peer != "none")
    {
        TorchLoader.Load();
        if (settings.Peer == "tuned") TorchLoader.LiftVendorCheck();
        TorchSharp.torch.set_num_threads(settings.Threads);
    }
    foreach (var timing in command(settings))
    {
        Console.WriteLine(JsonSerializer.Serialize(timing));
        Console.Error.WriteLine(Results.Line(timing));
    }
}

partial class Program
{
    /// <summary>
    /// glibc maps and unmaps every large block, and torch, which allocates each intermediate anew, pays for the page faults:
    /// "as written" spends most of its time there. Here: one arena, nothing given back, huge pages, and no caches of small blocks,
    /// which keep freed large ones from growing together again.
    /// </summary>
    static readonly string Allocator = string.Join(':', new[] { "hugetlb=1", "arena_max=1", "mmap_max=0", "trim_threshold=17179869184", "top_pad=67108864", "tcache_count=0" }.Select(s => "glibc.malloc." + s));
}
