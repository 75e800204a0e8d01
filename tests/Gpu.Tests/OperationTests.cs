using InrFast.Kernels;

namespace InrFast.Tests;

/// <summary>Every row of the processor's table of operations, by the same plan on the card.</summary>
public sealed class OperationTests
{
    /// <summary>Interpreting takes long; no tile divides it. Fewer items where each has many rows.</summary>
    const int Items = 37, MostRows = 160;

    /// <summary>Sums of products in float, in another order than the processor's.</summary>
    const double Tolerance = 3;

    static IEnumerable<TestCaseData> Rows => OperationTable.Rows.Select(row => new TestCaseData(row with { Items = Math.Clamp(MostRows / LargestGroup(row), 2, Items) }).SetName($"{{m}}({row.Name})"));

    static int LargestGroup(Row row)
    {
        var sketch = new Sketch();
        row.Build(sketch);
        return sketch.Graph.Values.Max(value => value.Shape.Group);
    }

    [TestCaseSource(nameof(Rows))]
    public void GradientsAgreeWithTheReference(object table)
    {
        var row = (Row)table;
        using Trial host = new(row), card = new(row, Gpu.Device);
        var (expectedLoss, expected) = host.Gradient(Trial.Reference, tileRows: Trial.WholeBatch);
        using var plan = card.Plan(Gpu.Device);
        using var runner = card.BatchRunner(plan);
        var (loss, actual) = card.Gradient(runner);
        Assert.That(loss, Is.EqualTo(expectedLoss).Within(Tolerance * row.Reference * Math.Abs(expectedLoss)), "loss");
        Assert.That(Trial.Distance(actual, expected), Is.LessThan(Tolerance * row.Reference), "all gradients, padding included");
    }
}
