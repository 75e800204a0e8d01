using System.Diagnostics;
using System.Text.Json;
using InrFast.Imaging;

namespace InrFast.Tests;

/// <summary>A picture of blobs and the same one shifted by two pixels.</summary>
internal sealed class RegisterTests : CommandTests
{
    private static double Blobs(double x, double y) => 100 * Math.Exp(-((x - 20) * (x - 20) + (y - 14) * (y - 14)) / 30) + 80 * Math.Exp(-((x - 9) * (x - 9) + (y - 22) * (y - 22)) / 20) + 60 * Math.Exp(-((x - 26) * (x - 26) + (y - 27) * (y - 27)) / 16);

    private string Fixed() => WriteImage("fixed.nii", 36, 36, i => (float)Blobs(i % 36, i / 36));

    private string Moving() => WriteImage("moving.nii", 36, 36, i => (float)Blobs(i % 36 - 2, i / 36 + 1));

    private CommandRun Register(int iterations, params string[] more) => Register(iterations, 2000, "1e-3", more);

    private CommandRun Register(int iterations, int points, string rate, string[] more) =>
        CommandRun.Of(["register", Fixed(), Moving(), "-o", In("w.nii"), "-q", "--similarity", "ncc", "--iterations", $"{iterations}", "--points", $"{points}", "--learning-rate", rate, .. more]);

    [Test]
    public void A_shift_is_found_and_applied_again()
    {
        File.WriteAllText(In("a.csv"), "x,y,z\n20,14,0\n9,22,0\n");
        File.WriteAllText(In("b.csv"), "x,y,z\n22,13,0\n11,21,0\n");
        var run = Register(300, "--initial", "none", "--model", In("m.safetensors"), "--field", In("f.nii"), "--jacobian", In("j.nii"), "--landmarks", In("a.csv"), In("b.csv"), "--json", "-", "--preview", In("p.png"));
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        using var json = JsonDocument.Parse(run.Output);
        var metrics = json.RootElement.GetProperty("metrics");
        Assert.That(metrics.GetProperty("treBefore").GetDouble(), Is.EqualTo(Math.Sqrt(5)).Within(1e-6));
        Assert.That(metrics.GetProperty("tre").GetDouble(), Is.LessThan(0.3));
        Assert.That(metrics.GetProperty("ncc").GetDouble(), Is.GreaterThan(0.99).And.GreaterThan(metrics.GetProperty("nccBefore").GetDouble()));
        Assert.That(metrics.GetProperty("foldings").GetDouble(), Is.Zero);
        Assert.That(CommandRun.Of("register", "--apply", In("m.safetensors"), In("moving.nii"), "-o", In("again.nii")).ExitCode, Is.Zero);
        Assert.That(ImageFile.Read(In("again.nii")).Samples.ToArray(), Is.EqualTo(ImageFile.Read(In("w.nii")).Samples.ToArray()));
        Assert.That(File.Exists(In("p.png")), Is.True);
        var field = ImageFile.Read(In("f.nii"));
        Assert.That((field.Channels, field.Unit), Is.EqualTo((2, "mm")).Or.EqualTo((2, "")));
        Assert.That(ImageFile.Read(In("j.nii")).Range().Minimum, Is.GreaterThan(0));
    }

    [Test]
    public void A_picture_of_two_scales_of_values_shows_both_images()
    {
        string brighter = WriteImage("brighter.nii", 36, 36, i => 10 * (float)Blobs(i % 36 - 2, i / 36 + 1) + 300);
        Assert.That(CommandRun.Of("register", Fixed(), brighter, "-o", In("w.nii"), "-q", "--initial", "none", "--iterations", "20", "--preview", In("p.png")).ExitCode, Is.Zero);
        var picture = ImageFile.Read(In("p.png"));
        int width = picture.Size.X, gap = (width - 3 * 36) / 2;
        float[] shades = picture.Samples.ToArray();
        Assert.That(Enumerable.Range(0, 36 * 36).Average(i => Math.Abs(shades[i / 36 * width + i % 36] - shades[i / 36 * width + 36 + gap + i % 36])), Is.LessThan(20));
    }

    [TestCase("--apply m.safetensors", 64, "--apply moves one image")]
    [TestCase("--method demons", 64, "none of idir, mirnf")]
    [TestCase("--mask moving.nii", 0, "")]
    [TestCase("--mask none.nii", 65, "the mask of the fixed image is empty")]
    [TestCase("--mask small.nii", 65, "not of the fixed image's grid")]
    [TestCase("--moving-mask moving.nii", 0, "")]
    [TestCase("--moving-mask none.nii", 65, "the mask of the moving image is empty")]
    [TestCase("--moving-mask small.nii", 65, "not of the moving image's grid")]
    [TestCase("--clip 9,1", 64, "--clip: '9,1' is no pair")]
    [TestCase("--clip 1%,99%", 0, "")]
    [TestCase("--initial missing.txt", 66, "missing.txt")]
    [TestCase("--initial a.csv", 65, "it holds no transform")]
    [TestCase("--initial rigid --window 5 --regularizer bending --deformation velocity --integrator euler", 0, "")]
    [TestCase("--regularizer hyperelastic --as-published --folding-weight 1", 0, "")]
    [TestCase("--inverse", 64, "--inverse belongs to --apply")]
    [TestCase("--resume", 64, "--resume goes on from a checkpoint; name it with --checkpoint")]
    [TestCase("--checkpoint a.csv --resume", 65, "a.csv")]
    [TestCase("--time-limit 0", 64, "--time-limit")]
    [TestCase("--landmarks far.csv a.csv --json -", 0, "1 of 2 landmarks lie outside the image")]
    [TestCase("--max-memory 60M", 77, "the registration needs 64 MiB and 59 MiB are allowed")]
    [TestCase("--max-memory 67500000 --inverse-field i.nii", 77, "the registration needs")]
    [TestCase("--max-memory 67500000", 0, "")]
    [TestCase("--landmarks a.csv c.csv", 65, "2 landmarks and")]
    public void Options_that_can_and_cannot_be_met(string options, int exitCode, string words)
    {
        WriteImage("none.nii", 36, 36, _ => 0);
        File.WriteAllText(In("far.csv"), "x,y,z\n20,14,0\n900,22,0\n");
        WriteImage("small.nii", 12, 12, _ => 1);
        File.WriteAllText(In("a.csv"), "x,y,z\n20,14,0\n9,22,0\n");
        File.WriteAllText(In("c.csv"), "x,y,z\n22,13,0\n");
        var run = Register(2, [.. options.Split(' ').Select(word => word.Contains('.') ? In(word) : word)]);
        Assert.That(run.ExitCode, Is.EqualTo(exitCode), run.Error);
        Assert.That(run.Error + run.Output, Does.Contain(words));
        Assert.That(File.Exists(In("w.nii")), Is.EqualTo(exitCode == 0));
    }

    /// <summary>A rate that makes velocities of many voxels, which one step does not follow: as many are taken as it needs, unless their number is asked for.</summary>
    [TestCase(true)]
    [TestCase(false)]
    public void A_flow_does_not_fold_unless_told_to(bool told)
    {
        string[] steps = told ? ["--integration-steps", "1"] : [];
        var run = CommandRun.Of(["register", Fixed(), Moving(), "-o", In("w.nii"), "--field", In("f.nii"), "--method", "mirnf", "--initial", "none", "--iterations", "40", "--points", "500", "--learning-rate", "0.0015", "--regularizer", "none", "--folding-weight", "0", "--json", In("r.json"), .. steps]);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Error.Contains("voxels fold, which a flow does not", StringComparison.Ordinal), Is.EqualTo(told));
        using var json = JsonDocument.Parse(File.ReadAllText(In("r.json")));
        var metrics = json.RootElement.GetProperty("metrics");
        Assert.That((metrics.GetProperty("foldings").GetDouble() > 0, metrics.GetProperty("integrationSteps").GetDouble() == 1), Is.EqualTo((told, told)));
        Assert.That(new DisplacementField(ImageFile.Read(In("f.nii"))).JacobianDeterminants().Min() > 0, Is.Not.EqualTo(told), "by differences too");
    }

    [Test]
    public void An_interrupted_registration_goes_on_to_the_same_bytes()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("there is no such signal");
        }
        string[] command = ["register", Fixed(), Moving(), "--iterations", "3000", "--points", "500", "--checkpoint", In("state"), "--model"];
        using var process = CommandRun.Start([.. command, In("m.safetensors"), "-o", In("w.nii")]);
        process.StandardError.ReadLine();
        using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
        {
            kill.WaitForExit();
        }
        Assert.That(process.WaitForExit(20_000), Is.True);
        Assert.That((process.ExitCode, process.StandardError.ReadToEnd().Contains("--resume goes on", StringComparison.Ordinal)), Is.EqualTo((75, true)));
        Assert.That(FilesThere, Is.EqualTo(new[] { "fixed.nii", "moving.nii", "state" }));

        AssertRefused(CommandRun.Of([.. command, In("m.safetensors"), "-o", In("w.nii")]), 73, "state", "--force");
        var resumed = CommandRun.Of([.. command, In("m.safetensors"), "-o", In("w.nii"), "--resume"]);
        Assert.That((resumed.ExitCode, FilesThere), Is.EqualTo((0, new[] { "fixed.nii", "m.safetensors", "moving.nii", "w.nii" })), resumed.Error);
        Assert.That(resumed.Error, Does.Contain("going on from iteration"));
        Assert.That(CommandRun.Of([.. command, In("whole.safetensors"), "-o", In("v.nii"), "--resume"]).Error, Does.Not.Contain("going on"));
        Assert.That(File.ReadAllBytes(In("m.safetensors")), Is.EqualTo(File.ReadAllBytes(In("whole.safetensors"))));
        Assert.That(File.ReadAllBytes(In("w.nii")), Is.EqualTo(File.ReadAllBytes(In("v.nii"))));
    }

    [Test]
    public void Windows_are_as_large_and_as_dense_as_asked_for([Values(1, 5)] int slices)
    {
        string Shifted(string name, int x, int y) => WriteImage(name, new(Grid.Plain(36, 36, slices), [.. Enumerable.Range(0, 36 * 36 * slices).Select(i => (float)Blobs(i % 36 - x, i / 36 % 36 - y) + i / 1296)]));
        string image = Shifted("a.nii", 0, 0), moving = Shifted("b.nii", 2, -1);
        float[] Moved(params string[] window)
        {
            var run = CommandRun.Of(["register", image, moving, "-o", In("w.nii"), "-f", "-q", "--initial", "none", "--iterations", "5", "--points", "400", .. window]);
            Assert.That(run.ExitCode, Is.Zero, run.Error);
            return ImageFile.Read(In("w.nii")).Samples.ToArray();
        }
        float[] standard = Moved(), large = Moved("--window", "9"), sparse = Moved("--window", "9", "--window-points", "5");
        Assert.That(slices == 1 ? Moved("--window", "7", "--window-points", "7") : Moved("--window", "5", "--window-points", "3"), Is.EqualTo(standard));
        Assert.That(large, Is.Not.EqualTo(standard));
        Assert.That(sparse, Is.Not.EqualTo(large));
    }

    [Test]
    public void A_time_limit_ends_it()
    {
        var run = Register(10_000_000, "--time-limit", "0.5", "--initial", "none", "--json", "-");
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        using var json = JsonDocument.Parse(run.Output);
        Assert.That(json.RootElement.GetProperty("iterations").GetInt64(), Is.InRange(1, 1_000_000));
    }

    /// <summary>Two saved maps one after the other, as fields and as models, there and back.</summary>
    [Test]
    public void Maps_are_joined_and_undone()
    {
        Assert.That(Register(100, 500, "5e-4", ["--initial", "none", "--method", "mirnf", "--model", In("m.safetensors"), "--field", In("f.nii"), "--inverse-field", In("i.nii"), "--affine", In("a.txt"), "--json", In("r.json")]).ExitCode, Is.Zero);
        using var json = JsonDocument.Parse(File.ReadAllText(In("r.json")));
        Assert.That(json.RootElement.GetProperty("metrics").GetProperty("inverseError").GetDouble(), Is.LessThan(0.01), "pixels");
        Assert.That(TransformFile.Read(In("a.txt")), Is.EqualTo(Affine.Identity));

        float[] Applied(params string[] how)
        {
            var run = CommandRun.Of(["register", .. how, "-o", In("out.nii"), "-f", "-q"]);
            Assert.That(run.ExitCode, Is.Zero, run.Error);
            return ImageFile.Read(In("out.nii")).Samples.ToArray();
        }
        var moved = Applied("--apply", In("m.safetensors"), Moving());
        Assert.That(Applied("--apply", In("f.nii"), Moving()), Is.EqualTo(moved).Within(1e-3), "a field does what its model does");
        var centre = 14 * 36 + 20;
        var there = Applied("--apply", In("m.safetensors"), "--inverse", "--like", Moving(), Fixed());
        Assert.That(Math.Abs(there[13 * 36 + 22] - Blobs(20, 14)), Is.LessThan(4), "the fixed image's blob lies where the moving one's does");
        Assert.That(Applied("--apply", In("i.nii"), Fixed()), Is.EqualTo(there).Within(0.5), "and so does the inverse field");
        // There and back: the picture itself, but for interpolation.
        var back = Applied("--apply", In("m.safetensors"), "--apply", In("i.nii"), Fixed());
        Assert.That(Math.Abs(back[centre] - Blobs(20, 14)), Is.LessThan(1));
        Assert.That(Math.Abs(moved[centre] - Blobs(20, 14)), Is.LessThan(4));
        // The maps together as one field.
        var twice = Applied("--apply", In("m.safetensors"), "--apply", In("f.nii"), "--field", In("twice.nii"), Moving());
        Assert.That(Applied("--apply", In("twice.nii"), Moving()), Is.EqualTo(twice).Within(1e-3));
        var (single, both) = (ImageFile.Read(In("f.nii")).Samples.ToArray(), ImageFile.Read(In("twice.nii")).Samples.ToArray());
        Assert.That(both[2 * centre], Is.EqualTo(2 * single[2 * centre]).Within(0.5).And.GreaterThan(1.2 * single[2 * centre]), "a shift and the same again");
    }

    [Test]
    public void Nothing_that_comes_from_elsewhere_is_written()
    {
        var field = new Image(new Grid(new GridSize(36, 36), Affine.Identity with { Origin = new(500, 0, 0) }), new float[2 * 36 * 36], 2);
        AssertRefused(CommandRun.Of("register", "--apply", WriteImage("far.nii", field), Moving(), "-o", In("w.nii"), "--field", In("f.nii")), 65, "nothing of the moving image comes to lie on the grid");
        Assert.That(FilesThere, Is.EqualTo(new[] { "far.nii", "moving.nii" }));
    }

    [TestCase("volume.nii", "is no displacement field for one of 2 dimensions")]
    [TestCase("grey.nii", "is no displacement field for one of 2 dimensions")]
    [TestCase("fixed.nii", "is no displacement field")]
    public void A_field_of_another_geometry_is_refused(string field, string words)
    {
        WriteImage("volume.nii", new Image(Grid.Plain(6, 6, 6), new float[648], 3));
        WriteImage("grey.nii", new Image(Grid.Plain(36, 36), new float[1296]));
        Fixed();
        AssertRefused(CommandRun.Of("register", "--apply", In(field), Moving(), "-o", In("w.nii")), 65, words);
    }

    [Test]
    public void The_first_of_a_fixed_series_is_the_reference()
    {
        float[] still = ImageFile.Read(Fixed()).Samples.ToArray(), moved = ImageFile.Read(Moving()).Samples.ToArray();
        string series = WriteImage("series.nii", new Image(Grid.Plain(36, 36), [.. still, .. moved], 1, 2));
        CommandRun Of(string reference, string output) => CommandRun.Of("register", reference, series, "-o", In(output), "--initial", "none", "--iterations", "20", "--points", "600");
        var run = Of(series, "a.nii");
        Assert.That((run.ExitCode, Of(Fixed(), "b.nii").ExitCode), Is.EqualTo((0, 0)));
        Assert.That(run.Error, Does.Contain("the fixed image has 2 times; the first is the reference"));
        Assert.That(File.ReadAllBytes(In("a.nii")), Is.EqualTo(File.ReadAllBytes(In("b.nii"))));
    }

    [Test]
    public void A_series_goes_through_every_time()
    {
        var still = ImageFile.Read(Fixed()).Samples.ToArray();
        WriteImage("series.nii", new Image(Grid.Plain(36, 36), [.. still, .. ImageFile.Read(Moving()).Samples.ToArray()], 1, 2));
        var run = CommandRun.Of("register", Fixed(), In("series.nii"), "-o", In("w.nii"), "-q", "--initial", "none", "--similarity", "ncc", "--iterations", "200", "--points", "600", "--learning-rate", "1e-3", "--folding-weight", "0", "--model", In("m.safetensors"), "--field", In("f.nii"), "--jacobian", In("j.nii"), "--json", "-");
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        var warped = ImageFile.Read(In("w.nii"));
        Assert.That((warped.Times, ImageFile.Read(In("f.nii")).Times, ImageFile.Read(In("j.nii")).Times), Is.EqualTo((2, 2, 2)));
        var (field, blob) = (ImageFile.Read(In("f.nii")).Samples.ToArray(), 2 * (14 * 36 + 20));
        Assert.That(field[blob..(blob + 2)], Is.EqualTo(new[] { 0, 0 }).Within(0.6), "pixels");
        Assert.That(field[(2 * 36 * 36 + blob)..(2 * 36 * 36 + blob + 2)], Is.EqualTo(new[] { 2, -1 }).Within(0.6));
        AssertRefused(CommandRun.Of("register", "--apply", In("m.safetensors"), Moving(), "-o", In("x.nii")), 65, "moves series of 2 times");
        Assert.That(CommandRun.Of("register", "--apply", In("m.safetensors"), In("series.nii"), "-o", In("x.nii"), "-q").ExitCode, Is.Zero);
        Assert.That(ImageFile.Read(In("x.nii")).Samples.ToArray(), Is.EqualTo(warped.Samples.ToArray()));
    }

    [Test]
    public void An_image_that_lies_elsewhere_has_no_correlation_before()
    {
        var far = new Image(new Grid(new GridSize(36, 36), Affine.Identity with { Origin = new(500, 0, 0) }), ImageFile.Read(Moving()).Samples.ToArray());
        var run = CommandRun.Of("register", Fixed(), WriteImage("far.nii", far), "-o", In("w.nii"), "--iterations", "2", "--json", "-");
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Error, Does.Contain("correlation undefined before, 0."));
        Assert.That(run.Output, Does.Contain("\"ncc\": 0.").And.Not.Contain("nccBefore").And.Not.Contain("NaN"));
    }

    [Test]
    public void Images_that_cannot_be_registered_are_refused()
    {
        AssertRefused(CommandRun.Of("register", WriteImage("flat.nii", 8, 8, _ => 1), Moving(), "-o", In("w.nii")), 65, "the fixed image is constant (1)");
        AssertRefused(CommandRun.Of("register", Fixed(), In("flat.nii"), "-o", In("w.nii")), 65, "the moving image is constant (1)");
        var far = new Image(new Grid(new GridSize(36, 36), Affine.Identity with { Origin = new(500, 0, 0) }), ImageFile.Read(Moving()).Samples.ToArray());
        AssertRefused(CommandRun.Of("register", Fixed(), WriteImage("far.nii", far), "-o", In("w.nii"), "--initial", "none"), 65, "do not overlap");
        AssertRefused(CommandRun.Of("register", Fixed(), WriteImage("line.nii", 36, 1, i => i), "-o", In("w.nii")), 65, "the moving image, 36x1, is one voxel wide");
        var volume = new Image(Grid.Plain(6, 6, 6), [.. Enumerable.Range(0, 216).Select(i => (float)i)]);
        AssertRefused(CommandRun.Of("register", Fixed(), WriteImage("volume.nii", volume), "-o", In("w.nii")), 65, "two pictures or two volumes");
    }
}
