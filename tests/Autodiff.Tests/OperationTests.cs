using System.Runtime.InteropServices;
using InrFast.Autodiff;

namespace InrFast.Tests;

/// <summary>What holds for every row of the table.</summary>
sealed class OperationTests
{
    static readonly double TicksPerSecond = System.Diagnostics.Stopwatch.Frequency;

    [TestCaseSource(typeof(OperationTable), nameof(OperationTable.Rows))]
    public void ValuesAgreeWithTheReference(Row row)
    {
        using Trial trial = new(row);
        foreach (var value in trial.Graph.Values.Where(value => value is { Producer: not null, Shape.IsShared: false }))
        {
            var expected = trial.Evaluate(Trial.Reference, value, tileRows: Trial.WholeBatch);
            Assert.That(expected, Is.All.Matches<float>(float.IsFinite), $"{value.Producer}");
            var actual = trial.Evaluate(Trial.Processors[0], value);
            Assert.That(Trial.Distance(actual, expected), Is.LessThan(row.Reference), $"{value.Producer} gives {value.Shape}");
        }
    }

    /// <summary>Many tiles of the processor against one of the reference's that holds all rows.</summary>
    [TestCaseSource(typeof(OperationTable), nameof(OperationTable.Rows))]
    public void GradientsAgreeWithTheReference(Row row)
    {
        using Trial trial = new(row);
        var (loss, expected) = trial.Gradient(Trial.Reference, tileRows: Trial.WholeBatch);
        double total = Trial.Norm(expected);
        Assert.That(total, Is.GreaterThan(1e-6));
        foreach (var device in Trial.Processors)
        {
            var (found, actual) = trial.Gradient(device);
            Assert.That(found, Is.EqualTo(loss).Within(row.Reference * Math.Abs(loss)), $"loss, {device.Name}");
            Assert.That(Trial.Distance(actual, expected), Is.LessThan(row.Reference), $"all, padding included, {device.Name}");
            foreach (var (parameter, member) in Parameters(row, trial))
            {
                int first = (int)(member * trial.Store.Length + parameter.Offset), length = (int)parameter.Length;
                var wanted = expected.AsSpan(first, length);
                Assert.That(Trial.Distance(actual.AsSpan(first, length), wanted, 0.01 * total), Is.LessThan(row.Reference), $"{parameter.Name} of {member}, {device.Name}");
                if (!parameter.IsTrained) Assert.That(actual[first..(first + length)], Is.All.Zero, parameter.Name);
            }
        }
    }

    /// <summary>One tile of all rows, whichever runner makes it; from the second time on the step is replayed.</summary>
    [TestCaseSource(typeof(OperationTable), nameof(OperationTable.Rows))]
    public void TheBatchRunnerGivesTheSameBits(Row row)
    {
        using Trial trial = new(row);
        using var plan = trial.Plan(Trial.Processors[0]);
        using HostRunner tiles = new(plan, trial.Store, new Workers(1), row.Items, tileRows: Trial.WholeBatch, slices: 1) { Seed = 7, Batch = 3 };
        trial.Feed(tiles, plan);
        var (loss, gradient) = trial.Gradient(tiles);
        using var batch = trial.BatchRunner(plan);
        for (int time = 0; time < 3; time++)
        {
            var (found, actual) = trial.Gradient(batch);
            Assert.That(found, Is.EqualTo(loss), $"loss, time {time}");
            Assert.That(actual.AsSpan().SequenceEqual(gradient), $"gradient, time {time}");
        }
    }

    static IEnumerable<(Parameter Parameter, int Member)> Parameters(Row row, Trial trial) =>
        from member in Enumerable.Range(0, row.Members) from parameter in trial.Graph.Parameters select (parameter, member);

    /// <summary>Central differences with Richardson's extrapolation, of each parameter along its gradient and some noise.</summary>
    [TestCaseSource(typeof(OperationTable), nameof(OperationTable.Rows))]
    public void GradientsAreSlopesOfTheLoss(Row row)
    {
        using Trial trial = new(row);
        if (double.IsInfinity(row.Slope)) Assert.Pass("the loss has kinks: held against the reference alone");
        using var plan = trial.Plan(Trial.Processors[0]);
        Assert.That(plan.Stages, Has.Count.EqualTo(row.Stages));
        using var runner = trial.Runner(plan);
        var gradient = trial.Gradient(runner).Gradient;
        double total = Trial.Norm(gradient) / Math.Sqrt(row.Members), worst = 0;
        var random = new Random(9);
        foreach (var (parameter, member) in Parameters(row, trial).Where(entry => entry.Parameter.IsTrained))
        {
            var slopes = Gradient(parameter, member);
            double norm = Math.Max(Trial.Norm(slopes), 1e-12), expected = 0;
            var direction = slopes.Select(slope => slope / norm + (random.NextDouble() - 0.5) / Math.Sqrt(slopes.Length)).ToArray();
            for (int i = 0; i < slopes.Length; i++) expected += slopes[i] * direction[i];
            var kept = trial.Store.Read(parameter, member);
            double At(double step)
            {
                trial.Store.Write(parameter, [.. kept.Select((value, i) => (float)(value + step * direction[i]))], member);
                return runner.Evaluate();
            }
            double Slope(double step) => (At(step) - At(-step)) / (2 * step);
            double found = (4 * Slope(row.Step / 2) - Slope(row.Step)) / 3, error = Math.Abs(found - expected) / Math.Max(Math.Abs(expected), 0.02 * total);
            trial.Store.Write(parameter, kept, member);
            worst = Math.Max(worst, error);
            Assert.That(error, Is.LessThan(row.Slope), $"{parameter.Name} of {member}: {found} by differences, {expected} by the gradient");
        }
        TestContext.Out.WriteLine($"worst {worst:e1}");

        float[] Gradient(Parameter parameter, int member) =>
            [.. from r in Enumerable.Range(0, parameter.Rows) from c in Enumerable.Range(0, parameter.Columns) select gradient[member * trial.Store.Length + parameter.Index(r, c)]];
    }

    /// <summary>First derivatives of a jet against differences of its value, second ones against differences of the first.</summary>
    [TestCaseSource(typeof(OperationTable), nameof(OperationTable.Rows))]
    public void JetsAreDerivatives(Row row)
    {
        using Trial trial = new(row);
        foreach (var (coordinates, jet) in trial.Sketch.Jets)
        {
            var device = Trial.Processors[0];
            int directions = jet.Shape.Directions, columns = coordinates.Shape.Columns, size = row.Items * jet.Shape.Group * jet.Shape.Columns;
            var at = trial.Evaluate(device, jet);
            var input = trial.DataOf(coordinates)[0];
            float[] Shifted(int axis, float step)
            {
                var kept = (float[])input.Clone();
                for (int i = axis; i < input.Length; i += columns) input[i] += step;
                var values = trial.Evaluate(device, jet);
                kept.CopyTo(input, 0);
                return values;
            }
            for (int axis = 0; axis < directions; axis++)
            {
                const float step = 1e-3f;
                float[] up = Shifted(axis, step), down = Shifted(axis, -step), up2 = Shifted(axis, 2 * step), down2 = Shifted(axis, -2 * step);
                Check(0, 1 + axis);
                for (int other = 0; other <= axis && jet.Shape.Order == 2; other++) Check(1 + other, 1 + directions + other * directions - other * (other - 1) / 2 + axis - other);

                void Check(int of, int derivative)
                {
                    var found = at.AsSpan(derivative * size, size);
                    double scale = Trial.Norm(found) / Math.Sqrt(size);
                    int off = 0;
                    for (int i = 0; i < size; i++)
                    {
                        int j = of * size + i;
                        double slope = (8.0 * ((double)up[j] - down[j]) - ((double)up2[j] - down2[j])) / (12 * step);
                        if (Math.Abs(slope - found[i]) > row.Jet * Math.Max(scale, 1)) off++;
                    }
                    Assert.That(off, Is.LessThanOrEqualTo(row.Outliers * size), $"block {derivative}, the slope of {of} along {axis}, of {size}");
                }
            }
        }
    }

    [TestCaseSource(typeof(OperationTable), nameof(OperationTable.Rows))]
    public void AnyNumberOfWorkersGivesTheSameBits(Row row)
    {
        using Trial trial = new(row);
        var (loss, gradient) = trial.Gradient(Trial.Processors[0]);
        for (int workers = 2; workers <= 3; workers++)
        {
            var (other, bits) = trial.Gradient(Trial.Processors[0], workers);
            Assert.That(BitConverter.DoubleToInt64Bits(other), Is.EqualTo(BitConverter.DoubleToInt64Bits(loss)));
            Assert.That(MemoryMarshal.AsBytes(bits.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(gradient.AsSpan())), $"{workers} workers");
        }
    }

    [TestCaseSource(typeof(OperationTable), nameof(OperationTable.Rows))]
    public void Timing(Row row)
    {
        using Trial trial = new(row);
        double ticks = trial.TicksPerRow(Trial.Processors[0]);
        TestContext.Out.WriteLine($"{row.Name}: {ticks / TicksPerSecond * 1e9:f0} ns a row, {Trial.Processors[0].Name}");
        Assert.That(ticks, Is.Positive);
    }
}

public sealed class OperationCoverageTests
{
    [Test]
    public void EveryOperationHasARow()
    {
        var covered = new HashSet<Type>();
        foreach (var row in OperationTable.Rows)
        {
            var sketch = new Sketch();
            row.Build(sketch);
            foreach (var type in sketch.Graph.Operations.Select(operation => operation.GetType())) covered.Add(type.IsGenericType ? type.GetGenericTypeDefinition() : type);
        }
        // Those that are not public plans make, for devices whose own tests have them.
        var all = typeof(Operation).Assembly.GetTypes().Where(type => type.IsPublic && !type.IsAbstract && type.IsSubclassOf(typeof(Operation)));
        Assert.That(all.Except(covered), Is.Empty, "operations without a row in OperationTable");
    }
}
