using InrFast.Kernels;
using InrFast.Autodiff;
using InrFast.Tasks.Benchmarks;

namespace InrFast.Tests;

public sealed class BenchmarkTests
{
    static IEnumerable<string> Models => Benchmark.Models;

    [TestCaseSource(nameof(Models))]
    public void Every_model_has_three_paces(string model)
    {
        using var workers = new Workers(1);
        var benchmark = new Benchmark(CpuDevice.Best, workers, seconds: 0);
        var result = benchmark.Run(model);
        foreach (var pace in new[] { result.Training, result.Inference, result.Derivatives })
        {
            Assert.That(pace.RowsPerSecond, Is.GreaterThan(100).And.LessThan(1e10));
            Assert.That(pace.GigaflopsPerSecond * 1e9 / benchmark.PeakFlops.All, Is.GreaterThan(0).And.LessThan(20), "a ratio of two times of a machine that may be busy");
        }
        Assert.That(result.Parameters, Is.GreaterThan(10_000));
    }

    /// <summary>Counted by hand: 2 -> 64, three times 64 -> 64, 64 -> 1; two operations a weight, three products a weight in training but in the first layer, whose inputs are no values of the network's.</summary>
    [Test]
    public void Operations_are_those_of_the_dense_layers()
    {
        using var workers = new Workers(1);
        var result = new Benchmark(CpuDevice.Best, workers, seconds: 0).Run("siren-64");
        double PerRow(Pace pace) => pace.GigaflopsPerSecond * 1e9 / pace.RowsPerSecond;
        const double First = 2 * 64, Others = (3 * 64 * 64) + 64;
        Assert.That(PerRow(result.Inference), Is.EqualTo(2 * (First + Others)).Within(0.01));
        Assert.That(PerRow(result.Training), Is.EqualTo(2 * ((2 * First) + (3 * Others))).Within(0.01));
        Assert.That(PerRow(result.Derivatives), Is.EqualTo(3 * PerRow(result.Training)).Within(0.01));
    }
}
