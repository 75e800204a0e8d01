using InrFast.Kernels;
using InrFast.Kernels.Losses;

namespace InrFast.Tests;

public sealed class LossTests
{
    static readonly Device Reference = new ReferenceDevice();

    static IEnumerable<TestCaseData> Losses()
    {
        TestCaseData Of<TLoss>(TLoss loss, double low = -1) where TLoss : struct, ILoss =>
            new TestCaseData((Action<int, int, int, bool>)((rows, columns, blocks, weighted) => Compare(loss, low, rows, columns, blocks, weighted))).SetName($"{{m}}({typeof(TLoss).Name})");
        yield return Of(new SquaredError());
        yield return Of(new AbsoluteError());
        yield return Of(new Huber(0.3f));
        yield return Of(new RelativeSquaredError());
        yield return Of(new BinaryCrossEntropy(), 0.01);
        yield return Of(new BinaryCrossEntropyWithLogits());
        yield return Of(new Transmission(), 0.01);
    }

    static void Compare<TLoss>(TLoss loss, double low, int rows, int columns, int blocks, bool weighted) where TLoss : struct, ILoss
    {
        var random = new Random(rows);
        using Rows p = new(rows, columns, blocks, blocks - 1, random, low, 0.99), t = new(rows, columns, random: random, low: low, high: 0.99), gradient = new(rows, columns, blocks, blocks - 1);
        using var w = weighted ? new Rows(rows, 1, random: random, low: 0) : null;
        using Run<double> numbers = new([0.25, 3]); // the sum so far, the output's gradient
        const double Factor = 0.125;
        var card = Gpu.Device.Loss(loss);
        card.Forward(p.OnCard, t.OnCard, w?.OnCard ?? default, Factor, numbers.OnCard);
        card.Backward(p.OnCard, t.OnCard, w?.OnCard ?? default, Factor, numbers.OnCard + sizeof(double), gradient.OnCard);
        var host = Reference.Loss(loss);
        host.Forward(p.OnHost, t.OnHost, w?.OnHost ?? default, Factor, numbers.OnHost);
        host.Backward(p.OnHost, t.OnHost, w?.OnHost ?? default, Factor, numbers.OnHost + sizeof(double), gradient.OnHost);
        Assert.That(numbers.Actual[0], Is.EqualTo(numbers.Expected[0]).Within(1e-5).Percent);
        gradient.MustAgree(1e-6, "the gradient");
    }

    [TestCaseSource(nameof(Losses))]
    public void EveryLossAgreesWithItsDefinition(Action<int, int, int, bool> compare)
    {
        compare(67, 1, 1, false);
        compare(301, 3, 1, true); // more than a block
        compare(13, 18, 3, true); // a wide value, of a jet
    }

    /// <summary>More rows than all blocks have threads; the same bits in every run.</summary>
    [Test]
    public void SumsRepeat()
    {
        const int Rows = 70_000;
        using Rows p = new(Rows, 1, random: new Random(1)), t = new(Rows, 1, random: new Random(2));
        using Run<double> sums = new([0.0, 0, 0]);
        var card = Gpu.Device.Loss(new SquaredError());
        for (int i = 0; i < 2; i++) card.Forward(p.OnCard, t.OnCard, default, 1.0 / Rows, sums.OnCard + i * sizeof(double));
        Reference.Loss(new SquaredError()).Forward(p.OnHost, t.OnHost, default, 1.0 / Rows, sums.OnHost);
        Assert.That(sums.Actual[0], Is.EqualTo(sums.Expected[0]).Within(1e-5).Percent);
        Assert.That(sums.Actual[1], Is.EqualTo(sums.Actual[0]));
    }
}
