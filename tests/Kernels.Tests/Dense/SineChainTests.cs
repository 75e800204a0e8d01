using InrFast.Kernels;
using InrFast.Kernels.Dense;

namespace InrFast.Tests;

/// <summary>Chains of sine layers against their definition in double, and the same bits with vectors of any width.</summary>
public class SineChainTests
{
    static readonly int[][] Widths = [[3, 20, 20, 20, 20, 1], [2, 5, 4], [3, 39, 7, 1], [1, 6, 13, 3], [3, 9, 31, 2], [3, 70, 1], [4, 2]];

    [Test]
    public void ChainsAgreeWithTheDefinition([ValueSource(nameof(Widths))] int[] widths)
    {
        var random = new Random(1);
        float[] Numbers(int count, double largest) => [.. Enumerable.Range(0, count).Select(_ => (float)(largest * (2 * random.NextDouble() - 1)))];
        ChainLayer[] layers = [.. Enumerable.Range(1, widths.Length - 1).Select(l =>
            new ChainLayer(Numbers(widths[l] * widths[l - 1], l == 1 ? 0.5 : Math.Sqrt(6.0 / widths[l - 1]) / 30), Numbers(widths[l], 0.3), l == widths.Length - 1 ? null : l == 1 ? 20 : 30))];
        float[] points = Numbers(widths[0] * SineChainKernels.Points, 1), expected = Evaluate(SamplingCase.Reference), first = Evaluate(SamplingCase.Cpus[0]);
        Assert.That(first, Is.EqualTo(expected).Within(2e-5));
        Assert.That(expected.Distinct().Count(), Is.EqualTo(expected.Length), "every point and output has a value of its own");
        foreach (var device in SamplingCase.Cpus) Assert.That(Evaluate(device), Is.EqualTo(first), device.Name);

        float[] Evaluate(Device device)
        {
            var chain = device.SineChain(layers);
            using HostRows from = new(points), to = new(new float[widths[^1] * SineChainKernels.Points]), scratch = new(Enumerable.Repeat(float.NaN, (int)chain.ScratchFloats).ToArray());
            chain.Evaluate(from.Address, to.Address, scratch.Address);
            return to.Numbers;
        }
    }

    [Test]
    public void LayersThatDoNotFitAreRefused() =>
        Assert.That(() => SamplingCase.Cpus[0].SineChain([new(new float[6], new float[3], 30), new(new float[4], new float[2], null)]), Throws.ArgumentException);
}
