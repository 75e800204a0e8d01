using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Sampling;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Reconstruction;

/// <summary>
/// A network of coordinates drawn on every voxel of a grid, and trained by what a loss of that whole image says of each voxel: how projectors, which need the image at once, and priors of images train a network.
/// </summary>
public sealed class RenderedNetwork : IDisposable
{
    readonly ParameterStore store;
    readonly Plan drawing, training;
    readonly Value coordinates, target;
    readonly Workers workers;
    readonly float[] places;
    readonly int voxels;

    /// <param name="settings">As many inputs as the grid has axes; one output.</param>
    public RenderedNetwork(NetworkSettings settings, VoxelGrid grid, ulong seed, Device device, Workers workers)
    {
        (this.workers, voxels) = (workers, checked((int)grid.Count));
        places = new float[voxels * grid.Axes];
        unsafe
        {
            fixed (float* place = places)
                for (int voxel = 0; voxel < voxels; voxel++) grid.Place(voxel, place + voxel * grid.Axes);
        }
        var graph = new Graph();
        Network = settings.Build(graph);
        (coordinates, target) = (graph.Input(grid.Axes), graph.Input(1));
        var image = Network.Apply(coordinates);
        // Of half the sum of squares: the gradient is image - target.
        var loss = new RowLoss<SquaredError>(image, target, default).Output;
        store = new(device, graph);
        Network.Initialize(store, seed);
        (drawing, training) = (Plan.Evaluate(device, image), Plan.Train(device, [new(loss, voxels / 2.0)]));
    }

    public Network Network { get; }

    /// <summary>The image, x fastest.</summary>
    public float[] Draw()
    {
        using var runner = Begin(drawing);
        return Draw(runner, new float[voxels]);
    }

    /// <summary>Fits an image, from a new state of the optimiser.</summary>
    /// <param name="report">After each step: its number, from 1, and the mean squared error before it. False ends the fit.</param>
    public void Fit(float[] image, Optimizer optimizer, int steps, Func<int, double, bool>? report = null)
    {
        using var runner = Begin(training, optimizer);
        runner.Feed(target, image);
        for (int step = 1; step <= steps; step++)
        {
            double error = runner.Train() * 2 / voxels;
            if (!double.IsFinite(error)) throw new FitException(FitError.Diverged, $"the network's error is {error} after {step} steps; give another method");
            if (report?.Invoke(step, error) == false) break;
        }
    }

    /// <summary>Trains, from a new state of the optimiser.</summary>
    /// <param name="gradient">Of a step, from 1: writes the loss's derivative by each voxel of the image it is given. False: no more steps.</param>
    public void Train(Optimizer optimizer, int steps, Func<int, float[], float[], bool> gradient)
    {
        using Runner drawer = Begin(drawing), runner = Begin(training, optimizer);
        float[] image = new float[voxels], slope = new float[voxels];
        for (int step = 1; step <= steps && gradient(step, Draw(drawer, image), slope); step++)
        {
            for (int i = 0; i < voxels; i++) slope[i] = image[i] - slope[i];
            runner.Feed(target, slope);
            runner.Step();
        }
    }

    static float[] Draw(Runner runner, float[] image)
    {
        runner.Evaluate();
        runner.Read(image);
        return image;
    }

    Runner Begin(Plan plan, Optimizer? optimizer = null)
    {
        for (int i = 0; optimizer is not null && i < 2; i++)
            if (store.HasState(i)) store.State(i).Clear();
        if (optimizer is not null) store.Step = 0;
        var runner = Runner.Create(plan, store, workers, voxels, optimizer);
        runner.Feed(coordinates, places);
        return runner;
    }

    public void Dispose()
    {
        drawing.Dispose();
        training.Dispose();
        store.Dispose();
    }
}
