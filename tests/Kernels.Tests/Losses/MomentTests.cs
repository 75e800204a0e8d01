using InrFast.Kernels.Losses;
using static InrFast.Tests.PinnedRows;

namespace InrFast.Tests.Losses;

public sealed class MomentTests
{
    [Test]
    public void EveryDeviceAgreesWithTheReference([Values(1, 16, 37, 301)] int rows, [Values] bool pair, [Values] bool weighted)
    {
        var random = new Random(rows);
        PinnedRows p = new PinnedRows(rows, 1, 2, 1).Fill(random, 5, 6), t = new PinnedRows(rows, 1).Fill(random), w = new PinnedRows(rows, 1).Fill(random, 0, 2);
        var (weights, second) = (weighted ? w.Matrix : default, pair ? t.Matrix : default);
        double[] expected = Pin(new double[6]), gradients = Pin(new double[] { 9, 0.5, -1, 2, 0.3, -0.7 });
        PinnedRows dp = new(rows, 1, 2, 1, unset: true), dt = new(rows, 1, unset: true);
        Reference.Moments.Forward(p.Matrix, second, weights, Address(expected));
        Reference.Moments.Backward(p.Matrix, second, weights, Address(gradients), dp.Matrix, pair ? dt.Matrix : default);
        Assert.That(expected[0], weighted ? Is.LessThan(2 * rows) : Is.EqualTo(rows));
        foreach (var device in Cpus)
        {
            var sums = Pin(new double[6]);
            PinnedRows p1 = new(rows, 1, 2, 1, unset: true), t1 = new(rows, 1, unset: true);
            device.Moments.Forward(p.Matrix, second, weights, Address(sums));
            device.Moments.Backward(p.Matrix, second, weights, Address(gradients), p1.Matrix, pair ? t1.Matrix : default);
            // Products are kept to twice the bits of a float: variances of values with a large mean survive.
            Assert.That(sums, Is.EqualTo(expected).Within(1e-11 * rows * 36), device.Name);
            Assert.That(p1.Numbers, Is.EqualTo(dp.Numbers).Within(1e-5), device.Name);
            Assert.That(t1.Numbers, Is.EqualTo(dt.Numbers).Within(1e-5), device.Name);
        }
    }

    [Test]
    public void GradientIsThatOfTheSums()
    {
        const int rows = 9;
        var random = new Random(2);
        PinnedRows p = new PinnedRows(rows, 1).Fill(random), t = new PinnedRows(rows, 1).Fill(random), w = new PinnedRows(rows, 1).Fill(random), dp = new(rows, 1), dt = new(rows, 1);
        double[] gradients = Pin(new[] { 0, 0.5, -1, 2, 0.3, -0.7 });
        Reference.Moments.Backward(p.Matrix, t.Matrix, w.Matrix, Address(gradients), dp.Matrix, dt.Matrix);
        const float h = 1f / 256;
        foreach (var (value, gradient) in new[] { (p, dp), (t, dt) })
            for (int r = 0; r < rows; r++)
            {
                float middle = value[r, 0];
                double high = Sum(middle + h), low = Sum(middle - h);
                float step = middle + h - (middle - h);
                value[r, 0] = middle;
                Assert.That(gradient[r, 0], Is.EqualTo((high - low) / step).Within(1e-5));

                double Sum(float at)
                {
                    value[r, 0] = at;
                    var sums = Pin(new double[6]);
                    Reference.Moments.Forward(p.Matrix, t.Matrix, w.Matrix, Address(sums));
                    return sums.Zip(gradients, (a, b) => a * b).Sum();
                }
            }
    }
}
