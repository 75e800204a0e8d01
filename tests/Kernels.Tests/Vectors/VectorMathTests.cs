using InrFast.Kernels.Vectors;

namespace InrFast.Tests.Vectors;

/// <summary>Every function against double arithmetic over dense sweeps; the bounds are those of the docstrings.</summary>
[TestFixture(typeof(F32x4))]
[TestFixture(typeof(F32x8))]
[TestFixture(typeof(F32x16))]
public sealed class VectorMathTests<V> where V : struct, IVector<V>
{
    static void Check(string name, Func<V, V> f, Func<double, double> exact, double bound, bool relative, params float[][] sweeps)
    {
        float[] numbers = [.. sweeps.SelectMany(x => x)];
        var results = Lanes<V>.Map(f, numbers);
        double worst = 0, at = 0;
        for (int i = 0; i < numbers.Length; i++)
        {
            double expected = exact(numbers[i]), error = Math.Abs(results[i] - expected);
            if (relative && expected != 0) error /= Math.Max(Math.Abs(expected), 1.2e-38);
            if (!(error <= worst)) (worst, at) = (error, numbers[i]);
        }
        TestContext.Out.WriteLine($"{name}: {(relative ? "relative" : "absolute")} error {worst:e2} at {at:g9}");
        Assert.That(worst, Is.LessThanOrEqualTo(bound), $"{name} at {at:g9}");
    }

    /// <summary>Lanes of two vectors, 0, 1, 2, ... and so on, at any places are these places.</summary>
    [Test]
    public void LanesOfTwoVectorsArePicked()
    {
        float[] places = [.. Enumerable.Range(0, 6 * V.Count).Select(i => (float)(i * 7 % (2 * V.Count)))];
        Assert.That(Lanes<V>.Map(at => V.Pick(V.Indices, V.Indices + V.Create(V.Count), V.ToInteger(at)), places), Is.EqualTo(places));
    }

    [Test]
    public void SinPiAndCosPi()
    {
        float[] numbers = Sweep.Even(-1000, 1000, 400_001), small = Sweep.Decades(-8, 0, 20_000);
        Check("sin pi", VectorMath.SinPi, x => Math.Sin(Math.PI * Math.IEEERemainder(x, 2)), 1.7e-7, false, numbers, small);
        Check("cos pi", z => { VectorMath.SinCosPi(z, new CosineSeries(1), out _, out var c); return c; }, x => Math.Cos(Math.PI * Math.IEEERemainder(x, 2)), 1.7e-7, false, numbers, small);
        Check("scaled cos pi", z => { VectorMath.SinCosPi(z, new CosineSeries(30), out _, out var c); return c; }, x => 30 * Math.Cos(Math.PI * Math.IEEERemainder(x, 2)), 30 * 1.7e-7, false, numbers);
    }

    [Test]
    public void SineAndCosineOfRadians()
    {
        float[][] sweeps = [Sweep.Even(-10, 10, 400_001), Sweep.Even(-1e4, 1e4, 400_001), Sweep.Decades(-30, 4, 20_000)];
        Check("sin", x => { VectorMath.SinCos(x, out var s, out _); return s; }, Math.Sin, 7e-8, false, sweeps);
        Check("cos", x => { VectorMath.SinCos(x, out _, out var c); return c; }, Math.Cos, 7e-8, false, sweeps);
    }

    [Test]
    public void Exponential()
    {
        Check("exp", VectorMath.Exp, Math.Exp, 9e-8, true, Sweep.Even(-87.33, 88.72, 500_001), Sweep.Decades(-30, 0, 10_000));
        Check("expm1", VectorMath.Expm1, PreciseExpm1, 1.3e-7, true, Sweep.Even(-79, 87.9, 500_001), Sweep.Even(-2, 2, 200_001), Sweep.Decades(-30, 0, 10_000));
    }

    /// <summary>By its series, where the difference would cancel.</summary>
    static double PreciseExpm1(double x)
    {
        if (Math.Abs(x) > 0.1) return Math.Exp(x) - 1;
        double sum = 0, term = 1;
        for (int n = 1; n < 14; n++) sum += term *= x / n;
        return sum;
    }

    /// <summary>By its series, where the sum would round.</summary>
    static double PreciseLog1p(double x)
    {
        if (Math.Abs(x) > 0.01) return Math.Log(1 + x);
        double sum = 0, power = 1;
        for (int n = 1; n < 10; n++) sum += (n % 2 == 1 ? 1 : -1) * (power *= x) / n;
        return sum;
    }

    [Test]
    public void Logarithm()
    {
        Check("log", VectorMath.Log, Math.Log, 9e-8, true, Sweep.Even(0.5, 2, 500_001), [.. Sweep.Decades(-37.9, 38.5, 200_000).Where(x => x > 0)]);
        Check("log1p", VectorMath.Log1p, PreciseLog1p, 1.3e-7, true, Sweep.Even(0, 1, 500_001), [.. Sweep.Decades(-37, 0, 20_000).Where(x => x > 0)]);
    }

    [Test]
    public void SigmoidAndTanh()
    {
        float[] numbers = Sweep.Even(-20, 20, 400_001), tails = Sweep.Even(-87, 87, 100_001), small = Sweep.Decades(-30, 0, 10_000);
        Check("sigmoid", x => { VectorMath.Sigmoid(x, out var s, out _); return s; }, x => 1 / (1 + Math.Exp(-x)), 2e-7, true, numbers, tails, small);
        Check("sigmoid's slope", x => { VectorMath.Sigmoid(x, out _, out var s); return s; }, x => 1 / (1 + Math.Exp(-x)) / (1 + Math.Exp(x)), 3.2e-7, true, numbers, tails, small);
        Check("tanh", VectorMath.Tanh, Math.Tanh, 1.7e-7, true, numbers, small);
    }

    /// <summary>The Maclaurin series; 1 beyond 4.5, where erf differs from 1 by 2e-10.</summary>
    static double Erf(double x)
    {
        if (Math.Abs(x) > 4.5) return Math.Sign(x);
        double power = x, sum = x;
        for (int n = 1; n < 90; n++) sum += (power *= -x * x / n) / (2 * n + 1);
        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    [Test]
    public void ErrorFunction()
    {
        Check("erf", VectorMath.Erf, Erf, 1.8e-7, true, Sweep.Even(-6, 6, 100_001), Sweep.Decades(-30, 0, 10_000));
        // Abramowitz and Stegun, table 7.1.
        float[] x = [0.5f, 1, 1.5f, 2, -1];
        Assert.That(Lanes<V>.Map(VectorMath.Erf, x), Is.EqualTo(new[] { 0.5204998778, 0.8427007929, 0.9661051465, 0.9953222650, -0.8427007929 }).Within(2e-7));
    }

    [Test]
    public void ExtremesSaturate()
    {
        float[] extremes = [float.PositiveInfinity, float.MaxValue, 100, -100, float.MinValue, float.NegativeInfinity];
        Assert.That(Lanes<V>.Map(VectorMath.Exp, extremes), Is.EqualTo(new[] { 3.4e38, 3.4e38, 3.4e38, 0, 0, 0 }).Within(1).Percent);
        Assert.That(Lanes<V>.Map(VectorMath.Expm1, extremes).Skip(3), Is.All.EqualTo(-1f));
        Assert.That(Lanes<V>.Map(VectorMath.Tanh, extremes), Is.EqualTo(new[] { 1f, 1, 1, -1, -1, -1 }));
        Assert.That(Lanes<V>.Map(VectorMath.Erf, extremes), Is.EqualTo(new[] { 1f, 1, 1, -1, -1, -1 }));
        Assert.That(Lanes<V>.Map(x => { VectorMath.Sigmoid(x, out var s, out _); return s; }, extremes), Is.EqualTo(new[] { 1f, 1, 1, 0, 0, 0 }));
        Assert.That(Lanes<V>.Map(VectorMath.Log, [float.PositiveInfinity, float.MaxValue, 0, -1, float.NegativeInfinity, 1]),
            Is.EqualTo(new[] { 88.7228, 88.7228, -87.3365, -87.3365, -87.3365, 0 }).Within(1e-4));
    }

    [Test]
    public void NotANumberStaysSo()
    {
        foreach (var f in new Func<V, V>[] { VectorMath.Exp, VectorMath.Expm1, VectorMath.Log, VectorMath.Log1p, VectorMath.Tanh, VectorMath.Erf,
            x => { VectorMath.Sigmoid(x, out var s, out _); return s; }, x => { VectorMath.SinCos(x, out var s, out _); return s; } })
            Assert.That(Lanes<V>.At(f, float.NaN), Is.NaN, f.Method.Name);
    }
}
