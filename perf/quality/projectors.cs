#!/usr/bin/env dotnet
// Projectors beside others: dotnet run -c Release perf/quality/projectors.cs [-- NAME [ROUNDS]]
// In turn, whole processes from file to file: inrfast simulate ct and plastimatch drr, inrfast reconstruct ct --method fdk and plastimatch fdk, of a cone beam; and within the processes, inrfast's kernels and scikit-image's
// radon and iradon, of a parallel beam. A sample is a plane of voxels that a ray crosses, N for an image of N along each axis, whatever a program takes. Processor time (all cores) depends less on what else the machine does.
#:project ../../src/Tasks/Tasks.csproj
#:project ../Reporting/Reporting.csproj
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Kernels.Projection;
using InrFast.Reporting;
using InrFast.Tasks.Reconstruction;

const int N = 192, Views = 60, Detector = 256, Side = 512, Angles = 180;
using var report = new Report(args is [not "-", ..] ? args[0] : null, memory: true);
int rounds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 5;
var device = CpuDevice.Best;
using var workers = new Workers(Environment.ProcessorCount);
string volume = Path.Combine(report.Work, "volume.mha"), projections = Path.Combine(report.Work, "p.npy"), images = Directory.CreateDirectory(Path.Combine(report.Work, "drr")).FullName, slice = Path.Combine(report.Work, "slice.npy");
var ball = new float[N * N * N];
for (int i = 0; i < ball.Length; i++) ball[i] = Math.Pow(i % N - 90, 2) + Math.Pow(i / N % N - 100, 2) + Math.Pow(i / N / N - 95, 2) < 5000 ? 0.02f : 0;
ImageFile.Write(volume, new Image(new Grid(new(N, N, N), Affine.FromSpacing(1, 1, 1)), ball));
float[] disc = [.. Enumerable.Range(0, Side * Side).Select(i => Math.Pow(i % Side - 240, 2) + Math.Pow(i / Side - 260, 2) < 40000 ? 0.02f : 0)];
ImageFile.Write(slice, new Image(Grid.Plain(Side, Side), disc));

double[] angles = [.. Enumerable.Range(0, Angles).Select(i => Math.PI * i / Angles)];
var parallel = new ProjectionGeometry(new(Side, Side, 1, new(1, 1, 1), new((1 - Side) / 2.0, (1 - Side) / 2.0)), DetectorShape.Parallel, Side, 1, (Side - 1) / 2.0, 0, [.. angles.Select(angle => View.Circular(DetectorShape.Parallel, angle, 0, 0, 1, 1))]);
using var projector = new Projector(parallel, device, workers);
float[] sinogram = projector.Forward(disc), back = new float[disc.Length];
var cone = new CtGeometry
{
    Kind = CtGeometry.Cone, AnglesDegrees = [.. Enumerable.Range(0, Views).Select(i => 360.0 * i / Views)], SourceToAxisMm = 1000, SourceToDetectorMm = 1500,
    Detector = new() { Columns = Detector, Rows = Detector, ColumnSpacingMm = 1.4, RowSpacingMm = 1.4 }, Volume = new() { Size = [N, N, N], SpacingMm = [1, 1, 1] },
};
float[] coneProjections = new float[Views * Detector * Detector];
double coneSamples = (double)Views * Detector * Detector * N, sliceSamples = (double)Angles * Side * Side;

Contest("Cone beam, {0} views of {1}, {2} voxels: projection, from file to file", coneSamples,
    ("inrfast simulate ct", () => Report.Execute(report.Inrfast, "simulate", "ct", volume, "-o", projections, "--kind", "cone", "--views", $"{Views}", "--columns", $"{Detector}", "--rows", $"{Detector}", "--detector-spacing", "1.4", "-f", "-q")),
    ("plastimatch drr", () => Report.Execute("plastimatch", "drr", "-I", volume, "-O", images + "/p", "-t", "pfm", "-a", $"{Views}", "-N", $"{360 / Views}", "--sad", "1000", "--sid", "1500", "-r", $"{Detector} {Detector}", "-z", $"{Detector * 1.4} {Detector * 1.4}", "-P", "none")));
Contest("The same: filtered backprojection", (double)Views * N * N * N,
    ("inrfast reconstruct ct --method fdk", () => Report.Execute(report.Inrfast, "reconstruct", "ct", projections, "-o", Path.Combine(report.Work, "r.mha"), "--method", "fdk", "-f", "-q")),
    ("the same within the process, without the projection of the result that its residual takes", () => Timed(() => FilteredBackprojection.Run(cone.ToProjection(1), cone.Radians, coneProjections, RampWindow.RamLak, device, workers))),
    ("plastimatch fdk", () => Report.Execute("plastimatch", "fdk", "-I", images, "-O", Path.Combine(report.Work, "q.mha"), "-r", $"{N} {N} {N}", "-z", $"{N} {N} {N}")));
Contest("Parallel beam, {3} views, {4} pixels, within the process: projection", sliceSamples,
    ("inrfast, forward", () => Timed(() => projector.Forward(disc, sinogram))),
    ("inrfast, adjoint", () => Timed(() => projector.Adjoint(sinogram, back))),
    ("skimage.transform.radon", () => Python("radon(image, angles, circle=True, preserve_range=True)")));
Contest("The same: filtered backprojection", sliceSamples,
    ("inrfast, fbp", () => Timed(() => FilteredBackprojection.Run(parallel, angles, sinogram, RampWindow.RamLak, device, workers))),
    ("skimage.transform.iradon", () => Python("iradon(sinogram, angles, filter_name='ramp')")));
report.Save();

// In turn, after one round that does not count. A contestant says its seconds.
void Contest(string title, double samples, params (string Name, Func<double> Run)[] contestants)
{
    var (seconds, used) = (contestants.Select(_ => new List<double>()).ToArray(), contestants.Select(_ => new List<double>()).ToArray());
    for (int round = -1; round < rounds; round++)
        for (int i = 0; i < contestants.Length; i++)
        {
            double before = ProcessorSeconds(), took = contestants[i].Run();
            if (round < 0) continue;
            seconds[i].Add(took);
            used[i].Add(ProcessorSeconds() - before);
        }
    if (title.StartsWith("Cone", StringComparison.Ordinal)) report.Line($"# Projectors, {DateTime.Now:yyyy-MM-dd}\n\n{Report.Machine}; medians of {rounds} rounds in turn.");
    report.Line($"\n## {string.Format(CultureInfo.InvariantCulture, title, Views, $"{Detector} x {Detector}", $"{N} x {N} x {N}", Angles, $"{Side} x {Side}")}\n\n| | s | million samples / s | the last / it (median of rounds) | processor, s (with the interpreter's start) |\n| --- | --- | --- | --- | --- |");
    for (int i = 0; i < contestants.Length; i++)
        report.Line($"| {contestants[i].Name} | {Report.Median(seconds[i]):F3} | {samples / Report.Median(seconds[i]) / 1e6:F0} | {Report.Median(seconds[^1].Zip(seconds[i], (peer, ours) => peer / ours)):F2} | {Report.Median(used[i]):F2} |");
}

static double Timed(Action run)
{
    long start = Stopwatch.GetTimestamp();
    run();
    return Stopwatch.GetElapsedTime(start).TotalSeconds;
}

// Seconds that the expression takes, without the start of Python.
double Python(string expression)
{
    string script = $"import numpy, time\nfrom skimage.transform import radon, iradon\nimage = numpy.load('{slice}')\nangles = numpy.arange({Angles}) * 180 / {Angles}\nsinogram = numpy.ones(({Side}, {Angles}), 'f4')\nstart = time.perf_counter()\n{expression}\nprint(time.perf_counter() - start)";
    using var process = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-W", "ignore", "-c", script]) { RedirectStandardOutput = true })!;
    string output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    return process.ExitCode == 0 ? double.Parse(output, CultureInfo.InvariantCulture) : throw new InvalidOperationException("python3 with scikit-image failed");
}

// Of this process and those that it waited for: user and system time of all cores.
static double ProcessorSeconds()
{
    double total = 0;
    foreach (int who in (int[])[0, -1])
    {
        var usage = new long[18];
        if (getrusage(who, usage) != 0) throw new InvalidOperationException("getrusage failed");
        total += usage[0] + usage[2] + (usage[1] + usage[3]) * 1e-6;
    }
    return total;

    [DllImport("libc")]
    static extern int getrusage(int who, [Out] long[] usage);
}
