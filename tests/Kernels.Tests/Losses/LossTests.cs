using InrFast.Kernels;
using InrFast.Kernels.Losses;
using static InrFast.Tests.PinnedRows;

namespace InrFast.Tests.Losses;

public sealed class LossTests
{
    /// <summary>A loss with its kernels, a range of predictions, and the largest relative error of its float form.</summary>
    public sealed record Case(string Name, ILoss Loss, Func<Device, LossKernels> Kernels, double Low = -3, double High = 3, double Relative = 4e-7)
    {
        public override string ToString() => Name;
    }

    static Case Of<TLoss>(TLoss loss, double low = -3, double high = 3, double relative = 4e-7) where TLoss : struct, ILoss => new(typeof(TLoss).Name, loss, device => device.Loss(loss), low, high, relative);

    static readonly Case[] all =
    [
        Of(new SquaredError()), Of(new AbsoluteError()), Of(new Huber(0.5f)), Of(new RelativeSquaredError()),
        Of(new BinaryCrossEntropy(), 0.001, 0.999), Of(new BinaryCrossEntropyWithLogits(), -20, 20), Of(new Transmission(), 0, 5, 1e-4), // its value is a difference of numbers near 1
        Of(new Negative()), Of(new Excess(), 1), Of(new VolumeChange(0.2f), -2, 3, 3e-5), // squares of p - 1 where that is small
    ];

    [TestCaseSource(nameof(all))]
    public void SlopeIsTheDerivative(Case loss)
    {
        var random = new Random(1);
        const double h = 1e-6;
        for (int i = 0; i < 200; i++)
        {
            double p = loss.Low + (loss.High - loss.Low) * random.NextDouble(), t = random.NextDouble();
            if (loss.Loss is AbsoluteError && Math.Abs(p - t) < 1e-3) continue; // the kink
            loss.Loss.Evaluate(p, t, out _, out double slope);
            Assert.That(slope, Is.EqualTo((Value(p + h) - Value(p - h)) / (2 * h)).Within(1e-7 * (1 + Math.Abs(slope))));

            double Value(double x)
            {
                loss.Loss.Evaluate(x, t, out double value, out _);
                // Its denominator counts as a constant.
                return loss.Loss is RelativeSquaredError ? value * (x * x + 0.01f) / (p * p + 0.01f) : value;
            }
        }
    }

    // torch.nn.functional mse_loss, l1_loss, huber_loss(delta=0.5), binary_cross_entropy, binary_cross_entropy_with_logits, each with
    // reduction='none', in float64, and the gradient of the sum (PyTorch 1.13).
    static readonly double[] x = [-3, 2.5, 0.25, 30, -0.5], labels = [0, 1, 0.25, 1, 0];
    static readonly object[] published =
    [
        new object[] { new SquaredError(), x, labels, new[] { 9, 2.25, 0, 841, 0.25 }, new double[] { -6, 3, 0, 58, -1 } },
        new object[] { new AbsoluteError(), x, new[] { -3, 1, 0.5, 2, -0.25 }, new[] { 0, 1.5, 0.25, 28, 0.25 }, new double[] { 0, 1, -1, 1, -1 } },
        new object[] { new Huber(0.5f), x, labels, new[] { 1.375, 0.625, 0, 14.375, 0.125 }, new[] { -0.5, 0.5, 0, 0.5, -0.5 } },
        new object[] { new BinaryCrossEntropy(), new[] { 0.1, 0.9, 0.5, 0, 1 }, new[] { 0, 1, 0.25, 1, 0 },
            new[] { 0.105360516, 0.105360516, 0.693147181, 100, 100 }, new[] { 1.11111111, -1.11111111, 1, -1e12, 1e12 } },
        new object[] { new BinaryCrossEntropyWithLogits(), x, labels,
            new[] { 0.0485873516, 0.0788897343, 0.76343942, 9.34807787e-14, 0.474076984 }, new[] { 0.0474258732, -0.07585818, 0.312176501, -9.34807787e-14, 0.377540669 } },
    ];

    /// <summary>Least, and 0, where e^-p is what was counted; its curvature is the share itself; of nothing counted it is e^-p.</summary>
    [Test]
    public void TransmissionIsPoissonsLikelihood()
    {
        var loss = new Transmission();
        loss.Evaluate(Math.Log(4), 0.25, out double value, out double slope);
        Assert.That((value, slope), Is.EqualTo((0.0, 0.0)).Using<double>((a, b) => Math.Abs(a - b) < 1e-15));
        loss.Evaluate(Math.Log(4) + 1e-3, 0.25, out value, out slope);
        Assert.That(slope, Is.EqualTo(0.25e-3).Within(1e-6));
        loss.Evaluate(2, 0, out value, out _);
        Assert.That(value, Is.EqualTo(Math.Exp(-2)).Within(1e-15));
        // Minus log of (5^3 e^-5 / 3!) against its value at a mean of 3, per photon of 100.
        loss.Evaluate(-Math.Log(0.05), 0.03, out value, out _);
        Assert.That(value, Is.EqualTo((5 - 3 * Math.Log(5) - (3 - 3 * Math.Log(3))) / 100).Within(1e-12));
    }

    /// <summary>(p - 1)⁴ / p² where p is above the floor; below it growing as p falls through 0, where the published term has a pole and falls again behind it.</summary>
    [Test]
    public void AFoldIsPushedBack()
    {
        VolumeChange floored = new(0.2f), published = new(0);
        foreach (var loss in new[] { floored, published })
        {
            loss.Evaluate(0.5, 1, out double value, out double slope);
            Assert.That((value, slope), Is.EqualTo((0.25, -3.0)).Using<double>((a, b) => Math.Abs(a - b) < 1e-12));
        }
        double last = 0;
        foreach (double p in new[] { 0.3, 0.2, 0.1, 0, -0.5, -3 })
        {
            floored.Evaluate(p, 1, out double value, out double slope);
            Assert.That(value, Is.GreaterThan(last));
            Assert.That(slope, Is.Negative);
            last = value;
        }
        published.Evaluate(-0.5, 1, out _, out double wrong);
        Assert.That(wrong, Is.Positive, "a fold is driven on to p = -1");
    }

    [TestCaseSource(nameof(published))]
    public void ValuesArePyTorchs(ILoss loss, double[] predictions, double[] targets, double[] values, double[] slopes)
    {
        for (int i = 0; i < values.Length; i++)
        {
            loss.Evaluate(predictions[i], targets[i], out double value, out double slope);
            Assert.That(value, Is.EqualTo(values[i]).Within(1e-8 * (1 + Math.Abs(values[i]))));
            Assert.That(slope, Is.EqualTo(slopes[i]).Within(1e-7 * (1 + Math.Abs(slopes[i]))));
        }
    }

    [Test]
    public void EveryDeviceAgreesWithTheReference(
        [ValueSource(nameof(all))] Case loss, [Values(1, 2, 3, 4, 5, 20)] int columns, [Values(1, 37, 133)] int rows, [Values] bool weighted)
    {
        var random = new Random(columns + rows);
        PinnedRows p = new PinnedRows(rows, columns, 3, 2).Fill(random, loss.Low, loss.High), t = new PinnedRows(rows, columns).Fill(random, 0, 1);
        p[0, 0] = (float)loss.Low;
        if (rows > 1) (p[1, 0], t[1, 0]) = (0.5f, 0.5f); // equality
        var weights = weighted ? new PinnedRows(rows, 1).Fill(random, 0, 2).Matrix : default;
        double[] expected = Pin(new[] { 0.5 }), outputGradient = Pin(new[] { 1.5 });
        var gradient = new PinnedRows(rows, columns, 3, 2, unset: true);
        var oracle = loss.Kernels(Reference);
        oracle.Forward(p.Matrix, t.Matrix, weights, 0.25, Address(expected));
        oracle.Backward(p.Matrix, t.Matrix, weights, 0.25, Address(outputGradient), gradient.Matrix);
        Assert.That(expected[0], Is.GreaterThan(0.5));
        float[] slopes = gradient.Numbers;
        float largest = slopes.Max(Math.Abs);
        foreach (var device in Cpus)
        {
            double[] sum = Pin(new[] { 0.5 });
            var written = new PinnedRows(rows, columns, 3, 2, unset: true);
            loss.Kernels(device).Forward(p.Matrix, t.Matrix, weights, 0.25, Address(sum));
            loss.Kernels(device).Backward(p.Matrix, t.Matrix, weights, 0.25, Address(outputGradient), written.Matrix);
            Assert.That(sum[0] - 0.5, Is.EqualTo(expected[0] - 0.5).Within(loss.Relative * (expected[0] - 0.5)), device.Name);
            Assert.That(written.Numbers.Zip(slopes, (x, y) => Math.Abs(x - y)).Max(), Is.LessThan(4e-7 * largest), device.Name);
            Assert.That(written.Numbers.Any(float.IsNaN), Is.False, "what is written covers rows, blocks and padding columns");
        }
    }

    [Test]
    public void CrossEntropyHoldsAtTheEnds()
    {
        float[] probabilities = [0, 2e-38f, 1e-30f, 1e-9f, 1e-4f, 0.5f, 1 - 1e-4f, 1 - 6e-8f, 1];
        foreach (float target in new[] { 0, 0.3f, 1 })
            foreach (float probability in probabilities)
                foreach (var device in Cpus)
                {
                    PinnedRows p = new(1, 1), t = new(1, 1);
                    (p[0, 0], t[0, 0]) = (probability, target);
                    var sum = Pin(new double[1]);
                    device.Loss(new BinaryCrossEntropy()).Forward(p.Matrix, t.Matrix, default, 1, Address(sum));
                    new BinaryCrossEntropy().Evaluate(probability, target, out double expected, out _);
                    Assert.That(sum[0], Is.EqualTo(expected).Within(4e-7 * expected + 1e-15), $"{device.Name}, p {probability}, t {target}");
                }
    }

    [Test]
    public void TenMillionNumbersAddUp()
    {
        const int rows = 10_000_003;
        var random = new Random(5);
        PinnedRows p = new(rows, 1), t = new(rows, 1);
        double expected = 0;
        for (int i = 0; i < rows; i++)
        {
            (p[i, 0], t[i, 0]) = (1 + 0.1f * random.NextSingle(), random.NextSingle());
            expected += Math.Pow((double)p[i, 0] - t[i, 0], 2);
        }
        foreach (var device in Cpus)
        {
            var sum = Pin(new double[1]);
            device.Loss(new SquaredError()).Forward(p.Matrix, t.Matrix, default, 1, Address(sum));
            Assert.That(sum[0], Is.EqualTo(expected).Within(5e-8 * expected), device.Name);
        }
    }

    [Test]
    public void NothingIsAllocated()
    {
        var random = new Random(6);
        PinnedRows p = new PinnedRows(1000, 3).Fill(random), t = new PinnedRows(1000, 3).Fill(random), w = new PinnedRows(1000, 1).Fill(random), d = new(1000, 3);
        var doubles = Pin(new double[2]);
        var kernels = CpuDevice.Best.Loss(new SquaredError());
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            kernels.Forward(p.Matrix, t.Matrix, w.Matrix, 1, Address(doubles));
            kernels.Backward(p.Matrix, t.Matrix, w.Matrix, 1, Address(doubles) + 8, d.Matrix);
        }
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }
}
