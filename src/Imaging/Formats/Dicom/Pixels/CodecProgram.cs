using System.Diagnostics;

namespace InrFast.Imaging.Dicom;

/// <summary>
/// A decoder that runs as a program of the system in a process of its own, because its library is of a language in which a broken stream can do harm: with a
/// cap on memory, time and output, in a folder of its own that is removed afterwards.
/// </summary>
/// <param name="Name">Of the program, to be found on the PATH.</param>
/// <param name="Package">That holds it, in Debian.</param>
internal sealed record CodecProgram(string Name, string Package)
{
    private const long MemoryBase = 512L << 20, MemoryPerSample = 64;

    // Decoders manage some million samples a second on a slow machine; a busy one may need longer on the wall clock.
    private const int SecondsBase = 1, SamplesPerSecond = 1_000_000, WallClockFactor = 10;

    // The shell sets the limits on itself and then becomes the program.
    private const string Limits = """ulimit -v "$1" && ulimit -t "$2" && ulimit -f "$3" && ulimit -c 0 && shift 3 && exec "$@" >/dev/null 2>&1""";

    /// <summary>Gives the program a file and returns the one that it makes.</summary>
    /// <param name="input">What to decode, and the ending of the name that the program shall see.</param>
    /// <param name="outputEnding">Of the name that it shall write.</param>
    /// <param name="samples">How many it may make, already checked against the limits.</param>
    /// <param name="outputBytes">The longest output it may make.</param>
    /// <param name="arguments">From the paths of input and output.</param>
    /// <param name="syntax">For messages.</param>
    /// <param name="file">For messages.</param>
    /// <exception cref="ImagingException">Unsupported: the program is not there. Malformed: it failed.</exception>
    public byte[] Run((Action<Stream> Write, string Ending) input, string outputEnding, long samples, long outputBytes,
        Func<string, string, IEnumerable<string>> arguments, DicomTransferSyntax syntax, InputFile file)
    {
        var program = Find() ?? throw file.Unsupported($"its pixels are compressed as {syntax}, which needs the program {Name}; install it (Debian: apt install {Package})");
        var folder = Directory.CreateTempSubdirectory("inrfast-");
        try
        {
            var (source, target) = (Path.Combine(folder.FullName, "in" + input.Ending), Path.Combine(folder.FullName, "out" + outputEnding));
            using (var stream = File.Create(source))
            {
                input.Write(stream);
            }
            var seconds = SecondsBase + samples / SamplesPerSecond;
            string[] limits = [$"{(MemoryBase + MemoryPerSample * samples) >> 10}", $"{seconds}", $"{(outputBytes >> 9) + 1}"];
            var start = new ProcessStartInfo("/bin/sh", ["-c", Limits, "sh", .. limits, program, .. arguments(source, target)]) { WorkingDirectory = folder.FullName };
            using var process = Process.Start(start)!;
            if (!process.WaitForExit(TimeSpan.FromSeconds(seconds * WallClockFactor)))
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
            }
            var made = new FileInfo(target);
            return process.ExitCode == 0 && made.Exists && made.LinkTarget is null && made.Length <= outputBytes
                ? File.ReadAllBytes(target)
                : throw file.Malformed($"its pixels, compressed as {syntax}, are broken ({Name} ended with code {process.ExitCode}); get a sound copy");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Where(Path.IsPathFullyQualified).Select(folder => Path.Combine(folder, Name)).FirstOrDefault(File.Exists);
}
