using InrFast.Kernels.Encodings;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace InrFast.Perf.Peer;

/// <summary>How far a fit has come. Seconds are those of training alone.</summary>
sealed record Progress(int Step, double CpuSeconds, double WallSeconds, double Psnr);

/// <summary>What both engines are given: steps, batch, and a rate that falls as a cosine to one hundredth.</summary>
sealed record Schedule(int Steps, int Batch, double Rate)
{
    public double RateAt(int step) => Rate * (0.01 + 0.99 * (1 + Math.Cos(Math.PI * step / Steps)) / 2);
}

/// <summary>Fits an image in libtorch: all pixels in a new order each epoch, mean squared error, Adam.</summary>
sealed class TorchFit
{
    readonly Func<Tensor, Tensor> forward;
    readonly Adam adam;
    readonly Tensor coordinates, samples;
    readonly Schedule schedule;

    /// <param name="samples">[height][width], scaled to span 1</param>
    TorchFit(Func<Tensor, Tensor> forward, Adam adam, float[] samples, int width, int height, Schedule schedule)
    {
        (this.forward, this.adam, this.schedule) = (forward, adam, schedule);
        this.samples = tensor(samples, [samples.Length, 1]);
        coordinates = tensor(Problem.Pixels(width, height), [samples.Length, 2]);
    }

    public static TorchFit Siren(Layer[] layers, float[] samples, int width, int height, Schedule schedule)
    {
        var network = new TorchSiren(layers, folded: false);
        return new(network.Forward, optim.Adam(network.Parameters), samples, width, height, schedule);
    }

    /// <summary>A grid encoding with one hidden layer of ReLU.</summary>
    public static TorchFit Grid(GridSettings settings, float[] tables, Layer[] layers, float[] samples, int width, int height, Schedule schedule)
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
        return new(Forward, optim.Adam([.. grid.Tables, .. weights, .. biases], beta2: 0.99, eps: 1e-15), samples, width, height, schedule);
    }

    /// <summary>Trains, and reports every so many steps.</summary>
    public IEnumerable<Progress> Run(int every)
    {
        double cpu = 0, wall = 0;
        var order = randperm(samples.shape[0]);
        long next = 0;
        for (int step = 0; step < schedule.Steps; step++)
        {
            var time = Measure.Time(() =>
            {
                using var scope = NewDisposeScope();
                if (next + schedule.Batch > samples.shape[0])
                {
                    order.Dispose();
                    order = randperm(samples.shape[0]).DetachFromDisposeScope();
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
            if ((step + 1) % every == 0 || step + 1 == schedule.Steps) yield return new(step + 1, cpu, wall, Psnr());
        }
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
