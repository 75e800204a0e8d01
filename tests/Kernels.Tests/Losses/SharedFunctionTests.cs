using InrFast.Kernels;
using InrFast.Kernels.Losses;
using static InrFast.Tests.PinnedRows;

namespace InrFast.Tests.Losses;

public sealed class SharedFunctionTests
{
    static readonly double[] p = [0.2, 0.7, 0.1, 0.9, 0.4, 0.6], t = [0, 1, 0, 1, 1, 0];

    static double[] Moments(double[] p, double[] t) =>
        [p.Length, p.Sum(), t.Sum(), p.Sum(v => v * v), t.Sum(v => v * v), p.Zip(t, (a, b) => a * b).Sum()];

    static double[] Evaluate<TFunction>(TFunction function, double[] x) where TFunction : struct, ISharedFunction
    {
        double[] from = Pin(x), to = Pin(new double[function.Outputs]);
        CpuDevice.Best.Shared(function).Forward(Address(from), Address(to));
        return to;
    }

    static void CheckGradient<TFunction>(TFunction function, double[] x) where TFunction : struct, ISharedFunction
    {
        for (int output = 0; output < function.Outputs; output++)
        {
            double[] from = Pin(x), dy = Pin(new double[function.Outputs]), dx = Pin(Enumerable.Repeat(double.NaN, x.Length).ToArray());
            dy[output] = 0.75;
            CpuDevice.Best.Shared(function).Backward(Address(from), Address(dy), Address(dx));
            for (int i = 0; i < x.Length; i++)
            {
                const double h = 1e-6;
                double[] high = [.. x], low = [.. x];
                (high[i], low[i]) = (x[i] + h, x[i] - h);
                double difference = (Evaluate(function, high)[output] - Evaluate(function, low)[output]) / (2 * h);
                Assert.That(dx[i], Is.EqualTo(0.75 * difference).Within(1e-8 * (1 + Math.Abs(difference))), $"{typeof(TFunction).Name}, input {i}");
            }
        }
    }

    [Test]
    public void GradientsAreTheDerivatives()
    {
        var x = Moments(p, t);
        CheckGradient(new NormalizedCrossCorrelation(), x);
        CheckGradient(new SoftDice(), x);
        CheckGradient(new Statistics(1e-3), x);
    }

    [Test]
    public void CorrelationIsPyTorchs() => // -torch.corrcoef(torch.stack([p, t]))[0, 1]
        Assert.That(Evaluate(new NormalizedCrossCorrelation(), Moments(p, t))[0], Is.EqualTo(-0.6562049848990831).Within(1e-14));

    [Test]
    public void CorrelationIgnoresScaleAndShift()
    {
        Assert.That(Evaluate(new NormalizedCrossCorrelation(), Moments(p, [.. p.Select(v => 3 * v + 100)]))[0], Is.EqualTo(-1).Within(1e-9));
        Assert.That(Evaluate(new NormalizedCrossCorrelation(), Moments(p, [.. p.Select(v => -v)]))[0], Is.EqualTo(1).Within(1e-12));
    }

    [Test]
    public void CorrelationWithAConstantIsZeroWithoutGradient()
    {
        double[] x = Pin(Moments([.. p.Select(_ => 0.3)], t)), dy = Pin(new[] { 1.0 }), dx = Pin(new double[6]);
        CpuDevice.Best.Shared(new NormalizedCrossCorrelation()).Backward(Address(x), Address(dy), Address(dx));
        Assert.That(Evaluate(new NormalizedCrossCorrelation(), x)[0], Is.Zero);
        Assert.That(dx, Is.All.Zero);
    }

    [Test]
    public void DiceOfSumsAndOfEqualMasks()
    {
        Assert.That(Evaluate(new SoftDice(), Moments(p, t))[0], Is.EqualTo(1 - (2 * 2.0 + 1e-5) / (2.9 + 3 + 1e-5)).Within(1e-14));
        Assert.That(Evaluate(new SoftDice(), Moments(t, t))[0], Is.Zero.Within(1e-15));
    }

    // torch.nn.functional.batch_norm(p[:, None], None, None, training=True, eps=1e-5), PyTorch 1.13, float64.
    static readonly double[] normalized = [-1.0140700205206432, 0.7754653098099036, -1.3719770865867527, 1.4912794419421227, -0.29825588838842443, 0.41755824374379424];

    [Test]
    public void StatisticsStandardizeAsBatchNormalization()
    {
        double[] statistics = Pin(Evaluate(new Statistics(1e-5), Moments(p, t)));
        PinnedRows x = new(p.Length, 1), y = new(p.Length, 1);
        for (int r = 0; r < p.Length; r++) x[r, 0] = (float)p[r];
        foreach (var device in Cpus.Append(Reference))
        {
            device.Standardize.Forward(x.Matrix, Address(statistics), y.Matrix);
            Assert.That(y.Numbers, Is.EqualTo(normalized).Within(3e-7), device.Name);
        }
    }

    [Test]
    public void StandardizeAgreesWithTheReferenceAndItsDerivatives([Values(1, 3, 20)] int columns, [Values(1, 3)] int blocks)
    {
        const int rows = 21;
        var random = new Random(columns);
        PinnedRows New() => new(rows, columns, blocks, blocks - 1, unset: true);
        PinnedRows x = new PinnedRows(rows, columns, blocks, blocks - 1).Fill(random), dy = new PinnedRows(rows, columns, blocks, blocks - 1).Fill(random);
        double[] statistics = Pin(new[] { 0.2, 1.7 }), sums = Pin(new[] { 1.0, 2 });
        PinnedRows y = New(), dx = New();
        Reference.Standardize.Forward(x.Matrix, Address(statistics), y.Matrix);
        Reference.Standardize.Backward(dy.Matrix, x.Matrix, Address(statistics), dx.Matrix, Address(sums));

        for (int i = 0; i < 2; i++)
        {
            var moved = Pin(statistics);
            moved[i] += 0.5; // y is linear in each
            var z = New();
            Reference.Standardize.Forward(x.Matrix, Address(moved), z.Matrix);
            double change = z.Numbers.Zip(y.Numbers, (a, b) => (double)a - b).Zip(dy.Numbers, (a, b) => a * b).Sum();
            Assert.That(sums[i], Is.EqualTo(1 + i + change / 0.5).Within(2e-5));
        }
        Assert.That(dx[rows - 1, columns - 1], Is.EqualTo(1.7 * dy[rows - 1, columns - 1]).Within(1e-6));
        foreach (var device in Cpus)
        {
            PinnedRows y1 = New(), dx1 = New();
            double[] sums1 = Pin(new[] { 1.0, 2 });
            device.Standardize.Forward(x.Matrix, Address(statistics), y1.Matrix);
            device.Standardize.Backward(dy.Matrix, x.Matrix, Address(statistics), dx1.Matrix, Address(sums1));
            Assert.That(y1.Numbers, Is.EqualTo(y.Numbers).Within(1e-6), device.Name);
            Assert.That(dx1.Numbers, Is.EqualTo(dx.Numbers).Within(1e-6), device.Name);
            Assert.That(sums1, Is.EqualTo(sums).Within(1e-5), device.Name);
        }
    }
}
