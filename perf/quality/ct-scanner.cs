#!/usr/bin/env dotnet
// Real scanners' projections: dotnet run -c Release perf/quality/ct-scanner.cs [-- NAME [FOLDER [TABLE...]]]
// HTC 2022 (fan beam, limited angle), a tooth (synchrotron, counts with flat and dark fields) and a rat's breathing gates (fan beam, low dose) of ../shared/data by every method; writes perf/results/NAME.md where a name
// other than - is given, and pictures into FOLDER.
#:project ../../src/Tasks/Tasks.csproj
#:project ../Reporting/Reporting.csproj
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Reporting;
using InrFast.Tasks.Reconstruction;

var device = CpuDevice.Best;
using var workers = new Workers(Environment.ProcessorCount);
using var report = new Report(args is [not "-", ..] ? args[0] : null);
var clock = Stopwatch.StartNew();
string[] tables = args.Length > 2 ? args[2..] : ["TOOTH", "HTC", "RAT"];
string? folder = args.Length > 1 ? args[1] : null;
report.Line($"# Real scanners' projections, {DateTime.Now:yyyy-MM-dd}\n\n{Report.Machine}. Data consistency is |A x - b| / |b| on the views that were taken, held out the same on views that were not; nltv is what auto takes for so few views.");
if (tables.Contains("TOOTH")) Tooth();
if (tables.Contains("HTC")) Htc();
if (tables.Contains("RAT")) Rat();
report.Line($"\n{clock.Elapsed.TotalSeconds:F0} s in all.");
report.Save();

// A disc of acrylic with holes over part of a turn. The full reconstruction of a solid disc in the same scanner says how wide it is and what acrylic attenuates.
void Htc()
{
    const int N = 256;
    const double Pixel = 0.3, FullPixel = 0.14832232; // of the full reconstruction, whose values are per pixel
    float[] full = Matlab("ct-sinogram/htc2022_soliddisc_fullrecon.mat");
    float[] within = [.. full.Where((_, i) => Radius(i, 512, FullPixel) < 30)];
    float solid = within.Order().ElementAt(within.Length / 2);
    double width = Diameter(full, 512, FullPixel, solid);
    report.Line($"\n## HTC 2022: fan beam, limited angle, 256 x 256\n\nThe solid disc's full reconstruction: {solid / FullPixel:F4} per mm, {width:F1} mm wide. Every sixth view is held out.\n\n| scan | method | data consistency | held out | acrylic, per mm | disc, mm | seconds |\n| --- | --- | --- | --- | --- | --- | --- |");
    foreach (string name in new[] { "ta_30deg", "ta_60deg", "tb_90deg" })
    {
        // The geometry as the data set's own file has it.
        var given = JsonNode.Parse(File.ReadAllText(Shared($"ct-sinogram/htc2022_{name}_geometry.json")))!;
        var geometry = new CtGeometry
        {
            Kind = CtGeometry.Fan, AnglesDegrees = [.. given["angles_deg"]!.AsArray().Select(angle => (double)angle!)],
            SourceToAxisMm = (double)given["distanceSourceOrigin_mm"]!, SourceToDetectorMm = (double)given["distanceSourceDetector_mm"]!,
            Detector = new() { Columns = (int)given["numDetectors"]!, ColumnSpacingMm = (double)given["detectorPixel_mm"]! }, Volume = new() { Size = [N, N], SpacingMm = [Pixel, Pixel] },
        };
        var sinogram = ImageFile.Read(Shared($"ct-sinogram/htc2022_{name}_sinogram.npy"));
        bool IsHeldOut(int view) => view % 6 == 3;
        var (taken, others) = Split(name, sinogram, geometry, null, IsHeldOut);
        foreach (string method in new[] { "fbp", "sirt", "tv" })
        {
            var result = Reconstruct(taken, method, $"htc_{name}_{method}");
            float[] image = [.. result.Image.Samples.Span];
            float acrylic = image.Where((_, i) => Radius(i, N, Pixel) < 34).Order().ElementAt((int)(Math.PI * 34 * 34 / Pixel / Pixel * 0.8));
            report.Line($"| {name} | {method} | {100 * result.Residual:F2} % | {HeldOut(others, result):F2} % | {acrylic:F4} | {Diameter(image, N, Pixel, acrylic):F1} | {result.Seconds:F0} |");
        }
    }
}

// A slice of a tooth: all views, and every fourth and eighth of them, beside filtered backprojection of all.
void Tooth()
{
    const int N = 256;
    report.Line("\n## Tooth: parallel beam, counts with flat and dark fields, 256 x 256 of 2 x 2 pixels\n\n| views | method | data consistency | held out | PSNR / SSIM against FBP of all 181 | seconds |\n| --- | --- | --- | --- | --- | --- |");
    var path = Shared("ct-sinogram/tooth.h5");
    Image Array(string name) => ImageFile.Read([path], new ReadOptions { Series = "exchange/" + name });
    Image FirstRow(Image stack) => new(Grid.Plain(stack.Size.X, stack.Size.Z), [.. Enumerable.Range(0, stack.Size.Z).SelectMany(i => stack.Samples.Slice(i * stack.Size.X * stack.Size.Y, stack.Size.X).ToArray())]);
    var counts = FirstRow(Array("data"));
    var geometry = new CtGeometry
    {
        Kind = CtGeometry.Parallel, AnglesDegrees = [.. Array("theta").Samples.Span.ToArray().Select(angle => (double)angle)],
        Detector = new() { Columns = counts.Size.X, ColumnSpacingMm = 1, ColumnOffsetMm = (counts.Size.X - 1) / 2.0 - 296 }, Volume = new() { Size = [N, N], SpacingMm = [2, 2] },
    };
    var fields = new CtFields(FirstRow(Array("data_white")), FirstRow(Array("data_dark")));
    var all = Reconstruct(CtScan.Of("tooth", counts, geometry, fields), "fbp", "tooth_181_fbp");
    float[] reference = [.. all.Image.Samples.Span];
    report.Line($"| 181 | fbp | {100 * all.Residual:F2} % | | | {all.Seconds:F0} |");
    foreach (string method in new[] { "fbp", "sirt", "tv", "nltv" })
        foreach (int step in new[] { 4, 8 })
        {
            var (taken, others) = Split("tooth", counts, geometry, fields, view => view % step != 0);
            var result = Reconstruct(taken, method, $"tooth_{taken.Geometry.Views}_{method}");
            report.Line($"| {taken.Geometry.Views} | {method} | {100 * result.Residual:F2} % | {HeldOut(others, result):F2} % | {Against(reference, [.. result.Image.Samples.Span], N, 1)} | {result.Seconds:F0} |");
        }
}

// A rat's chest in one of four states of breathing: some 125 noisy views each, beside an image of high dose and what the publication made of the same views. Its code says the geometry: a flat detector of 350 pixels of 0.2 mm,
// 352 mm from the source and 132 mm from the axis, 350 x 350 pixels of 0.125 mm; data in thousands per cm.
void Rat()
{
    const int N = 350, Views = 360;
    report.Line("\n## Rat, four breathing gates: fan beam, low dose, 350 x 350\n\nPSNR (range of the high-dose image) / SSIM within the circle, each image at its own best scale. FDK and PRIMOR (which has the average of the gates as prior, and motion between them): the publication's files.\n\n| gate | method | data consistency | PSNR / SSIM against high dose | seconds |\n| --- | --- | --- | --- | --- |");
    float[] target = [.. ImageFile.Read(Shared("lung-4dct/rodent_4gates_highdose.npy")).Samples.Span], primor = Matlab("lung-4dct/rodent_gates_primor.mat"), fdk = Matlab("lung-4dct/rodent_gate1_fdk.mat");
    float[] projections = [.. ImageFile.Read([Shared("lung-4dct/rodent_4gates_lowdose_sinogram.npz")], new ReadOptions { Series = "sinogram" }).Samples.Span.ToArray().Select(value => value / 1000)];
    var geometry = new CtGeometry
    {
        Kind = CtGeometry.Fan, AnglesDegrees = [.. Enumerable.Range(0, Views).Select(i => (double)i)], SourceToAxisMm = 220, SourceToDetectorMm = 352,
        Detector = new() { Columns = N, ColumnSpacingMm = 0.2 }, Volume = new() { Size = [N, N], SpacingMm = [0.125, 0.125] },
    };
    float[] Gate(int gate) => projections[(gate * Views * N)..((gate + 1) * Views * N)];
    int[] taken = [.. Enumerable.Range(0, Views).Select(view => Enumerable.Range(0, 4).Count(gate => Gate(gate)[view * N + N / 2] > 0))];
    float[] average = [.. Enumerable.Range(0, Views * N).Select(i => Enumerable.Range(0, 4).Sum(gate => projections[gate * Views * N + i]) / Math.Max(1, taken[i / N]))];
    float[] prior = [.. CtReconstruction.Run(Scan(average), new() { Method = "fbp", Window = RampWindow.Hann }, device, workers).Image.Samples.Span]; // as the publication's is
    foreach (int gate in new[] { 0, 3 })
    {
        // The images' first axis is x.
        float[] truth = Transposed(target[(gate * N * N)..((gate + 1) * N * N)]);
        if (gate == 0) report.Line($"| 1 | FDK, published | | {Against(truth, fdk, N, null)} | |");
        report.Line($"| {gate + 1} | PRIMOR, published | | {Against(truth, primor[(gate * N * N)..((gate + 1) * N * N)], N, null)} | |");
        report.Line($"| {gate + 1} | fbp of all gates' average | | {Against(truth, prior, N, null)} | |");
        foreach (string method in gate == 0 ? ["fbp", "sirt", "tv", "nltv", "nerp"] : (string[])["nltv", "nerp"])
        {
            var result = Reconstruct(Scan(Gate(gate)), method, $"rat_{gate + 1}_{method}", method == "nerp" ? prior : null);
            report.Line($"| {gate + 1} | {method}{(method == "nerp" ? ", the average as prior" : "")} | {100 * result.Residual:F1} % | {Against(truth, [.. result.Image.Samples.Span], N, null)} | {result.Seconds:F0} |");
        }
    }

    CtScan Scan(float[] views) => CtScan.Of("rat", new Image(Grid.Plain(N, Views), views), geometry);

    static float[] Transposed(float[] image) => [.. Enumerable.Range(0, N * N).Select(i => image[i % N * N + i / N])];
}

// Views taken, and the others.
(CtScan Taken, CtScan Others) Split(string name, Image projections, CtGeometry geometry, CtFields? fields, Func<int, bool> isHeldOut)
{
    CtScan Of(bool heldOut) => CtScan.Of(name, projections, geometry, fields, [.. Enumerable.Range(0, geometry.Views).Where(view => isHeldOut(view) == heldOut)]);
    return (Of(false), Of(true));
}

CtResult Reconstruct(CtScan scan, string method, string name, float[]? prior = null)
{
    var result = CtReconstruction.Run(scan, new CtOptions { Method = method, Prior = prior }, device, workers);
    if (folder is not null) Preview.Render(result.Image).WritePng(Path.Combine(folder, name + ".png"), force: true);
    return result;
}

double HeldOut(CtScan others, CtResult result)
{
    double unit = others.Geometry.HalfSide();
    using var projector = new Projector(others.Geometry.ToProjection(unit), device, workers);
    return 100 * Projector.RelativeDifference(projector.Forward([.. result.Image.Samples.Span.ToArray().Select(value => value * (float)unit)]), others.Projections);
}

// Within the circle; scale null: the one that fits best.
static string Against(float[] reference, float[] image, int n, double? scale)
{
    bool[] inside = [.. Enumerable.Range(0, n * n).Select(i => Radius(i, n, 1) <= n / 2.0)];
    double Sum(Func<int, double> of) => Enumerable.Range(0, n * n).Where(i => inside[i]).Sum(of);
    double k = scale ?? Sum(i => reference[i] * image[i]) / Sum(i => image[i] * image[i]);
    float[] Masked(float[] values, double by) => [.. values.Select((value, i) => inside[i] ? (float)(value * by) : 0)];
    float[] a = Masked(reference, 1), b = Masked(image, k);
    double range = a.Max() - Math.Min(0, a.Min());
    return $"{10 * Math.Log10(range * range / (Sum(i => Math.Pow(a[i] - b[i], 2)) / inside.Count(pixel => pixel))):F2} / {StructuralSimilarity.Mean(new Image(Grid.Plain(n, n), a), new Image(Grid.Plain(n, n), b), range):F3}";
}

static double Radius(int i, int n, double pixel) => pixel * Math.Sqrt(Math.Pow(i % n - (n - 1) / 2.0, 2) + Math.Pow(i / n - (n - 1) / 2.0, 2));

// Twice the median, over directions, of where the outermost rise to half the level is, from the middle of what is above it.
static double Diameter(float[] image, int n, double pixel, float level)
{
    int[] above = [.. Enumerable.Range(0, n * n).Where(i => image[i] > level / 2 && Radius(i, n, 1) < n / 2.0)];
    double x = above.Average(i => i % n), y = above.Average(i => i / n);
    double Edge(double angle)
    {
        for (double r = n / 2.0; r > 0; r -= 0.25)
            if ((int)Math.Round(x + r * Math.Cos(angle)) is var column && (int)Math.Round(y + r * Math.Sin(angle)) is var row && column >= 0 && column < n && row >= 0 && row < n && image[row * n + column] > level / 2) return r;
        return 0;
    }
    return 2 * pixel * Enumerable.Range(0, 360).Select(i => Edge(i * Math.PI / 180)).Order().ElementAt(180);
}

// The first array of a MATLAB 5 file, compressed and real, as it lies there: the first axis runs fastest.
static float[] Matlab(string name)
{
    using var stream = File.OpenRead(Shared(name));
    stream.Position = 128 + 8;
    using var unpacked = new ZLibStream(stream, CompressionMode.Decompress);
    var head = new byte[8];
    unpacked.ReadExactly(head);
    var body = new byte[BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(4))];
    unpacked.ReadExactly(body);
    int at = 0;
    ReadOnlySpan<byte> Element(out int type)
    {
        int word = BinaryPrimitives.ReadInt32LittleEndian(body.AsSpan(at)), length = word >>> 16;
        type = word & 0xFFFF;
        int from = at + (length > 0 ? 4 : 8);
        if (length == 0) length = BinaryPrimitives.ReadInt32LittleEndian(body.AsSpan(at + 4));
        at = from == at + 4 ? at + 8 : from + (length + 7) / 8 * 8;
        return body.AsSpan(from, length);
    }
    for (int i = 0; i < 3; i++) Element(out _); // flags, sizes, name
    var data = Element(out int kind);
    return kind switch
    {
        7 => MemoryMarshal.Cast<byte, float>(data).ToArray(),
        9 => [.. MemoryMarshal.Cast<byte, double>(data).ToArray().Select(value => (float)value)],
        _ => throw new InvalidDataException($"{name}: numbers of kind {kind}"),
    };
}

static string Shared(string name) => Report.Data(name) ?? throw new FileNotFoundException($"shared/data/{name} is not there, beside the repository or above it");
