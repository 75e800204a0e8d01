using InrFast.Cli;
using InrFast.Imaging;

namespace InrFast.Tests;

/// <summary>Options in files: --config and --save-config.</summary>
internal sealed class ConfigurationTests : CommandTests
{
    private CommandRun Compare(params string[] more) =>
        CommandRun.Of(["compare", WriteImage("a.npy", 1, 9, i => i), WriteImage("b.npy", 1, 9, i => i + 1), .. more]);

    [Test]
    public void Options_come_from_the_file() => Assert.That(Compare("--config", WriteText("c", """{"require-psnr": 30}""")).ExitCode, Is.EqualTo(2));

    [Test]
    public void The_command_line_wins() => Assert.That(Compare("--require-psnr", "10", "--config", WriteText("c", """{"require-psnr": 30}""")).ExitCode, Is.Zero);

    [Test]
    public void A_required_option_may_come_from_the_file()
    {
        Assert.That(CommandRun.Of("convert", "--config", WriteText("c", $$"""{"output": "{{In("x.nii")}}"}"""), "--", Sample("camera.png")).ExitCode, Is.Zero);
        Assert.That(FilesThere, Does.Contain("x.nii"));
    }

    [TestCase("""{"require-psrn": 30}""", 64, "'require-psrn' is no option")]
    [TestCase("""{"config": "other.json"}""", 64, "'config' is no option")]
    [TestCase("""{"require-psnr": "high"}""", 64, "'high' is no number")]
    [TestCase("""{"require-psnr": [1, 2]}""", 64, "--require-psnr")]
    [TestCase("""{"require-psnr": null}""", 65, "must be a text")]
    [TestCase("""{"require-psnr": [null]}""", 65, "must be a text")]
    [TestCase("""{"require-psnr": 1, "require-psnr": 2}""", 65, "no valid JSON")]
    [TestCase("""{"a": {"b": {"c": 1}}}""", 65, "no valid JSON")]
    [TestCase("""{"require-psnr": 30""", 65, "no valid JSON")]
    [TestCase("[]", 65, "one JSON object")]
    [TestCase("", 65, "no valid JSON")]
    public void A_bad_file_is_refused(string text, int exitCode, string words) => AssertRefused(Compare("--config", WriteText("c", text)), exitCode, words);

    [Test]
    public void A_missing_file_is_refused() => AssertRefused(Compare("--config", In("none")), 66, "no such file");

    [Test]
    public void A_huge_file_is_refused() => AssertRefused(Compare("--config", WriteText("c", new string(' ', (1 << 20) + 1))), 77, "at most");

    [Test]
    public void What_was_in_force_is_saved_and_gives_the_same_again()
    {
        Assert.That(Compare("--require-psnr", "30", "-q", "--save-config", In("saved")).ExitCode, Is.EqualTo(2));
        Assert.That(File.ReadAllText(In("saved")), Does.Contain("\"require-psnr\": 30").And.Contain("\"quiet\": true").And.Not.Contain("config"));
        Assert.That(Compare("--config", In("saved")).ExitCode, Is.EqualTo(2));
    }

    /// <summary>Flags not given, standard values, values that are a list, a pair or a device: all come back as they were.</summary>
    [TestCase("fit", "fixed.nii", "-o", "m.safetensors", "--target-psnr", "20", "--iterations", "20")]
    [TestCase("fit", "fixed.nii", "-o", "m.safetensors", "--method", "siren", "--device", "cpu", "--iterations", "3")]
    [TestCase("register", "fixed.nii", "moving.nii", "-o", "w.nii", "--landmarks", "a.csv", "b.csv", "--clip", "1%,99%", "--iterations", "2", "--initial", "none")]
    [TestCase("register", "moving.nii", "-o", "w.nii", "--apply", "field.nii", "--apply", "field.nii")]
    [TestCase("render", "model.safetensors", "-o", "r.nii", "--spacing", "0.5,0.5,2")]
    [TestCase("render", "model.safetensors", "-o", "r.nii", "--size", "30x20")]
    [TestCase("compress", "fixed.nii", "-o", "c.inrz", "--ratio", "2", "--iterations", "5")]
    [TestCase("convert", "fixed.nii", "-o", "c.npy", "--lossy")]
    public void What_was_in_force_of_every_command_gives_the_same_again(params string[] arguments)
    {
        WriteImage("fixed.nii", 16, 12, i => i % 16 * (i / 16));
        WriteImage("moving.nii", 16, 12, i => (i % 16 - 1) * (i / 16));
        WriteImage("field.nii", new Image(Grid.Plain(16, 12), [.. Enumerable.Range(0, 384).Select(i => i % 2 * 0.5f)], channels: 2));
        WriteText("a.csv", "x,y,z\n3,4,0\n5,6,0\n");
        WriteText("b.csv", "x,y,z\n4,4,0\n6,6,0\n");
        Assert.That(CommandRun.Of("fit", In("fixed.nii"), "-o", In("model.safetensors"), "--iterations", "5", "-q").ExitCode, Is.Zero);
        string[] placed = [.. arguments.Select(word => word.Contains('.', StringComparison.Ordinal) && char.IsLetter(word[0]) ? In(word) : word)];
        var (output, inputs) = (placed[Array.IndexOf(placed, "-o") + 1], placed[1..Array.IndexOf(placed, "-o")]);
        Assert.That(CommandRun.Of([.. placed, "-q", "--save-config", In("saved")]), Is.EqualTo(new CommandRun(0, "", "")));
        var first = File.ReadAllBytes(output);
        File.Delete(output);
        Assert.That(CommandRun.Of([placed[0], .. inputs, "--config", In("saved")]), Is.EqualTo(new CommandRun(0, "", "")));
        Assert.That(File.ReadAllBytes(output), Is.EqualTo(first));
    }

    [Test]
    public void Seed_and_threads_are_saved_and_reported_where_they_were_not_given()
    {
        WriteImage("a.nii", 16, 12, i => i % 16 * (i / 16));
        Assert.That(CommandRun.Of("compress", In("a.nii"), "-o", In("a.inrz"), "--ratio", "2", "--iterations", "2", "-q", "--json", In("a.json"), "--save-config", In("saved")).ExitCode, Is.Zero);
        foreach (var text in new[] { In("a.json"), In("saved") }.Select(File.ReadAllText))
        {
            Assert.That(text, Does.Contain($"\"threads\": {Environment.ProcessorCount}").And.Contain("\"seed\": 0"));
        }
    }

    [TestCase("1", 1L)]
    [TestCase("1k", 1024L)]
    [TestCase("1.5M", 1572864L)]
    [TestCase("2G", 2147483648L)]
    [TestCase("1T", 1099511627776L)]
    [TestCase("", null)]
    [TestCase("K", null)]
    [TestCase("1KB", null)]
    [TestCase("1e3", null)]
    [TestCase("99999999999T", null)]
    public void Sizes(string text, long? bytes) => Assert.That(Options.ParseBytes(text), Is.EqualTo(bytes));
}
