using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Optimizers;
using InrFast.Kernels.Sampling;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Compression;

/// <summary>A block's network, fitted, and how much worse its error gets when its tensors are rounded.</summary>
/// <param name="Weights">Not rounded.</param>
/// <param name="Sensitivity">Of each tensor: squared error of all the block's values, as parts of the image's range, for each square of the rounding step.</param>
sealed record FittedBlock(BlockWeights Weights, double[] Sensitivity);

/// <summary>The network of one block in training.</summary>
sealed class BlockFit : IDisposable
{
    const int MostRows = 8192, LeastRows = 2048, ShareOfVoxels = 32;
    const double LearningRate = 3e-3, TuningRate = 5e-4, WidthOfRate = 48;

    readonly Box box;
    readonly int channels;
    readonly Half offset, scale;
    readonly BlockNetwork block;
    readonly Plan plan;
    readonly Runner runner;

    /// <param name="values">[voxel][channel], parts of the image's range.</param>
    /// <param name="rate">Of learning, at first; less of wide networks, which it would throw out.</param>
    BlockFit(CompressedHeader header, Box box, int width, float[] values, Half offset, Half scale, double rate, long iterations, ulong seed, Device device, Workers workers)
    {
        (this.box, channels, this.offset, this.scale) = (box, header.Channels, offset, scale);
        float[] targets = [.. values.Select(value => (value - (float)offset) / (float)scale)];
        block = new BlockNetwork(header, width, device);
        var grid = BlockNetwork.Coordinates(box);
        var samples = new SampleVoxels<ShuffledSweep>(block.Graph, grid, _ => new ShuffledSweep(grid.Count), targets, channels);
        var loss = new RowLoss<SquaredError>(block.Network.Apply(samples.Coordinates), samples.Values, default);
        plan = Plan.Train(device, [new Loss(loss.Output)]);
        runner = Runner.Create(plan, block.Store, workers, Rows(box), Optimizer.Create(device, new Adam(), rate * Math.Min(1, WidthOfRate / width), new CosineSchedule(iterations, Floor: 0.01), clipNorm: 1));
        runner.Seed = seed;
    }

    /// <summary>Rows of an update.</summary>
    public static int Rows(Box box) => (int)Math.Min(box.Voxels, Math.Clamp(box.Voxels / ShareOfVoxels, LeastRows, MostRows));

    /// <summary>Fits a network, or takes the mean where the block gets none.</summary>
    /// <param name="values">[voxel][channel], parts of the image's range.</param>
    /// <param name="tell">Is told the loss after each update.</param>
    public static FittedBlock Run(CompressedHeader header, Box box, int width, float[] values, long iterations, ulong seed, Device device, Workers workers, Action<double> tell)
    {
        double mean = values.Average(value => (double)value), deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
        if (width == 0 || deviation == 0) return new(new((Half)mean, default, []), []);
        using var fit = new BlockFit(header, box, width, values, (Half)mean, (Half)Math.Max(deviation, 1e-4), LearningRate, iterations, seed, device, workers);
        fit.block.Network.Initialize(fit.block.Store, seed);
        for (long step = 0; step < iterations; step++) tell(fit.Update());
        var tensors = fit.block.Read();
        return new(new(fit.offset, fit.scale, tensors), fit.Sensitivity(tensors));
    }

    /// <summary>
    /// Trains on with all numbers rounded: an update's gradients are those at the rounded numbers, and what it adds is kept exactly beside them (straight-through, Courbariaux 2015).
    /// The tensors come back rounded.
    /// </summary>
    /// <param name="codes">Of each tensor's step.</param>
    public static BlockWeights Tune(CompressedHeader header, Box box, int width, float[] values, BlockWeights weights, byte[] codes, long iterations, ulong seed, Device device, Workers workers, Action<double> tell)
    {
        if (weights.Tensors.Length == 0) return weights;
        using var fit = new BlockFit(header, box, width, values, weights.Offset, weights.Scale, TuningRate, iterations, seed, device, workers);
        var store = fit.block.Store;
        float[] steps = new float[store.Length], exact = new float[store.Length], rounded = new float[store.Length], updated = new float[store.Length];
        fit.block.Write([.. weights.Tensors.Zip(codes, (tensor, code) => Enumerable.Repeat(WeightCoder.Step(code), tensor.Length).ToArray())]);
        store.Values.Read<float>(steps);
        fit.block.Write(weights.Tensors);
        store.Values.Read<float>(exact);
        for (long step = 0; step < iterations; step++)
        {
            Round();
            tell(fit.Update());
            store.Values.Read<float>(updated);
            for (int i = 0; i < exact.Length; i++) exact[i] += updated[i] - rounded[i];
        }
        Round();
        return weights with { Tensors = fit.block.Read() };

        void Round()
        {
            for (int i = 0; i < exact.Length; i++) rounded[i] = steps[i] > 0 ? MathF.Round(exact[i] / steps[i]) * steps[i] : 0;
            store.Values.Write<float>(rounded);
        }
    }

    double Update()
    {
        double loss = runner.Train();
        return double.IsFinite(loss) ? loss : throw new FitException(FitError.Diverged, $"the loss of a block is {loss} after {block.Store.Step} iterations");
    }

    /// <summary>By changing one tensor's numbers up or down at random: what of the squared error is linear in the change cancels between a change and its opposite.</summary>
    double[] Sensitivity(float[][] tensors)
    {
        const double Relative = 0.01;
        var random = new Random(1); // of the encoder alone; the same on every machine
        double undisturbed = runner.Evaluate(), factor = (double)(float)scale * (float)scale * box.Voxels * channels;
        return [.. tensors.Select((tensor, t) =>
        {
            double size = Relative * Math.Sqrt(tensor.Average(value => (double)value * value)) + 1e-6;
            bool[] up = [.. tensor.Select(_ => random.Next(2) == 1)];
            double Disturbed(double by)
            {
                block.Write([.. tensors.Select((other, i) => i == t ? [.. tensor.Select((value, k) => (float)(value + (up[k] ? by : -by)))] : other)]);
                return runner.Evaluate();
            }
            double excess = (Disturbed(size) + Disturbed(-size)) / 2 - undisturbed;
            block.Write(tensors);
            return factor * Math.Max(excess, 1e-9) / (size * size) / 12; // rounding to steps has a variance of step^2 / 12
        })];
    }

    public void Dispose()
    {
        runner.Dispose();
        plan.Dispose();
        block.Dispose();
    }
}
