#!/usr/bin/env dotnet
// Reading of files beside other programs: dotnet run -c Release perf/imaging/imaging.cs [-- ROUNDS]
// Makes a CT series of 200 slices of 512 x 512 in /dev/shm (no disk in the way). In turn: the library and the command read it; the command and dcm2niix make one .nii of it;
// the command makes a derived series, and DCMTK's dcmconv, which is started for each file, copies it. Processor time (user and system, all cores) depends less on what else the machine does.
#:project ../../src/Imaging/Imaging.csproj
#:project ../Reporting/Reporting.csproj
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
using System.Diagnostics;
using System.Runtime.InteropServices;
using InrFast.Imaging;
using InrFast.Reporting;

const int Slices = 200;
int rounds = args is [var count] ? int.Parse(count) : 5;
using var report = new Report(null, memory: true);
string work = report.Work;
string series = Path.Combine(work, "series"), output = Path.Combine(work, "out.nii");
string program = report.Publish("program", "-r", RuntimeInformation.RuntimeIdentifier), console = report.Publish("console", "-p:Edition=console", $"-p:InstructionSet=x86-64-v{(System.Runtime.Intrinsics.X86.Avx512F.IsSupported ? 4 : 3)}");
MakeSeries(series);
(string What, Action Run)[] contestants =
[
    ("library: read", () => ImageFile.Read(series)),
    .. from it in new[] { ("", program), (", console edition", console) }
       from target in new[] { output, Path.Combine(work, "derived") + "/" }
       select ($"inrfast convert FOLDER -o {Path.GetRelativePath(work, target)}{it.Item1}", (Action)(() => Report.Execute(it.Item2, "convert", series, "-o", target, "-f", "-q"))),
    ("dcmconv FILE OTHER/FILE, 200 times", () => Report.Execute("sh", "-c", $"mkdir -p {work}/copies && for f in {series}/*; do dcmconv $f {work}/copies/${{f##*/}} || exit 1; done")),
    ("dcm2niix -z n", () => Report.Execute("dcm2niix", "-z", "n", "-b", "n", "-w", "1", "-f", "out", "-o", work, series)),
];
var (seconds, used) = (contestants.Select(_ => new List<double>()).ToArray(), contestants.Select(_ => new List<double>()).ToArray());
for (var round = -1; round < rounds; round++)
{
    for (var i = 0; i < contestants.Length; i++)
    {
        var start = Stopwatch.GetTimestamp();
        var before = ProcessorSeconds();
        contestants[i].Run();
        if (round >= 0)
        {
            seconds[i].Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            used[i].Add(ProcessorSeconds() - before);
        }
    }
}
Console.WriteLine($"{Slices} slices of 512 x 512, {Report.Machine}, {DateTime.Now:yyyy-MM-dd}: medians of {rounds} rounds\n");
Console.WriteLine("| | s | dcm2niix / it (median of rounds) | processor, s |\n| --- | --- | --- | --- |");
for (var i = 0; i < contestants.Length; i++)
{
    Console.WriteLine($"| {contestants[i].What} | {Report.Median(seconds[i]):F3} | {Report.Median(seconds[^1].Zip(seconds[i], (peer, ours) => peer / ours)):F2} | {Report.Median(used[i]):F3} |");
}

// Each slice is the sample with its values moved a little, so that none is like another.
void MakeSeries(string folder)
{
    var source = ImageFile.Read(Path.Combine(Report.Root, "samples", "ct.dcm"));
    var slice = source.Samples.ToArray();
    var volume = Enumerable.Range(0, Slices).SelectMany(z => slice.Select(value => value + z)).ToArray();
    ImageFile.Write(folder + "/", source.Derive(source.Grid with { Size = new GridSize(source.Size.X, source.Size.Y, Slices) }, volume));
}

// Of this process and of the children that have ended.
static double ProcessorSeconds()
{
    const int Children = -1;
    var usage = new long[18];
    _ = getrusage(Children, usage);
    return Environment.CpuUsage.TotalTime.TotalSeconds + usage[0] + usage[2] + 1e-6 * (usage[1] + usage[3]);
}

[DllImport("libc")]
static extern int getrusage(int who, long[] usage);
