using System.Text.Json;
using InrFast.Imaging;

namespace InrFast.Tests;

/// <summary>compress and decompress, through the command line.</summary>
internal sealed class CompressTests : CommandTests
{
    private static readonly string[] few = ["-q", "--iterations", "50"];

    private string Compressed(params string[] more)
    {
        var samples = Enumerable.Range(0, 24 * 20 * 16).Select(i => MathF.Round(400 * MathF.Sin(i % 24 / 5f) * MathF.Cos(i / 24 % 20 / 4f))).ToArray();
        WriteImage("v.nii", new Image(new Grid(new GridSize(24, 20, 16), Affine.FromSpacing(1, 2, 3)), samples) { Stored = new StoredScale(SampleType.Int16) });
        Assert.That(CommandRun.Of(["compress", In("v.nii"), "-o", In("v.inrz"), .. few, .. more]), Is.EqualTo(new CommandRun(0, "", "")));
        return In("v.inrz");
    }

    [TestCase("--ratio", "10", 1536)]
    [TestCase("--bytes", "2K", 2048)]
    [TestCase("--bpv", "1.6", 1536)]
    public void A_goal_of_size_is_met(string option, string value, int bytes) =>
        Assert.That(new FileInfo(Compressed(option, value)).Length, Is.InRange(0.98 * bytes, bytes));

    [Test]
    public void A_volume_comes_back()
    {
        var file = Compressed("--max-error", "0", "--json", In("c.json"));
        Assert.That(CommandRun.Of("decompress", file, "-o", In("b.nii")), Is.EqualTo(new CommandRun(0, "", "")));
        Assert.That(File.ReadAllBytes(In("b.nii"))[352..], Is.EqualTo(File.ReadAllBytes(In("v.nii"))[352..]));
        using var json = JsonDocument.Parse(File.ReadAllText(In("c.json")));
        Assert.That(json.RootElement.GetProperty("metrics").GetProperty("bytes").GetInt64(), Is.EqualTo(new FileInfo(file).Length));
        Assert.That(CommandRun.Of("info", file).Output, Does.Contain("24x20x16").And.Contain("exact").And.Contain("2 x 3 mm"));
    }

    /// <summary>The slice in JPEG-LS, by another program, takes 166,802 bytes; its test data in JPEG 2000 174,364.</summary>
    [Test]
    public void An_exact_CT_slice_is_as_small_as_its_JPEG_LS()
    {
        Assert.That(CommandRun.Of(["compress", Sample("ct.dcm"), "-o", In("ct.inrz"), "--max-error", "0", .. few]), Is.EqualTo(new CommandRun(0, "", "")));
        Assert.That(new FileInfo(In("ct.inrz")).Length, Is.LessThan(1.005 * 166_802));
        Assert.That(CommandRun.Of("decompress", In("ct.inrz"), "-o", In("ct.nii.gz"), "-q"), Is.EqualTo(new CommandRun(0, "", "")));
        Assert.That(CommandRun.Of("compare", Sample("ct.dcm"), In("ct.nii.gz")).Output, Does.Contain("mae     0 HU"));
    }

    [Test]
    public void What_is_said_counts_networks_and_blocks()
    {
        var file = Compressed("--ratio", "10");
        var said = CommandRun.Of("compress", In("v.nii"), "-o", file, "-f", "--ratio", "10", "--iterations", "5");
        Assert.That(said.Output + said.Error, Does.Contain("; 1 network of ").And.Contain(" in 1 block, "));
    }

    [Test]
    public void A_region_is_taken()
    {
        WriteImage("m.nii", new Image(new Grid(new GridSize(24, 20, 16), Affine.FromSpacing(1, 2, 3)), Enumerable.Range(0, 24 * 20 * 16).Select(i => i % 24 < 6 ? 1f : 0).ToArray()));
        var plain = File.ReadAllBytes(Compressed("--ratio", "10"));
        File.Delete(In("v.inrz"));
        Assert.That(File.ReadAllBytes(Compressed("--ratio", "10", "--roi", In("m.nii"), "--roi-weight", "0.5")), Is.Not.EqualTo(plain));
    }

    [Test]
    public void A_checkpoint_ends_with_the_work()
    {
        var file = Compressed("--ratio", "10");
        var whole = File.ReadAllBytes(file);
        File.Delete(file);
        Assert.That(Compressed("--ratio", "10", "--checkpoint", In("c.state"), "--resume"), Is.EqualTo(file));
        Assert.That(File.ReadAllBytes(file), Is.EqualTo(whole));
        Assert.That(File.Exists(In("c.state")), Is.False);
    }

    [Test]
    public void A_region_and_a_scale_are_drawn()
    {
        var file = Compressed("--ratio", "8");
        Assert.That(CommandRun.Of("decompress", file, "-o", In("r.nii"), "--region", "2..5,0..19,15..15").ExitCode, Is.Zero);
        Assert.That(ImageFile.Read(In("r.nii")).Size, Is.EqualTo(new GridSize(4, 20, 1)));
        Assert.That(CommandRun.Of("decompress", file, "-o", In("s.nii"), "--scale", "0.5").ExitCode, Is.Zero);
        Assert.That(ImageFile.Read(In("s.nii")).Size, Is.EqualTo(new GridSize(12, 10, 8)));
        Assert.That(ImageFile.Read(In("s.nii")).Grid.Spacing.Y, Is.EqualTo(4).Within(1e-6));
    }

    [Test]
    public void A_damaged_block_is_named_and_the_rest_is_there()
    {
        var file = Compressed("--ratio", "4");
        var bytes = File.ReadAllBytes(file);
        bytes[^20] ^= 1;
        File.WriteAllBytes(file, bytes);
        var run = CommandRun.Of("decompress", file, "-o", In("b.nii"));
        Assert.That(run.ExitCode, Is.EqualTo(3));
        Assert.That(run.Error, Does.Contain("the block of voxels").And.Contain("is damaged"));
        Assert.That(File.Exists(In("b.nii")), Is.True);
    }

    /// <summary>As on processors that lack them (the names are .NET's), and on any number of threads; floating point values show every bit.</summary>
    [TestCase("sci")]
    [TestCase("tinc")]
    public void A_file_decodes_to_the_same_bytes_with_instruction_sets_switched_off(string method)
    {
        WriteImage("f.nii", new Image(new Grid(new GridSize(24, 20, 16), Affine.Identity), Enumerable.Range(0, 24 * 20 * 16).Select(i => MathF.Sin(i % 24 / 5f) * MathF.Cos(i / 24 % 20 / 4f)).ToArray()));
        Assert.That(CommandRun.Of(["compress", In("f.nii"), "-o", In("f.inrz"), "--ratio", "12", "--method", method, .. few]), Is.EqualTo(new CommandRun(0, "", "")));
        Assert.That(CommandRun.Of("decompress", In("f.inrz"), "-o", In("here.nii"), "-q"), Is.EqualTo(new CommandRun(0, "", "")));
        foreach (var (switchedOff, threads, bits) in new[] { ("none", 1, 512), ("DOTNET_EnableAVX512", 3, 256), ("DOTNET_EnableAVX2", 2, 128) })
        {
            Assert.That(CommandRun.OfProcess(new Dictionary<string, string> { [switchedOff] = "0" }, "decompress", In("f.inrz"), "-o", In("there.nii"), "-q", "-f", "--threads", $"{threads}", "--json", In("there.json")), Is.EqualTo(new CommandRun(0, "", "")), switchedOff);
            using var json = JsonDocument.Parse(File.ReadAllText(In("there.json")));
            Assert.That(int.Parse(json.RootElement.GetProperty("device").GetString()!.Split('(', '-')[1], System.Globalization.CultureInfo.InvariantCulture), Is.LessThanOrEqualTo(bits), "the vectors that it used");
            Assert.That(File.ReadAllBytes(In("there.nii")), Is.EqualTo(File.ReadAllBytes(In("here.nii"))), switchedOff);
        }
    }

    [TestCase("compress v.nii -o v.raw", 64, ".inrz")]
    [TestCase("compress v.nii -o w.inrz --ratio 4 --bytes 10", 64, "--ratio and --bytes")]
    [TestCase("compress v.nii -o w.inrz --ratio 0.5", 64, "--ratio")]
    [TestCase("compress v.nii -o w.inrz --ratio 1000", 64, "allow more")]
    [TestCase("compress v.nii -o w.inrz --roi v.png", 66, "v.png")]
    [TestCase("compress v.nii -o w.inrz --resume", 64, "--checkpoint")]
    [TestCase("compress v.nii -o w.inrz --checkpoint v.nii --resume", 65, "no checkpoint")]
    [TestCase("compress v.nii -o v.inrz", 73, "exists")]
    [TestCase("decompress v.nii -o b.nii", 65, "no .inrz")]
    [TestCase("decompress none.inrz -o b.nii", 66, "no such file")]
    [TestCase("decompress v.inrz -o b.nii --region 0..3", 64, "--region")]
    [TestCase("decompress v.inrz -o b.nii --region 0..3,0..3,0..16", 64, "beyond the image")]
    [TestCase("decompress v.inrz -o b.nii --max-memory 1K", 77, "--max-memory")]
    public void Wrong_use_is_named(string arguments, int exitCode, string words)
    {
        Compressed("--ratio", "10");
        var run = CommandRun.Of([.. arguments.Split(' ').Select(word => word.Contains('.') && !word.Contains("..", StringComparison.Ordinal) && char.IsLetter(word[0]) ? In(word) : word), "-q"]);
        Assert.That((run.ExitCode, run.ErrorLines.Length), Is.EqualTo((exitCode, 1)));
        Assert.That(run.Error, Does.Contain(words));
    }

    [TestCase(0)]
    [TestCase(3)]
    [TestCase(60)]
    public void A_file_that_is_cut_off_is_refused(int length)
    {
        File.WriteAllBytes(In("cut.inrz"), File.ReadAllBytes(Compressed("--ratio", "10"))[..length]);
        AssertRefused(CommandRun.Of("decompress", In("cut.inrz"), "-o", In("b.nii")), 65, "cut.inrz");
    }
}
