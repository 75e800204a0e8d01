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
var mirrored = Mirrored(ph64);
var separate = Row("PH64x2", mirrored, 128, 32768, new() { Method = CompressionMethod.Sci }, 2500, "");
var shared = Row("PH64x2", mirrored, 128, 32768, new() { Method = CompressionMethod.Tinc, Levels = 2 }, 2500, $"{separate.Psnr + 0.5:F1}: sci's and 0.5");
report.Line($"\nAcross the middle planes of PH64x2 the decoded values jump by so much more than the original's: sci {Jump(separate.Decoded) - Jump(mirrored):F2}, tinc {Jump(shared.Decoded) - Jump(mirrored):F2} (at most 60 % of sci's).");
report.Save();

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
