using System.Text.Json.Nodes;
using InrFast.Imaging;
using InrFast.Tasks.Reconstruction;

namespace InrFast.Tests;

/// <summary>Projections of real scanners, where they lie beside the repository.</summary>
public sealed class RealScanTests
{
    /// <summary>HTC 2022: a disc of acrylic, 70 mm wide, with holes, seen over a quarter turn. Attenuation of the rim is that of acrylic, holes are empty, and nothing lies outside the disc.</summary>
    [Test]
    public void A_disc_seen_over_a_quarter_turn()
    {
        const int N = 160;
        const double Pixel = 0.5;
        var given = JsonNode.Parse(File.ReadAllText(Shared("ct-sinogram/htc2022_tb_90deg_geometry.json")))!;
        var geometry = new CtGeometry
        {
            Kind = CtGeometry.Fan, AnglesDegrees = [.. given["angles_deg"]!.AsArray().Select(angle => (double)angle!)],
            SourceToAxisMm = (double)given["distanceSourceOrigin_mm"]!, SourceToDetectorMm = (double)given["distanceSourceDetector_mm"]!,
            Detector = new() { Columns = (int)given["numDetectors"]!, ColumnSpacingMm = (double)given["detectorPixel_mm"]! }, Volume = new() { Size = [N, N], SpacingMm = [Pixel, Pixel] },
        };
        var scan = CtScan.Of("htc", ImageFile.Read(Shared("ct-sinogram/htc2022_tb_90deg_sinogram.npy")), geometry);
        Assert.That(scan.Warnings, Is.Empty);
        var result = Run(scan, new() { Method = "tv", TvWeight = 3e-4, Iterations = 60 });
        Assert.That(result.Residual, Is.LessThan(0.03));
        double[] radius = [.. Enumerable.Range(0, N * N).Select(i => Pixel * Math.Sqrt(Math.Pow(i % N - (N - 1) / 2.0, 2) + Math.Pow(i / N - (N - 1) / 2.0, 2)))];
        float[] image = [.. result.Image.Samples.Span], outside = [.. image.Where((_, i) => radius[i] is > 39 and < 40)], inside = [.. image.Where((_, i) => radius[i] < 34)];
        float acrylic = inside.Order().ElementAt(inside.Length * 9 / 10);
        Assert.That(acrylic, Is.InRange(0.025f, 0.06f)); // 1.18 g/cm3 at some 30 keV of a small tube
        Assert.That(outside.Average(), Is.LessThan(0.1 * acrylic));
        Assert.That(inside.Count(value => value < 0.2 * acrylic) / (double)inside.Length, Is.InRange(0.1, 0.6)); // holes
    }

    /// <summary>A tooth in a synchrotron's parallel beam, counts with flat and dark fields, axis near column 296. The image of FBP explains the projections when the axis is there, and worse elsewhere.</summary>
    [Test]
    public void A_tooth_turns_about_its_axis()
    {
        var path = Shared("ct-sinogram/tooth.npz");
        Image Array(string name) => ImageFile.Read([path], new ReadOptions { Series = name });
        float[] data = [.. Array("data").Samples.Span], white = Mean(Array("white")), dark = Mean(Array("dark"));
        const int Columns = 640, Rows = 2;
        int views = data.Length / Columns / Rows;
        float[] projections = [.. from view in Enumerable.Range(0, views) from column in Enumerable.Range(0, Columns)
                                  select -MathF.Log(Math.Max(1e-3f, (data[view * Rows * Columns + column] - dark[column]) / (white[column] - dark[column])))];
        double Residual(double axis) => Run(CtScan.Of("tooth", new Image(Grid.Plain(Columns, views), projections), new CtGeometry
        {
            Kind = CtGeometry.Parallel, AnglesDegrees = [.. Enumerable.Range(0, views).Select(i => 180.0 * i / (views - 1))],
            Detector = new() { Columns = Columns, ColumnSpacingMm = 1, ColumnOffsetMm = (Columns - 1) / 2.0 - axis }, Volume = new() { Size = [320, 320], SpacingMm = [2, 2] },
        }), new() { Method = "fbp", Window = RampWindow.Hann }).Residual;
        double there = Residual(296);
        Assert.That(there, Is.LessThan(0.04));
        Assert.That(Residual(290), Is.GreaterThan(1.1 * there));
        Assert.That(Residual(302), Is.GreaterThan(1.1 * there));

        float[] Mean(Image fields)
        {
            int count = fields.Samples.Length / Columns / Rows;
            return [.. Enumerable.Range(0, Columns).Select(column => Enumerable.Range(0, count).Average(i => fields.Samples.Span[i * Rows * Columns + column]))];
        }
    }

    static CtResult Run(CtScan scan, CtOptions options) => ScanCase.With(workers => CtReconstruction.Run(scan, options, ScanCase.Device, workers));

    static string Shared(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, "shared", "data", name) is var path && File.Exists(path)) return path;
        Assert.Ignore($"shared/data/{name} is not there");
        return "";
    }
}
