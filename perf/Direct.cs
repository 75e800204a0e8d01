using InrFast.Kernels;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Dense;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Optimizers;

namespace InrFast.Perf;

/// <summary>
/// The training step of one SIREN written out by hand: the kernels that a plan takes, called in a loop over tiles of 128 rows by one thread, with one gradient and Adam after the batch.
/// No graph, no plan, no runner: what the general engine costs is the difference.
/// </summary>
sealed unsafe class Direct : IDisposable
{
    const int TileRows = 128;

    static readonly Device device = CpuDevice.Best;

    /// <summary>Rows of a tile and what a layer has of them, kept from the forward to the backward: its outputs; its slopes, which become the gradient of what they were taken of.</summary>
    sealed record Step(DenseKernels Kernels, ParameterView Weight, ParameterView WeightGradient, nint Bias, nint BiasGradient, nint Prepared, nint Output, nint Gradient, int Columns);

    readonly List<DeviceMemory> memories = [];
    readonly Step[] steps;
    readonly LossKernels loss = device.Loss(new SquaredError());
    readonly OptimizerKernels adam = device.Optimizer(new Adam());
    readonly nint x, target, values, gradient, first, second, numbers, sum, one;
    readonly int inputs, rows;
    readonly long length;
    long step;

    /// <param name="points">[rows][inputs]; as many rows as fill whole tiles.</param>
    /// <param name="wanted">[rows][1].</param>
    public Direct(Layer[] layers, float[] points, float[] wanted)
    {
        (inputs, rows) = (layers[0].Inputs, wanted.Length);
        length = layers.Sum(layer => WeightFloats(layer) + Pad(layer.Outputs));
        (x, target) = (Floats(points.Length), Floats(wanted.Length));
        points.CopyTo(new Span<float>((void*)x, points.Length));
        wanted.CopyTo(new Span<float>((void*)target, wanted.Length));
        (values, gradient, first, second) = (Floats(length), Floats(length), Floats(length), Floats(length));
        (numbers, sum, one) = (Floats(16), Floats(16), Floats(16));
        *(double*)one = 1;
        steps = new Step[layers.Length];
        long at = 0;
        for (int i = 0; i < layers.Length; i++)
        {
            var layer = layers[i];
            bool isNarrow = DenseKernels.IsNarrowInput(layer.Inputs, layer.Outputs);
            var (rowStride, columnStride) = isNarrow ? (1, (int)Pad(layer.Outputs)) : ((int)Pad(layer.Inputs), 1);
            ParameterView View(nint start) => new(start + (nint)at * sizeof(float), layer.Outputs, layer.Inputs, rowStride, columnStride);
            var (weight, bias) = (View(values), at + WeightFloats(layer));
            for (int row = 0; row < layer.Outputs; row++)
            {
                ((float*)values)[bias + row] = layer.Bias[row];
                for (int column = 0; column < layer.Inputs; column++) ((float*)weight.Data)[row * rowStride + column * columnStride] = layer.Weight[row * layer.Inputs + column];
            }
            bool isLast = i == layers.Length - 1;
            var kernels = isLast ? device.Dense(layer.Inputs, layer.Outputs, new Identity()) : device.Dense(layer.Inputs, layer.Outputs, new Sine(Problem.Omega));
            nint Rows() => Floats((long)TileRows * Matrix.StrideOf(layer.Outputs));
            steps[i] = new(kernels, weight, View(gradient), values + (nint)bias * sizeof(float), gradient + (nint)bias * sizeof(float), Floats(kernels.PreparedFloats), Rows(), Rows(), layer.Outputs);
            at = bias + Pad(layer.Outputs);
        }
    }

    /// <summary>Forward, mean squared error, backward, Adam; returns the loss before the step.</summary>
    public double Train()
    {
        foreach (var step in steps) step.Kernels.Prepare(step.Weight, step.Bias, step.Prepared);
        *(double*)sum = 0;
        for (int row = 0; row < rows; row += TileRows) Tile(row);
        *(StepNumbers*)numbers = adam.Numbers(new(1e-4, ++step));
        adam.Update(values, gradient, first, second, 0, length, numbers, clearGradient: true);
        return *(double*)sum;
    }

    void Tile(int row)
    {
        Matrix points = new(x + row * inputs * sizeof(float), TileRows, TileRows, inputs), wanted = new(target + row * sizeof(float), TileRows, TileRows, 1);
        var input = points;
        foreach (var step in steps)
        {
            var output = Of(step.Output, step);
            step.Kernels.Forward(input, step.Prepared, output, step == steps[^1] ? default : Of(step.Gradient, step));
            input = output;
        }
        loss.Forward(input, wanted, default, 1.0 / rows, sum);
        loss.Backward(input, wanted, default, 1.0 / rows, one, Of(steps[^1].Gradient, steps[^1]));
        for (int i = steps.Length - 1; i >= 0; i--)
        {
            var step = steps[i];
            Matrix x = i == 0 ? points : Of(steps[i - 1].Output, steps[i - 1]), slopes = i == 0 ? default : Of(steps[i - 1].Gradient, steps[i - 1]);
            step.Kernels.Backward(Of(step.Gradient, step), default, x, step.Prepared, slopes, step.WeightGradient, step.BiasGradient, slopes);
        }
    }

    static Matrix Of(nint data, Step step) => new(data, TileRows, TileRows, step.Columns);

    static long Pad(int columns) => Matrix.PadColumns(columns);

    // Kernels work on whole blocks of eight rows.
    static long WeightFloats(Layer layer) => DenseKernels.IsNarrowInput(layer.Inputs, layer.Outputs) ? 8 * Pad(layer.Outputs) : (layer.Outputs + 7) / 8 * 8 * Pad(layer.Inputs);

    nint Floats(long count)
    {
        // One vector more: kernels may read up to the next whole block.
        memories.Add(device.Allocate((count + 64) * sizeof(float)));
        return memories[^1].Address;
    }

    public void Dispose() => memories.ForEach(memory => memory.Dispose());
}
