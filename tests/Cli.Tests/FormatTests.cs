using System.Text.Json;
using InrFast.Imaging;

namespace InrFast.Tests;

/// <summary>info, convert and compare on every kind of file.</summary>
internal sealed class FormatTests : CommandTests
{
    private static readonly Affine Oblique = new(new(0.6, 0.8, 0), new(-0.8, 0.6, 0), new(0, 0, 2), new(-10, 20, 30));

    [TestCase("a.nii.gz")]
    [TestCase("a.hdr")]
    [TestCase("a.nrrd")]
    [TestCase("a.nhdr")]
    [TestCase("a.mha")]
    [TestCase("a.mhd")]
    public void Convert_goes_from_any_volume_format_to_any_without_loss(string name)
    {
        var first = WriteImage("first.nii", Volume(channels: 1, times: 3));
        Assert.That(CommandRun.Of("convert", first, "-o", In(name)), Is.EqualTo(new CommandRun(0, "", "")));
        Assert.That(CommandRun.Of("convert", In(name), "-o", In("last.nii")), Is.EqualTo(new CommandRun(0, "", "")));
        Assert.That(File.ReadAllBytes(In("last.nii")), Is.EqualTo(File.ReadAllBytes(first)));
    }

    [TestCase("a.tif", "orientation")]
    [TestCase("a.npy", "place in the world")]
    [TestCase("a.npz", "place in the world")]
    public void Convert_refuses_what_would_be_lost_unless_told(string name, string lost)
    {
        var volume = WriteImage("first.nii", Volume());
        AssertRefused(CommandRun.Of("convert", volume, "-o", In(name)), 64, lost, "--lossy");
        var run = CommandRun.Of("convert", volume, "-o", In(name), "--lossy");
        Assert.That((run.ExitCode, run.Error.Contains(lost, StringComparison.Ordinal)), Is.EqualTo((0, true)));
        Assert.That(ImageFile.Read(In(name)).Samples.Span.SequenceEqual(ImageFile.Read(volume).Samples.Span), Is.True);
    }

    [Test]
    public void Convert_refuses_to_overwrite_either_file_of_a_pair()
    {
        var volume = WriteImage("first.nii", Volume());
        WriteText("a.img", "old");
        AssertRefused(CommandRun.Of("convert", volume, "-o", In("a.hdr")), 73, "a.img", "--force");
        Assert.That(CommandRun.Of("convert", volume, "-o", In("a.hdr"), "-f").ExitCode, Is.Zero);
    }

    [Test]
    public void Info_lists_the_arrays_of_an_archive_and_convert_takes_one()
    {
        var path = SharedFile("ct-sinogram/tooth.npz");
        Assert.That(CommandRun.Of("info", path).Output, Does.Contain("4 arrays").And.Contain("data        640 x 2 x 181 float32"));
        Assert.That(CommandRun.Of("info", path, "--series", "theta").Output, Does.Contain("size        181 x 1"));
        AssertRefused(CommandRun.Of("convert", path, "-o", In("a.nii")), 64, "--series");
        Assert.That(CommandRun.Of("convert", path, "--series", "dark", "-o", In("a.nii")), Is.EqualTo(new CommandRun(0, "", "")));
        Assert.That(CommandRun.Of("info", SharedFile("ct-sinogram/tooth.h5")).Output, Does.Contain("exchange/data 640 x 2 x 181 float32"));
    }

    [Test]
    public void K_space_is_described_and_converted()
    {
        var data = new KSpace { Size = new GridSize(4, 3), Coils = 2, Samples = Enumerable.Range(0, 48).Select(i => i < 8 ? 0f : i).ToArray() };
        KSpaceFile.Write(In("a.cfl"), data);
        var run = CommandRun.Of("info", In("a.cfl"), "--json", In("a.json"));
        Assert.That(run.Output, Does.Contain("4 x 3 x 1, 2 coils").And.Contain("cartesian, 100 % sampled"));
        using var json = JsonDocument.Parse(File.ReadAllText(In("a.json")));
        Assert.That(json.RootElement.GetProperty("kSpace")[0].GetProperty("coils").GetInt32(), Is.EqualTo(2));
        Assert.That(CommandRun.Of("convert", In("a.cfl"), "-o", In("a.npy")), Is.EqualTo(new CommandRun(0, "", "")));
        Assert.That(CommandRun.Of("convert", In("a.npy"), "-o", In("b.cfl")), Is.EqualTo(new CommandRun(0, "", "")));
        Assert.That(File.ReadAllBytes(In("b.cfl")), Is.EqualTo(File.ReadAllBytes(In("a.cfl"))));
        AssertRefused(CommandRun.Of("convert", In("a.cfl"), "-o", In("a.nii")), 64, ".cfl or .npy");
        AssertRefused(CommandRun.Of("convert", In("a.cfl"), "-o", In("b.cfl")), 73, "b.hdr");
        AssertRefused(CommandRun.Of("fit", In("a.npy"), "-o", In("m.safetensors")), 69, "complex");
    }

    [Test]
    public void Landmarks_are_described_converted_and_compared()
    {
        var voxels = WriteText("a.txt", "1 1 1\n3 4 5\n");
        var moved = WriteText("b.txt", "1 1 2\n3 4 6\n");
        Assert.That(CommandRun.Of("info", voxels).Output, Does.Contain("count       2").And.Contain("1 to 3, 1 to 4, 1 to 5"));
        var like = WriteImage("like.nii", Volume());
        var run = CommandRun.Of("compare", voxels, moved, "--like", like, "--json", In("a.json"));
        Assert.That(run.Output, Does.Match("tre +2 mm"));
        using var json = JsonDocument.Parse(File.ReadAllText(In("a.json")));
        Assert.That(json.RootElement.GetProperty("metrics").GetProperty("tre").GetDouble(), Is.EqualTo(2).Within(1e-6));
        AssertRefused(CommandRun.Of("compare", voxels, WriteText("c.txt", "1 2 3\n")), 64, "2 and 1 landmarks");
        AssertRefused(CommandRun.Of("compare", voxels, moved, "--labels"), 64, "--labels");
        Assert.That(CommandRun.Of("convert", WriteText("p.txt", "point\n1\n1.5 2 3\n"), "-o", In("p.csv")).ExitCode, Is.Zero);
        Assert.That(File.ReadAllText(In("p.csv")), Is.EqualTo("x,y,z\n1.5,2,3\n"));
    }

    [Test]
    public void A_field_carries_landmarks_and_its_foldings_are_counted()
    {
        var grid = new Grid(new GridSize(5, 5, 5), Affine.FromSpacing(2, 2, 2));
        var shift = Enumerable.Repeat(new[] { 1f, 0, -3 }, 125).SelectMany(v => v).ToArray();
        var field = WriteImage("field.nii.gz", new Image(grid, shift, channels: 3));
        var (a, b) = (WriteText("a.csv", "x,y,z\n2,2,4\n0,1,6\n"), WriteText("b.csv", "x,y,z\n3,2,1\n1,1,3\n"));
        Assert.That(CommandRun.Of("compare", a, b).Output, Does.Match("tre +3.16228 mm"));
        Assert.That(CommandRun.Of("compare", a, b, "--field", field).Output, Does.Match("tre +0 mm"));
        Assert.That(CommandRun.Of("info", field).Output, Does.Contain("0 foldings, least Jacobian determinant 1"));
        // u = -2 x turns space inside out everywhere.
        var inverted = Enumerable.Range(0, 125).SelectMany(i => new[] { -4f * (i % 5), 0, 0 }).ToArray();
        var run = CommandRun.Of("compare", field, WriteImage("inverted.mha", new Image(grid, inverted, channels: 3)));
        Assert.That(run.Output, Does.Contain("foldings         125 voxels").And.Contain("jacobianMinimum  -1"));
    }

    [Test]
    public void Masks_and_labels_are_compared()
    {
        Image Labels(Func<int, float> value) => new(new Grid(new GridSize(10, 1, 1), Affine.FromSpacing(0.5, 1, 1)), Enumerable.Range(0, 10).Select(value).ToArray()) { Stored = new StoredScale(SampleType.UInt8) };
        var a = WriteImage("a.nrrd", Labels(i => i < 4 ? 1 : i < 8 ? 7 : 0));
        var b = WriteImage("b.nrrd", Labels(i => i < 4 ? 1 : i < 6 ? 7 : 0));
        var run = CommandRun.Of("compare", a, b, "--labels");
        // 2 x 2 / (4 + 2) for label 7; its voxels 6 and 7 lie 0.5 and 1 mm from the nearest.
        Assert.That(run.Output, Does.Contain("dice           0.833333").And.Contain("dice.7         0.666667").And.Contain("hausdorff95.7  ").And.Contain("dice.1         1"));
        AssertRefused(CommandRun.Of("compare", WriteImage("c.npy", 4, 1, i => i / 2f), In("c.npy"), "--labels"), 65, "label map");
        var masks = CommandRun.Of("compare", WriteImage("d.nrrd", Labels(i => i < 4 ? 1 : 0)), WriteImage("e.nrrd", Labels(i => i < 4 ? 1 : 0)));
        Assert.That(masks.Output, Does.Contain("hausdorff95  0 mm"));
    }

    private static Image Volume(int channels = 1, int times = 1)
    {
        var samples = Enumerable.Range(0, 5 * 6 * 7 * channels * times).Select(i => (float)(i * 37 % 251)).ToArray();
        return new Image(new Grid(new GridSize(5, 6, 7), Oblique), samples, channels, times) { Stored = new StoredScale(SampleType.Int16), TimeSpacing = times > 1 ? 0.5 : 0 };
    }
}
