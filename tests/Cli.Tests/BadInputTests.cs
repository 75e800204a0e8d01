using InrFast.Imaging;

namespace InrFast.Tests;

/// <summary>Inputs that cannot be used and outputs that cannot be written: one line, the exit code of the kind, nothing left behind.</summary>
internal sealed class BadInputTests : CommandTests
{
    private static readonly float[] NotFinite = [float.NaN, float.PositiveInfinity];

    [Test]
    public void A_missing_file() => AssertRefused(CommandRun.Of("info", In("none.png")), 66, "none.png", "no such file");

    [Test]
    public void A_folder_without_images() => AssertRefused(CommandRun.Of("info", In("")), 65, "no DICOM image");

    [Test]
    public void A_file_that_may_not_be_read()
    {
        var path = WriteImage("a.png", 2, 2, i => i);
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Ignore("whoever may read everything cannot see this");
            return;
        }
        File.SetUnixFileMode(path, UnixFileMode.None);
        AssertRefused(CommandRun.Of("info", path), 66, "cannot be read");
    }

    [Test]
    public void An_empty_file() => AssertRefused(CommandRun.Of("info", WriteText("a.png", "")), 65, "empty");

    [Test]
    public void A_file_of_no_known_format() => AssertRefused(CommandRun.Of("info", WriteText("a.png", "no picture")), 65, "first bytes");

    [Test]
    public void A_truncated_file()
    {
        var whole = File.ReadAllBytes(Sample("camera.png"));
        File.WriteAllBytes(In("half.png"), whole[..(whole.Length / 2)]);
        AssertRefused(CommandRun.Of("info", In("half.png")), 65, "half.png");
    }

    [Test]
    public void An_image_without_voxels()
    {
        const string Header = "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4), }";
        File.WriteAllBytes(In("a.npy"), [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. System.Text.Encoding.ASCII.GetBytes(Header.PadRight(117) + "\n")]);
        AssertRefused(CommandRun.Of("info", In("a.npy")), 65, "empty");
    }

    [TestCase("register", "grey", "-o", "w.nii")]
    [TestCase("simulate ct", "-o", "s.npy", "--views", "10")]
    public void Colours_where_a_quantity_is_needed(string command, params string[] others)
    {
        var colours = WriteImage("colours.png", new Image(Grid.Plain(8, 8), [.. Enumerable.Range(0, 192).Select(i => (float)i)], channels: 3));
        var grey = WriteImage("grey.png", 8, 8, i => i);
        string[] arguments = [.. command.Split(' '), colours, .. others.Select(argument => argument == "grey" ? grey : argument.Contains('.', StringComparison.Ordinal) ? In(argument) : argument)];
        AssertRefused(CommandRun.Of(arguments), 65, "3 channels");
        Assert.That(Directory.GetFiles(In(""), "*", SearchOption.AllDirectories), Has.Length.EqualTo(2));
    }

    [TestCaseSource(nameof(NotFinite))]
    public void Voxels_that_are_no_numbers_cannot_be_compared(float value)
    {
        var good = WriteImage("good.npy", 8, 8, i => i);
        var bad = WriteImage("bad.npy", 8, 8, i => i == 5 ? value : i);
        AssertRefused(CommandRun.Of("compare", good, bad), 65, "bad.npy", "1 of 64 values");
        AssertRefused(CommandRun.Of("compare", bad, good), 65, "bad.npy");
    }

    [Test]
    public void Info_says_how_many_voxels_are_no_numbers_and_the_range_of_the_others()
    {
        var run = CommandRun.Of("info", WriteImage("a.npy", 4, 1, i => i == 0 ? float.NaN : i));
        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Output, Does.Contain("1 to 3"));
        Assert.That(run.Error, Does.Contain("1 of 4 values are NaN or infinite"));
    }

    [Test]
    public void The_PSNR_of_a_constant_reference_is_undefined()
    {
        var (flat, other) = (WriteImage("flat.npy", 8, 8, _ => 3), WriteImage("other.npy", 8, 8, i => i));
        AssertRefused(CommandRun.Of("compare", flat, other, "--require-psnr", "20"), 65, "constant");
        var run = CommandRun.Of("compare", flat, other);
        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Error, Does.Contain("constant"));
        Assert.That(run.Output, Does.Not.Contain("psnr").And.Contain("rmse"));
    }

    [Test]
    public void An_image_one_pixel_wide_is_compared_but_for_its_SSIM()
    {
        var run = CommandRun.Of("compare", WriteImage("a.npy", 1, 9, i => i), WriteImage("b.npy", 1, 9, i => i + 1));
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        // Peak 8, error 1 everywhere: 20 log10(8) dB.
        Assert.That(run.Output, Does.Contain("psnr    18.0618 dB").And.Not.Contain("ssim"));
    }

    [TestCase("10K")]
    [TestCase("400000")]
    public void An_image_larger_than_allowed(string limit) => AssertRefused(CommandRun.Of("info", Sample("camera.png"), "--max-memory", limit), 77, "camera.png");

    [Test]
    public void Two_images_share_what_is_allowed()
    {
        var path = WriteImage("a.npy", 256, 256, i => i);
        Assert.That(CommandRun.Of("info", path, "--max-memory", "300K").ExitCode, Is.Zero);
        AssertRefused(CommandRun.Of("compare", path, path, "--max-memory", "300K"), 77, "a.npy");
    }

    [Test]
    public void Different_sizes_cannot_be_compared() =>
        AssertRefused(CommandRun.Of("compare", WriteImage("a.npy", 8, 8, i => i), WriteImage("b.npy", 8, 9, i => i)), 65, "8x8", "8x9");

    [Test]
    public void Different_places_cannot_be_compared()
    {
        Image At(double x) => new(new Grid(new GridSize(8, 8, 2), Affine.FromSpacing(2, 2, 2) with { Origin = new(x, 0, 0) }), new float[128]);
        AssertRefused(CommandRun.Of("compare", WriteImage("a.nii", At(0)), WriteImage("b.nii", At(1))), 65, "different places");
    }

    [Test]
    public void An_existing_output_is_kept_and_found_before_the_input_is_read()
    {
        var old = WriteText("old.nii", "precious");
        AssertRefused(CommandRun.Of("convert", In("none.png"), "-o", old), 73, "old.nii", "--force");
        Assert.That(File.ReadAllText(old), Is.EqualTo("precious"));
    }

    [TestCase("--json")]
    [TestCase("--save-config")]
    public void So_is_any_other_output(string option)
    {
        var old = WriteText("old.json", "precious");
        AssertRefused(CommandRun.Of("info", Sample("camera.png"), option, old), 73, "old.json", "--force");
        Assert.That(File.ReadAllText(old), Is.EqualTo("precious"));
    }

    [Test]
    public void Two_outputs_of_one_name() => AssertRefused(CommandRun.Of("devices", "--json", In("a"), "--save-config", In("a")), 64, "another output");

    [Test]
    public void A_missing_folder() => AssertRefused(CommandRun.Of("convert", Sample("camera.png"), "-o", In("none/a.nii")), 73, "folder does not exist");

    [TestCase("a.nii")]
    [TestCase("a/")]
    public void A_folder_that_may_not_be_written_to_is_found_before_the_input_is_read(string output)
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Ignore("whoever may write everywhere cannot see this");
            return;
        }
        Directory.CreateDirectory(In("closed"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        AssertRefused(CommandRun.Of("convert", In("none.png"), "-o", In("closed/" + output)), 73, "cannot be written to");
    }

    [Test]
    public void Nothing_is_left_of_a_conversion_that_fails()
    {
        AssertRefused(CommandRun.Of("convert", Sample("brain-t1.nii.gz"), "-o", In("a.png"), "--json", In("a.json")), 64, "one slice");
        AssertRefused(CommandRun.Of("convert", Sample("ct.dcm"), "-o", In("b.png"), "--save-config", In("b.json")), 64, "spread over", "--lossy");
        Assert.That(FilesThere, Is.Empty);
    }
}
