using InrFast.Kernels;
using InrFast.Kernels.Losses;
using static InrFast.Tests.PinnedRows;

namespace InrFast.Tests.Losses;

public sealed class FoldingPenaltyTests
{
    static readonly Device[] everyone = [Reference, .. Cpus];

    static PinnedRows Field(double[,] jacobian, int rows)
    {
        int axes = jacobian.GetLength(0);
        var u = new PinnedRows(rows, axes, 1 + axes, axes);
        for (int r = 0; r < rows; r++)
            for (int i = 0; i < axes; i++)
                for (int j = 0; j < axes; j++) u[1 + j, r, i] = (float)jacobian[i, j];
        return u;
    }

    static double Penalty<TLoss>(Device device, TLoss loss, PinnedRows u, double factor = 1) where TLoss : struct, ILoss
    {
        var sum = Pin(new double[1]);
        device.FoldingPenalty(loss).Forward(u.Matrix, factor, Address(sum));
        return sum[0];
    }

    // I + J of known volume: a rotation by 0.3, twice the length along each axis, a reflection, a matrix of determinant 6.
    static readonly object[] known =
    [
        new object[] { new[,] { { Math.Cos(0.3) - 1, -Math.Sin(0.3) }, { Math.Sin(0.3), Math.Cos(0.3) - 1 } }, 1.0 },
        new object[] { new double[,] { { 1, 0 }, { 0, 1 } }, 4.0 },
        new object[] { new double[,] { { -2, 0 }, { 0, 0 } }, -1.0 },
        new object[] { new double[,] { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } }, 8.0 },
        new object[] { new double[,] { { 0, 0, 0 }, { 0, -2, 0 }, { 0, 0, 0 } }, -1.0 },
        new object[] { new double[,] { { 1, -1, 0 }, { 1, 0, 2 }, { 0, 0, 1 } }, 6.0 }, // |2 -1 0; 1 1 2; 0 0 2|
    ];

    [TestCaseSource(nameof(known))]
    public void VolumesAreKnown(double[,] jacobian, double determinant)
    {
        const int rows = 19;
        foreach (var device in everyone)
        {
            var u = Field(jacobian, rows);
            Assert.That(Penalty(device, new SquaredError(), u, 1.0 / rows), Is.EqualTo((determinant - 1) * (determinant - 1)).Within(1e-5), device.Name);
            Assert.That(Penalty(device, new AbsoluteError(), u, 1.0 / rows), Is.EqualTo(Math.Abs(determinant - 1)).Within(1e-6), device.Name);
        }
    }

    [Test]
    public void ReferencesGradientIsTheDerivative([Values(2, 3)] int axes)
    {
        const float h = 1f / 256;
        var u = new PinnedRows(3, axes, 1 + axes, axes).Fill(new Random(axes));
        var gradient = new PinnedRows(3, axes, 1 + axes, axes, unset: true);
        Reference.FoldingPenalty(new SquaredError()).Backward(u.Matrix, 0.5, Address(Pin(new[] { 3.0 })), gradient.Matrix);
        for (int b = 0; b <= axes; b++)
            for (int r = 0; r < 3; r++)
                for (int c = 0; c < axes; c++)
                {
                    float before = u[b, r, c];
                    u[b, r, c] = before + h;
                    double above = Penalty(Reference, new SquaredError(), u, 0.5), exact = u[b, r, c];
                    u[b, r, c] = before - h;
                    double below = Penalty(Reference, new SquaredError(), u, 0.5);
                    // A determinant is linear in each element, its square a parabola: the central difference is exact.
                    Assert.That(gradient[b, r, c], Is.EqualTo(3 * (above - below) / (exact - u[b, r, c])).Within(2e-6 * 3), $"block {b}, row {r}, column {c}");
                    u[b, r, c] = before;
                }
    }

    [Test]
    public void EveryDeviceAgreesWithTheReference([Values(2, 3)] int axes, [Values(1, 16, 37, 128)] int rows, [Values(1, 2)] int order)
    {
        int blocks = order == 1 ? 1 + axes : 1 + axes + axes * (axes + 1) / 2;
        var u = new PinnedRows(rows, axes, blocks, axes).Fill(new Random(rows));
        var gradient = new PinnedRows(rows, axes, blocks, axes, unset: true);
        double[] outputGradient = Pin(new[] { 1.5 });
        Reference.FoldingPenalty(new SquaredError()).Backward(u.Matrix, 0.25, Address(outputGradient), gradient.Matrix);
        double expected = Penalty(Reference, new SquaredError(), u, 0.25);
        float[] slopes = gradient.Numbers;
        Assert.That(slopes.Any(slope => slope != 0));
        foreach (var device in Cpus)
        {
            var written = new PinnedRows(rows, axes, blocks, axes, unset: true);
            device.FoldingPenalty(new SquaredError()).Backward(u.Matrix, 0.25, Address(outputGradient), written.Matrix);
            Assert.That(Penalty(device, new SquaredError(), u, 0.25), Is.EqualTo(expected).Within(1e-6 * expected + 1e-7), device.Name);
            Assert.That(written.Numbers.Zip(slopes, (x, y) => Math.Abs(x - y)).Max(), Is.LessThan(2e-6 * slopes.Max(Math.Abs)), device.Name);
        }
    }
}
