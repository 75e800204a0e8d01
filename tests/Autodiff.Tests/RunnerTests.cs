using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Encodings;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Optimizers;
using InrFast.Kernels.Sampling;

namespace InrFast.Tests;

/// <summary>What a runner promises beside right numbers.</summary>
public sealed class RunnerTests
{
    static readonly VoxelGrid Voxels = new([32, 32]);
    static readonly float[] Image = [.. Enumerable.Range(0, 1024).Select(i => MathF.Sin(0.01f * i))];

    static SampleVoxels<ShuffledSweep> Samples(Sketch b) => new(b.Graph, Voxels, _ => new ShuffledSweep(Voxels.Count), Image);
    static GridSettings Cells => GridSettings.ForImage([32, 32], 4, 2, 4, 1, 8);

    static Loss[] Siren(Sketch b)
    {
        var samples = Samples(b);
        return [new(new RowLoss<SquaredError>(b.Siren(samples.Coordinates), samples.Values, default).Output)];
    }

    static Loss[] Grid(Sketch b)
    {
        var samples = Samples(b);
        return [new(new RowLoss<SquaredError>(b.Siren(b.Grid(samples.Coordinates, Cells)), samples.Values, default).Output)];
    }

    static Loss[] Correlation(Sketch b)
    {
        var samples = Samples(b);
        return [new(new SharedFunction<NormalizedCrossCorrelation>(new Moments(b.Siren(samples.Coordinates), samples.Values).Output, default).Output)];
    }

    static Loss[] Fed(Sketch b) => [b.Error(b.Siren(b.Input(2)))];

    static Row SirenOf(int members = 1) => new("SIREN", Siren) { Items = 1000, Members = members };

    static IEnumerable<TestCaseData> Plans =>
        from row in new[] { SirenOf(), new("grid", Grid) { Items = 1000 }, new("NCC", Correlation) { Items = 1000 }, SirenOf(20) with { Name = "bank" } }
        from workers in new[] { 1, 2 }
        from clip in new[] { double.PositiveInfinity, 0.1 }
        select new TestCaseData(row, workers, clip);

    [TestCaseSource(nameof(Plans))]
    public void StepsAllocateNothing(object row, int workers, double clip)
    {
        using Trial trial = new((Row)row);
        using var plan = trial.Plan(Trial.Processors[0]);
        using var runner = trial.Runner(plan, workers, tileRows: 128, Optimizer.Create(Trial.Processors[0], new Adam(), 1e-3, clipNorm: clip, averageDecay: 0.9));
        for (int i = 0; i < 3; i++) runner.Train();
        // The runtime itself allocates now and then: of several tries one must be clean.
        long least = long.MaxValue;
        for (int round = 0; round < 50 && least > 0; round++)
        {
            long before = Allocated();
            for (int i = 0; i < 10; i++) runner.Train();
            least = Math.Min(least, Allocated() - before);
        }
        Assert.That(least, Is.Zero);

        long Allocated() => workers == 1 ? GC.GetAllocatedBytesForCurrentThread() : GC.GetTotalAllocatedBytes(precise: true);
    }

    [Test]
    public void TrainingLowersTheLoss([Values(1, 2)] int workers, [Values] Between between)
    {
        foreach (var build in new[] { Siren, Grid, Correlation })
        {
            using Trial trial = new(new("model", build) { Items = 512, Between = between });
            using var plan = trial.Plan(Trial.Processors[0]);
            using var runner = trial.Runner(plan, workers, 128, Optimizer.Create(Trial.Processors[0], new Adam(), 5e-3));
            double first = runner.Train(), last = 0;
            for (int i = 0; i < 100; i++) last = runner.Train();
            Assert.That(last, Is.LessThan(first - 0.9 * Math.Abs(first)));
        }
    }

    [Test]
    public void TwoRunnersOfOnePlanWithTilesOfDifferentSizeAgree([Values] Between between)
    {
        using Trial trial = new(new("NCC", Correlation) { Items = 777, Between = between });
        using var plan = trial.Plan(Trial.Processors[0]);
        using HostRunner small = trial.Runner(plan, tileRows: 16), large = trial.Runner(plan, tileRows: 256);
        var first = trial.Gradient(small).Gradient;
        var second = trial.Gradient(large).Gradient;
        Assert.That(Trial.Distance(first, second), Is.LessThan(2e-6));
        Assert.That(trial.Gradient(small).Gradient, Is.EqualTo(first), "after the other has run");
    }

    [Test]
    public void DerivativesThatOnlyALaterStageReadsWaitForIt([Values(1, 2)] int order)
    {
        Row row = new("NCC beside derivatives", b => OperationTable.RegularizedNcc(b, order, b.JetErrors));
        using Trial waiting = new(row), storing = new(row with { Between = Between.Store }), early = new(new("NCC of jets", b => [.. OperationTable.RegularizedNcc(b, order, b.JetErrors), OperationTable.Ncc(b.Siren(new JetSeed(b.Input(2), order).Output), b.Input(1))]));
        using Plan plan = waiting.Plan(Trial.Processors[0]), stored = storing.Plan(Trial.Processors[0]), both = early.Plan(Trial.Processors[0]);
        Assert.That(new[] { plan, stored, both }.Select(p => p.Stages[0].ValuesOnly), Is.EqualTo(new[] { true, false, false }), "the last reads a jet in its first stage");
        var (loss, gradient) = waiting.Gradient(Trial.Processors[0]);
        var (expectedLoss, expected) = storing.Gradient(Trial.Processors[0]);
        Assert.That(loss, Is.EqualTo(expectedLoss).Within(1e-6));
        Assert.That(Trial.Distance(gradient, expected), Is.LessThan(1e-6));
    }

    /// <summary>The gradient of a table has one place, which an evaluation fills and an update must not find filled.</summary>
    [Test]
    public void AnEvaluationBeforeAStepChangesNothing()
    {
        float[] Trained(bool evaluateFirst)
        {
            using Trial trial = new(new("grid", Grid) { Items = 512 });
            using var plan = trial.Plan(Trial.Processors[0]);
            using var runner = trial.Runner(plan, optimizer: Optimizer.Create(Trial.Processors[0], new GradientDescent(), 0.1));
            if (evaluateFirst) runner.Evaluate();
            runner.Train();
            return trial.Store.Read(trial.Graph.Parameters[0]);
        }
        Assert.That(Trained(true), Is.EqualTo(Trained(false)));
    }

    /// <summary>With all that an update may hold: clipping, an average, a table's gradient, a bank.</summary>
    [Test]
    public void TheBatchRunnerTrainsToTheSameBits([Values(1, 3)] int members, [Values(double.PositiveInfinity, 0.1)] double clip)
    {
        (float[] Values, float[] Average, double Loss) Trained(bool batch)
        {
            using Trial trial = new(new("grid", Grid) { Items = 200, Members = members });
            using var plan = trial.Plan(Trial.Processors[0]);
            var optimizer = Optimizer.Create(Trial.Processors[0], new Adam(), 1e-2, new CosineSchedule(10), clipNorm: clip, averageDecay: 0.9);
            using Runner runner = batch ? trial.BatchRunner(plan, optimizer)
                : new HostRunner(plan, trial.Store, new Workers(1), 200, optimizer, Trial.WholeBatch, slices: 1) { Seed = 7 };
            runner.Evaluate(); // leaves a table's gradient behind
            for (int i = 0; i < 5; i++) runner.Step();
            var values = new float[trial.Store.Length * members];
            trial.Store.Values.Read<float>(values);
            var average = new float[values.Length];
            trial.Store.Average!.Read<float>(average);
            return (values, average, runner.Train());
        }
        Assert.That(Trained(true), Is.EqualTo(Trained(false)));
    }

    [Test]
    public void LossesAreReadOneByOne()
    {
        using Trial trial = new(new("two", b => { var y = b.Siren(b.Input(2)); return [b.Error(y, 2), b.Error(y, 0.5)]; }));
        using var plan = trial.Plan(Trial.Processors[0]);
        using var runner = trial.Runner(plan);
        double loss = runner.Evaluate();
        Assert.That(2 * runner.LossOf(0) + 0.5 * runner.LossOf(1), Is.EqualTo(loss).Within(1e-12));
        Assert.That(runner.LossOf(0), Is.Not.EqualTo(runner.LossOf(1)));
    }

    [Test]
    public void ProfileHasTheTimeOfEveryStep()
    {
        using Trial trial = new(new("SIREN", Fed));
        using var plan = trial.Plan(Trial.Processors[0]);
        using var runner = trial.Runner(plan);
        runner.Profile = [.. plan.Stages.Select(stage => new long[stage.Steps.Length])];
        runner.Evaluate();
        Assert.That(runner.Profile[0], Is.All.Positive);
    }

    /// <summary>Rows of a tile are not fewer because memory beside the values has many blocks: the planes of a grid have one for each level.</summary>
    [Test]
    public void TilesAreCutByTheBlocksOfValuesAlone()
    {
        using Trial siren = new(new("SIREN", Siren) { Items = 1024 }), grid = new(new("grid", Grid) { Items = 1024 });
        Assert.That(TileItems(grid), Is.EqualTo(TileItems(siren)).And.EqualTo(128));

        static int TileItems(Trial trial)
        {
            using var plan = trial.Plan(Trial.Processors[0]);
            using var runner = trial.Runner(plan, tileRows: 128);
            return runner.TileItems;
        }
    }

    [Test]
    public void WrongCountsOfNumbersAreRefused()
    {
        using Trial trial = new(new("SIREN", Fed) { Items = 10 });
        using var plan = trial.Plan(Trial.Processors[0]);
        using var runner = trial.Runner(plan);
        var input = trial.Sketch.Inputs[0].Value;
        Assert.That(() => runner.Feed(input, new float[19]), Throws.ArgumentException.With.Message.EqualTo("10 items have 10 rows of 2 numbers, not 19 numbers"));
        Assert.That(() => runner.Feed(trial.Graph.Input(2), new float[20]), Throws.ArgumentException.With.Message.EqualTo("the plan does not use this input"));
        Assert.That(() => runner.Read(new float[10]), Throws.InvalidOperationException);
        Assert.That(() => runner.Train(), Throws.InvalidOperationException);
        Assert.That(() => trial.Store.Write(trial.Graph.Parameters[0], new float[3]), Throws.ArgumentException.With.Message.Contains("layer0.weight has 24 x 2 numbers, not 3"));
    }
}
