#!/usr/bin/env dotnet
// Networks for scans of few views on analytic phantoms: dotnet run perf/quality/ct-networks.cs [-- NAME [TABLE...]]
// Each published system against its acceptance figures, beside the classical methods; writes perf/results/NAME.md where a name other than - is given.
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
var (text, clock) = (new StringBuilder(), Stopwatch.StartNew());
string[] tables = args.Length > 1 ? args[1..] : ["NERP64", "CT128", "REAL"];
Line($"# CT networks for few views, {DateTime.Now:yyyy-MM-dd}\n\n{device.Name}, {workers.Count} workers. PSNR (value range 1) in dB / SSIM, and seconds.");
if (tables.Contains("NERP64")) Nerp64();
if (tables.Contains("CT128")) Ct128();
if (tables.Contains("REAL")) Real();
Line($"\n{clock.Elapsed.TotalSeconds:F0} s in all.");
if (args is [not "-", ..]) File.WriteAllText(Path.Combine(Here(), "..", "results", args[0] + ".md"), text.ToString());

// An earlier scan that differs, and the projections that our own projector makes of the phantom.
void Nerp64()
{
    const int N = 64, Views = 20;
    var (geometry, angles) = Parallel(N, Views);
    using var projector = new Projector(geometry, device, workers);
    float[] truth = Ellipsoid.Draw(Ellipsoid.SheppLogan, Square(N), 4), prior = Ellipsoid.Draw(EarlierHead(), Square(N), 4), projections = projector.Forward(truth);
    Line("\n## NERP64: parallel beam, 64 x 64, 20 views\n\n| method | PSNR / SSIM | seconds | asked for |\n| --- | --- | --- | --- |");
    Row("earlier image", () => prior, "23.11");
    Row("FBP", () => FilteredBackprojection.Run(geometry, angles, projections, RampWindow.RamLak, device, workers), "19.86");
    Row("SIRT-200", () => Simultaneous.Run(projector, projections, 200), "28.39");
    Row("nerp with the earlier image", () => PriorEmbedding.Run(projector, projections, prior, 1000, 0, device, workers), "31.5");
    Row("nerp without", () => PriorEmbedding.Run(projector, projections, null, 1000, 0, device, workers), "18.5");
    // An ellipse that the earlier scan has not, 0.1 above its surroundings: the projections alone say that it is there.
    var lesion = Ellipsoid.SheppLogan[4];
    var without = Ellipsoid.Draw([.. Ellipsoid.SheppLogan.Where(part => part != lesion)], Square(N), 4);
    var grown = PriorEmbedding.Run(projector, projections, without, 1000, 0, device, workers);
    int[] inside = [.. Enumerable.Range(0, N * N).Where(i => truth[i] - without[i] > 0.099f)];
    Line($"\nA lesion of contrast 0.100 that the earlier image lacks: {inside.Average(i => grown[i] - without[i]):F3} after the fit (asked for: within 30 %).");

    void Row(string name, Func<float[]> run, string expected) => Scored(name, truth, N, run, expected);
}

// auto beside total variation whose weight is the best for each row, which nobody can know: its ideal case.
void Ct128()
{
    const int N = 128;
    Line("\n## CT128: parallel beam, 128 x 128, Shepp and Logan's head\n\n| noise | views | auto | TV, best weight | auto - TV, dB | auto, seconds |\n| --- | --- | --- | --- | --- | --- |");
    var truth = Ellipsoid.Draw(Ellipsoid.SheppLogan, Square(N), 4);
    foreach (double noise in new[] { 0, 40, 30 })
        foreach (int views in new[] { 20, 30, 60, 90, 120 })
        {
            var (geometry, _) = Parallel(N, views);
            float[] exact = Ellipsoid.Scan(Ellipsoid.SheppLogan, geometry, 4), sinogram = noise == 0 ? exact : WhiteNoise(exact, noise);
            using var projector = new Projector(geometry, device, workers);
            var (auto, seconds) = Auto(Scanned(geometry, views, N, sinogram));
            var tv = BestTv(projector, sinogram, truth, N, 1);
            Line($"| {(noise == 0 ? "none" : $"{noise:F0} dB")} | {views} | {Show(truth, auto, N, 1)} | {Show(truth, tv, N, 1)} | {Psnr(truth, auto, 1) - Psnr(truth, tv, 1):F2} | {seconds:F0} |");
        }
}

// Real slices, 256 x 256: exact projections of the image and photon noise.
void Real()
{
    const int N = 256;
    string? above = Path.Combine(Here(), "..", "..");
    while (above is not null && !Directory.Exists(Path.Combine(above, "shared", "data", "ct"))) above = Path.GetDirectoryName(Path.GetFullPath(above));
    if (above is null)
    {
        Line("\nReal slices: shared/data/ct is not there, beside the repository or above it");
        return;
    }
    Line("\n## Real slices, 256 x 256, 400 mm wide: PSNR (range of the slice) / SSIM\n\n| slice | views | photons | auto | FBP | SIRT-200 | TV, best weight | auto above all | auto, seconds |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    int better = 0, cases = 0;
    var chest = ImageFile.Read(Path.Combine(above, "shared", "data", "ct", "lidc_chest.nii.gz"));
    var sample = ImageFile.Read(Path.Combine(Here(), "..", "..", "samples", "ct.dcm"));
    const int plane = N * N;
    float[] halved = [.. Enumerable.Range(0, plane).Select(i => Enumerable.Range(0, 4).Average(k => sample.Samples.Span[2 * (i % N) + k % 2 + 512 * (2 * (i / N) + k / 2)]))];
    foreach (var (name, hu, isFan) in new[] { ("chest, parallel", Slice(45), false), ("chest, fan", Slice(80), true), ("samples/ct.dcm, parallel", halved, false) })
    {
        var truth = new float[plane]; // of half a side of 200 mm: water, 0.02 per mm, is 4
        for (int i = 0; i < plane; i++) truth[i] = Math.Pow(i % N - 127.5, 2) + Math.Pow(i / N - 127.5, 2) > 127 * 127 ? 0 : 4 * Math.Max(0, 1 + hu[i] / 1000);
        float range = truth.Max();
        foreach (int views in new[] { 20, 50, 90 })
        {
            var scan = new CtGeometry
            {
                Kind = isFan ? CtGeometry.Fan : CtGeometry.Parallel, AnglesDegrees = [.. Enumerable.Range(0, views).Select(i => (isFan ? 360.0 : 180.0) * i / views)], SourceToAxisMm = isFan ? 3 : null, SourceToDetectorMm = isFan ? 6 : null,
                Detector = new() { Columns = 384, ColumnSpacingMm = (isFan ? 4.4 : 2.1) / 384 }, Volume = new() { Size = [N, N], SpacingMm = [2.0 / N, 2.0 / N] },
            };
            var geometry = scan.ToProjection(1);
            using var projector = new Projector(geometry, device, workers);
            var exact = projector.Forward(truth);
            foreach (double photons in new[] { 0, 1e5 })
            {
                var sinogram = photons == 0 ? exact : PhotonNoise.LineIntegrals(exact, photons, 0, 1);
                var (auto, seconds) = Auto(CtScan.Of("the scan", new Image(Grid.Plain(384, views), sinogram), scan));
                float[][] peers = [FilteredBackprojection.Run(geometry, scan.Radians, sinogram, RampWindow.RamLak, device, workers), Simultaneous.Run(projector, sinogram, 200), BestTv(projector, sinogram, truth, N, range)];
                bool isBetter = peers.All(peer => Psnr(truth, auto, range) > Psnr(truth, peer, range) && Ssim(truth, auto, N, range) > Ssim(truth, peer, N, range));
                (better, cases) = (better + (isBetter ? 1 : 0), cases + 1);
                Line($"| {name} | {views} | {(photons == 0 ? "no noise" : $"{photons:g1}")} | {Show(truth, auto, N, range)} | {string.Join(" | ", peers.Select(peer => Show(truth, peer, N, range)))} | {(isBetter ? "yes" : "no")} | {seconds:F0} |");
            }
        }
    }
    float[] Slice(int z) => chest.Samples.Slice(z * plane, plane).ToArray();

    Line($"\nauto is above all three in PSNR and SSIM in {better} of {cases} cases (asked for: 15 of 18).");
}

static CtScan Scanned(ProjectionGeometry geometry, int views, int columns, float[] sinogram) => CtScan.Of("the scan", new Image(Grid.Plain(columns, views), sinogram), new CtGeometry
{
    Kind = CtGeometry.Parallel, AnglesDegrees = [.. Enumerable.Range(0, views).Select(i => 180.0 * i / views)], Detector = new() { Columns = columns, ColumnSpacingMm = 2.0 / columns },
    Volume = new() { Size = [geometry.Volume.X, geometry.Volume.Y], SpacingMm = [2.0 / columns, 2.0 / columns] },
});

(float[] Image, double Seconds) Auto(CtScan scan)
{
    var result = CtReconstruction.Run(scan, new CtOptions(), device, workers);
    return (result.Image.Samples.ToArray(), result.Seconds);
}

float[] BestTv(Projector projector, float[] sinogram, float[] truth, int n, float range)
{
    float[]? best = null;
    foreach (double weight in new[] { 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2 })
    {
        var image = TotalVariation.Run(projector, sinogram, weight, 150, device, workers);
        if (best is null || Psnr(truth, image, range) > Psnr(truth, best, range)) best = image;
    }
    return best!;
}

static float[] WhiteNoise(float[] exact, double decibels)
{
    var random = new Random(1);
    double deviation = Math.Sqrt(exact.Average(value => (double)value * value) / Math.Pow(10, decibels / 10));
    return [.. exact.Select(value => (float)(value + deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
}

static double Psnr(float[] truth, float[] image, float range) => Metrics.PeakSignalToNoise(truth, image, range);

static double Ssim(float[] truth, float[] image, int n, float range) => StructuralSimilarity.Mean(new(Grid.Plain(n, n), truth), new(Grid.Plain(n, n), image), range);

static string Show(float[] truth, float[] image, int n, float range) => $"{Psnr(truth, image, range):F2} / {Ssim(truth, image, n, range):F3}";

static Ellipsoid[] EarlierHead()
{
    var parts = Ellipsoid.SheppLogan.ToArray();
    parts[0] = parts[0] with { A = parts[0].A * .985 };
    parts[1] = parts[1] with { A = parts[1].A * .975 };
    parts[2] = parts[2] with { B = parts[2].B * .85, X = parts[2].X + .05 };
    parts[3] = parts[3] with { A = parts[3].A * .85, X = parts[3].X - .04 };
    parts[4] = parts[4] with { A = parts[4].A * .75, B = parts[4].B * .75, Y = parts[4].Y + .08 };
    return [.. parts.Where((_, i) => i is not (6 or 9))];
}

static ScanVolume Square(int n) => new(n, n, 1, new(2.0 / n, 2.0 / n, 1), new(1.0 / n - 1, 1.0 / n - 1));

static (ProjectionGeometry, double[] Angles) Parallel(int n, int views)
{
    double[] angles = [.. Enumerable.Range(0, views).Select(i => Math.PI * i / views)];
    return (new(Square(n), DetectorShape.Parallel, n, 1, (n - 1) / 2.0, 0, [.. angles.Select(angle => View.Circular(DetectorShape.Parallel, angle, 0, 0, 2.0 / n, 1))]), angles);
}

void Scored(string name, float[] truth, int n, Func<float[]> run, string expected)
{
    long start = Stopwatch.GetTimestamp();
    var image = run();
    Line($"| {name} | {Metrics.PeakSignalToNoise(truth, image, 1):F2} / {StructuralSimilarity.Mean(new(Grid.Plain(n, n), truth), new(Grid.Plain(n, n), image), 1):F3} | {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} | {expected} |");
}

void Line(string line)
{
    Console.WriteLine(line);
    text.AppendLine(line);
}

static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
