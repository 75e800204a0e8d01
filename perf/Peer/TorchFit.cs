using InrFast.Kernels.Encodings;
using InrFast.Kernels.Sampling;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace InrFast.Perf.Peer;

/// <summary>What came of a fit. Seconds are those of training alone.</summary>
sealed record Progress(double CpuSeconds, double WallSeconds, double Psnr);

/// <summary>An image, x fastest, scaled to span 1.</summary>
sealed record Voxels(int[] Axes, float[] Samples);

/// <summary>What both engines are given: steps, batch, and a rate that falls as a cosine to one hundredth.</summary>
sealed record Schedule(int Steps, int Batch, double Rate)
{
    public double RateAt(int step) => Rate * (0.01 + 0.99 * (1 + Math.Cos(Math.PI * step / Steps)) / 2);
}

/// <summary>
/// Fits an image in libtorch: mean squared error, Adam, the voxels in a new order each epoch; of a volume's flat surroundings one in eight, others each time,
/// as our fit does it.
/// </summary>
sealed class TorchFit
{
    readonly Func<Tensor, Tensor> forward;
    readonly Adam adam;
    const int Share = 8;
    readonly Tensor coordinates, samples, foreground, background;
    readonly Schedule schedule;

    TorchFit(Func<Tensor, Tensor> forward, Adam adam, Voxels image, Schedule schedule)
    {
        (this.forward, this.adam, this.schedule) = (forward, adam, schedule);
        samples = tensor(image.Samples, [image.Samples.Length, 1]);
        coordinates = tensor(Problem.Centres(image.Axes), [image.Samples.Length, image.Axes.Length]);
        if (image.Axes.Length == 2) (foreground, background) = (arange(image.Samples.Length), empty(0, ScalarType.Int64));
        else
        {
            var (front, back) = Foreground.Split(image.Samples, new VoxelGrid(image.Axes), 1, 0.004);
            (foreground, background) = (tensor(Array.ConvertAll(front.ToArray(), voxel => (long)voxel)), tensor(Array.ConvertAll(back.ToArray(), voxel => (long)voxel)));
        }
    }

    public static TorchFit Siren(Layer[] layers, Voxels image, Schedule schedule)
    {
        var network = new TorchSiren(layers, folded: false);
        return new(network.Forward, optim.Adam(network.Parameters), image, schedule);
    }

    /// <summary>A grid encoding with one hidden layer of ReLU.</summary>
    public static TorchFit Grid(GridSettings settings, float[] tables, Layer[] layers, Voxels image, Schedule schedule)
    {
        var grid = new TorchGrid(settings, tables);
        Parameter[] weights = [.. layers.Select(l => new Parameter(tensor(l.Weight, [l.Outputs, l.Inputs])))], biases = [.. layers.Select(l => new Parameter(tensor(l.Bias)))];
        Tensor Forward(Tensor x)
        {
            x = grid.Encode(x);
            for (int i = 0; i < weights.Length; i++)
            {
                x = nn.functional.linear(x, weights[i], biases[i]);
                if (i < weights.Length - 1) x = nn.functional.relu(x);
            }
            return x;
        }
        return new(Forward, optim.Adam([.. grid.Tables, .. weights, .. biases], beta2: 0.99, eps: 1e-15), image, schedule);
    }

    /// <summary>Trains to the end of the schedule.</summary>
    public Progress Run()
    {
        double cpu = 0, wall = 0;
        Tensor? order = null;
        long next = 0, epoch = 0;
        for (int step = 0; step < schedule.Steps; step++)
        {
            var time = Measure.Time(() =>
            {
                using var scope = NewDisposeScope();
                if (order is null || next + schedule.Batch > order.shape[0])
                {
                    order?.Dispose();
                    var epochVoxels = cat([foreground, background[TensorIndex.Slice(epoch++ % Share, null, Share)]]);
                    order = epochVoxels.index_select(0, randperm(epochVoxels.shape[0])).DetachFromDisposeScope();
                    next = 0;
                }
                var rows = order.narrow(0, next, schedule.Batch);
                next += schedule.Batch;
                foreach (var group in adam.ParamGroups) group.LearningRate = schedule.RateAt(step);
                adam.zero_grad();
                nn.functional.mse_loss(forward(coordinates.index_select(0, rows)), samples.index_select(0, rows)).backward();
                adam.step();
            }, pause: false);
            (cpu, wall) = (cpu + time.Cpu, wall + time.Wall);
        }
        return new(cpu, wall, Psnr());
    }

    /// <summary>Over all pixels, against a range of 1.</summary>
    double Psnr()
    {
        const int Chunk = 4096;
        using var none = no_grad();
        double sum = 0;
        for (long first = 0; first < samples.shape[0]; first += Chunk)
        {
            using var scope = NewDisposeScope();
            long rows = Math.Min(Chunk, samples.shape[0] - first);
            sum += (forward(coordinates.narrow(0, first, rows)) - samples.narrow(0, first, rows)).square().sum().ToDouble();
        }
        return -10 * Math.Log10(sum / samples.shape[0]);
    }
}
