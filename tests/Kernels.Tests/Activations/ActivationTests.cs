using InrFast.Kernels.Activations;
using InrFast.Kernels.Vectors;
using InrFast.Tests.Vectors;

namespace InrFast.Tests.Activations;

static class AllActivations
{
    /// <summary>Every activation there is, with its numbers away from their neutral values.</summary>
    public static readonly IActivation[] List =
    [
        new Identity(), new ReLU(), new LeakyReLU(0.01f), new ELU(1.5f), new Softplus(2), new Tanh(), new Sigmoid(), new GELU(), new SiLU(),
        new Sine(30), new Gaussian(3), new Finer(5),
    ];
}

/// <summary>The vector form against the double definition, at the same number z = InputScale x.</summary>
[TestFixture(typeof(F32x4))]
[TestFixture(typeof(F32x8))]
[TestFixture(typeof(F32x16))]
public sealed class ActivationTests<V> where V : struct, IVector<V>
{
    static IEnumerable<IActivation> All => AllActivations.List;

    /// <summary>Number 0 to 3: value, slope, curvature, third derivative.</summary>
    static V Derivative(IActivation f, V z, int order)
    {
        f.Evaluate(z, out var value, out var slope, out var curvature, out var third);
        return order switch { 0 => value, 1 => slope, 2 => curvature, _ => third };
    }

    [TestCaseSource(nameof(All))]
    public void VectorsFollowTheDefinition(IActivation f)
    {
        float[] numbers = [.. Sweep.Even(-6, 6, 60_001), .. f is Finer ? [] : Sweep.Even(-40, 40, 20_001), .. Sweep.Decades(-30, 0, 1_000)];
        for (int order = 0; order < 4; order++)
        {
            var actual = Lanes<V>.Map(z => Derivative(f, z, order), numbers);
            // One scale per derivative: the powers of omega, beta and s in it.
            double[] exact = [.. numbers.Select(z => AllActivationsTests.Derivative(f, z / (double)f.InputScale, order))];
            double largest = exact.Where((_, i) => Math.Abs(numbers[i]) <= 6).Max(Math.Abs), worst = 0, at = 0;
            for (int i = 0; i < numbers.Length; i++)
            {
                // A phase of p radians that is rounded to float is off by 6e-8 p; Finer's grows with x².
                double phase = f switch { Sine => Math.Abs(numbers[i]) * Math.PI, Finer => 5 * Math.Abs(numbers[i]) * (Math.Abs(numbers[i]) + 1), _ => 0 };
                double error = Math.Abs(actual[i] - exact[i]) / (1 + phase) / Math.Max(largest, Math.Abs(exact[i]));
                if (!(error <= worst)) (worst, at) = (error, numbers[i]);
            }
            TestContext.Out.WriteLine($"{f.GetType().Name} derivative {order}: {worst:e2} of the largest at z = {at:g9}");
            Assert.That(worst, Is.LessThan(1e-6), $"derivative {order} at z = {at:g9}");
        }
    }

    [TestCaseSource(nameof(All))]
    public void AllFormsGiveTheSameBits(IActivation f)
    {
        float[] numbers = Sweep.Even(-9, 9, 10_001);
        var value = Lanes<V>.Map(z => Derivative(f, z, 0), numbers);
        var slope = Lanes<V>.Map(z => Derivative(f, z, 1), numbers);
        Assert.That(Lanes<V>.Map(f.Evaluate, numbers), Is.EqualTo(value), "value alone");
        Assert.That(Lanes<V>.Map(z => { f.Evaluate(z, out var v, out _); return v; }, numbers), Is.EqualTo(value), "value with slope");
        Assert.That(Lanes<V>.Map(z => { f.Evaluate(z, out _, out var s); return s; }, numbers), Is.EqualTo(slope), "slope");
    }

    [TestCaseSource(nameof(All))]
    public void ExtremesSaturateAndNotANumberStays(IActivation f)
    {
        float[] extremes = [float.NegativeInfinity, float.MinValue, -1e10f, 1e10f, float.MaxValue, float.PositiveInfinity];
        if (f is not (Sine or Finer))
            for (int order = 0; order < 4; order++)
                Assert.That(Lanes<V>.Map(z => Derivative(f, z, order), extremes), Has.None.NaN, $"derivative {order}");
        Assert.That(Lanes<V>.At(f.Evaluate, float.NaN), Is.NaN);
    }
}

public sealed class AllActivationsTests
{
    static IEnumerable<IActivation> All => AllActivations.List;

    public static double Derivative(IActivation f, double x, int order)
    {
        f.Evaluate(x, out double value, out double slope, out double curvature, out double third);
        return order switch { 0 => value, 1 => slope, 2 => curvature, _ => third };
    }

    [Test]
    public void TheListIsComplete() =>
        Assert.That(AllActivations.List.Select(f => f.GetType()), Is.EquivalentTo(typeof(IActivation).Assembly.GetTypes().Where(t => t.IsValueType && t.IsAssignableTo(typeof(IActivation)))));

    [TestCaseSource(nameof(All))]
    public void DefinitionsAreTheDerivativesOfEachOther(IActivation f)
    {
        const double h = 1e-4;
        for (int order = 1; order < 4; order++)
            foreach (float number in Sweep.Even(-3, 3, 500))
            {
                double x = number + 1e-3; // no kink within h
                double D(double step) => Derivative(f, x + step, order - 1);
                double difference = (8 * (D(h) - D(-h)) - (D(2 * h) - D(-2 * h))) / (12 * h), scale = Math.Pow(f is Finer ? 35 : Math.PI * f.InputScale, order);
                Assert.That(Derivative(f, x, order), Is.EqualTo(difference).Within(1e-7 * Math.Max(1, scale)), $"derivative {order} at {x}");
            }
    }

    [TestCaseSource(nameof(All))]
    public void LinearityAndZeroAreToldTruly(IActivation f)
    {
        Assert.That(f.KeepsZero, Is.EqualTo(Derivative(f, 0, 0) == 0));
        Assert.That(f.IsLinear, Is.EqualTo(f is Identity));
    }

    /// <summary>torch.nn.functional in double, PyTorch 2.x, and its gradients at the kinks.</summary>
    [Test]
    public void FiguresOfPyTorch()
    {
        Assert.That(Derivative(new GELU(), 1, 0), Is.EqualTo(0.8413447460685429).Within(1e-14));
        Assert.That(Derivative(new GELU(), -0.5, 0), Is.EqualTo(-0.15426876936299344).Within(1e-14));
        Assert.That(Derivative(new SiLU(), 1, 0), Is.EqualTo(0.7310585786300049).Within(1e-14));
        Assert.That(Derivative(new SiLU(), -2, 0), Is.EqualTo(-0.2384058440442351).Within(1e-14));
        Assert.That(Derivative(new Softplus(1), 0, 0), Is.EqualTo(0.6931471805599453).Within(1e-14));
        Assert.That(Derivative(new Softplus(2), -1, 0), Is.EqualTo(0.0634640055214863).Within(1e-14));
        Assert.That(Derivative(new ELU(1), -1, 0), Is.EqualTo(-0.6321205588285577).Within(1e-14));
        Assert.That(Derivative(new Sigmoid(), -2, 0), Is.EqualTo(0.11920292202211755).Within(1e-14));
        Assert.That(Derivative(new Tanh(), 0.5, 0), Is.EqualTo(0.46211715726000973).Within(1e-14));
        Assert.That(Derivative(new LeakyReLU(0.25f), -2, 0), Is.EqualTo(-0.5));
        Assert.That(Derivative(new Gaussian(2), 0.5, 0), Is.EqualTo(Math.Exp(-1)).Within(1e-14));
        Assert.That(Derivative(new Finer(3), -2, 0), Is.EqualTo(Math.Sin(-18)).Within(1e-14));

        Assert.That(Derivative(new ReLU(), 0, 1), Is.Zero);
        Assert.That(Derivative(new LeakyReLU(0.25f), 0, 1), Is.EqualTo(0.25));
        Assert.That(Derivative(new ELU(1.5f), 0, 1), Is.EqualTo(1.5));
    }
}
