using System.Text.Json;
using InrFast.Imaging;

namespace InrFast.Tests;

/// <summary>What commands give: tables, JSON, files, and the exit code of a requirement.</summary>
internal sealed class CommandResultTests : CommandTests
{
    private static JsonElement Json(CommandRun run)
    {
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        using var document = JsonDocument.Parse(run.Output);
        return document.RootElement.Clone();
    }

    [Test]
    public void Info_of_the_CT_slice_gives_what_its_header_says()
    {
        var image = Json(CommandRun.Of("info", Sample("ct.dcm"), "--json", "-")).GetProperty("input")[0];
        Assert.That(image.GetProperty("shape").EnumerateArray().Select(n => n.GetInt32()), Is.EqualTo(new[] { 512, 512 }));
        Assert.That(image.GetProperty("spacing")[0].GetDouble(), Is.EqualTo(0.675781));
        Assert.That(image.GetProperty("orientation").GetString(), Is.EqualTo("LPS"));
        Assert.That((image.GetProperty("format").GetString(), image.GetProperty("type").GetString(), image.GetProperty("unit").GetString()), Is.EqualTo(("DICOM", "int16", "HU")));
        Assert.That((image.GetProperty("slope").GetDouble(), image.GetProperty("intercept").GetDouble()), Is.EqualTo((1.0, -1024.0)));
    }

    [Test]
    public void Info_of_the_brain_leads_to_the_right_front_and_head()
    {
        // nibabel.aff2axcodes(nibabel.load("samples/brain-t1.nii.gz").affine) is ('R', 'A', 'S').
        var run = CommandRun.Of("info", Sample("brain-t1.nii.gz"));
        Assert.That(run.Output, Does.Contain("124 x 160 x 140").And.Contain("RAS").And.Contain("1 x 1 x 1 mm"));
    }

    [Test]
    public void Metrics_are_those_of_the_definitions()
    {
        // Reference 0 .. 63, test 3 more everywhere: RMSE = MAE = 3, peak 63, root mean square of 0 .. 63 is sqrt(63 * 127 / 6).
        var metrics = Json(CommandRun.Of("compare", WriteImage("a.npy", 8, 8, i => i), WriteImage("b.npy", 8, 8, i => i + 3), "--json", "-")).GetProperty("metrics");
        Assert.That(metrics.GetProperty("rmse").GetDouble(), Is.EqualTo(3).Within(1e-12));
        Assert.That(metrics.GetProperty("mae").GetDouble(), Is.EqualTo(3).Within(1e-12));
        Assert.That(metrics.GetProperty("psnr").GetDouble(), Is.EqualTo(20 * Math.Log10(63.0 / 3)).Within(1e-12));
        Assert.That(metrics.GetProperty("nrmse").GetDouble(), Is.EqualTo(3 / Math.Sqrt(63 * 127 / 6.0)).Within(1e-12));
        Assert.That(metrics.TryGetProperty("dice", out _), Is.False);
    }

    [Test]
    public void Masks_get_their_Dice()
    {
        // 32 and 16 voxels, 16 in both: 2 * 16 / 48.
        var run = CommandRun.Of("compare", WriteImage("a.npy", 8, 8, i => i < 32 ? 1 : 0), WriteImage("b.npy", 8, 8, i => i < 16 ? 1 : 0));
        Assert.That(run.Output, Does.Match("dice +0.666667"));
    }

    [TestCase("18", 0)]
    [TestCase("18.1", 2)]
    public void A_required_PSNR_decides_the_exit_code(string decibel, int exitCode)
    {
        var run = CommandRun.Of("compare", WriteImage("a.npy", 1, 9, i => i), WriteImage("b.npy", 1, 9, i => i + 1), "--require-psnr", decibel, "--json", In("r.json"));
        Assert.That(run.ExitCode, Is.EqualTo(exitCode));
        Assert.That(run.Output, Does.Contain("psnr"));
        Assert.That(FilesThere, Does.Contain("r.json"), "the result is written all the same");
    }

    [Test]
    public void A_picture_of_a_slice_is_compared_with_it_voxel_by_voxel_with_a_warning()
    {
        Assert.That(CommandRun.Of("convert", Sample("ct.dcm"), "-o", In("a.npy"), "--lossy", "-q"), Is.EqualTo(new CommandRun(0, "", "")));
        var run = CommandRun.Of("compare", Sample("ct.dcm"), In("a.npy"));
        Assert.That(run.Error, Does.Contain("no place in the world"));
        Assert.That(run.Output, Does.Contain("psnr    Infinity dB"));
    }

    [Test]
    public void A_slice_goes_to_NIfTI_and_back_without_loss()
    {
        Assert.That(CommandRun.Of("convert", Sample("ct.dcm"), "-o", In("a.nii.gz")), Is.EqualTo(new CommandRun(0, "", "")));
        var run = CommandRun.Of("compare", Sample("ct.dcm"), In("a.nii.gz"));
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.Contain("rmse    0 HU"));
    }

    [Test]
    public void Force_overwrites()
    {
        WriteText("a.nii", "old");
        Assert.That(CommandRun.Of("convert", Sample("camera.png"), "-fo", In("a.nii")).ExitCode, Is.Zero);
        Assert.That(ImageFile.Read(In("a.nii")).Size, Is.EqualTo(new GridSize(512, 512)));
        Assert.That(FilesThere, Is.EqualTo(new[] { "a.nii" }));
    }

    [Test]
    public void Devices_names_the_processor_and_why_there_is_no_card()
    {
        var devices = Json(CommandRun.Of("devices", "--json", "-")).GetProperty("devices").EnumerateArray().ToArray();
        Assert.That(devices[0].GetProperty("cores").GetInt32(), Is.EqualTo(Environment.ProcessorCount));
        Assert.That(devices[0].GetProperty("vectorBits").GetInt32(), Is.AnyOf(128, 256, 512));
        Assert.That(devices[1].GetProperty("name").GetString(), Does.StartWith("cuda"));
        if (devices[1].GetProperty("usable").GetBoolean())
        {
            Assert.That(devices[1].GetProperty("capability").GetString(), Does.Match("^[0-9]+[.][0-9]$"));
        }
        else
        {
            Assert.That(devices[1].GetProperty("reason").GetString(), Does.Contain("NVIDIA's driver").Or.Contain("compute capability").Or.Contain("no kernels for cards"));
        }
        Assert.That(devices[^1].GetProperty("name").GetString(), Does.StartWith("opencl"));
        if (devices[^1].GetProperty("usable").GetBoolean())
        {
            Assert.That(devices[^1].GetProperty("openCl").GetString(), Does.Match("^[2-9][.][0-9]$"));
        }
        else
        {
            Assert.That(devices[^1].GetProperty("reason").GetString(), Is.Not.Empty);
        }
    }
}
