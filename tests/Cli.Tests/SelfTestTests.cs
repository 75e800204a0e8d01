namespace InrFast.Tests;

public sealed class SelfTestTests
{
    [Test]
    public void Every_part_agrees_on_the_processor()
    {
        var run = CommandRun.Of("selftest", "--device", "cpu", "--threads", "1");
        Assert.That(run.ExitCode, Is.Zero, run.Output);
        Assert.That(run.Output, Does.Match("all [0-9]{2} parts agree").And.Contain("SIREN, derivatives of order 2").And.Not.Contain("FAILED"));
    }

    [Test]
    public void A_device_that_is_not_there() => Assert.That(CommandRun.Of("selftest", "--device", "cuda:99").ExitCode, Is.EqualTo(69));
}
