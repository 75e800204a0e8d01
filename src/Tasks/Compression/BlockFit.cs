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
/// <param name="Loss">Mean squared error, as parts of the image's range squared.</param>
sealed record FittedBlock(BlockWeights Weights, double[] Sensitivity, double Loss);

/// <summary>Fits the network of one block.</summary>
static class BlockFit
{
    const int MostRows = 16384, LeastRows = 1024, ShareOfVoxels = 16;
    const double LearningRate = 3e-3;

    /// <summary>Rows of an update.</summary>
    public static int Rows(Box box) => (int)Math.Min(box.Voxels, Math.Clamp(box.Voxels / ShareOfVoxels, LeastRows, MostRows));

    /// <param name="values">[voxel][channel], parts of the image's range.</param>
    /// <param name="tell">Is told the step and the loss.</param>
    public static FittedBlock Run(CompressedHeader header, Box box, int width, float[] values, long iterations, ulong seed, Device device, Workers workers, Action<long, double> tell, CancellationToken cancel)
    {
        double mean = values.Average(value => (double)value), deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
        if (width == 0 || deviation == 0) return new(new((Half)mean, default, []), [], deviation * deviation);
        Half offset = (Half)mean, scale = (Half)Math.Max(deviation, 1e-4);
        float[] targets = [.. values.Select(value => (value - (float)offset) / (float)scale)];
        using var block = new BlockNetwork(header, width, device);
        var grid = BlockNetwork.Coordinates(box);
        var samples = new SampleVoxels<ShuffledSweep>(block.Graph, grid, _ => new ShuffledSweep(grid.Count), targets, header.Channels);
        var loss = new RowLoss<SquaredError>(block.Network.Apply(samples.Coordinates), samples.Values, default);
        block.Network.Initialize(block.Store, seed);
        var optimizer = Optimizer.Create(device, new Adam(), LearningRate, new CosineSchedule(iterations, Floor: 0.01), clipNorm: 1);
        using var plan = Plan.Train(device, [new Loss(loss.Output)]);
        using var runner = Runner.Create(plan, block.Store, workers, Rows(box), optimizer);
        runner.Seed = seed;
        double last = 0;
        while (block.Store.Step < iterations)
        {
            cancel.ThrowIfCancellationRequested();
            last = runner.Train();
            if (!double.IsFinite(last)) throw new FitException(FitError.Diverged, $"the loss of a block is {last} after {block.Store.Step} iterations");
            tell(block.Store.Step, last);
        }
        var tensors = block.Read();
        double square = (double)(float)scale * (float)scale;
        return new(new(offset, scale, tensors), Sensitivity(block, runner, tensors, square * box.Voxels * header.Channels), last * square);
    }

    /// <summary>By changing one tensor's numbers up or down at random: what of the squared error is linear in the change cancels between a change and its opposite.</summary>
    static double[] Sensitivity(BlockNetwork block, Runner runner, float[][] tensors, double factor)
    {
        const double Relative = 0.01;
        var random = new Random(1); // of the encoder alone; the same on every machine
        double undisturbed = runner.Evaluate();
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
}
