using System.Text.Json.Nodes;
using InrFast.Imaging;

namespace InrFast.Tests;

/// <summary>simulate ct and reconstruct ct.</summary>
internal sealed class CtTests : CommandTests
{
    /// <summary>Two discs of tissue, 40 x 36 pixels of 2 mm.</summary>
    private string Slice => WriteImage("slice.nrrd", new Image(new Grid(new(40, 36), Affine.FromSpacing(2, 2, 2)), [.. Enumerable.Range(0, 1440).Select(i =>
        (Math.Pow(i % 40 - 18, 2) + Math.Pow(i / 40 - 17, 2) < 170 ? 0.02f : 0) + (Math.Pow(i % 40 - 22, 2) + Math.Pow(i / 40 - 12, 2) < 20 ? 0.01f : 0))]));

    [TestCase("parallel", "fbp")]
    [TestCase("parallel", "tv")]
    [TestCase("fan", "fbp")]
    [TestCase("fan", "sirt")]
    public void A_slice_comes_back(string kind, string method)
    {
        var slice = Slice;
        Done("simulate", "ct", slice, "-o", In("p.npy"), "--kind", kind, "--views", method == "fbp" ? "180" : "40");
        var run = Done("reconstruct", "ct", In("p.npy"), "-o", In("r.nrrd"), "--method", method, "--iterations", "60", "--reference", slice, "--require-psnr", "24", "--json", In("r.json"), "--preview", In("r.png"));
        Assert.That(run.Error, Does.Not.Contain("warning"));
        var json = JsonNode.Parse(File.ReadAllText(In("r.json")))!;
        Assert.That(((string)json["command"]!, (string)json["method"]!), Is.EqualTo(("reconstruct ct", method)));
        Assert.That((double)json["metrics"]!["projectionResidual"]!, Is.LessThan(method == "fbp" ? 0.05 : 0.02));
        Assert.That((double)json["metrics"]!["ssim"]!, Is.GreaterThan(0.7));
        var result = ImageFile.Read(In("r.nrrd"));
        Assert.That((result.Size, result.Grid.Spacing.X), Is.EqualTo((new GridSize(40, 36), 2.0)));
        Assert.That(result.Samples.Span[17 * 40 + 16], Is.EqualTo(0.02).Within(0.0015));
        Assert.That(new FileInfo(In("r.png")).Length, Is.GreaterThan(1000));
    }

    /// <summary>A network trained on the rays: the same bytes for the same seed, whatever the number of threads.</summary>
    [Test]
    public void A_network_is_trained_on_the_rays()
    {
        var slice = Slice;
        Done("simulate", "ct", slice, "-o", In("p.npy"), "--kind", "fan", "--views", "30");
        foreach (var threads in new[] { "1", "2" })
        {
            Done("reconstruct", "ct", In("p.npy"), "-o", In($"{threads}.nrrd"), "--method", "naf", "--iterations", "200", "--seed", "4", "--threads", threads, "--reference", slice, "--require-psnr", "24");
        }
        Assert.That(File.ReadAllBytes(In("2.nrrd")), Is.EqualTo(File.ReadAllBytes(In("1.nrrd"))));
    }

    /// <summary>The standard for few views of a slice, and every system, from the command line: what they are, how far their projections are from the measured ones, and pictures of that.</summary>
    [TestCase("auto", "nltv", "60")]
    [TestCase("nerp", "nerp", "20")]
    [TestCase("coil", "coil", "20")]
    [TestCase("intratomo", "intratomo", "20")]
    [TestCase("snaf", "snaf", "40")]
    public void Few_views_do(string method, string taken, string iterations)
    {
        var slice = Slice;
        Done("simulate", "ct", slice, "-o", In("p.npy"), "--views", "20", "--kind", "fan");
        Done("reconstruct", "ct", In("p.npy"), "-o", In("r.nrrd"), "--method", method, "--iterations", iterations, "--reference", slice, "--json", In("r.json"), "--preview", In("r.png"));
        var json = JsonNode.Parse(File.ReadAllText(In("r.json")))!;
        Assert.That((string)json["method"]!, Is.EqualTo(taken));
        Assert.That((double)json["metrics"]!["projectionResidual"]!, Is.InRange(1e-6, taken == "nltv" ? 0.02 : 1));
        if (taken == "nltv") Assert.That((double)json["metrics"]!["psnr"]!, Is.GreaterThan(27));
        Assert.That(new FileInfo(In("r.png")).Length, Is.GreaterThan(1000));
    }

    /// <summary>An earlier image brings nerp; one with other voxels is interpolated, and that is said.</summary>
    [Test]
    public void An_earlier_image_is_taken_where_it_lies()
    {
        var slice = Slice;
        Done("simulate", "ct", slice, "-o", In("p.npy"), "--views", "20");
        CommandRun Run(string prior, params string[] more) => CommandRun.Of(["reconstruct", "ct", In("p.npy"), "-o", In("r.nrrd"), "--iterations", "3", "--prior", prior, "-f", .. more]);
        var earlier = WriteImage("earlier.nrrd", new Image(new Grid(new(40, 36), new Affine(new(2, 0, 0), new(0, 2, 0), new(0, 0, 2), new(-39, -35, 0))), [.. ImageFile.Read(slice).Samples.Span]));
        Assert.That(Run(earlier, "--json", In("r.json")) is { ExitCode: 0 } run ? run.Error : "failed", Does.Not.Contain("interpolated"));
        Assert.That((string)JsonNode.Parse(File.ReadAllText(In("r.json")))!["method"]!, Is.EqualTo("nerp"));
        var coarse = WriteImage("coarse.nrrd", new Image(new Grid(new(20, 18), new Affine(new(4, 0, 0), new(0, 4, 0), new(0, 0, 4), new(-38, -34, 0))), [.. Enumerable.Repeat(0.02f, 360)]));
        Assert.That(Run(coarse) is { ExitCode: 0 } other ? other.Error : "failed", Does.Contain("interpolated on its 40x36"));
        AssertRefused(Run(WriteImage("far.nrrd", new Image(new Grid(new(20, 18), new Affine(new(4, 0, 0), new(0, 4, 0), new(0, 0, 4), new(900, 0, 0))), [.. Enumerable.Repeat(0.02f, 360)]))), 65, "lies elsewhere");
        AssertRefused(Run(WriteImage("volume.nrrd", new Image(Grid.Plain(4, 4, 4), new float[64]))), 65, "3 dimensions");
        AssertRefused(Run(WriteImage("empty.nrrd", new Image(Grid.Plain(40, 36), new float[1440]))), 65, "nothing in it");
        AssertRefused(Run(WriteImage("hounsfield.nrrd", new Image(Grid.Plain(40, 36), [.. Enumerable.Repeat(1000f, 1440)]))), 65, "no attenuation per mm");
        AssertRefused(Run(earlier, "--method", "tv"), 64, "takes no prior");
        AssertRefused(Run(In("none.nrrd")), 66, "none.nrrd");
    }

    /// <summary>An earlier series brings stinr, and as many images as are asked for.</summary>
    [Test]
    public void An_earlier_series_gives_images_at_several_times()
    {
        Image Discs(int frames) => new(new Grid(new(24, 24), Affine.FromSpacing(2, 2, 2) with { Origin = new(-23, -23, 0) }), [.. Enumerable.Range(0, frames).SelectMany(f => Enumerable.Range(0, 576).Select(i =>
            (Math.Pow(i % 24 - 12, 2) + Math.Pow(i / 24 - 12, 2) < 100 ? 0.02f : 0) + (Math.Pow(i % 24 - 9 - f, 2) + Math.Pow(i / 24 - 12, 2) < 20 ? 0.01f : 0)))], times: frames) { TimeSpacing = 2 };
        var series = WriteImage("moving.nii", Discs(4));
        Done("simulate", "ct", series, "-o", In("p.npy"), "--views", "30");
        Done("reconstruct", "ct", In("p.npy"), "-o", In("r.nii"), "--prior", series, "--times", "3", "--hu", "--json", In("r.json"), "--preview", In("r.png"));
        Assert.That((string)JsonNode.Parse(File.ReadAllText(In("r.json")))!["method"]!, Is.EqualTo("stinr"));
        var result = ImageFile.Read(In("r.nii"));
        Assert.That((result.Size, result.Times, result.TimeSpacing), Is.EqualTo((new GridSize(24, 24), 3, 8 / 3.0)).Using<double>((a, b) => Math.Abs(a - b) < 1e-4));
        // The small disc goes to the right: so does the middle of what is brighter than tissue.
        double[] middles = [.. Enumerable.Range(0, 3).Select(time =>
        {
            double Over(int i) => Math.Max(0, result.Samples.Span[time * 576 + i] - 150);
            return Enumerable.Range(0, 576).Sum(i => Over(i) * (i % 24)) / Enumerable.Range(0, 576).Sum(Over);
        })];
        Assert.That(middles[2] - middles[0], Is.GreaterThan(1));
        // Without it, dctr.
        Done("reconstruct", "ct", In("p.npy"), "-o", In("d.nii"), "--times", "3", "--iterations", "30", "--json", In("d.json"));
        Assert.That((string)JsonNode.Parse(File.ReadAllText(In("d.json")))!["method"]!, Is.EqualTo("dctr"));
        Assert.That(ImageFile.Read(In("d.nii")).Times, Is.EqualTo(3));
        // The views are of half a turn.
        Assert.That(File.ReadAllText(In("d.json")), Does.Contain("several motions have the same projections"));
        AssertRefused(CommandRun.Of(["reconstruct", "ct", In("p.npy"), "-o", In("s.nii"), "--method", "tv", "--times", "3"]), 64, "dctr does");
    }

    /// <summary>A disc that moves while the gantry turns: the first views show the first frame, the last ones the last.</summary>
    [Test]
    public void A_time_series_moves_while_the_gantry_turns()
    {
        const int Frames = 3;
        Image Disc(int frame, int count) => new(new Grid(new(24, 24), Affine.FromSpacing(2, 2, 2)), [.. Enumerable.Range(frame, count).SelectMany(f => Enumerable.Range(0, 576).Select(i =>
            Math.Pow(i % 24 - 9 - 2 * f, 2) + Math.Pow(i / 24 - 12, 2) < 25 ? 0.02f : 0))], times: count) { TimeSpacing = count > 1 ? 2 : 0 };
        Done("simulate", "ct", WriteImage("moving.nii", Disc(0, Frames)), "-o", In("p.npy"), "--views", "30");
        var times = JsonNode.Parse(File.ReadAllText(In("p.geometry.json")))!["timesSeconds"]!.AsArray().Select(time => (double)time!).ToArray();
        Assert.That((times[0], times[15], times.Length), Is.EqualTo((0.0, 3.0, 30)));
        var moving = ImageFile.Read(In("p.npy"));
        foreach (var (frame, view) in new[] { (0, 3), (Frames - 1, 29) })
        {
            Done("simulate", "ct", WriteImage("still.nii", Disc(frame, 1)), "-o", In("s.npy"), "--views", "30", "-f");
            int columns = moving.Size.X;
            Assert.That(moving.Samples.Span.Slice(view * columns, columns).ToArray(), Is.EqualTo(ImageFile.Read(In("s.npy")).Samples.Span.Slice(view * columns, columns).ToArray()).Within(1e-6f));
        }
    }

    [TestCase("cone", "fdk")]
    [TestCase("parallel", "fbp")]
    public void A_volume_comes_back(string kind, string method)
    {
        var volume = WriteImage("v.nrrd", new Image(new Grid(new(24, 24, 14), Affine.FromSpacing(3, 3, 3)), [.. Enumerable.Range(0, 24 * 24 * 14).Select(i =>
            Math.Pow(i % 24 - 12, 2) + Math.Pow(i / 24 % 24 - 11, 2) + Math.Pow(1.5 * (i / 576 - 7), 2) < 70 ? 0.02f : 0)]));
        Done("simulate", "ct", volume, "-o", In("p.nrrd"), "--kind", kind, "--views", "60");
        Done("reconstruct", "ct", In("p.nrrd"), "-o", In("r.nii.gz"), "--method", method, "--reference", volume, "--require-psnr", "18");
        Assert.That(ImageFile.Read(In("r.nii.gz")).Samples.Span[7 * 576 + 11 * 24 + 12], Is.EqualTo(0.02).Within(0.001));
    }

    [Test]
    public void Noise_follows_the_seed_and_counts_are_told()
    {
        var slice = Slice;
        byte[] Counts(string seed)
        {
            Done("simulate", "ct", slice, "-o", In("p.npy"), "-f", "--views", "30", "--photons", "1000", "--electronic-noise", "3", "--counts", "--seed", seed);
            return File.ReadAllBytes(In("p.npy"));
        }
        var one = Counts("1");
        Assert.That(Counts("1"), Is.EqualTo(one));
        Assert.That(Counts("2"), Is.Not.EqualTo(one));
        var geometry = JsonNode.Parse(File.ReadAllText(In("p.geometry.json")))!;
        Assert.That(((string)geometry["units"]!, (double)geometry["airCounts"]!), Is.EqualTo(("counts", 1000.0)));
        Done("reconstruct", "ct", In("p.npy"), "-o", In("r.nrrd"), "--method", "tv", "--iterations", "60", "--reference", slice, "--require-psnr", "20");
    }

    [Test]
    public void Missing_views_have_no_angle_and_a_quarter_turn_is_what_it_says()
    {
        Done("simulate", "ct", Slice, "-o", In("p.npy"), "--views", "9", "--range", "90", "--start", "10", "--missing", "1,4-6", "--detector-offset", "1.5");
        var geometry = JsonNode.Parse(File.ReadAllText(In("p.geometry.json")))!;
        Assert.That(geometry["anglesDegrees"]!.AsArray().Select(angle => (double)angle!), Is.EqualTo(new double[] { 10, 30, 40, 80, 90 }));
        Assert.That((double)geometry["detector"]!["columnOffsetMm"]!, Is.EqualTo(1.5));
        Assert.That(ImageFile.Read(In("p.npy")).Size.Y, Is.EqualTo(5));
    }

    /// <summary>An image that says HU is converted, and so is the result on wish.</summary>
    [Test]
    public void Hounsfield_units_there_and_back()
    {
        Done("simulate", "ct", Sample("ct.dcm"), "-o", In("p.npy"), "--views", "300", "--detector-spacing", "2");
        Done("reconstruct", "ct", In("p.npy"), "-o", In("r.nrrd"), "--method", "fbp", "--filter", "hann", "--hu");
        float[] image = [.. ImageFile.Read(In("r.nrrd")).Samples.Span], truth = [.. ImageFile.Read(Sample("ct.dcm")).Samples.Span.ToArray().Select(hu => Math.Max(-1000, hu))];
        Assert.That(image.Zip(truth, (a, b) => Math.Abs(a - b)).Order().ElementAt(image.Length / 2), Is.LessThan(60)); // a detector coarser than the pixels
        double a = image.Average(), b = truth.Average();
        Assert.That(image.Zip(truth, (x, y) => (x - a) * (y - b)).Sum() / Math.Sqrt(image.Sum(x => (x - a) * (x - a)) * truth.Sum(y => (y - b) * (y - b))), Is.GreaterThan(0.97));
    }

    /// <summary>A row of 40 pixels of 2 mm: 30 is reached by 0.375 a pixel.</summary>
    [TestCase(0.37f, false)]
    [TestCase(0.38f, true)]
    public void Values_that_are_no_attenuation_are_warned_of(float value, bool isWarned)
    {
        var slice = WriteImage("slice.nrrd", new Image(new Grid(new(40, 36), Affine.FromSpacing(2, 2, 2)), [.. Enumerable.Range(0, 1440).Select(i => i / 40 == 20 ? value : 0)]));
        Assert.That(Done("simulate", "ct", slice, "-o", In("p.npy"), "--views", "4").Error.Contains("attenuation per mm"), Is.EqualTo(isWarned));
    }

    /// <summary>Raw counts with flat and dark fields, some views of all, and the axis on a column of one's own.</summary>
    [Test]
    public void Raw_counts_are_taken_with_their_fields()
    {
        var slice = Slice;
        Done("simulate", "ct", slice, "-o", In("p.npy"), "--views", "60", "--columns", "61", "--detector-spacing", "2", "--detector-offset", "5");
        float[] projections = [.. ImageFile.Read(In("p.npy")).Samples.Span];
        int views = 60, columns = projections.Length / views;
        WriteText("raw.geometry.json", File.ReadAllText(In("p.geometry.json")).Replace("\"columnOffsetMm\": 5", "\"columnOffsetMm\": 0", StringComparison.Ordinal));
        WriteImage("raw.npy", columns, views, i => 50 + (1000 + i % columns) * MathF.Exp(-projections[i]));
        WriteImage("flat.npy", columns, 2, i => 1050 + i % columns + (i < columns ? 7 : -7));
        WriteImage("dark.npy", columns, 1, _ => 50);
        string[] run = ["reconstruct", "ct", In("raw.npy"), "-o", In("r.nrrd"), "--flat", In("flat.npy"), "--dark", In("dark.npy"), "--axis-column", "27.5", "--views", "0-59:2", "--method", "sirt", "--reference", slice, "--require-psnr", "24", "-f"];
        Done(run);
        Assert.That(CommandRun.Of([.. run.Where(word => word is not ("--axis-column" or "27.5"))]).ExitCode, Is.EqualTo(2));
        AssertRefused(CommandRun.Of("reconstruct", "ct", In("raw.npy"), "-o", In("q.nrrd"), "--dark", In("dark.npy")), 64, "--flat");
        AssertRefused(CommandRun.Of("reconstruct", "ct", In("raw.npy"), "-o", In("q.nrrd"), "--flat", In("flat.npy"), "--views", "60"), 64, "60 views, 0 to 59");
        AssertRefused(CommandRun.Of("reconstruct", "ct", In("raw.npy"), "-o", In("q.nrrd"), "--views", "0-9:0"), 64, "list of views");
        AssertRefused(CommandRun.Of("reconstruct", "ct", In("raw.npy"), "-o", In("q.nrrd"), "--flat", slice), 65, "the flat field is an array");
    }

    /// <summary>Rings of uneven pixels go where the flat field is known.</summary>
    [Test]
    public void A_simulated_flat_field_takes_the_rings_away()
    {
        var slice = Slice;
        Done("simulate", "ct", slice, "-o", In("p.npy"), "--views", "60", "--photons", "1e6", "--gain-error", "0.1", "--counts", "--flat", In("flat.npy"));
        CommandRun Run(params string[] fields) => CommandRun.Of(["reconstruct", "ct", In("p.npy"), "-o", In("r.nrrd"), "--method", "sirt", "--reference", slice, "--require-psnr", "24", "-f", .. fields]);
        Assert.That(Run("--flat", In("flat.npy")).ExitCode, Is.Zero);
        Assert.That(Run().ExitCode, Is.EqualTo(2));
        AssertRefused(CommandRun.Of("simulate", "ct", slice, "-o", In("q.npy"), "--photons", "1000", "--flat", In("q.npy")), 64, "--counts");
        AssertRefused(CommandRun.Of("simulate", "ct", slice, "-o", In("q.npy"), "--photons", "1000", "--counts", "--flat", In("flat.npy")), 73, "flat.npy");
    }

    /// <summary>A synchrotron's file with its own angles, flat and dark fields; wrong by 6 columns, the axis explains the projections worse.</summary>
    [Test]
    public void A_data_exchange_file_needs_no_more()
    {
        var tooth = SharedFile("ct-sinogram/tooth.h5");
        double Residual(string axis)
        {
            var run = Done("reconstruct", "ct", tooth, "-o", In("r.nrrd"), "--axis-column", axis, "--method", "fbp", "--filter", "hann", "--views", "0-180:2", "--json", In("r.json"), "-f");
            Assert.That(run.Error, Does.Contain("pixels of 1 mm"));
            return (double)JsonNode.Parse(File.ReadAllText(In("r.json")))!["metrics"]!["projectionResidual"]!;
        }
        var there = Residual("296");
        Assert.That(there, Is.LessThan(0.05));
        Assert.That(Residual("302"), Is.GreaterThan(1.1 * there));
        Assert.That(ImageFile.Read(In("r.nrrd")).Size, Is.EqualTo(new GridSize(640, 640, 2)));
    }

    [Test]
    public void A_missing_geometry_is_named()
    {
        var array = WriteImage("p.npy", 8, 3, _ => 1);
        AssertRefused(CommandRun.Of("reconstruct", "ct", array, "-o", In("r.nrrd")), 66, "p.geometry.json", "--geometry");
        Assert.That(FilesThere, Is.EqualTo(new[] { "p.npy" }));
    }

    private const string Plain = """{ "kind": "parallel", "anglesDegrees": [0, 60, 120], "detector": { "columns": 8, "columnSpacingMm": 1 } }""";

    [TestCase(Plain, 9, 3, "9 columns and the geometry 8")]
    [TestCase(Plain, 8, 4, "4 views and the geometry 3")]
    [TestCase("""{ "kind": "parallel", "anglesDegrees": [5, 5, 5], "detector": { "columns": 8, "columnSpacingMm": 1 } }""", 8, 3, "all 3 angles are 5")]
    [TestCase("""{ "kind": "parallel" }""", 8, 3, "no CT geometry")]
    public void Geometries_that_do_not_fit(string geometry, int columns, int views, string words)
    {
        WriteText("p.geometry.json", geometry);
        AssertRefused(CommandRun.Of("reconstruct", "ct", WriteImage("p.npy", columns, views, _ => 1), "-o", In("r.nrrd")), 65, words);
    }

    [Test]
    public void Values_that_are_not_what_the_geometry_says()
    {
        WriteText("p.geometry.json", Plain);
        AssertRefused(CommandRun.Of("reconstruct", "ct", WriteImage("p.npy", 8, 3, i => i == 5 ? float.NaN : 1), "-o", In("r.nrrd")), 65, "1 of 24 values are NaN");
        AssertRefused(CommandRun.Of("reconstruct", "ct", WriteImage("p.npy", 8, 3, _ => 4000), "-o", In("r.nrrd")), 65, "are they counts?");
        WriteText("p.geometry.json", Plain.Replace("\"detector\"", "\"units\": \"counts\", \"airCounts\": 4096, \"detector\"", StringComparison.Ordinal));
        AssertRefused(CommandRun.Of("reconstruct", "ct", WriteImage("p.npy", 8, 3, i => i == 5 ? -1 : 4000), "-o", In("r.nrrd")), 65, "1 of 24 counts are negative");
    }

    [Test]
    public void A_truncated_object_is_warned_of()
    {
        WriteText("p.geometry.json", Plain);
        var run = CommandRun.Of("reconstruct", "ct", WriteImage("p.npy", 8, 3, _ => 1), "-o", In("r.nrrd"), "--method", "sirt", "--iterations", "2");
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Error, Does.Contain("100 % of its lines"));
    }

    [Test]
    public void Wrong_use()
    {
        WriteText("p.geometry.json", Plain);
        var array = WriteImage("p.npy", 8, 3, i => i % 8 == 4 ? 1 : 0);
        AssertRefused(CommandRun.Of("reconstruct", "ct", array, "-o", In("r.nrrd"), "--method", "fdk"), 64, "use fbp");
        AssertRefused(CommandRun.Of("reconstruct", "ct", array, "-o", In("r.nrrd"), "--require-psnr", "30"), 64, "--reference");
        AssertRefused(CommandRun.Of("simulate", "ct", Slice, "-o", In("q.npy"), "--counts"), 64, "--photons");
        AssertRefused(CommandRun.Of("simulate", "ct", Slice, "-o", In("q.npy"), "--noise", "30", "--photons", "1e5"), 64, "give one");
        AssertRefused(CommandRun.Of("simulate", "ct", Slice, "-o", In("q.npy"), "--missing", "200"), 64, "180 views");
        AssertRefused(CommandRun.Of("simulate", "ct", Slice, "-o", In("q.npy"), "--missing", "7-3"), 64, "list of views");
        AssertRefused(CommandRun.Of("simulate", "ct", Slice, "-o", In("q.npy"), "--kind", "fan", "--source-to-axis", "20"), 64, "give more");
        WriteText("q.geometry.json", "");
        AssertRefused(CommandRun.Of("simulate", "ct", Slice, "-o", In("q.npy")), 73, "q.geometry.json");
        Assert.That(FilesThere, Is.EqualTo(new[] { "p.geometry.json", "p.npy", "q.geometry.json", "slice.nrrd" }));
    }

    private static CommandRun Done(params string[] arguments)
    {
        var run = CommandRun.Of(arguments);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        return run;
    }
}
