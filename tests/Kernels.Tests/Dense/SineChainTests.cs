using InrFast.Kernels;
using InrFast.Kernels.Dense;

namespace InrFast.Tests;

/// <summary>Chains of sine layers against their definition in double, and the same bits with vectors of any width.</summary>
public class SineChainTests
{
    static readonly int[][] Widths = [[3, 20, 20, 20, 20, 1], [2, 5, 4], [3, 39, 7, 1], [1, 6, 13, 3], [3, 9, 31, 2], [3, 70, 1], [4, 9, 2]];

    /// <summary>Integers of 16 bits are off by 2e-4 a layer, which each layer after it passes on.</summary>
    [Test]
    public void ChainsAgreeWithTheDefinition([ValueSource(nameof(Widths))] int[] widths, [Values] bool whole)
    {
        var random = new Random(1);
        float[] Numbers(int count, double largest) => [.. Enumerable.Range(0, count).Select(_ => (float)(largest * (2 * random.NextDouble() - 1)))];
        ChainLayer[] layers = [.. Enumerable.Range(1, widths.Length - 1).Select(l =>
            new ChainLayer(Numbers(widths[l] * widths[l - 1], l == 1 ? 0.5 : Math.Sqrt(6.0 / widths[l - 1]) / 30), Numbers(widths[l], 0.3), l == widths.Length - 1 ? null : l == 1 ? 20 : 30))];
        float[][] grid = [.. Enumerable.Range(0, widths[0]).Select(axis => Numbers(9 - axis, 1))];
        float[] expected = Evaluate(SamplingCase.Reference), first = Evaluate(SamplingCase.Cpus[0]);
        Assert.That(first, Is.EqualTo(expected).Within(whole ? 1.5e-3 : 2e-5));
        Assert.That(expected.Distinct().Count(), Is.GreaterThan(expected.Length - 5), "nearly every point and output has a value of its own");
        foreach (var device in SamplingCase.Cpus) Assert.That(Evaluate(device), Is.EqualTo(first), device.Name);

        float[] Evaluate(Device device)
        {
            var chain = device.SineChain(layers, whole);
            chain.SetGrid(grid);
            int voxels = grid.Aggregate(1, (product, axis) => product * axis.Length);
            var values = new List<float>();
            using HostRows to = new(new float[widths[^1] * SineChainKernels.Points]), scratch = new(Enumerable.Repeat(float.NaN, (int)chain.ScratchFloats).ToArray());
            for (int at = 0; at < voxels; at += SineChainKernels.Points)
            {
                chain.Evaluate(at, to.Address, scratch.Address);
                values.AddRange(to.Numbers.Where((_, i) => at + i % SineChainKernels.Points < voxels));
            }
            return [.. values];
        }
    }

    /// <summary>Weights of several turns wrap as the sine does; beyond 2^14 turns they are held, and the values are the same everywhere still.</summary>
    [TestCase(3f, 2e-2)]
    [TestCase(1e9f, 3.0)]
    public void PhasesWrap(float largest, double tolerance)
    {
        ChainLayer[] layers = [new([0.3f, -0.2f], [0.1f, largest], 1), new([largest, -largest / 3, 0.4f, 0.7f], [largest, 2], 1), new([1, 1], [0], null)];
        float[][] results = [.. SamplingCase.Cpus.Prepend(SamplingCase.Reference).Select(device =>
        {
            var chain = device.SineChain(layers, whole: true);
            chain.SetGrid([[.. Enumerable.Range(0, SineChainKernels.Points).Select(i => i / 32f - 1)]]);
            using HostRows to = new(new float[SineChainKernels.Points]), scratch = new(new float[Math.Max(1, chain.ScratchFloats)]);
            chain.Evaluate(0, to.Address, scratch.Address);
            return to.Numbers;
        })];
        Assert.That(results[1], Is.EqualTo(results[0]).Within(tolerance));
        foreach (float[] result in results[2..]) Assert.That(result, Is.EqualTo(results[1]));
    }

    [Test]
    public void LayersThatDoNotFitAreRefused([Values] bool whole) =>
        Assert.That(() => SamplingCase.Cpus[0].SineChain([new(new float[6], new float[3], 30), new(new float[4], new float[2], null)], whole), Throws.ArgumentException);

    [Test]
    public void OfIntegersTheLastLayerAloneIsLinear() =>
        Assert.That(() => SamplingCase.Cpus[0].SineChain([new(new float[6], new float[3], null), new(new float[3], new float[1], null)], whole: true), Throws.ArgumentException);
}
