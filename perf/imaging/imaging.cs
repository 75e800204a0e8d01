#!/usr/bin/env dotnet
// Reading of files beside other programs: dotnet run -c Release perf/imaging/imaging.cs [-- ROUNDS]
// Makes a CT series of 200 slices of 512 x 512 in /dev/shm (no disk in the way) and reads it in turn with the library, the command and dcm2niix.
#:project ../../src/Imaging/Imaging.csproj
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using InrFast.Imaging;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int Slices = 200;
int rounds = args is [var count] ? int.Parse(count) : 5;
string root = Path.GetFullPath(Path.Combine(Here(), "..", ".."));
string work = Directory.Exists("/dev/shm") ? Directory.CreateDirectory($"/dev/shm/inrfast-perf-{Environment.ProcessId}").FullName : Directory.CreateTempSubdirectory("inrfast-perf-").FullName;
try
{
    string series = Path.Combine(work, "series"), output = Path.Combine(work, "out.nii"), program = Path.Combine(work, "program", "inrfast");
    Execute("dotnet", "publish", Path.Combine(root, "src/Cli/Cli.csproj"), "-c", "Release", "-o", Path.GetDirectoryName(program)!, "-v", "q");
    MakeSeries(series);
    (string What, Action Run)[] contestants =
    [
        ("library: read", () => ImageFile.Read(series)),
        ("inrfast convert FOLDER -o a.nii", () => Execute(program, "convert", series, "-o", output, "-f", "-q")),
        ("inrfast convert FOLDER -o OTHER/", () => Execute(program, "convert", series, "-o", Path.Combine(work, "derived") + "/", "-f", "-q")),
        ("dcm2niix -z n", () => Execute("dcm2niix", "-z", "n", "-b", "n", "-w", "1", "-f", "out", "-o", work, series)),
    ];
    var seconds = contestants.Select(_ => new List<double>()).ToArray();
    for (var round = -1; round < rounds; round++)
    {
        for (var i = 0; i < contestants.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            contestants[i].Run();
            if (round >= 0)
            {
                seconds[i].Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }
    }
    Console.WriteLine($"{Slices} slices of 512 x 512, {Environment.ProcessorCount} cores, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}, {DateTime.Now:yyyy-MM-dd}: medians of {rounds} rounds\n");
    Console.WriteLine("| | s | dcm2niix / it (median of rounds) |\n| --- | --- | --- |");
    for (var i = 0; i < contestants.Length; i++)
    {
        Console.WriteLine($"| {contestants[i].What} | {Median(seconds[i]):F3} | {Median(seconds[^1].Zip(seconds[i], (peer, ours) => peer / ours)):F2} |");
    }
}
finally
{
    Directory.Delete(work, recursive: true);
}

// Each slice is the sample with its values moved a little, so that none is like another.
void MakeSeries(string folder)
{
    var source = ImageFile.Read(Path.Combine(root, "samples", "ct.dcm"));
    var slice = source.Samples.ToArray();
    var volume = Enumerable.Range(0, Slices).SelectMany(z => slice.Select(value => value + z)).ToArray();
    ImageFile.Write(folder + "/", source.Derive(source.Grid with { Size = new GridSize(source.Size.X, source.Size.Y, Slices) }, volume));
}

static double Median(IEnumerable<double> values) => values.Order().ToArray() is var sorted ? sorted[sorted.Length / 2] : 0;

static void Execute(string program, params string[] arguments)
{
    using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    var error = process.StandardError.ReadToEndAsync();
    var output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    if (process.ExitCode != 0)
    {
        throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {output}{error.Result}");
    }
}

static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
