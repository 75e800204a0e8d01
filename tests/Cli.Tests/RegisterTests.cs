using System.Text.Json;
using InrFast.Imaging;

namespace InrFast.Tests;

/// <summary>A picture of blobs and the same one shifted by two pixels.</summary>
internal sealed class RegisterTests : CommandTests
{
    private static double Blobs(double x, double y) => 100 * Math.Exp(-((x - 20) * (x - 20) + (y - 14) * (y - 14)) / 30) + 80 * Math.Exp(-((x - 9) * (x - 9) + (y - 22) * (y - 22)) / 20) + 60 * Math.Exp(-((x - 26) * (x - 26) + (y - 27) * (y - 27)) / 16);

    private string Fixed() => WriteImage("fixed.nii", 36, 36, i => (float)Blobs(i % 36, i / 36));

    private string Moving() => WriteImage("moving.nii", 36, 36, i => (float)Blobs(i % 36 - 2, i / 36 + 1));

    private CommandRun Register(params string[] more) =>
        CommandRun.Of(["register", Fixed(), Moving(), "-o", In("w.nii"), "-q", "--iterations", "300", "--points", "500", "--learning-rate", "1e-3", .. more]);

    [Test]
    public void A_shift_is_found_and_applied_again()
    {
        File.WriteAllText(In("a.csv"), "x,y,z\n20,14,0\n9,22,0\n");
        File.WriteAllText(In("b.csv"), "x,y,z\n22,13,0\n11,21,0\n");
        var run = Register("--initial", "none", "--model", In("m.safetensors"), "--field", In("f.nii"), "--jacobian", In("j.nii"), "--landmarks", In("a.csv"), In("b.csv"), "--json", "-", "--preview", In("p.png"));
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

    [TestCase("--apply m.safetensors", 64, "--apply moves one image")]
    [TestCase("--method demons", 64, "none of idir, mirnf")]
    [TestCase("--mask moving.nii", 0, "")]
    [TestCase("--mask none.nii", 65, "the mask is empty")]
    [TestCase("--mask small.nii", 65, "not of the fixed image's grid")]
    [TestCase("--landmarks a.csv c.csv", 65, "2 landmarks and")]
    public void Options_that_can_and_cannot_be_met(string options, int exitCode, string words)
    {
        WriteImage("none.nii", 36, 36, _ => 0);
        WriteImage("small.nii", 12, 12, _ => 1);
        File.WriteAllText(In("a.csv"), "x,y,z\n20,14,0\n9,22,0\n");
        File.WriteAllText(In("c.csv"), "x,y,z\n22,13,0\n");
        var run = Register([.. options.Split(' ').Select(word => word.Contains('.') ? In(word) : word)]);
        Assert.That(run.ExitCode, Is.EqualTo(exitCode), run.Error);
        Assert.That(run.Error, Does.Contain(words));
        Assert.That(File.Exists(In("w.nii")), Is.EqualTo(exitCode == 0));
    }

    [Test]
    public void Images_that_cannot_be_registered_are_refused()
    {
        AssertRefused(CommandRun.Of("register", WriteImage("flat.nii", 8, 8, _ => 1), Moving(), "-o", In("w.nii")), 65, "constant");
        var far = new Image(new Grid(new GridSize(36, 36), Affine.Identity with { Origin = new(500, 0, 0) }), ImageFile.Read(Moving()).Samples.ToArray());
        AssertRefused(CommandRun.Of("register", Fixed(), WriteImage("far.nii", far), "-o", In("w.nii"), "--initial", "none"), 65, "do not overlap");
        var volume = new Image(Grid.Plain(6, 6, 6), [.. Enumerable.Range(0, 216).Select(i => (float)i)]);
        AssertRefused(CommandRun.Of("register", Fixed(), WriteImage("volume.nii", volume), "-o", In("w.nii")), 65, "two pictures or two volumes");
    }
}
