using InrFast.Kernels;
using InrFast.Kernels.Optimizers;

namespace InrFast.Tests;

/// <summary>The reference's trajectories are PyTorch's (Kernels.Tests).</summary>
public sealed class OptimizerTests
{
    static readonly Device Reference = new ReferenceDevice();
    const int From = 16, To = 320, Length = 400;

    static IEnumerable<TestCaseData> Rules()
    {
        TestCaseData Of<TOptimizer>(TOptimizer rule, string name) where TOptimizer : struct, IOptimizer => new TestCaseData((Action)(() => Compare(rule))).SetName($"{{m}}({name})");
        yield return Of(new GradientDescent(), "SGD");
        yield return Of(new GradientDescent(0.9, 0.3), "momentum");
        yield return Of(new GradientDescent(0.9, Nesterov: true), "Nesterov");
        yield return Of(new Adam(), "Adam");
        yield return Of(Adam.WithDecoupledWeightDecay, "AdamW");
        yield return Of(new Adamax(), "Adamax");
        yield return Of(new RMSProp(), "RMSprop");
        yield return Of(new RMSProp(0.9, Momentum: 0.8), "RMSprop with momentum");
    }

    static float[] Numbers(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Length).Select(_ => random.NextSingle() - 0.5f)];
    }

    static void Compare<TOptimizer>(TOptimizer rule) where TOptimizer : struct, IOptimizer
    {
        using Run<float> values = new(Numbers(1)), first = new(new float[Length]), second = new(new float[Length]);
        using Run<double> clip = new([0.5]);
        OptimizerKernels card = Gpu.Device.Optimizer(rule), host = Reference.Optimizer(rule);
        for (int step = 1; step <= 4; step++)
        {
            bool clears = step == 4;
            using Run<float> gradient = new(Numbers(10 + step));
            using Run<StepNumbers> numbers = new([card.Numbers(new(0.01, step, 0.1))]);
            card.Update(values.OnCard, gradient.OnCard, first.OnCard, second.OnCard, From, To, numbers.OnCard, step % 2 == 0 ? clip.OnCard : 0, clears);
            host.Update(values.OnHost, gradient.OnHost, first.OnHost, second.OnHost, From, To, numbers.OnHost, step % 2 == 0 ? clip.OnHost : 0, clears);
            Assert.That(gradient.Actual, Is.EqualTo(gradient.Expected), "cleared within the range alone");
        }
        Close.Check(values.Actual, values.Expected, 2e-6, "values");
        Assert.That(values.Actual[..From].Concat(values.Actual[To..]), Is.EqualTo(values.Expected[..From].Concat(values.Expected[To..])), "outside the range");
    }

    [TestCaseSource(nameof(Rules))]
    public void EveryRuleAgreesWithItsDefinition(Action compare) => compare();

    [Test]
    public void SumsNormsClippingAndAverages()
    {
        using Run<float> part = new(Numbers(1)), gradient = new(Numbers(2)), average = new(Numbers(4));
        using Run<double> norms = new([0.0, 0, 0]);
        foreach (bool onCard in new[] { true, false })
        {
            var kernels = (onCard ? Gpu.Device : Reference).Optimizer(new Adam());
            nint At<T>(Run<T> run) where T : unmanaged => onCard ? run.OnCard : run.OnHost;
            kernels.Add(At(part), At(gradient), From, To);
            kernels.SquaredNorm(At(gradient), From, To, At(norms));
            kernels.SquaredNorm(At(gradient), 0, 16, At(norms) + sizeof(double));
            kernels.ClipFactor(At(norms), 2, 3, At(norms) + 2 * sizeof(double));
            kernels.Ema(At(average), At(gradient), 0.9f, From, To);
        }
        Close.Check(gradient.Actual, gradient.Expected, 2e-7, "sum of parts");
        Assert.That(norms.Actual, Is.EqualTo(norms.Expected).Within(1e-6).Percent);
        Assert.That(norms.Actual[2], Is.LessThan(1), "it clips");
        Close.Check(average.Actual, average.Expected, 2e-7, "average");
    }
}
