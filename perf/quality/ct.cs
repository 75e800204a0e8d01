#!/usr/bin/env dotnet
// Classical CT reconstruction of analytic phantoms: dotnet run perf/quality/ct.cs [-- NAME [TABLE...]]
// Tables CT128, CBCT48 and DYN96 as an independent program has them beside ours; writes perf/results/NAME.md where a name other than - is given.
#:project ../../src/Tasks/Tasks.csproj
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Kernels.Projection;
using InrFast.Tasks.Reconstruction;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var device = CpuDevice.Best;
using var workers = new Workers(Environment.ProcessorCount);
double[] lambdas = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2];
var (text, clock, worst) = (new StringBuilder(), Stopwatch.StartNew(), 0.0);
string[] tables = args.Length > 1 ? args[1..] : ["CT128", "CBCT48", "DYN96"];
Line($"# Classical CT reconstruction, {DateTime.Now:yyyy-MM-dd}\n\n{device.Name}, {workers.Count} workers. PSNR (value range 1) in dB / SSIM: ours (an independent program). Phantoms, noise and geometry of the two are the same, seeds are not; its cone projector is trilinear with steps of half a voxel, ours Joseph's, and how many iterations of TV it took for CT128 and DYN96 is not known.");
if (tables.Contains("CT128")) Ct128();
if (tables.Contains("CBCT48")) Cbct48();
if (tables.Contains("DYN96")) Dyn96();
Line($"\nLargest difference {worst:F2} dB; {clock.Elapsed.TotalSeconds:F0} s.");
if (args is [not "-", ..]) File.WriteAllText(Path.Combine(Here(), "..", "results", args[0] + ".md"), text.ToString());

// Shepp and Logan's head, 128 x 128, parallel beam over half a turn, exact integrals of four rays a pixel.
void Ct128()
{
    const int N = 128;
    Line("\n## CT128: parallel beam, 128 x 128\n\n| noise | views | FBP | SIRT-200 | TV, 150 iterations |\n| --- | --- | --- | --- | --- |");
    (double Noise, int Views, double Fbp, double Sirt, double Tv)[] rows =
    [
        (0, 20, 16.30, 27.99, 33.49), (0, 30, 19.60, 30.20, 35.24), (0, 60, 25.78, 33.05, 35.93), (0, 90, 28.28, 34.61, 38.01), (0, 120, 28.72, 34.87, 38.29),
        (40, 20, 16.23, 27.77, 32.30), (40, 30, 19.46, 29.81, 34.29), (40, 60, 25.48, 32.42, 35.21), (40, 90, 27.90, 33.87, 37.47), (40, 120, 28.42, 34.21, 37.78),
        (30, 20, 15.35, 26.29, 28.89), (30, 30, 18.26, 27.41, 29.77), (30, 60, 23.33, 28.90, 33.06), (30, 90, 25.49, 30.04, 34.34), (30, 120, 26.34, 30.66, 34.38),
    ];
    var truth = Ellipsoid.Draw(Ellipsoid.SheppLogan, Square(N), 4);
    foreach (var row in rows)
    {
        var (geometry, angles) = Parallel(N, row.Views);
        var sinogram = WhiteNoise(Ellipsoid.Scan(Ellipsoid.SheppLogan, geometry, 4), row.Noise);
        var projector = new Projector(geometry, device, workers);
        Line($"| {(row.Noise == 0 ? "none" : $"{row.Noise} dB")} | {row.Views} | {Score(truth, Fbp(geometry, angles, sinogram), N, 1, row.Fbp)} | {Score(truth, Simultaneous.Run(projector, sinogram, 200), N, 1, row.Sirt)} | {BestTv(truth, projector, sinogram, N, 1, 150, row.Tv)} |");
    }
    Line("\n| 40 dB, views interpolated in angle to 360, then FBP | dB | sinogram SNR, dB |\n| --- | --- | --- |");
    foreach (var (views, expected, snr) in new[] { (60, 28.11, 39.25), (30, 26.16, 32.61), (360, 28.91, double.NaN) })
    {
        var ((geometry, _), (fine, angles)) = (Parallel(N, views), Parallel(N, 360));
        var exact = Ellipsoid.Scan(Ellipsoid.SheppLogan, fine, 4);
        var filled = views == 360 ? exact : Sinogram.InterpolateHalfTurn(WhiteNoise(Ellipsoid.Scan(Ellipsoid.SheppLogan, geometry, 4), 40), N, 360);
        double signal = exact.Sum(value => (double)value * value), error = exact.Zip(filled, (a, b) => (double)(a - b) * (a - b)).Sum();
        Line($"| {(views == 360 ? "all 360, without noise" : $"{views}")} | {Score(truth, Fbp(fine, angles, filled), N, 1, expected)} | {(views == 360 ? "" : $"{10 * Math.Log10(signal / error):F2} ({snr:F2})")} |");
    }
}

// The head in 3-D, a full circle of a cone beam, photon noise.
void Cbct48()
{
    const int N = 48;
    const double Half = 128, Photons = 1e5, Electronic = 10;
    Line("\n## CBCT48: cone beam, 48 x 48 x 48\n\n| views | FDK | SIRT-60 | TV, 60 iterations | NAF, 2000 steps |\n| --- | --- | --- | --- | --- |");
    var volume = Cube(N);
    var truth = Ellipsoid.Draw(Ellipsoid.SheppLogan3, volume, 3);
    foreach (var (views, fdk, sirt, tv) in new[] { (50, 27.92, 30.11, 31.31), (20, 20.88, 28.96, 29.46) })
    {
        double[] angles = [.. Enumerable.Range(0, views).Select(i => 2 * Math.PI * i / views)];
        var geometry = new ProjectionGeometry(volume, DetectorShape.Flat, 72, 72, 35.5, 35.5, [.. angles.Select(angle => View.Circular(DetectorShape.Flat, angle, 1000 / Half, 1500 / Half, 480 / 72.0 / Half, 480 / 72.0 / Half))]);
        var projections = Ellipsoid.Scan(Ellipsoid.SheppLogan3, geometry, 2);
        float scale = projections.Max(); // photons are counted as if the densest ray had an integral of 1
        projections = [.. PhotonNoise.LineIntegrals([.. projections.Select(p => p / scale)], Photons, Electronic, 1).Select(p => p * scale)];
        var projector = new Projector(geometry, device, workers);
        Line($"| {views} | {Score(truth, Fbp(geometry, angles, projections), N, N, fdk)} | {Score(truth, Simultaneous.Run(projector, projections, 60), N, N, sirt)} | {BestTv(truth, projector, projections, N, N, 60, tv)} | {Score(truth, NeuralAttenuationField.Run(geometry, projections, NeuralAttenuationField.StandardIterations, 0, device, workers), N, N, null)} |");
    }
}

// The head in motion, one view at a time; the mean over ten frames.
void Dyn96()
{
    const int N = 96, Frames = 10, DynIterations = 80;
    Line("\n## DYN96: moving, 96 x 96, one view at each time\n\n| views | static FBP | static SIRT-150 | static TV | TV on a 60 degree window | oracle: all views of the frozen frame, TV |\n| --- | --- | --- | --- | --- | --- |");
    var truths = Enumerable.Range(0, Frames).Select(frame => Ellipsoid.Draw(Moving((frame + 0.5) / Frames), Square(N), 4)).ToArray();
    foreach (var (views, fbp, sirt, tv, window, oracle) in new[] { (180, 25.68, 27.99, 28.42, 17.25, 35.17), (60, 24.61, 27.62, 28.73, 17.02, 35.65) })
    {
        var (geometry, angles) = Parallel(N, views);
        float[] Scan(Func<int, double> time) => [.. Enumerable.Range(0, views).SelectMany(i => Ellipsoid.Scan(Moving(time(i)), Some(geometry, i, 1), 4))];
        var sinogram = Scan(i => (double)i / views);
        var projector = new Projector(geometry, device, workers);
        double Mean(float[] image) => truths.Average(truth => Psnr(truth, image));
        double Best(Func<double, double> run) => lambdas.Max(run);
        double inWindow = Best(lambda => Enumerable.Range(0, Frames).Average(frame =>
        {
            int some = views / 3, first = Math.Clamp((int)Math.Round((frame + 0.5) / Frames * views) - some / 2, 0, views - some);
            return Psnr(truths[frame], TotalVariation.Run(new Projector(Some(geometry, first, some), device, workers), sinogram[(first * N)..((first + some) * N)], lambda, DynIterations, device, workers));
        }));
        var still = Enumerable.Range(0, Frames).Select(frame => Scan(_ => (frame + 0.5) / Frames)).ToArray();
        double frozen = Best(lambda => Enumerable.Range(0, Frames).Average(frame => Psnr(truths[frame], TotalVariation.Run(projector, still[frame], lambda, DynIterations, device, workers))));
        Line($"| {views} | {Beside(Mean(Fbp(geometry, angles, sinogram)), fbp)} | {Beside(Mean(Simultaneous.Run(projector, sinogram, 150)), sirt)} | {Beside(Best(lambda => Mean(TotalVariation.Run(projector, sinogram, lambda, DynIterations, device, workers))), tv)} | {Beside(inWindow, window)} | {Beside(frozen, oracle)} |");
    }
}

static Ellipsoid[] Moving(double time)
{
    double s = Math.Sin(2 * Math.PI * time);
    var parts = (Ellipsoid[])Ellipsoid.SheppLogan.Clone();
    parts[2] = parts[2] with { Y = parts[2].Y + 0.10 * s, B = parts[2].B * (1 + 0.15 * s) };
    parts[3] = parts[3] with { Y = parts[3].Y - 0.10 * s };
    parts[4] = parts[4] with { A = parts[4].A * (1 - 0.25 * s), B = parts[4].B * (1 - 0.25 * s) };
    return parts;
}

static ScanVolume Square(int n) => new(n, n, 1, new(2.0 / n, 2.0 / n, 1), new(1.0 / n - 1, 1.0 / n - 1));

static ScanVolume Cube(int n) => new(n, n, n, new(2.0 / n, 2.0 / n, 2.0 / n), new(1.0 / n - 1, 1.0 / n - 1, 1.0 / n - 1));

static (ProjectionGeometry, double[] Angles) Parallel(int n, int views)
{
    double[] angles = [.. Enumerable.Range(0, views).Select(i => Math.PI * i / views)];
    return (new(Square(n), DetectorShape.Parallel, n, 1, (n - 1) / 2.0, 0, [.. angles.Select(angle => View.Circular(DetectorShape.Parallel, angle, 0, 0, 2.0 / n, 1))]), angles);
}

static ProjectionGeometry Some(ProjectionGeometry all, int first, int count) => new(all.Volume, all.Shape, all.Columns, all.Rows, all.CentreColumn, all.CentreRow, all.Views[first..(first + count)]);

float[] Fbp(ProjectionGeometry geometry, double[] angles, float[] projections) => FilteredBackprojection.Run(geometry, angles, projections, RampWindow.RamLak, device, workers);

string BestTv(float[] truth, Projector projector, float[] projections, int n, int slices, int iterations, double expected) =>
    lambdas.Select(lambda => TotalVariation.Run(projector, projections, lambda, iterations, device, workers)).MaxBy(image => Psnr(truth, image)) is { } best ? Score(truth, best, n, slices, expected) : "";

// White noise of exactly so many dB below the signal.
static float[] WhiteNoise(float[] signal, double decibel)
{
    if (decibel == 0) return signal;
    var random = new Random(1);
    double[] noise = [.. signal.Select(_ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];
    double scale = Math.Sqrt(signal.Sum(p => (double)p * p) / noise.Sum(e => e * e)) * Math.Pow(10, -decibel / 20);
    return [.. signal.Zip(noise, (p, e) => (float)(p + scale * e))];
}

static double Psnr(float[] truth, float[] image) => Metrics.PeakSignalToNoise(truth, image, 1);

string Score(float[] truth, float[] image, int n, int slices, double? expected)
{
    int slice = n * n;
    double similarity = Enumerable.Range(0, slices).Average(z => StructuralSimilarity.Mean(new(Grid.Plain(n, n), truth[(z * slice)..((z + 1) * slice)]), new(Grid.Plain(n, n), image[(z * slice)..((z + 1) * slice)]), 1));
    return $"{Beside(Psnr(truth, image), expected)} / {similarity:F3}";
}

string Beside(double ours, double? expected)
{
    if (expected is not { } theirs) return $"{ours:F2}";
    worst = Math.Max(worst, Math.Abs(ours - theirs));
    return $"{ours:F2} ({theirs:F2})";
}

void Line(string line)
{
    Console.WriteLine(line);
    text.AppendLine(line);
}

static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
