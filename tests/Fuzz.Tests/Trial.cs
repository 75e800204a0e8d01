using System.Diagnostics;
using InrFast.Imaging;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tests.Fuzzing;

/// <summary>What came of inputs.</summary>
internal sealed record Trial(int Read, int Refused, TimeSpan Taken, TimeSpan Slowest, long MostAllocated, IReadOnlyList<string> Faults)
{
    private const int MaxFaults = 5, Repeats = 3;

    public static Trial Of(Parser parser, byte[] input, string folder)
    {
        var (allocated, start) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
        var fault = FaultOf(parser, input, folder, out var isRead);
        var taken = Stopwatch.GetElapsedTime(start);
        var elapsed = taken;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        // A busy machine may stop any thread for a while, but hardly the same one time after time, and while it stands the process's clock does too.
        for (var repeat = 0; repeat < Repeats && elapsed > parser.MaxTime; repeat++)
        {
            var used = Environment.CpuUsage.TotalTime;
            start = Stopwatch.GetTimestamp();
            FaultOf(parser, input, folder, out _);
            var again = Stopwatch.GetElapsedTime(start);
            used = Environment.CpuUsage.TotalTime - used;
            again = used < again ? used : again;
            elapsed = again < elapsed ? again : elapsed;
        }
        fault ??= elapsed > parser.MaxTime ? $"it took {elapsed.TotalSeconds:f1} s"
            : allocated > parser.MaxAllocated ? $"it allocated {allocated >> 20} MiB" : null;
        return new Trial(isRead ? 1 : 0, isRead ? 0 : 1, taken, elapsed, allocated, fault is null ? [] : [$"{fault}\ninput: {Saved(parser, input)}"]);
    }

    public Trial With(Trial other) => new(Read + other.Read, Refused + other.Refused, Taken + other.Taken, Slowest > other.Slowest ? Slowest : other.Slowest, Math.Max(MostAllocated, other.MostAllocated), [.. Faults.Concat(other.Faults).Take(MaxFaults)]);

    public override string ToString() => $"{Read} read, {Refused} refused in {Taken.TotalSeconds:f1} s, slowest {Slowest.TotalMilliseconds:f0} ms, most allocated {MostAllocated >> 10} KiB";

    private static string? FaultOf(Parser parser, byte[] input, string folder, out bool isRead)
    {
        isRead = false;
        try
        {
            parser.Read(input, folder);
            isRead = true;
            return null;
        }
        catch (Exception e)
        {
            return e.GetType() != parser.Refusal ? e.ToString() : e is ImagingException or ModelFileException or FitException && e.Message.Any(char.IsControl) || e.Message.Contains('\n', StringComparison.Ordinal) ? $"the message is not one line of text: {e.Message}" : null;
        }
    }

    private static string Saved(Parser parser, byte[] input)
    {
        var path = Path.Combine(Path.GetTempPath(), $"inrfast-fuzz-{parser.Name}.{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(input))[..8]}");
        File.WriteAllBytes(path, input);
        return path;
    }
}
