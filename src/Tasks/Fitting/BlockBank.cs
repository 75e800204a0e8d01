using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Optimizers;
using InrFast.Kernels.Sampling;
using InrFast.Models;

namespace InrFast.Tasks.Fitting;

/// <summary>A block of a scale and the state of its network: values and Adam's moments, in the engine's layout.</summary>
sealed record BlockState(int Block, float[] Values, float[] First, float[] Second);

/// <summary>Networks of some blocks of one scale, trained together: each on its own block of an image.</summary>
sealed class BlockBank : IDisposable
{
    readonly BlockLayout layout;
    readonly IReadOnlyList<BlockState> blocks;
    readonly Device device;
    readonly Workers workers;
    readonly Graph graph = new();
    readonly Network network;
    readonly ParameterStore store;
    readonly Plan plan;
    readonly Runner runner;
    readonly float[] targets;
    readonly int channels;

    /// <param name="image">Of this scale, [voxel][channel].</param>
    public BlockBank(BlockLayout layout, NetworkSettings settings, IReadOnlyList<BlockState> blocks, float[] image, Optimizer optimizer, int batch, Device device, Workers workers)
    {
        (this.layout, this.blocks, this.device, this.workers, channels) = (layout, blocks, device, workers, settings.Outputs);
        network = settings.Build(graph);
        targets = layout.Gather(image, channels, [.. blocks.Select(block => block.Block)]);
        var samples = new SampleVoxels<ShuffledSweep>(graph, layout.Block, _ => new ShuffledSweep(layout.Block.Count), targets, channels);
        plan = Plan.Train(device, [new Loss(new RowLoss<SquaredError>(network.Apply(samples.Coordinates), samples.Values, default).Output)]);
        store = new ParameterStore(device, graph, blocks.Count);
        runner = Runner.Create(plan, store, workers, batch, optimizer);
        for (int member = 0; member < blocks.Count; member++)
        {
            store.Values.Write<float>(blocks[member].Values, member * store.Length * sizeof(float));
            store.State(0).Write<float>(blocks[member].First, member * store.Length * sizeof(float));
            store.State(1).Write<float>(blocks[member].Second, member * store.Length * sizeof(float));
        }
    }

    /// <summary>What networks begin with; a function of the seed and of their place in the list alone.</summary>
    public static List<BlockState> Begin(NetworkSettings settings, IReadOnlyList<int> blocks, ulong seed, Device device)
    {
        if (blocks.Count == 0) return [];
        var graph = new Graph();
        var network = settings.Build(graph);
        using var store = new ParameterStore(device, graph, blocks.Count);
        for (int member = 0; member < blocks.Count; member++) network.Initialize(store, seed, member);
        return [.. Read(store, blocks)];
    }

    /// <summary>Updates from <paramref name="step"/> on; the mean loss of the last.</summary>
    public double Train(long step, long count, ulong seed)
    {
        (store.Step, runner.Seed) = (step, seed);
        double loss = 0;
        for (long i = 0; i < count; i++) loss = runner.Train();
        return loss / blocks.Count;
    }

    /// <summary>The blocks as they stand.</summary>
    public IEnumerable<BlockState> Blocks() => Read(store, [.. blocks.Select(block => block.Block)]);

    static IEnumerable<BlockState> Read(ParameterStore store, IReadOnlyList<int> blocks)
    {
        for (int member = 0; member < blocks.Count; member++)
        {
            long at = member * store.Length * sizeof(float);
            var state = new BlockState(blocks[member], new float[store.Length], new float[store.Length], new float[store.Length]);
            store.Values.Read<float>(state.Values, at);
            store.State(0).Read<float>(state.First, at);
            store.State(1).Read<float>(state.Second, at);
            yield return state;
        }
    }

    /// <summary>Mean squared error of each block.</summary>
    public double[] Errors()
    {
        var errors = new double[blocks.Count];
        int count = targets.Length / blocks.Count;
        Evaluate(1, (member, values) =>
        {
            double sum = 0;
            for (int i = 0; i < count; i++)
            {
                double difference = values[i] - (double)targets[(long)member * count + i];
                sum += difference * difference;
            }
            errors[member] = sum / count;
        });
        return errors;
    }

    /// <summary>Adds the networks' values to an image of <paramref name="factor"/> voxels along each side of one here.</summary>
    public void AddTo(float[] image, int[] axes, int factor) => Evaluate(factor, (member, values) => layout.Add(values, channels, blocks[member].Block, factor, axes, image));

    void Evaluate(int factor, Action<int, float[]> take)
    {
        var points = layout.Finer(factor);
        var coordinates = new SampleVoxels<ImageOrder>(graph, points, _ => new ImageOrder(points.Count)).Coordinates;
        using var evaluation = Plan.Evaluate(device, network.Apply(coordinates));
        using var evaluator = Runner.Create(evaluation, store, workers, checked((int)points.Count));
        evaluator.Evaluate();
        var values = new float[points.Count * channels];
        for (int member = 0; member < blocks.Count; member++)
        {
            evaluator.Read(values, member);
            take(member, values);
        }
    }

    public void Dispose()
    {
        runner.Dispose();
        plan.Dispose();
        store.Dispose();
    }
}
