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

    /// <summary>Where hidden weights are small multiples of a step, layers take bytes: to the bit what docs/inrz.md says, near the definition, and not what words of 16 bits give.</summary>
    [Test]
    public void SmallMultiplesOfAStepAreBytes([ValueSource(nameof(Widths))] int[] widths, [Values(5, 60, 70)] int largest)
    {
        bool isInBytes = widths.Length > 3 && largest < 65; // 70: two neighbours are more than 128 together
        var random = new Random(2);
        float[] Numbers(int count, float step, int most) => [.. Enumerable.Range(0, count).Select(i => step * (i < 2 ? most : random.Next(-most, most + 1)))];
        ChainLayer[] layers = [.. Enumerable.Range(1, widths.Length - 1).Select(l => l == widths.Length - 1
            ? new ChainLayer(Numbers(widths[l] * widths[l - 1], 0.01f, 30), Numbers(widths[l], 0.01f, 30), null)
            : new ChainLayer(Numbers(widths[l] * widths[l - 1], l == 1 ? 0.02f : 0.0021f, largest), Numbers(widths[l], 0.01f, 30), l == 1 ? 20 : 30, 0.0021f))];
        float[][] grid = [.. Enumerable.Range(0, widths[0]).Select(axis => Enumerable.Range(0, axis == 0 ? SineChainKernels.Points : 1).Select(_ => (float)(2 * random.NextDouble() - 1)).ToArray())];
        float[] first = Evaluate(SamplingCase.Cpus[0], layers), exact = Evaluate(SamplingCase.Reference, layers);
        foreach (var device in SamplingCase.Cpus) Assert.That(Evaluate(device, layers), Is.EqualTo(first), device.Name);
        float[] words = Evaluate(SamplingCase.Cpus[0], [.. layers.Select(layer => layer with { Step = null })]);
        if (!isInBytes)
        {
            Assert.That(first, Is.EqualTo(words));
            return;
        }
        Assert.That(first, Is.Not.EqualTo(words).And.EqualTo(InBytes()));
        double Deviation(float[] values) => Math.Sqrt(values.Zip(exact, (a, b) => Math.Pow(a - b, 2)).Average()) / Math.Sqrt(exact.Average(value => Math.Pow(value - exact.Average(), 2)));
        Assert.That(Deviation(first), Is.InRange(2 * Deviation(words), 25 * Deviation(words)), "a sine's error is 2.3e-3 in the mean, that of words 1.4e-4");

        float[] Evaluate(Device device, ChainLayer[] layers)
        {
            var chain = device.SineChain(layers, whole: true);
            chain.SetGrid(grid);
            using HostRows to = new(new float[widths[^1] * SineChainKernels.Points]), scratch = new(Enumerable.Repeat(float.NaN, (int)chain.ScratchFloats).ToArray());
            chain.Evaluate(0, to.Address, scratch.Address);
            return to.Numbers;
        }

        // The format's words, one number after another.
        float[] InBytes()
        {
            var values = new float[first.Length];
            for (int point = 0; point < SineChainKernels.Points; point++)
            {
                const double Turn = 65536 / (2 * Math.PI);
                short[] phases = [.. layers[0].Biases.Select((bias, u) => (short)Enumerable.Range(0, grid.Length).Sum(axis => (short)(long)Math.Round(((double)layers[0].Weights[u * grid.Length + axis] * grid[axis][axis == 0 ? point : 0] + (axis == 0 ? bias : 0)) * (20 * Turn))))];
                foreach (var layer in layers[1..^1])
                {
                    double unit = (double)layer.Step!.Value * 30 * Turn / 127, factor = Math.Ceiling(unit), amplitude = 127 * unit / factor;
                    int linear = (int)Math.Round(25471 * amplitude / 128), square = (int)Math.Round(7273 * amplitude / 128);
                    int[] bytes = [.. phases.Select(t => (Parabola(t), t)).Select(y => (Product(y.Item1, Product(Math.Abs(y.Item1), square) + linear) + 32768 + 128) / 256)];
                    phases = [.. layer.Biases.Select((bias, u) =>
                    {
                        int[] steps = [.. layer.Weights.Skip(u * bytes.Length).Take(bytes.Length).Select(weight => (int)Math.Round(weight / layer.Step.Value))];
                        return (short)((int)factor * ((int)Math.Round((short)(long)Math.Round(bias * (30 * Turn)) / factor) + steps.Zip(bytes, (step, value) => step * (value - 128)).Sum()));
                    })];
                }
                int[] sines = [.. phases.Select(t => Parabola(t)).Select(y => Product(y, Product(Math.Abs(y), Product(Math.Abs(y), 612) + 6419) + 25737))];
                for (int o = 0; o < widths[^1]; o++)
                {
                    float sum = layers[^1].Biases[o];
                    for (int i = 0; i < sines.Length; i++) sum = MathF.FusedMultiplyAdd(sines[i], layers[^1].Weights[o * sines.Length + i] / 32768, sum);
                    values[o * SineChainKernels.Points + point] = sum;
                }
            }
            return values;

            static int Product(int a, int b) => a * b + (1 << 14) >> 15;
            static int Parabola(short t) => 4 * Product(t, 32766 - Math.Abs((int)t));
        }
    }

    [Test]
    public void LayersThatDoNotFitAreRefused([Values] bool whole) =>
        Assert.That(() => SamplingCase.Cpus[0].SineChain([new(new float[6], new float[3], 30), new(new float[4], new float[2], null)], whole), Throws.ArgumentException);

    [Test]
    public void OfIntegersTheLastLayerAloneIsLinear() =>
        Assert.That(() => SamplingCase.Cpus[0].SineChain([new(new float[6], new float[3], null), new(new float[3], new float[1], null)], whole: true), Throws.ArgumentException);
}
