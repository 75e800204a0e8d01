namespace InrFast.Tests;

/// <summary>The built program in a process of its own: exit codes and streams as a shell sees them.</summary>
internal sealed class ProcessTests : CommandTests
{
    [Test]
    public void It_says_its_version() => Assert.That(CommandRun.OfProcess("--version"), Is.EqualTo(CommandRun.Of("--version")));

    [Test]
    public void A_failure_reaches_the_shell() => AssertRefused(CommandRun.OfProcess("info", In("none.png")), 66, "no such file");

    [Test]
    public void It_converts_and_compares()
    {
        Assert.That(CommandRun.OfProcess("convert", Sample("brain-t1.nii.gz"), "-o", In("a.nii")), Is.EqualTo(new CommandRun(0, "", "")));
        var run = CommandRun.OfProcess("compare", Sample("brain-t1.nii.gz"), In("a.nii"));
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.Contain("psnr    Infinity dB").And.Contain("ssim    1"));
    }
}
