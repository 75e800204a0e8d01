using InrFast.Cli;

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
    [TestCase("""{"require-psnr": [1]}""", 65, "must be a text")]
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
