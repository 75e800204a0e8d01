using InrFast.Kernels;
using InrFast.Kernels.Losses;

namespace InrFast.Tests;

/// <summary>What sums over a batch are, and are used for.</summary>
public sealed class BatchTests
{
    static readonly Device Reference = new ReferenceDevice();
    static readonly double[] Start = [1, 2, 3, 4, 5, 6];

    [Test]
    public void Moments([Values] bool target, [Values(1, 3)] int blocks)
    {
        const int Count = 301;
        using Rows p = new(Count, 1, blocks, blocks - 1, new Random(1)), dp = new(Count, 1, blocks, blocks - 1);
        using Rows? t = target ? new(Count, 1, random: new Random(2)) : null, dt = target ? new(Count, 1) : null;
        using Run<double> sums = new(Start), gradients = new([0.5, -1, 2, 0.25, -0.125, 3]);
        foreach (bool onCard in new[] { true, false })
        {
            var kernels = (onCard ? Gpu.Device : Reference).Moments;
            Matrix Of(Rows? rows) => rows is null ? default : onCard ? rows.OnCard : rows.OnHost;
            kernels.Forward(Of(p), Of(t), default, onCard ? sums.OnCard : sums.OnHost);
            kernels.Backward(Of(p), Of(t), default, onCard ? gradients.OnCard : gradients.OnHost, Of(dp), Of(dt));
        }
        Assert.That(sums.Actual, Is.EqualTo(sums.Expected).Within(1e-9));
        dp.MustAgree(1e-6, "dp");
        dt?.MustAgree(1e-6, "dt");
    }

    [Test]
    public void Standardize([Values(1, 3, 20)] int columns, [Values(1, 3)] int blocks, [Values] bool sums)
    {
        const int Count = 37;
        Rows New(int? seed = null) => new(Count, columns, blocks, blocks - 1, seed is { } s ? new Random(s) : null);
        using Rows x = New(1), dy = New(2), y = New(), dx = New();
        using Run<double> statistics = new([0.2, 1.7]), accumulators = new(Start);
        foreach (bool onCard in new[] { true, false })
        {
            var kernels = (onCard ? Gpu.Device : Reference).Standardize;
            Matrix Of(Rows rows) => onCard ? rows.OnCard : rows.OnHost;
            kernels.Forward(Of(x), onCard ? statistics.OnCard : statistics.OnHost, Of(y));
            kernels.Backward(Of(dy), Of(x), onCard ? statistics.OnCard : statistics.OnHost, Of(dx), !sums ? 0 : onCard ? accumulators.OnCard : accumulators.OnHost);
        }
        y.MustAgree(1e-6, "y");
        dx.MustAgree(1e-6, "dx");
        Assert.That(accumulators.Actual, Is.EqualTo(accumulators.Expected).Within(1e-9));
    }

    /// <summary>A function of several numbers, and its gradient, to the last bits of double.</summary>
    static void Compare<TFunction>(TFunction function) where TFunction : struct, ISharedFunction
    {
        using Run<double> x = new([40, 18, 21, 11, 14, 10.5]), y = new([0.0, 0]), dy = new([0.75, -0.5]), dx = new([9.0, 9, 9, 9, 9, 9]);
        foreach (bool onCard in new[] { true, false })
        {
            var kernels = (onCard ? Gpu.Device : Reference).Shared(function);
            nint At(Run<double> run) => onCard ? run.OnCard : run.OnHost;
            kernels.Forward(At(x), At(y));
            kernels.Backward(At(x), At(dy), At(dx));
        }
        Assert.That(y.Actual, Is.EqualTo(y.Expected).Within(1e-13));
        Assert.That(dx.Actual, Is.EqualTo(dx.Expected).Within(1e-13));
        Assert.That(dx.Actual[0], Is.Not.EqualTo(9));
    }

    [Test]
    public void FunctionsOfSums()
    {
        Compare(new NormalizedCrossCorrelation());
        Compare(new SoftDice());
        Compare(new Statistics(1e-3));
    }

    [Test]
    public void FoldingPenalties([Values(2, 3)] int axes, [Values(1, 2)] int order)
    {
        const int Count = 300;
        int blocks = order == 1 ? 1 + axes : 1 + axes + axes * (axes + 1) / 2;
        using Rows u = new(Count, axes, blocks, axes, new Random(3)), squared = new(Count, axes, blocks, axes), absolute = new(Count, axes, blocks, axes);
        using Run<double> numbers = new([0.5, 0.25, 2]);
        foreach (bool onCard in new[] { true, false })
        {
            var device = onCard ? Gpu.Device : Reference;
            Matrix Of(Rows rows) => onCard ? rows.OnCard : rows.OnHost;
            nint at = onCard ? numbers.OnCard : numbers.OnHost;
            device.FoldingPenalty(new SquaredError()).Forward(Of(u), 1.0 / Count, at);
            device.FoldingPenalty(new SquaredError()).Backward(Of(u), 1.0 / Count, at + 2 * sizeof(double), Of(squared));
            device.FoldingPenalty(new AbsoluteError()).Forward(Of(u), 1.0 / Count, at + sizeof(double));
            device.FoldingPenalty(new AbsoluteError()).Backward(Of(u), 1.0 / Count, at + 2 * sizeof(double), Of(absolute));
        }
        Assert.That(numbers.Actual, Is.EqualTo(numbers.Expected).Within(1e-4).Percent);
        squared.MustAgree(3e-6, "the squared error's gradient");
        absolute.MustAgree(3e-6, "the absolute error's gradient");
    }
}
