using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Models;

namespace InrFast.Tests;

/// <summary>First values have the published distributions.</summary>
public sealed class InitializationTests
{
    /// <summary>Sitzmann 2020, section 3.2 and its supplement: before every hidden sine a standard normal distribution, after it the arcsine distribution, of standard deviation 0.707.</summary>
    [Test]
    public void Every_sine_of_a_siren_sees_a_standard_normal_distribution()
    {
        const int width = 256, hidden = 3;
        var siren = new SirenSettings(2, 1, width, hidden);
        using var fit = new Fit(siren, new ReferenceDevice());
        var random = new Random(1);
        double[][] rows = [.. Enumerable.Range(0, 400).Select(_ => new[] { random.NextDouble() * 2 - 1, random.NextDouble() * 2 - 1 })];
        for (int layer = 0; layer <= hidden; layer++)
        {
            float[] weight = Values($"layers.{layer}.weight"), bias = Values($"layers.{layer}.bias");
            double[][] phases = [.. rows.Select(row => Enumerable.Range(0, width).Select(o =>
                30 * (bias[o] + Enumerable.Range(0, row.Length).Sum(i => weight[o * row.Length + i] * row[i]))).ToArray())];
            rows = [.. phases.Select(row => row.Select(Math.Sin).ToArray())];
            Assert.That(Deviation(rows), Is.EqualTo(Math.Sqrt(0.5)).Within(5).Percent, $"after sine {layer}");
            // The default biases add omega² / (3 width) = 1.17 to the variance of 1.
            double[][] centred = [.. phases.Select(row => row.Select((phase, o) => phase - 30 * bias[o]).ToArray())];
            if (layer > 0) Assert.That(Deviation(centred), Is.EqualTo(1).Within(5).Percent, $"before sine {layer}");
        }

        float[] Values(string name) => fit.Store.Read(fit.Store.Graph.Parameters.Single(parameter => parameter.Name == name));
    }

    static double Deviation(double[][] rows)
    {
        double[] all = [.. rows.SelectMany(row => row)];
        double mean = all.Average();
        return Math.Sqrt(all.Average(value => (value - mean) * (value - mean)));
    }

    [Test]
    public void Uniform_numbers_fill_their_range_evenly()
    {
        var values = Draw(Initializers.Uniform(0.25), 100_000);
        Assert.That(values, Is.All.InRange(-0.25f, 0.25f));
        Assert.That(values.Average(), Is.EqualTo(0).Within(0.002));
        Assert.That(values.Average(value => (double)value * value), Is.EqualTo(0.25 * 0.25 / 3).Within(1).Percent);
        Assert.That(values.Distinct().Count(), Is.GreaterThan(99_000), "no number is drawn twice");
    }

    [Test]
    public void Gaussian_features_are_normally_distributed_in_all_directions()
    {
        using var fit = new Fit(new MlpSettings(2, 1, new FourierEncoding(FourierVariant.Gaussian, 5000, 10), HiddenLayers: 0), CpuDevice.Best);
        float[] weight = fit.Store.Read(fit.Store.Graph.Parameters.Single(parameter => parameter.Name == "encoding.weight"));
        double[] frequencies = [.. weight.Take(10_000).Select(w => w / Math.PI)];
        Assert.That(weight.Skip(10_000), Is.EqualTo(weight.Take(10_000)), "cosines and sines have the same frequencies");
        Assert.That(frequencies.Average(), Is.EqualTo(0).Within(0.4), "four standard errors");
        Assert.That(frequencies.Average(f => f * f), Is.EqualTo(100).Within(5).Percent);
        Assert.That(frequencies.Average(f => f * f * f * f), Is.EqualTo(3e4).Within(10).Percent, "the kurtosis of a normal distribution");
        Assert.That(Enumerable.Range(0, 5000).Average(i => frequencies[2 * i] * frequencies[2 * i + 1]), Is.EqualTo(0).Within(5));
    }

    static float[] Draw(Initializer initializer, int count)
    {
        var values = new float[count];
        initializer(values, new(9), 1);
        return values;
    }
}
