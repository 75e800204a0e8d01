using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Encodings;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Optimizers;
using InrFast.Kernels.Sampling;
using InrFast.Perf.Peer;

namespace InrFast.Perf;

/// <summary>Our side, through the public API alone: a graph, its plan, and the runner that the rest of the project uses.</summary>
sealed class Ours : IDisposable
{
    static readonly Device device = CpuDevice.Best;

    readonly Plan plan;
    readonly ParameterStore store;
    readonly Workers workers;

    Ours(Plan plan, int rows, int threads, IEnumerable<(Parameter Parameter, float[] Values)> parameters, IEnumerable<(Value Input, float[] Rows)> inputs)
    {
        this.plan = plan;
        (store, workers) = (new ParameterStore(device, plan.Graph), new Workers(threads));
        foreach (var (parameter, values) in parameters) store.Write(parameter, values);
        Runner = new HostRunner(plan, store, workers, rows, plan.Training ? Optimizer.Create(device, new Adam(), 1e-4) : null);
        foreach (var (input, values) in inputs) Runner.Feed(input, values);
    }

    public HostRunner Runner { get; }
    public IReadOnlyList<Stage> Stages => plan.Stages;

    /// <summary>Forward, mean squared error, backward, Adam; returns the loss before the step.</summary>
    public double Train() => Runner.Train();

    /// <summary>Forward; in training without the update: gradients. Returns the loss.</summary>
    public double Evaluate() => Runner.Evaluate();

    public static Ours SirenTraining(Layer[] layers, float[] x, float[] target, int threads)
    {
        var graph = new Graph();
        Value points = graph.Input(layers[0].Inputs), wanted = graph.Input(layers[^1].Outputs);
        var parameters = new List<(Parameter, float[])>();
        var loss = new RowLoss<SquaredError>(Siren(points, layers, parameters), wanted, new SquaredError());
        return new(Plan.Train(device, [new Loss(loss.Output)]), x.Length / layers[0].Inputs, threads, parameters, [(points, x), (wanted, target)]);
    }

    public static Ours SirenInference(Layer[] layers, float[] x, int threads)
    {
        var points = new Graph().Input(layers[0].Inputs);
        var parameters = new List<(Parameter, float[])>();
        return new(Plan.Evaluate(device, Siren(points, layers, parameters)), x.Length / layers[0].Inputs, threads, parameters, [(points, x)]);
    }

    /// <summary>A displacement field's mean (det(I + J) - 1)² + 0.1 mean |u|².</summary>
    public static Ours Folding(Layer[] layers, float[] x, int threads)
    {
        var graph = new Graph();
        Value points = graph.Input(3), zero = graph.Input(3);
        var parameters = new List<(Parameter, float[])>();
        var u = Siren(new JetSeed(points).Output, layers, parameters);
        Value folding = new FoldingPenalty<SquaredError>(u, new SquaredError()).Output, square = new RowLoss<SquaredError>(u, zero, new SquaredError()).Output;
        // The mean of a row loss is over columns too: three of them.
        return new(Plan.Train(device, [new Loss(folding), new Loss(square, 0.3)]), x.Length / 3, threads, parameters, [(points, x), (zero, new float[x.Length])]);
    }

    public static Ours GridTraining(GridSettings settings, float[] tables, float[] x, float[] target, int threads)
    {
        var graph = new Graph();
        Value points = graph.Input(settings.Dimensions), wanted = graph.Input(settings.Outputs);
        var grid = new Grid(points, Grid.TablesFor(graph, "tables", settings), settings);
        var loss = new RowLoss<SquaredError>(grid.Output, wanted, new SquaredError());
        return new(Plan.Train(device, [new Loss(loss.Output)]), x.Length / settings.Dimensions, threads, [(grid.Tables, tables)], [(points, x), (wanted, target)]);
    }

    /// <summary>A displacement field's loss on a pair of volumes: minus their correlation, plus <paramref name="weight"/> times mean |det(I + J) - 1|, at voxels in a new order each time.</summary>
    public static Ours Registration(Layer[] layers, Voxels fixedImage, Voxels moving, double weight, int rows, int threads)
    {
        var graph = new Graph();
        var grid = new VoxelGrid(fixedImage.Axes);
        var parameters = new List<(Parameter, float[])>();
        var samples = new SampleVoxels<ShuffledSweep>(graph, grid, _ => new ShuffledSweep(grid.Count), fixedImage.Samples);
        var u = Siren(new JetSeed(samples.Coordinates).Output, layers, parameters);
        var phi = new Sum(samples.Coordinates, new JetBlock(u, 0).Output).Output;
        var value = new Interpolate<Linear>(phi, grid, moving.Samples, 1, default).Output;
        var correlation = new SharedFunction<NormalizedCrossCorrelation>(new Moments(value, samples.Values).Output, default).Output;
        var folding = new FoldingPenalty<AbsoluteError>(u, default).Output;
        return new(Plan.Train(device, [new Loss(correlation), new Loss(folding, weight)]), rows, threads, parameters, []);
    }

    public static Ours GridForward(GridSettings settings, float[] tables, float[] x, int threads)
    {
        var points = new Graph().Input(settings.Dimensions);
        var grid = new Grid(points, Grid.TablesFor(points.Graph, "tables", settings), settings);
        return new(Plan.Evaluate(device, grid.Output), x.Length / settings.Dimensions, threads, [(grid.Tables, tables)], [(points, x)]);
    }

    static Value Siren(Value h, Layer[] layers, List<(Parameter, float[])> parameters)
    {
        for (int i = 0; i < layers.Length; i++)
        {
            var layer = layers[i];
            Parameter weight = Dense.Weight(h.Graph, $"weight {i}", layer.Inputs, layer.Outputs), bias = Dense.Bias(h.Graph, $"bias {i}", layer.Outputs);
            h = i < layers.Length - 1
                ? new Dense<Sine>(h, weight, bias, new Sine(Problem.Omega)).Output
                : new Dense<Identity>(h, weight, bias, new Identity()).Output;
            parameters.AddRange([(weight, layer.Weight), (bias, layer.Bias)]);
        }
        return h;
    }

    public void Dispose()
    {
        Runner.Dispose();
        store.Dispose();
        workers.Dispose();
        plan.Dispose();
    }
}
