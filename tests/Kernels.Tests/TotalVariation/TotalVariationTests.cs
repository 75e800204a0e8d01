using InrFast.Kernels;
using InrFast.Kernels.TotalVariation;

namespace InrFast.Tests;

public class TotalVariationTests
{
    static readonly int[][] Sizes = [[35, 6, 1], [16, 5, 1], [3, 4, 1], [21, 5, 4], [1, 3, 2]];

    [Test]
    public void KernelsAgreeWithTheOracle([ValueSource(nameof(Sizes))] int[] size)
    {
        var g = ProjectionCase.Random(size[0] * size[1] * size[2]);
        var expected = Denoise(SamplingCase.Reference, size, g, 0.2f, 12);
        foreach (var device in SamplingCase.Cpus) Assert.That(Denoise(device, size, g, 0.2f, 12), Is.EqualTo(expected).Within(3e-6f), device.Name);
    }

    /// <summary>
    /// A step of height h between m and n columns (rows) of a picture loses weight / m on the one side and weight / n on the other, exactly: what total variation does to a step.
    /// </summary>
    [TestCase(0)]
    [TestCase(1)]
    public void AStepLosesTheWeightOverItsWidth(int axis)
    {
        const float Low = 1, High = 3, Weight = 0.7f;
        int[] size = axis == 0 ? [20, 5, 1] : [5, 20, 1];
        var g = Enumerable.Range(0, 100).Select(i => (axis == 0 ? i % 20 : i / 5) < 8 ? Low : High).ToArray();
        var expected = g.Select(value => value == Low ? Low + Weight / 8 : High - Weight / 12).ToArray();
        foreach (var device in SamplingCase.All) Assert.That(Denoise(device, size, g, Weight, 3000), Is.EqualTo(expected).Within(2e-3f), device.Name);
    }

    static float[] Denoise(Device device, int[] size, float[] g, float weight, int steps)
    {
        var kernels = device.TotalVariation(size[0], size[1], size[2]);
        int rows = size[1] * size[2], half = rows / 2;
        using HostRows from = new(g), x = new([.. g, .. new float[64]]), field = new(new float[kernels.FieldFloats]);
        for (int step = 0; step < steps; step++)
        {
            // In two parts, as two workers would.
            kernels.Primal(from.Address, field.Address, weight, x.Address, half, rows - half);
            kernels.Primal(from.Address, field.Address, weight, x.Address, 0, half);
            kernels.Dual(x.Address, 1 / (4 * kernels.Axes * weight), field.Address, 0, half);
            kernels.Dual(x.Address, 1 / (4 * kernels.Axes * weight), field.Address, half, rows - half);
        }
        return x.Numbers[..g.Length];
    }
}
