using System.Diagnostics;
using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.Vectors;

namespace InrFast.Tests;

/// <summary>A row's graph with parameters and data, ready to run on any device, with any number of workers, in tiles of any size.</summary>
sealed class Trial : IDisposable
{
    public const int SmallTile = 24, WholeBatch = 1 << 20;
    public static readonly Device Reference = new ReferenceDevice();
    public static readonly Device[] Processors =
        [.. new Device?[] { F32x16.IsSupported ? new CpuDevice<F32x16>() : null, F32x8.IsSupported ? new CpuDevice<F32x8>() : null, new CpuDevice<F32x4>() }.OfType<Device>()];
    static readonly Workers[] Teams = [new(1), new(2), new(3)];

    readonly Row row;
    readonly Loss[] losses;
    readonly float[][][] data; // [input][network]

    /// <param name="device">Where the parameters lie; null: in the host's memory.</param>
    public Trial(Row row, Device? device = null)
    {
        (this.row, Sketch) = (row, new Sketch());
        losses = row.Build(Sketch);
        Store = new(device ?? Reference, Sketch.Graph, row.Members);
        var random = new Random(1);
        for (int m = 0; m < row.Members; m++)
            foreach (var p in Sketch.Graph.Parameters)
            {
                double bound = p.HasLanes ? 1 / Math.Sqrt(p.Columns) : 0.5;
                if (p.Name.EndsWith("bias", StringComparison.Ordinal)) bound = 0.2;
                Store.Write(p, Uniform(random, p.Rows * p.Columns, -bound, bound), m);
            }
        data = [.. Sketch.Inputs.Select(input => Enumerable.Range(0, row.Members)
            .Select(_ => Uniform(random, row.Items * input.Value.Shape.Group * input.Value.Shape.Columns, input.Low, input.High)).ToArray())];
    }

    public Sketch Sketch { get; }
    public Graph Graph => Sketch.Graph;
    public ParameterStore Store { get; }

    public static float[] Uniform(Random random, int count, double low = -1, double high = 1) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(low + (high - low) * random.NextDouble()))];

    /// <summary>The numbers of an input, all networks.</summary>
    public float[][] DataOf(Value input) => data[Sketch.Inputs.FindIndex(entry => entry.Value == input)];

    public Plan Plan(Device device) => InrFast.Autodiff.Plan.Train(device, losses, row.Between);

    public HostRunner Runner(Plan plan, int workers = 1, int tileRows = SmallTile, Optimizer? optimizer = null)
    {
        var runner = new HostRunner(plan, Store, Teams[workers - 1], row.Items, optimizer, tileRows) { Seed = 7, Batch = 3 };
        Feed(runner, plan);
        return runner;
    }

    /// <summary>All rows as one tile, recorded and replayed.</summary>
    public BatchRunner BatchRunner(Plan plan, Optimizer? optimizer = null)
    {
        var runner = new BatchRunner(plan, Store, row.Items, optimizer) { Seed = 7, Batch = 3 };
        Feed(runner, plan);
        return runner;
    }

    public void Feed(Runner runner, Plan plan)
    {
        foreach (var input in Sketch.Inputs.Where(input => plan.Uses(input.Value)))
            for (int m = 0; m < row.Members; m++) runner.Feed(input.Value, DataOf(input.Value)[m], m);
    }

    /// <summary>Loss, and the gradient of all networks as it lies in the store, padding included.</summary>
    public (double Loss, float[] Gradient) Gradient(Device device, int workers = 1, int tileRows = SmallTile)
    {
        using var plan = Plan(device);
        using var runner = Runner(plan, workers, tileRows);
        return Gradient(runner);
    }

    public (double Loss, float[] Gradient) Gradient(Runner runner)
    {
        double loss = runner.Evaluate();
        var gradient = new float[Store.Length * Store.Members];
        Store.Gradients.Read<float>(gradient);
        return (loss, gradient);
    }

    /// <summary>All rows and blocks of a value, network by network.</summary>
    public float[] Evaluate(Device device, Value value, int workers = 1, int tileRows = SmallTile)
    {
        using var plan = InrFast.Autodiff.Plan.Evaluate(device, value);
        using var runner = Runner(plan, workers, tileRows);
        runner.Evaluate();
        int count = row.Items * value.Shape.Group * value.Shape.Blocks * value.Shape.Columns;
        var numbers = new float[count * row.Members];
        for (int m = 0; m < row.Members; m++) runner.Read(numbers.AsSpan(m * count, count), m);
        return numbers;
    }

    /// <summary>Ticks of a step (the best of a few) per row of the batch.</summary>
    public double TicksPerRow(Device device)
    {
        using var plan = Plan(device);
        using var runner = Runner(plan, tileRows: 128);
        long best = long.MaxValue;
        for (int i = 0; i < 4; i++)
        {
            long start = Stopwatch.GetTimestamp();
            runner.Evaluate();
            best = Math.Min(best, Stopwatch.GetTimestamp() - start);
        }
        return (double)best / (row.Items * row.Members * Graph.Values.Max(value => value.Shape.Group));
    }

    public static double Norm(ReadOnlySpan<float> numbers)
    {
        double sum = 0;
        foreach (float x in numbers) sum += (double)x * x;
        return Math.Sqrt(sum);
    }

    /// <summary>|a - b| relative to |b|, or to <paramref name="floor"/> where that is larger.</summary>
    public static double Distance(ReadOnlySpan<float> a, ReadOnlySpan<float> b, double floor = 1e-12)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += Math.Pow((double)a[i] - b[i], 2);
        return Math.Sqrt(sum) / Math.Max(Norm(b), floor);
    }

    public void Dispose() => Store.Dispose();
}
