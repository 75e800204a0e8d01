using System.Diagnostics;
using System.Text.Json;
using InrFast.Imaging;

namespace InrFast.Tests;

/// <summary>From an image to a model and back, through the command line.</summary>
internal sealed class FitTests : CommandTests
{
    /// <summary>A smooth volume in HU, on a grid with its own spacing and place.</summary>
    private string Volume()
    {
        var map = new Affine(new(0, 2, 0), new(-1.5, 0, 0), new(0, 0, 3), new(10, -20, 30));
        var samples = new float[24 * 20 * 16];
        for (var i = 0; i < samples.Length; i++)
        {
            var (x, y, z) = (i % 24, i / 24 % 20, i / 480);
            samples[i] = MathF.Round(400 * MathF.Sin(x / 5f) * MathF.Cos(y / 4f) + 20 * z);
        }
        return WriteImage("volume.nii", new Image(new Grid(new GridSize(24, 20, 16), map), samples) { Stored = new StoredScale(SampleType.Int16) });
    }

    private string Fitted(params string[] more)
    {
        var run = CommandRun.Of(["fit", Volume(), "-o", In("m.safetensors"), "-q", "--preset", "smooth", "--parameters", "3500", "--iterations", "100", .. more]);
        Assert.That(run, Is.EqualTo(new CommandRun(0, "", "")));
        return In("m.safetensors");
    }

    private CommandRun FitPicture(params string[] more) => CommandRun.Of(["fit", WriteImage("a.npy", 32, 32, i => i % 32 * (i / 32)), "-o", In("a.safetensors"), .. more]);

    [Test]
    public void A_volume_comes_back_in_its_place_its_type_and_its_values()
    {
        Assert.That(CommandRun.Of("render", Fitted(), "-o", In("back.nii")).ExitCode, Is.Zero);
        var back = ImageFile.Read(In("back.nii"));
        Assert.That(back.Grid.Matches(ImageFile.Read(In("volume.nii")).Grid), Is.True);
        Assert.That(back.Stored.Type, Is.EqualTo(SampleType.Int16));
        Assert.That(CommandRun.Of("compare", In("volume.nii"), In("back.nii"), "--require-psnr", "20").ExitCode, Is.Zero);
    }

    [TestCase("--size 48x40x32", 48, 40, 32, 1.0)]
    [TestCase("--scale 2", 48, 40, 32, 1.0)]
    [TestCase("--spacing 1,1.5,3", 48, 20, 16, 1.0)]
    [TestCase("--spacing 2", 24, 15, 24, 2.0)]
    public void A_model_is_drawn_on_other_grids(string option, int x, int y, int z, double spacing)
    {
        Assert.That(CommandRun.Of(["render", Fitted(), "-o", In("b.nii"), .. option.Split(' ')]).ExitCode, Is.Zero);
        var image = ImageFile.Read(In("b.nii"));
        Assert.That(image.Size, Is.EqualTo(new GridSize(x, y, z)));
        Assert.That(image.Grid.Spacing.X, Is.EqualTo(spacing).Within(1e-5));
    }

    [Test]
    public void A_model_is_drawn_like_another_image()
    {
        var like = new Image(new Grid(new GridSize(5, 6, 7), Affine.FromSpacing(2, 2, 2) with { Origin = new(-5, -15, 35) }), new float[210]);
        Assert.That(CommandRun.Of("render", Fitted(), "-o", In("b.nii"), "--like", WriteImage("like.nii", like)).ExitCode, Is.Zero);
        Assert.That(ImageFile.Read(In("b.nii")).Grid.Matches(like.Grid), Is.True);
    }

    [Test]
    public void The_same_seed_gives_the_same_bytes_with_any_number_of_threads()
    {
        var one = File.ReadAllBytes(Fitted("--threads", "1"));
        Assert.That(File.ReadAllBytes(Fitted("--threads", "3", "-f")), Is.EqualTo(one));
        Assert.That(File.ReadAllBytes(Fitted("--seed", "1", "-f")), Is.Not.EqualTo(one));
    }

    [Test]
    public void The_result_for_programs_has_the_contracts_fields_and_the_true_PSNR()
    {
        Fitted("--json", In("r.json"), "--preview", In("p.png"), "--threads", "2", "--seed", "7");
        using var document = JsonDocument.Parse(File.ReadAllText(In("r.json")));
        var json = document.RootElement;
        Assert.That((json.GetProperty("command").GetString(), json.GetProperty("threads").GetInt32(), json.GetProperty("seed").GetInt32(), json.GetProperty("iterations").GetInt32()),
            Is.EqualTo(("fit", 2, 7, 100)));
        foreach (var name in new[] { "version", "device", "input", "output", "method", "parameters", "seconds", "rowsPerSecond", "peakMemoryBytes", "loss", "warnings" })
        {
            Assert.That(json.TryGetProperty(name, out _), Is.True, name);
        }
        var history = json.GetProperty("history");
        Assert.That(history.GetProperty("psnr").GetArrayLength(), Is.EqualTo(history.GetProperty("iteration").GetArrayLength()).And.GreaterThan(0));

        // Against an independent way: the rendered volume without rounding. Its range is that of the volume.
        CommandRun.Of("render", In("m.safetensors"), "-o", In("b.npy"), "-q");
        var psnr = Metrics.PeakSignalToNoise(ImageFile.Read(In("volume.nii")).Samples.Span, ImageFile.Read(In("b.npy")).Samples.Span);
        Assert.That(json.GetProperty("metrics").GetProperty("psnr").GetDouble(), Is.EqualTo(psnr).Within(0.05));
        Assert.That(ImageFile.Read(In("p.png")).Size.X, Is.GreaterThan(100));
    }

    [Test]
    public void Info_tells_a_model()
    {
        var run = CommandRun.Of("info", Fitted());
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.Contain("safetensors").And.Contain("parameters").And.Contain("inrfast.network"));
    }

    [TestCase("--require-psnr 200", 2)]
    [TestCase("--require-psnr 1", 0)]
    public void A_required_PSNR_decides_the_exit_code(string option, int exitCode)
    {
        Assert.That(FitPicture(["--iterations", "50", .. option.Split(' ')]).ExitCode, Is.EqualTo(exitCode));
        Assert.That(FilesThere, Does.Contain("a.safetensors"));
    }

    [Test]
    public void A_target_ends_the_fit_early()
    {
        var run = FitPicture("--target-psnr", "25", "--iterations", "2000", "--json", "-");
        using var document = JsonDocument.Parse(run.Output);
        Assert.That(document.RootElement.GetProperty("iterations").GetInt32(), Is.LessThan(2000));
        Assert.That(document.RootElement.GetProperty("metrics").GetProperty("psnr").GetDouble(), Is.GreaterThanOrEqualTo(25));
    }

    [Test]
    public void A_summary_stands_on_standard_error_and_nothing_on_standard_output()
    {
        var run = FitPicture("--iterations", "20");
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((0, "")));
        Assert.That(run.ErrorLines[^1], Does.Contain("dB").And.Contain("parameters per voxel"));
    }

    [Test]
    public void A_report_shows_the_picture_the_curves_and_the_options()
    {
        Assert.That(FitPicture("--method", "siren", "--iterations", "1500", "-q", "--report", In("r.html")).ExitCode, Is.Zero);
        var page = File.ReadAllText(In("r.html"));
        Assert.That(page, Does.StartWith("<!DOCTYPE html>").And.Contain("<polyline").And.Contain("&quot;iterations&quot;: 1500").And.Contain("<td>psnr</td>"));
        var png = Convert.FromBase64String(page.Split("base64,")[1].Split('"')[0]);
        File.WriteAllBytes(In("r.png"), png);
        Assert.That(ImageFile.Read(In("r.png")).Size, Is.EqualTo(new GridSize(3 * 32 + 2 * 4, 32)));
    }

    [TestCase("wire")]
    [TestCase("multi-head")]
    [TestCase("miner")]
    public void Published_methods_fit_and_render(string method)
    {
        var run = FitPicture("--method", method, "--iterations", "60", "-q", "--json", "-", "--preview", In("p.png"));
        using var json = JsonDocument.Parse(run.Output);
        Assert.That(json.RootElement.GetProperty("method").GetString(), Is.EqualTo(method));
        Assert.That(CommandRun.Of("render", In("a.safetensors"), "-o", In("b.npy")).ExitCode, Is.Zero);
        var compared = CommandRun.Of("compare", In("a.npy"), In("b.npy"), "-q", "--json", "-");
        using var metrics = JsonDocument.Parse(compared.Output);
        Assert.That(metrics.RootElement.GetProperty("metrics").GetProperty("psnr").GetDouble(), Is.EqualTo(json.RootElement.GetProperty("metrics").GetProperty("psnr").GetDouble()).Within(0.05));
        Assert.That(File.Exists(In("p.png")), Is.True);
    }

    [TestCase("--preset quick", 64, "none of fast, smooth")]
    [TestCase("--method deep", 64, "none of auto, grid, siren")]
    [TestCase("--method siren --preset smooth", 64, "give one")]
    [TestCase("--method miner --parameters 5000", 64, "knows no --parameters")]
    [TestCase("--learning-rate 0", 64, "'0' is no number")]
    [TestCase("--parameters 0", 64, "'0' is no whole number")]
    [TestCase("--parameters 1.5", 64, "'1.5' is no whole number")]
    [TestCase("--bits-per-voxel -1", 64, "'-1' is no number")]
    [TestCase("--bits-per-voxel NaN", 64, "'NaN' is no number")]
    [TestCase("--parameters 99999 --bits-per-voxel 1", 64, "give one")]
    [TestCase("--parameters 10", 64, "too small")]
    [TestCase("--iterations 0", 64, "'0' is no whole number")]
    [TestCase("--time-limit 0", 64, "'0' is no number")]
    [TestCase("--target-psnr Infinity", 64, "'Infinity' is no number")]
    [TestCase("--seed -1", 64, "'-1' is no whole number")]
    [TestCase("--threads 0", 64, "'0' is no whole number from 1 to 1024")]
    [TestCase("--threads many", 64, "'many' is no whole number")]
    [TestCase("--device tpu", 64, "'tpu' is none of")]
    [TestCase("--device cpu:1", 64, "'cpu:1' is none of")]
    [TestCase("--device cuda:x", 64, "'cuda:x' is none of")]
    [TestCase("--device cuda:99", 69, "--device cuda:99: ")]
    [TestCase("--device opencl:99", 69, "--device opencl:99: ")]
    [TestCase("--max-memory 1M", 77, "--max-memory")]
    [TestCase("--method miner --max-memory 1M", 77, "the fit needs 64 MiB")]
    [TestCase("--max-memory 600", 77, "needs 4 KiB and 600 bytes are allowed")]
    public void Options_that_cannot_be_met(string options, int exitCode, string words)
    {
        AssertRefused(FitPicture(options.Split(' ')), exitCode, words);
        Assert.That(FilesThere, Is.EqualTo(new[] { "a.npy" }));
    }

    [Test]
    public void Images_that_cannot_be_fitted()
    {
        AssertRefused(CommandRun.Of("fit", WriteImage("nan.npy", 8, 8, i => i == 3 ? float.NaN : i), "-o", In("m.safetensors")), 65, "nan.npy", "1 of 64");
        AssertRefused(CommandRun.Of("fit", WriteImage("flat.npy", 8, 8, _ => 3), "-o", In("m.safetensors")), 65, "constant");
        AssertRefused(CommandRun.Of("fit", In("none.npy"), "-o", In("m.safetensors")), 66, "none.npy");
        AssertRefused(CommandRun.Of("fit", In("none.npy"), "-o", In("m.png")), 64, ".safetensors");
        AssertRefused(CommandRun.Of("fit", In("none.npy"), "-o", In("no/m.safetensors")), 73, "folder does not exist");
        AssertRefused(CommandRun.Of("fit", In("none.npy"), "-o", WriteText("old.safetensors", "")), 73, "--force");
        AssertRefused(CommandRun.Of("fit", In("none.npy"), "-o", In("m.safetensors"), "--preview", WriteText("old.png", "")), 73, "--force");
        Assert.That(FilesThere, Does.Not.Contain("m.safetensors"));
    }

    [TestCase("fast", 1, 40)]
    [TestCase("smooth", 1, 40)]
    [TestCase("fast", 40, 1)]
    [TestCase("fast", 2, 2)]
    [TestCase("smooth", 2, 1)]
    public void Thin_and_tiny_images_are_fitted(string preset, int width, int height)
    {
        var run = CommandRun.Of("fit", WriteImage("a.npy", width, height, i => i % 7), "-o", In("m.safetensors"), "--preset", preset, "--iterations", "20");
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(CommandRun.Of("render", In("m.safetensors"), "-o", In("b.npy")).ExitCode, Is.Zero);
        Assert.That(ImageFile.Read(In("b.npy")).Size, Is.EqualTo(new GridSize(width, height)));
    }

    [TestCase("--size 0x4x4", "'0x4x4' is no size")]
    [TestCase("--size 512", "'512' is no size")]
    [TestCase("--size 4x4", "3 dimensions")]
    [TestCase("--spacing 0", "'0' is no spacing")]
    [TestCase("--spacing 1,2", "'1,2' is no spacing")]
    [TestCase("--scale 0", "'0' is no number")]
    [TestCase("--scale 2 --spacing 1", "both choose the grid")]
    public void Grids_that_make_no_sense(string options, string words) =>
        AssertRefused(CommandRun.Of(["render", Fitted(), "-o", In("b.nii"), .. options.Split(' ')]), 64, words);

    [Test]
    public void A_grid_too_large() => AssertRefused(CommandRun.Of("render", Fitted(), "-o", In("b.nii"), "--scale", "100", "--max-memory", "100M"), 77, "--max-memory");

    [Test]
    public void A_damaged_model()
    {
        var bytes = File.ReadAllBytes(Fitted());
        File.WriteAllBytes(In("half.safetensors"), bytes[..(bytes.Length / 2)]);
        AssertRefused(CommandRun.Of("render", In("half.safetensors"), "-o", In("b.nii")), 65, "half.safetensors");
        AssertRefused(CommandRun.Of("info", In("half.safetensors")), 65, "half.safetensors");
        AssertRefused(CommandRun.Of("render", In("volume.nii"), "-o", In("b.nii")), 65, "volume.nii");
        AssertRefused(CommandRun.Of("render", In("none"), "-o", In("b.nii")), 66, "none");
        Assert.That(FilesThere, Does.Not.Contain("b.nii"));
    }

    [TestCase("-INT")]
    [TestCase("-TERM")]
    public void A_signal_ends_a_fit_and_leaves_nothing(string signal)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("there are no such signals");
        }
        if (signal == "-INT" && IsInterruptIgnored())
        {
            Assert.Ignore("whoever started the tests ignores interrupts, and so does all that they start");
        }
        using var process = CommandRun.Start("fit", WriteImage("a.npy", 64, 64, i => i), "-o", In("m.safetensors"), "--iterations", "1000000000", "--json", In("r.json"));
        var first = process.StandardError.ReadLine();
        Assert.That(first, Does.Contain("1000000000 iterations"));
        using (var kill = Process.Start("kill", [signal, $"{process.Id}"]))
        {
            kill.WaitForExit();
        }
        var ended = process.WaitForExit(20_000);
        if (!ended)
        {
            process.Kill();
        }
        Assert.That(ended, Is.True);
        Assert.That((process.ExitCode, process.StandardOutput.ReadToEnd()), Is.EqualTo((130, "")));
        Assert.That(process.StandardError.ReadToEnd(), Does.Contain("cancelled; nothing was written"));
        Assert.That(FilesThere, Is.EqualTo(new[] { "a.npy" }));
    }

    /// <summary>As for what a shell without job control starts in the background.</summary>
    private static bool IsInterruptIgnored() => File.Exists("/proc/self/status")
        && (Convert.ToUInt64(File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))[7..].Trim(), 16) & 2) != 0;

    [Test]
    public void An_interrupted_fit_goes_on_to_the_same_bytes()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("there is no such signal");
        }
        string[] command = ["fit", WriteImage("a.npy", 64, 64, i => i * i % 97), "--iterations", "5000", "--checkpoint", In("state"), "-o"];
        using var process = CommandRun.Start([.. command, In("m.safetensors")]);
        process.StandardError.ReadLine();
        using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
        {
            kill.WaitForExit();
        }
        Assert.That(process.WaitForExit(20_000), Is.True);
        Assert.That((process.ExitCode, process.StandardError.ReadToEnd().Contains("--resume goes on", StringComparison.Ordinal)), Is.EqualTo((75, true)));
        Assert.That(FilesThere, Is.EqualTo(new[] { "a.npy", "state" }));

        AssertRefused(CommandRun.Of([.. command, In("m.safetensors")]), 73, "state", "--force");
        var resumed = CommandRun.Of([.. command, In("m.safetensors"), "--resume"]);
        Assert.That((resumed.ExitCode, FilesThere), Is.EqualTo((0, new[] { "a.npy", "m.safetensors" })), resumed.Error);
        Assert.That(resumed.Error, Does.Contain("going on from iteration"));
        Assert.That(CommandRun.Of([.. command, In("whole.safetensors"), "--resume"]).Error, Does.Not.Contain("going on"));
        Assert.That(File.ReadAllBytes(In("m.safetensors")), Is.EqualTo(File.ReadAllBytes(In("whole.safetensors"))));
    }

    [Test]
    public void A_checkpoint_that_does_not_fit()
    {
        AssertRefused(FitPicture("--resume"), 64, "--checkpoint");
        AssertRefused(FitPicture("--resume", "--checkpoint", WriteText("state", "no state at all")), 65, "state");
        Assert.That(FilesThere, Does.Not.Contain("a.safetensors"));
    }
}
