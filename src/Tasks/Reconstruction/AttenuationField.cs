using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Optimizers;
using InrFast.Kernels.Projection;
using InrFast.Kernels.Sampling;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Reconstruction;

/// <summary>Attenuation as a network of a multiresolution grid: trained on rays, drawn on voxels, seen along other rays.</summary>
sealed class AttenuationField : IDisposable
{
    /// <summary>Of a batch.</summary>
    public const int Rays = 1024;

    const int RenderedRays = 2048;
    const double RateFlat = 5e-3, Rate = 1e-2;

    /// <summary>A level's nodes: as many as a volume's voxels, between these. A chest of 128 x 128 x 128 from 50 views after 2000 steps: 34.9 dB with 2^17, 35.7 with 2^19, which take a fifth more time.</summary>
    const int LeastLog2Nodes = 17, MostLog2Nodes = 19;

    readonly Device device;
    readonly Workers workers;
    readonly Graph graph = new();
    readonly Network network;
    readonly ParameterStore store;
    readonly VoxelGrid grid;
    readonly int[] size;
    readonly int samples, cells;
    readonly float scale;
    readonly ulong seed;

    /// <param name="scale">A typical attenuation: the network says multiples of it, so that it is about 1.</param>
    /// <param name="cells">The finest ones along each axis of a voxel.</param>
    public AttenuationField(ScanVolume volume, float scale, int cells, ulong seed, Device device, Workers workers)
    {
        (this.device, this.workers, this.scale, this.cells, this.seed) = (device, workers, scale, cells, seed);
        size = volume.IsFlat ? [volume.X, volume.Y] : [volume.X, volume.Y, volume.Z];
        grid = new(size);
        int longest = size.Max();
        samples = Math.Clamp(longest, 32, 512);
        var encoding = new GridEncoding([.. size], Levels: 8, Features: volume.IsFlat ? 2 : 4, Coarse: Math.Min(8, longest / 4.0), Fine: cells, Log2TableSize: volume.IsFlat ? 16 : (int)Math.Clamp(Math.Log2(grid.Count), LeastLog2Nodes, MostLog2Nodes));
        network = new MlpSettings(size.Length, 1, encoding, Width: 32, HiddenLayers: 2, Activation.LeakyReLU, OutputActivation: Activation.Softplus).Build(graph);
        store = new(device, graph);
        network.Initialize(store, seed);
    }

    /// <summary>Trains, from a new state of the optimiser, at a rate that falls along a cosine.</summary>
    /// <param name="geometry">On the field's volume.</param>
    /// <param name="rays">Numbers of the projections' pixels that are taken.</param>
    /// <param name="others">Pixels of which one in <paramref name="share"/> is taken.</param>
    /// <param name="report">After each step: its number, from 1, and the root of the batch's mean squared error over that of the projections. False ends the training.</param>
    /// <returns>Whether it came to its end.</returns>
    public bool Train(ProjectionGeometry geometry, float[] projections, uint[] rays, uint[] others, int share, int steps, Func<int, double, bool>? report)
    {
        for (int i = 0; i < 2; i++)
            if (store.HasState(i)) store.State(i).Clear();
        store.Step = 0;
        var sampled = new SampleRays<ListedSweep>(graph, geometry, grid, binder => new ListedSweep(binder.Constant<uint>(rays), rays.Length, binder.Constant<uint>(others), others.Length, share), projections, samples);
        var loss = new RowLoss<SquaredError>(Integrals(sampled), sampled.Values, default).Output;
        double power = Math.Sqrt(projections.Average(p => (double)p * p));
        using var plan = Plan.Train(device, [new Loss(loss, 1 / (scale * scale))]);
        using var runner = Runner.Create(plan, store, workers, Rays, Optimizer.Create(device, new Adam(0.9, 0.99, 1e-15), size.Length == 2 ? RateFlat : Rate, new CosineSchedule(steps, Floor: 0.01)));
        runner.Seed = seed;
        for (int step = 1; step <= steps; step++)
        {
            double error = runner.Train();
            if (!double.IsFinite(error)) throw new FitException(FitError.Diverged, $"the loss is {error} after {step} iterations; give another method");
            if (report?.Invoke(step, Math.Sqrt(error) * scale / power) == false) return false;
        }
        return true;
    }

    /// <summary>The line integrals of a scan, [view][row][column].</summary>
    /// <param name="geometry">On the field's volume.</param>
    public float[] Render(ProjectionGeometry geometry)
    {
        long count = geometry.Count;
        return Evaluate(Integrals(new SampleRays<ImageOrder>(graph, geometry, grid, _ => new ImageOrder(count), default, samples, jitter: false)), count, RenderedRays);
    }

    /// <summary>The image, [z][y][x]: of each voxel the mean over the middles of its finest cells.</summary>
    public float[] Draw()
    {
        int axes = size.Length, batch = (int)Math.Min(1 << 16, grid.Count), points = (int)Math.Pow(cells, axes);
        var image = new float[grid.Count];
        float[] places = new float[batch * axes], values = new float[batch];
        var coordinates = graph.Input(axes);
        using var plan = Plan.Evaluate(device, network.Apply(coordinates));
        using var runner = Runner.Create(plan, store, workers, batch);
        for (int point = 0; point < points; point++)
            for (long first = 0; first < image.Length; first += batch)
            {
                int some = (int)Math.Min(batch, image.Length - first);
                for (int i = 0; i < some; i++) Place(first + i, point, places.AsSpan(i * axes, axes));
                runner.Feed(coordinates, places);
                runner.Evaluate();
                runner.Read(values);
                for (int i = 0; i < some; i++) image[first + i] += scale / points * values[i];
            }
        return image;

        // Voxel n of so many begins at 2 n - size half steps and is two long.
        void Place(long voxel, int cell, Span<float> place)
        {
            for (int axis = 0; axis < axes; axis++)
            {
                long start = 2 * (voxel % size[axis]) - size[axis];
                place[axis] = (float)((start + (2 * (cell % cells) + 1.0) / cells) * grid[axis].HalfStep);
                (voxel, cell) = (voxel / size[axis], cell / cells);
            }
        }
    }

    Value Integrals<TOrder>(SampleRays<TOrder> rays) where TOrder : struct, IVoxelOrder => new Product(new GroupSum(network.Apply(rays.Coordinates), scale / samples).Output, rays.Lengths).Output;

    float[] Evaluate(Value value, long count, int most)
    {
        int batch = (int)Math.Min(most, count);
        float[] all = new float[count], rows = new float[batch];
        using var plan = Plan.Evaluate(device, value);
        using var runner = Runner.Create(plan, store, workers, batch);
        for (long first = 0; first < count; first += batch, runner.Batch++)
        {
            runner.Evaluate();
            runner.Read(rows);
            rows.AsSpan(0, (int)Math.Min(batch, count - first)).CopyTo(all.AsSpan((int)first));
        }
        return all;
    }

    public void Dispose() => store.Dispose();
}
