#!/usr/bin/env dotnet
// A cone beam of a patient's chest: dotnet run -c Release perf/quality/ct-cone.cs [-- NAME [SIZE [VIEWS...]]]
// Projections with photon noise of ../shared/data/ct/lidc_chest at its own resolution, reconstructed to 128 x 128 x 128 by snaf and naf, and by SIRT and TV in snaf's time on the same cores (processor time, which other programs do not
// change; started at less). SIZE 64: everything half as fine, for development. TV has the weight that is best on voxels twice as large, which nobody can know. Writes perf/results/NAME.md where a name other than - is given.
#:project ../../src/Tasks/Tasks.csproj
#:project ../Reporting/Reporting.csproj
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
using System.Diagnostics;
using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Kernels.Projection;
using InrFast.Reporting;
using InrFast.Tasks.Reconstruction;

const double Half = 180.48, PerMm = 0.04 / 255; // bone, 255 of 8 bits, attenuates about 0.04 per mm
var device = CpuDevice.Best;
using var workers = new Workers(Environment.ProcessorCount);
using var report = new Report(args is [not "-", ..] ? args[0] : null);
int N = args.Length > 1 ? int.Parse(args[1]) : 128, part = 128 / N;
if (part * N != 128) throw new ArgumentException("the size is 128, 64 or 32");
int[] all = args.Length > 2 ? [.. args[2..].Select(int.Parse)] : [50, 20];
report.Line($"# Cone beam of a chest, {N} x {N} x {N}, {DateTime.Now:yyyy-MM-dd}\n\n{Report.Machine}. {192 / part} x {224 / part} pixels, 1e5 photons, electronic noise 10. PSNR (range of the volume) in dB / SSIM.\n\n| views | method | PSNR / SSIM | iterations | seconds | of processors |\n| --- | --- | --- | --- | --- | --- |");
var chest = ImageFile.Read(Report.Data("ct", "lidc_chest.nii.gz") ?? throw new FileNotFoundException("shared/data/ct/lidc_chest.nii.gz is not there, beside the repository or above it"));
var (size, spacing) = (new GridSize(chest.Size.X / part, chest.Size.Y / part, chest.Size.Z / part), chest.Grid.Spacing * (double)part);
float[] fine = Fine(), truth = Sampled(N);
float range = truth.Max();
foreach (int views in all)
{
    double[] angles = [.. Enumerable.Range(0, views).Select(i => 2 * Math.PI * i / views)];
    using var scanner = new Projector(Geometry(new ScanVolume(size.X, size.Y, size.Z, new(spacing.X / Half, spacing.Y / Half, spacing.Z / Half),
        new((1 - size.X) / 2.0 * spacing.X / Half, (1 - size.Y) / 2.0 * spacing.Y / Half, (1 - size.Z) / 2.0 * spacing.Z / Half)), angles), device, workers);
    var projections = PhotonNoise.LineIntegrals(scanner.Forward(fine), 1e5, 10, 1);
    var geometry = Geometry(Cube(N), angles);
    using Projector projector = new(geometry, device, workers), coarse = new(Geometry(Cube(N / 2), angles), device, workers);
    Row(views, "fdk", () => (FilteredBackprojection.Run(geometry, angles, projections, RampWindow.RamLak, device, workers), 0));
    Row(views, "naf", () => (NeuralAttenuationField.Run(geometry, projections, NeuralAttenuationField.StandardIterations, 0, device, workers), NeuralAttenuationField.StandardIterations));
    double? sharpening = null;
    double seconds = Row(views, "snaf", () =>
    {
        (var image, sharpening) = SparseViewAttenuationField.Run(geometry, projections, SparseViewAttenuationField.StandardIterations, 0, device, workers);
        return (image, SparseViewAttenuationField.StandardIterations);
    });
    float[] small = Sampled(N / 2);
    // The surface of an edge has four times as many voxels there.
    double weight = new[] { 1e-3, 4e-3, 1.6e-2 }.MaxBy(lambda => Metrics.PeakSignalToNoise(small, TotalVariation.Run(coarse, projections, lambda, 25, device, workers), range)) / 4;
    Row(views, "sirt", () => Limited(seconds, stop => Simultaneous.Run(projector, projections, 1 << 20, report: stop)));
    Row(views, $"tv, weight {weight:g2}", () => Limited(seconds, stop => TotalVariation.Run(projector, projections, weight, 1 << 20, device, workers, report: stop)));
    report.Line($"\n{views} views: corrected, a view that snaf's first stage did not know is {sharpening:F1} dB closer to what was measured.\n");
}
report.Save();

double Row(int views, string name, Func<(float[], int)> run)
{
    long start = Stopwatch.GetTimestamp();
    double before = Processors();
    var (image, iterations) = run();
    double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, busy = Processors() - before;
    double similarity = Enumerable.Range(0, N).Average(z => StructuralSimilarity.Mean(Slice(truth, z), Slice(image, z), range));
    report.Line($"| {views} | {name} | {Metrics.PeakSignalToNoise(truth, image, range):F2} / {similarity:F3} | {iterations} | {seconds:F0} | {busy:F0} |");
    return busy;
}

static (float[], int) Limited(double seconds, Func<Func<int, double, bool>, float[]> run)
{
    var (start, done) = (Processors(), 0);
    return (run((iteration, _) => (done = iteration) > 0 && Processors() - start < seconds), done);
}

static double Processors() => Environment.CpuUsage.TotalTime.TotalSeconds;

Image Slice(float[] volume, int z) => new(Grid.Plain(N, N), volume[(z * N * N)..((z + 1) * N * N)]);

static ScanVolume Cube(int n) => new(n, n, n, new(2.0 / n, 2.0 / n, 2.0 / n), new(1.0 / n - 1, 1.0 / n - 1, 1.0 / n - 1));

ProjectionGeometry Geometry(ScanVolume volume, double[] angles) =>
    new(volume, DetectorShape.Flat, 192 / part, 224 / part, (192 / part - 1) / 2.0, (224 / part - 1) / 2.0,
        [.. angles.Select(angle => View.Circular(DetectorShape.Flat, angle, 1000 / Half, 1500 / Half, 2.95 * part / Half, 2.95 * part / Half))]);

// Line integrals of a half side through each voxel, of the chest's resolution or means of its voxels.
float[] Fine()
{
    var result = new float[size.X * size.Y * size.Z];
    var values = chest.Samples.Span;
    for (int z = 0; z < size.Z * part; z++)
        for (int y = 0; y < chest.Size.Y; y++)
            for (int x = 0; x < chest.Size.X; x++) result[(z / part * size.Y + y / part) * size.X + x / part] += (float)(values[(z * chest.Size.Y + y) * chest.Size.X + x] * PerMm * Half / (part * part * part));
    return result;
}

// The chest on a cube of n voxels along each side: means within slices, linearly between them, air beyond.
float[] Sampled(int n)
{
    var result = new float[n * n * n];
    int step = size.X / n;
    for (int z = 0; z < n; z++)
    {
        double place = ((z + 0.5) * 2 * Half / n - Half) / spacing.Z + (size.Z - 1) / 2.0;
        int below = (int)Math.Floor(place);
        float part = (float)(place - below);
        if (below < 0 || below >= size.Z - 1) continue;
        for (int y = 0; y < size.Y; y++)
            for (int x = 0; x < size.X; x++)
            {
                int at = (below * size.Y + y) * size.X + x;
                result[(z * n + y / step) * n + x / step] += (fine[at] * (1 - part) + fine[at + size.X * size.Y] * part) / (step * step);
            }
    }
    return result;
}
