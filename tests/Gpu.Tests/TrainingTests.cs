using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Optimizers;
using InrFast.Kernels.Sampling;

namespace InrFast.Tests;

/// <summary>Whole fits by the same plan on the card and on the processor.</summary>
public sealed class TrainingTests
{
    static readonly VoxelGrid Voxels = new([12, 10]);
    static readonly float[] Image = [.. Enumerable.Range(0, 120).Select(i => MathF.Sin(0.37f * (i % 12)) * MathF.Cos(0.4f * (i / 12)))];

    /// <summary>A SIREN of 2 hidden layers on a shuffled sweep of an image, its parameters from one seed.</summary>
    sealed class Fit : IDisposable
    {
        readonly Plan plan;
        readonly ParameterStore store;
        readonly Runner runner;

        public Fit(Device device, double clip = double.PositiveInfinity, int width = 24)
        {
            Graph graph = new();
            SampleVoxels<ShuffledSweep> samples = new(graph, Voxels, _ => new ShuffledSweep(Voxels.Count), Image);
            var y = Layer(Layer(Layer(samples.Coordinates, width, new Sine(6)), width, new Sine(6)), 1, new Identity());
            plan = Plan.Train(device, [new(new RowLoss<SquaredError>(y, samples.Values, default).Output)]);
            store = new(device, graph);
            var random = new Random(4);
            foreach (var p in graph.Parameters) store.Write(p, [.. Enumerable.Range(0, p.Rows * p.Columns).Select(_ => (float)((2 * random.NextDouble() - 1) / Math.Sqrt(p.Columns)))]);
            runner = Runner.Create(plan, store, new Workers(1), 60, Optimizer.Create(device, new Adam(), 1e-2, new CosineSchedule(20), clipNorm: clip, averageDecay: 0.9));
            runner.Seed = 11;

            Value Layer<TActivation>(Value x, int outputs, TActivation f) where TActivation : struct, IActivation
            {
                string name = $"layer{graph.Parameters.Count}";
                return new Dense<TActivation>(x, Dense.Weight(graph, name + ".weight", x.Shape.Columns, outputs), Dense.Bias(graph, name + ".bias", outputs), f).Output;
            }
        }

        public double Train() => runner.Train();
        public void Step() => runner.Step();
        public double Evaluate() => runner.Evaluate();

        public float[] Values
        {
            get
            {
                var values = new float[store.Length];
                store.Values.Read<float>(values);
                return values;
            }
        }

        public void Dispose()
        {
            runner.Dispose();
            store.Dispose();
            plan.Dispose();
        }
    }

    [Test]
    public void ASirenTrainsAsOnTheProcessor([Values(double.PositiveInfinity, 0.05)] double clip)
    {
        using Fit card = new(Gpu.Device, clip), processor = new(CpuDevice.Best, clip);
        Assert.That(card.Evaluate(), Is.EqualTo(processor.Evaluate()).Within(1e-3).Percent);
        double first = 0, last = 0;
        for (int step = 0; step < 16; step++)
        {
            (double actual, double expected) = (card.Train(), processor.Train());
            Assert.That(actual, Is.EqualTo(expected).Within(0.05).Percent, $"step {step}");
            (first, last) = (step == 0 ? actual : first, actual);
        }
        Assert.That(last, Is.LessThan(0.5 * first), "it learns");
        Close.Check(card.Values, processor.Values, 1e-3, "parameters");
    }

    [Test]
    public void TheSameBitsInEveryRun()
    {
        float[] Trained()
        {
            using Fit fit = new(Gpu.Device);
            for (int step = 0; step < 4; step++) fit.Step();
            return fit.Values;
        }
        Assert.That(Trained(), Is.EqualTo(Trained()));
    }

    /// <summary>From the third step on: one graph, nothing launched beside it, nothing read, nothing allocated.</summary>
    [Test]
    public void AStepIsOneGraph()
    {
        using Fit fit = new(Gpu.Device);
        for (int step = 0; step < 2; step++) fit.Step();
        var (launches, graphs, reads, alive) = (FakeCuda.Launches, FakeCuda.GraphLaunches, FakeCuda.CopiesToHost, FakeCuda.Alive);
        for (int step = 0; step < 3; step++) fit.Step();
        Assert.That((FakeCuda.Launches, FakeCuda.GraphLaunches, FakeCuda.CopiesToHost, FakeCuda.Alive), Is.EqualTo((launches, graphs + 3, reads, alive)));
    }

    [Test]
    public void AFitGivesBackAllThatItTook()
    {
        using (Fit warm = new(Gpu.Device)) warm.Train(); // kernels stay, and memory for partial sums
        int alive = FakeCuda.Alive;
        using (Fit fit = new(Gpu.Device))
            for (int step = 0; step < 3; step++) fit.Step();
        Assert.That(FakeCuda.Alive, Is.EqualTo(alive));
    }
}
