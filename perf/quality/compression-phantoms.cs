#!/usr/bin/env dotnet
// compress on phantoms that anyone can draw: dotnet run -c Release perf/quality/compression-phantoms.cs [-- NAME]
// PSNR with a peak of 255 for files of a given size, headers included; seconds of decoding; what shows of the blocks. Writes perf/results/NAME.md where a name is given. A quarter of an hour.
#:project ../Reporting/Reporting.csproj
#:project ../../src/Tasks/Tasks.csproj
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
using System.Diagnostics;
using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Reporting;
using InrFast.Tasks.Compression;

const int Rows = 8192; // of an update of the volumes here
using var report = new Report(args is [var name] ? name : null);
using Workers workers = new(Environment.ProcessorCount), alone = new(1);
report.Line($"# Compression of phantoms, {DateTime.Now:yyyy-MM-dd}\n\n{Report.Machine} at the start. Updates are counted as if each had 16,384 points (ours have {Rows}, so twice as many), the quarter with rounded numbers included. Decoding: one core, the fastest of three.");
report.Line("\n| phantom | bytes at most | method | updates | dB | asked for, or other codecs' (quoted) | bytes | encoding, s | decoding, million voxels a second |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
float[] ph64 = Phantom(64), ph128 = Phantom(128);
Row("PH64", ph64, 64, 4160, new() { Method = CompressionMethod.Siren }, 3000, "20.5");
double single = Row("PH64", ph64, 64, 4160, new() { Method = CompressionMethod.Siren }, 10000, "31.0; HEVC 25.2, JPEG 2000 24.5").Psnr;
Row("PH64", ph64, 64, 4160, new(), 10000, "");
foreach (int levels in new[] { 1, 2, 3 }) Row("PH64", ph64, 64, 4160, new() { Method = CompressionMethod.Tinc, Levels = levels }, 10000, levels == 1 ? $"31.0, and siren's within 0.2" : "");
foreach (var method in new[] { CompressionMethod.Siren, CompressionMethod.Sci, CompressionMethod.Tinc }) Row("PH128", ph128, 128, 15500, new() { Method = method }, 5000, "28.8; HEVC 31.3, JPEG 2000 26.8");
// The published default network, five layers of 20 units, decoded on 128^3: 1361 numbers are in about 950 bytes.
Row("PH128", ph128, 128, 990, new() { Method = CompressionMethod.Siren }, 500, "20 million voxels a second");
// As wide as a block's network of NumbersOfBlock (5000) is: 39 units.
Row("PH128", ph128, 128, 3170, new() { Method = CompressionMethod.Siren }, 200, "20 million voxels a second");
var mirrored = Mirrored(ph64);
var separate = Row("PH64x2", mirrored, 128, 32768, new() { Method = CompressionMethod.Sci }, 2500, "");
var shared = Row("PH64x2", mirrored, 128, 32768, new() { Method = CompressionMethod.Tinc, Levels = 2 }, 2500, $"{separate.Psnr + 0.5:F1}: sci's and 0.5");
report.Line($"\nAcross the middle planes of PH64x2 the decoded values jump by so much more than the original's: sci {Jump(separate.Decoded) - Jump(mirrored):F2}, tinc {Jump(shared.Decoded) - Jump(mirrored):F2} (at most 60 % of sci's).");
report.Line("\n## A region to be kept\n\nSlices of 128 x 128 pixels of a head drawn at random: nested ellipses, warped, with a bias field and Rician noise of 2 %; the region are its three brightest structures. Means of eight slices; Dice of the region and of what lies above a threshold, the middle between the means inside and outside, and a fifth of their distance above that.");
report.Line("\n| bits a pixel | region's weight | dB | Dice | Dice, higher threshold |\n| --- | --- | --- | --- | --- |");
foreach (double bits in new[] { 0.3, 0.6, 1.2 })
{
    var plain = Regions(bits, 0);
    Regions(bits, new CompressionOptions().RegionWeight, plain);
}
report.Save();

// Of slices with a region: means of dB and of two Dices; what they are more or less than those without.
double[] Regions(double bits, double weight, double[]? without = null)
{
    const int Side = 128, Slices = 8;
    double[] means = new double[3];
    for (int slice = 0; slice < Slices; slice++)
    {
        var (values, region) = Head(Side, slice);
        Image image = new(Grid.Plain(Side, Side), values) { Stored = new(SampleType.UInt8) }, mask = new(image.Grid, region);
        var result = Compressor.Run(image, new() { Method = CompressionMethod.Siren, Bytes = (long)(bits * Side * Side / 8), Iterations = 2000, Region = weight > 0 ? mask : null, RegionWeight = weight, Seed = (ulong)slice }, CpuDevice.Best, workers);
        float[] decoded = result.Decoded.Samples.ToArray();
        double inside = values.Where((_, i) => region[i] > 0).Average(), outside = values.Where((_, i) => region[i] == 0).Average();
        double DiceAt(double place) => Metrics.Dice(region, [.. decoded.Select(value => value > outside + place * (inside - outside) ? 1f : 0)]);
        double[] own = [result.Psnr, DiceAt(0.5), DiceAt(0.7)];
        for (int k = 0; k < 3; k++) means[k] += own[k] / Slices;
    }
    string Cell(int k, string format) => means[k].ToString(format) + (without is null ? "" : $" ({(means[k] - without[k]).ToString($"+{format};-{format}")})");
    report.Line($"| {bits} | {weight} | {Cell(0, "F2")} | {Cell(1, "F3")} | {Cell(2, "F3")} |");
    return means;
}

(double Psnr, float[] Decoded) Row(string phantom, float[] values, int side, int bytes, CompressionOptions options, int updates, string asked)
{
    var image = new Image(new Grid(new(side, side, side), Affine.Identity), values) { Stored = new(SampleType.UInt8) };
    var result = Compressor.Run(image, options with { Bytes = bytes, Iterations = updates * (16384 / Rows) * 4 / 5 }, CpuDevice.Best, workers);
    var file = CompressedFile.Read(result.File);
    double seconds = Enumerable.Range(0, 3).Min(_ =>
    {
        long start = Stopwatch.GetTimestamp();
        Decompressor.Run(file, CpuDevice.Best, alone);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    });
    float[] decoded = result.Decoded.Samples.ToArray();
    double psnr = Metrics.PeakSignalToNoise(values, decoded, 255);
    report.Line($"| {phantom} | {bytes} | {options.Method.ToString().ToLowerInvariant()}{(options.Levels is { } levels ? $", {levels} level{(levels > 1 ? "s" : "")}" : "")} | {updates} | {psnr:F2} | {asked} | {result.File.Length} | {result.FitSeconds:F0} | {values.Length * 1e-6 / seconds:F1} |");
    return (psnr, decoded);
}

// Ellipsoids with a texture in the second, on [-1, 1].
static float[] Phantom(int n)
{
    (double Value, double X, double Y, double Z, double A, double B, double C, double Degrees)[] parts =
    [
        (.6, 0, 0, 0, .85, .92, .80, 0), (-.25, 0, -.02, 0, .75, .83, .72, 0), (-.20, .24, 0, 0, .14, .34, .25, -18), (-.20, -.24, 0, 0, .18, .42, .28, 18), (.25, 0, .38, -.1, .22, .24, .35, 0), (.30, 0, -.42, .15, .10, .06, .10, 0),
        (.30, -.10, -.62, -.2, .06, .05, .08, 0), (.30, .10, -.62, .2, .05, .06, .06, 0), (.20, .38, .35, .25, .12, .12, .12, 0), (-.20, -.38, .35, -.25, .09, .09, .09, 0),
    ];
    var values = new float[n * n * n];
    for (int i = 0; i < values.Length; i++)
    {
        double x = -1 + 2.0 * (i % n) / (n - 1), y = -1 + 2.0 * (i / n % n) / (n - 1), z = -1 + 2.0 * (i / n / n) / (n - 1), sum = 0;
        for (int k = 0; k < parts.Length; k++)
        {
            var p = parts[k];
            var (sine, cosine) = Math.SinCos(p.Degrees * Math.PI / 180);
            double dx = x - p.X, dy = y - p.Y, u = (dx * cosine + dy * sine) / p.A, v = (dy * cosine - dx * sine) / p.B, w = (z - p.Z) / p.C;
            if (u * u + v * v + w * w > 1) continue;
            sum += p.Value + (k == 1 ? .05 * Math.Sin(9 * Math.PI * x + 2 * Math.Sin(3 * Math.PI * y)) * Math.Cos(7 * Math.PI * z) + .03 * Math.Sin(15 * Math.PI * y) * Math.Sin(11 * Math.PI * x) : 0);
        }
        values[i] = (float)Math.Round(255 * Math.Clamp(sum, 0, 1));
    }
    return values;
}

// Along each axis.
static float[] Mirrored(float[] half)
{
    const int N = 64;
    static int Back(int i) => i < N ? i : 2 * N - 1 - i;
    return [.. Enumerable.Range(0, 8 * N * N * N).Select(i => half[Back(i % (2 * N)) + N * (Back(i / (2 * N) % (2 * N)) + N * Back(i / (4 * N * N)))])];
}

// Mean difference of the voxels on both sides of a cube's middle planes.
static double Jump(float[] values)
{
    const int N = 128, Half = N / 2;
    int[] strides = [1, N, N * N];
    return Enumerable.Range(0, N * N).Average(i => Enumerable.Range(0, 3).Average(k =>
    {
        int at = i % N * strides[(k + 1) % 3] + i / N * strides[(k + 2) % 3] + Half * strides[k];
        return Math.Abs(values[at] - values[at - strides[k]]);
    }));
}

// A slice of a head with 8 bits, and its three brightest structures.
static (float[] Values, float[] Region) Head(int n, int seed)
{
    var random = new Random(seed);
    double Around(double value, double part) => value * (1 + part * (2 * random.NextDouble() - 1));
    double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    (double Value, double X, double Y, double A, double B)[] parts = [(0.45, 0, 0, .80, .92), (0.30, 0, 0, .72, .84), (0.55, 0, .05, .55, .65), (0.15, -.16, .1, .10, .28), (0.15, .16, .1, .10, .28), (0.9, -.32, -.3, .09, .06), (0.85, .34, -.22, .07, .09), (0.95, .05, .5, .08, .05)];
    parts = [.. parts.Select(p => (Around(p.Value, 0.1), p.X + 0.03 * Normal(), p.Y + 0.03 * Normal(), Around(p.A, 0.1), Around(p.B, 0.1)))];
    double turn = 0.15 * Normal(), phase = 6 * random.NextDouble(), bias = 6 * random.NextDouble(), warp = 4.0 * 2 / n;
    var (values, region) = (new float[n * n], new float[n * n]);
    for (int i = 0; i < values.Length; i++)
    {
        double x = -1 + (2.0 * (i % n) + 1) / n, y = -1 + (2.0 * (i / n) + 1) / n, value = 0;
        double u = x * Math.Cos(turn) - y * Math.Sin(turn) + warp * Math.Sin(3 * y + phase), v = x * Math.Sin(turn) + y * Math.Cos(turn) + warp * Math.Cos(3 * x + phase);
        for (int k = 0; k < parts.Length; k++)
        {
            var p = parts[k];
            if (Math.Pow((u - p.X) / p.A, 2) + Math.Pow((v - p.Y) / p.B, 2) > 1) continue;
            value = p.Value;
            if (k >= parts.Length - 3) region[i] = 1;
        }
        value *= 1 + 0.15 * Math.Sin(x + y + bias);
        values[i] = (float)Math.Round(255 * Math.Clamp(Math.Sqrt(Math.Pow(value + 0.02 * Normal(), 2) + Math.Pow(0.02 * Normal(), 2)) / 1.2, 0, 1));
    }
    return (values, region);
}
