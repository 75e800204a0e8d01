using InrFast.Autodiff;
using InrFast.Tasks.Benchmarks;

namespace InrFast.Tests;

public sealed class SelfTestTests
{
    /// <summary>What a person with a card will run.</summary>
    [Test]
    public void EveryPartAgreesOnTheInterpretedCard()
    {
        using Workers workers = new(1);
        var results = new SelfTest(Gpu.Device, workers, rows: 10).Run().ToArray();
        foreach (var result in results) TestContext.Out.WriteLine($"{result.Name}: {result.Difference:e1} of {result.Bound:e0}");
        Assert.That(results.Where(result => !result.Passed).Select(result => $"{result.Name}: {result.Difference:e1}, repeats {result.Repeats}"), Is.Empty);
    }
}
