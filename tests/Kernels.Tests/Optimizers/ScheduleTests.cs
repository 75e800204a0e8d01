using System.Text.Json;
using InrFast.Kernels.Optimizers;

namespace InrFast.Tests.Optimizers;

/// <summary>Learning rates of PyTorch 1.13's torch.optim.lr_scheduler with lr = 1, before each step.</summary>
public sealed class ScheduleTests
{
    static readonly object[] published =
    [
        new object[] { new ConstantSchedule(), new double[] { 1, 1, 1 } },
        new object[] { new StepSchedule(3, 0.5), new[] { 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125 } }, // StepLR(o, 3, 0.5)
        new object[] { new MultiStepSchedule([2, 5]), new[] { 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01 } }, // MultiStepLR(o, [2, 5], 0.1)
        new object[] { new ExponentialSchedule(0.9), new[] { 1, 0.9, 0.81, 0.729, 0.6561, 0.59049 } }, // ExponentialLR(o, 0.9)
        new object[] { new LinearSchedule(4, 0.25, 0.75), new[] { 0.25, 0.375, 0.5, 0.625, 0.75, 0.75, 0.75, 0.75 } }, // LinearLR(o, 0.25, 0.75, 4)
        new object[] { new CosineSchedule(8, Floor: 0.1), new[] { 1, 0.96574579, 0.868198052, 0.722207545, 0.55, 0.377792455, 0.231801948, 0.13425421, 0.1 } }, // CosineAnnealingLR(o, 8, 0.1)
        // SequentialLR(o, [LinearLR(o, 1 / 5, 1, 4), CosineAnnealingLR(o, 8, 0.1)], [4])
        new object[] { new CosineSchedule(12, 4, 0.1), new[] { 0.2, 0.4, 0.6, 0.8, 1, 0.96574579, 0.868198052, 0.722207545, 0.55, 0.377792455, 0.231801948, 0.13425421 } },
    ];

    [TestCaseSource(nameof(published))]
    public void FactorsArePyTorchs(ISchedule schedule, double[] factors) =>
        Assert.That(factors.Select((_, step) => schedule.Factor(step)), Is.EqualTo(factors).Within(1e-8));

    [Test]
    public void CosineStaysAtItsFloor() => Assert.That(new CosineSchedule(8, Floor: 0.1).Factor(1000), Is.EqualTo(0.1));

    [TestCaseSource(nameof(published))]
    public void RoundTripsThroughJson(ISchedule schedule, double[] factors)
    {
        var copy = JsonSerializer.Deserialize<ISchedule>(JsonSerializer.Serialize(schedule))!;
        Assert.That(copy.GetType(), Is.EqualTo(schedule.GetType()));
        Assert.That(factors.Select((_, step) => copy.Factor(step)), Is.EqualTo(factors).Within(1e-8));
    }
}
