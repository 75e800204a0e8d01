using InrFast.Tasks.Reconstruction;

namespace InrFast.Tests;

public sealed class PhotonNoiseTests
{
    /// <summary>A Poisson variable's mean and variance are the same, and the chance of none is e^-mean.</summary>
    [TestCase(0.4)]
    [TestCase(4)]
    [TestCase(12)]
    [TestCase(300)]
    [TestCase(1e5)]
    public void Counts_are_Poisson(double mean)
    {
        const int N = 200_000;
        var counts = PhotonNoise.Counts(new float[N], mean, 0, 7);
        double average = counts.Average(c => (double)c), variance = counts.Average(c => (c - average) * (c - average));
        Assert.That(average, Is.EqualTo(mean).Within(5 * Math.Sqrt(mean / N)));
        Assert.That(variance, Is.EqualTo(mean).Within(0.03 * mean));
        Assert.That(counts.Average(c => Math.Pow((c - average) / Math.Sqrt(mean), 3)), Is.EqualTo(1 / Math.Sqrt(mean)).Within(0.1)); // skewness
        if (mean < 5) Assert.That(counts.Count(c => c == 0) / (double)N, Is.EqualTo(Math.Exp(-mean)).Within(0.005));
    }

    [Test]
    public void Electronic_noise_is_added_and_a_ray_is_weakened()
    {
        float[] integrals = [.. Enumerable.Repeat(2f, 100_000)];
        var counts = PhotonNoise.Counts(integrals, 1e4, 50, 3);
        double mean = counts.Average(c => (double)c);
        Assert.That(mean, Is.EqualTo(1e4 * Math.Exp(-2)).Within(1));
        Assert.That(counts.Average(c => (c - mean) * (c - mean)), Is.EqualTo(1e4 * Math.Exp(-2) + 2500).Within(2).Percent);
        Assert.That(PhotonNoise.LineIntegrals(counts, 1e4).Average(), Is.EqualTo(2).Within(0.002));
        Assert.That(PhotonNoise.LineIntegrals([0f, -5f], 1e4), Is.All.EqualTo((float)Math.Log(1e4 / PhotonNoise.LeastCount)));
    }

    /// <summary>Each ray's noise is its own, whatever is measured beside it.</summary>
    [Test]
    public void The_seed_and_the_place_say_all()
    {
        var all = PhotonNoise.Counts(new float[50], 100, 2, 9);
        Assert.That(PhotonNoise.Counts(new float[20], 100, 2, 9), Is.EqualTo(all[..20]));
        Assert.That(PhotonNoise.Counts(new float[50], 100, 2, 10), Is.Not.EqualTo(all));
    }
}
