using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Optimizers;
using InrFast.Kernels.Projection;
using InrFast.Kernels.Random;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Reconstruction;

/// <summary>
/// An image network that corrects views as a reconstruction renders them, trained on pairs of such a rendering and what was measured: a pixel's correction follows from the rendering about it, by a convolution over a square and
/// two of one pixel each.
/// </summary>
sealed class ViewSharpener : IDisposable
{
    /// <summary>Pixels of the square to each side of its middle.</summary>
    const int Reach = 2;

    const int Batch = 4096, Steps = 400, Width = 32;
    const double Rate = 3e-3;

    readonly Device device;
    readonly Workers workers;
    readonly ParameterStore store;
    readonly Value patches, correction;
    readonly int columns, rows, down, across;
    readonly float level, unit;

    /// <param name="geometry">Of all views alike.</param>
    /// <param name="renderings">[view][row][column].</param>
    /// <param name="measured">The same views.</param>
    public ViewSharpener(ProjectionGeometry geometry, float[] renderings, float[] measured, ulong seed, Device device, Workers workers)
    {
        (this.device, this.workers, columns, rows) = (device, workers, geometry.Columns, geometry.Rows);
        (down, across) = (rows > 1 ? Reach : 0, Reach);
        level = Math.Max(renderings.Max(), float.Epsilon);
        unit = (float)Math.Max(Math.Sqrt(renderings.Zip(measured, (ours, theirs) => ((double)ours - theirs) * (ours - theirs)).Average()), 1e-6 * level);
        int inputs = (2 * down + 1) * (2 * across + 1);
        var graph = new Graph();
        var network = new MlpSettings(inputs, 1, Width: Width, HiddenLayers: 2, Activation: Activation.LeakyReLU).Build(graph);
        Value target = graph.Input(1);
        patches = graph.Input(inputs);
        correction = network.Apply(patches);
        var loss = new RowLoss<SquaredError>(correction, target, default).Output;
        store = new(device, graph);
        network.Initialize(store, seed);
        float[] of = new float[Batch * inputs], wanted = new float[Batch];
        using var plan = Plan.Train(device, [new(loss)]);
        using var runner = Runner.Create(plan, store, workers, Batch, Optimizer.Create(device, new Adam(), Rate, new CosineSchedule(Steps, Floor: 0.01)));
        var order = new Permutation((ulong)renderings.Length, seed);
        for (int step = 1; step <= Steps; step++)
        {
            for (int i = 0; i < Batch; i++)
            {
                int pixel = (int)order[(ulong)(((long)(step - 1) * Batch + i) % renderings.Length)];
                Patch(renderings, pixel, of.AsSpan(i * inputs, inputs));
                wanted[i] = (measured[pixel] - renderings[pixel]) / unit;
            }
            runner.Feed(patches, of);
            runner.Feed(target, wanted);
            double error = runner.Train();
            if (!double.IsFinite(error)) throw new FitException(FitError.Diverged, $"the image network's loss is {error} after {step} steps; give method naf");
        }
    }

    /// <summary>Other views, corrected.</summary>
    public float[] Sharpen(float[] renderings)
    {
        int inputs = patches.Shape.Columns, batch = Math.Min(1 << 14, renderings.Length);
        float[] of = new float[batch * inputs], corrections = new float[batch], result = new float[renderings.Length];
        using var plan = Plan.Evaluate(device, correction);
        using var runner = Runner.Create(plan, store, workers, batch);
        for (int first = 0; first < renderings.Length; first += batch)
        {
            int some = Math.Min(batch, renderings.Length - first);
            Parts.Run(workers, some, 1024, (start, count, _) =>
            {
                for (int i = (int)start; i < start + count; i++) Patch(renderings, first + i, of.AsSpan(i * inputs, inputs));
            });
            runner.Feed(patches, of);
            runner.Evaluate();
            runner.Read(corrections);
            for (int i = 0; i < some; i++) result[first + i] = MathF.Max(0, renderings[first + i] + unit * corrections[i]);
        }
        return result;
    }

    // The middle pixel's value, of the largest; the others as what they have more. Beyond the border stands the nearest pixel.
    void Patch(float[] views, int pixel, Span<float> patch)
    {
        var (line, column) = Math.DivRem(pixel, columns);
        var (view, row) = Math.DivRem(line, rows);
        float middle = views[pixel];
        int at = 0;
        for (int v = -down; v <= down; v++)
        {
            int from = (view * rows + Math.Clamp(row + v, 0, rows - 1)) * columns;
            for (int u = -across; u <= across; u++) patch[at++] = u == 0 && v == 0 ? middle / level : (views[from + Math.Clamp(column + u, 0, columns - 1)] - middle) / unit;
        }
    }

    public void Dispose() => store.Dispose();
}
