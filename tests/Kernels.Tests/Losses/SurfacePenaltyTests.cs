using InrFast.Kernels;
using InrFast.Kernels.Losses;
using static InrFast.Tests.PinnedRows;

namespace InrFast.Tests.Losses;

public sealed class SurfacePenaltyTests
{
    /// <summary>Lengths times 2, 3, 0.5 along the axes: areas normal to them times 1.5, 1, 6, squared.</summary>
    [Test]
    public void AreasAreKnown()
    {
        var u = new PinnedRows(19, 3, 4, 3);
        for (int r = 0; r < 19; r++) (u[1, r, 0], u[2, r, 1], u[3, r, 2]) = (1, 2, -0.5f);
        foreach (var device in (Device[])[Reference, .. Cpus])
            Assert.That(Penalty(device, u.Matrix, 1.0 / 19), Is.EqualTo(1.25 * 1.25 + 35 * 35).Within(1e-3), device.Name);
    }

    [Test]
    public void TurningCostsNothing()
    {
        var u = new PinnedRows(5, 3, 4, 3);
        var (sine, cosine) = Math.SinCos(0.7);
        for (int r = 0; r < 5; r++) (u[1, r, 0], u[2, r, 0], u[1, r, 1], u[2, r, 1]) = ((float)cosine - 1, -(float)sine, (float)sine, (float)cosine - 1);
        foreach (var device in (Device[])[Reference, .. Cpus]) Assert.That(Penalty(device, u.Matrix, 1), Is.Zero.Within(1e-11), device.Name);
    }

    [Test]
    public void EveryDeviceAgreesWithTheReference([Values(2, 3)] int axes, [Values(1, 37)] int rows, [Values(1, 2)] int order)
    {
        int blocks = order == 1 ? 1 + axes : 1 + axes + axes * (axes + 1) / 2;
        var u = new PinnedRows(rows, axes, blocks, axes).Fill(new Random(rows));
        PinnedRows expected = new(rows, axes, blocks, axes, unset: true), found = new(rows, axes, blocks, axes, unset: true);
        double[] outputGradient = Pin(new[] { 1.5 });
        Reference.SurfacePenalty(new SquaredError()).Backward(u.Matrix, 0.25, Address(outputGradient), expected.Matrix);
        foreach (var device in Cpus)
        {
            device.SurfacePenalty(new SquaredError()).Backward(u.Matrix, 0.25, Address(outputGradient), found.Matrix);
            Assert.That(found.Numbers.Zip(expected.Numbers, (x, y) => Math.Abs(x - y)).Max(), Is.LessThan(2e-6 * expected.Numbers.Max(Math.Abs)), device.Name);
        }
    }

    static double Penalty(Device device, Matrix u, double factor)
    {
        var sum = Pin(new double[1]);
        device.SurfacePenalty(new Excess()).Forward(u, factor, Address(sum));
        return sum[0];
    }
}
