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

/// <summary>
/// Attenuation as a network of a multiresolution grid, trained on the measured rays alone (Zha, Zhang and Li: NAF, MICCAI 2022). Other than published: rays of all views mixed instead of a view at a time, points inside
/// the volume only, the finest cells as fine as the voxels instead of a thousandth of them, some rays through air, a rate that falls along a cosine.
/// </summary>
public static class NeuralAttenuationField
{
    const int Rays = 1024, AirShare = 10;

    /// <summary>Of the largest line integral: rays below are air, of which one in <see cref="AirShare"/> is taken.</summary>
    const float Air = 1e-3f;

    public const int StandardIterations = 2000;

    /// <param name="geometry">In units of half the volume's longest side.</param>
    /// <param name="report">After each iteration: its number, from 1, and the root of the batch's mean squared error over that of the projections. False ends the run.</param>
    /// <returns>The image, [z][y][x].</returns>
    public static float[] Run(ProjectionGeometry geometry, float[] projections, int iterations, ulong seed, Device device, Workers workers, Func<int, double, bool>? report = null)
    {
        var volume = geometry.Volume;
        int[] size = volume.IsFlat ? [volume.X, volume.Y] : [volume.X, volume.Y, volume.Z];
        // Cells follow the voxels.
        var grid = new VoxelGrid(size);
        int samples = Math.Clamp(size.Max(), 32, 512);
        var graph = new Graph();
        var network = NetworkOf(size).Build(graph);
        float most = projections.Max(), scale = ScaleOf(geometry, projections);
        uint[] seen = Pixels(p => p > Air * most), air = Pixels(p => !(p > Air * most));
        var rays = new SampleRays<ListedSweep>(graph, geometry, grid,
            binder => new ListedSweep(binder.Constant<uint>(seen), seen.Length, binder.Constant<uint>(air), air.Length, air.Length >= AirShare ? AirShare : 1), projections, samples);
        // The network says attenuation in multiples of a typical one, so that it is about 1.
        var integrals = new Product(new GroupSum(network.Apply(rays.Coordinates), scale / samples).Output, rays.Lengths).Output;
        var loss = new RowLoss<SquaredError>(integrals, rays.Values, default).Output;
        using var store = new ParameterStore(device, graph);
        network.Initialize(store, seed);
        var optimizer = Optimizer.Create(device, new Adam(0.9, 0.99, 1e-15), 5e-3, new CosineSchedule(iterations, Floor: 0.01));
        double power = Math.Sqrt(projections.Average(p => (double)p * p));
        using (var plan = Plan.Train(device, [new Loss(loss, 1 / (scale * scale))]))
        using (var runner = Runner.Create(plan, store, workers, Rays, optimizer))
        {
            runner.Seed = seed;
            for (int iteration = 1; iteration <= iterations; iteration++)
            {
                double error = runner.Train();
                if (!double.IsFinite(error)) throw new FitException(FitError.Diverged, $"the loss is {error} after {iteration} iterations; give another method");
                if (report?.Invoke(iteration, Math.Sqrt(error) * scale / power) == false) break;
            }
        }
        return Draw(graph, network, grid, scale, store, device, workers);

        uint[] Pixels(Func<float, bool> which) => [.. Enumerable.Range(0, projections.Length).Where(i => which(projections[i])).Select(i => (uint)i)];
    }

    static MlpSettings NetworkOf(int[] size)
    {
        bool flat = size.Length == 2;
        int longest = size.Max();
        var encoding = new GridEncoding([.. size], Levels: 8, Features: flat ? 2 : 4, Coarse: Math.Min(8, longest / 4.0), Fine: 1, Log2TableSize: flat ? 16 : 17);
        return new(size.Length, 1, encoding, Width: 32, HiddenLayers: 2, Activation.LeakyReLU, OutputActivation: Activation.Softplus);
    }

    /// <summary>The median of the mean attenuation along rays that pass the object.</summary>
    internal static float ScaleOf(ProjectionGeometry geometry, float[] projections)
    {
        double length = Math.Max(geometry.Volume.X * geometry.Volume.Spacing.X, geometry.Volume.Y * geometry.Volume.Spacing.Y);
        float most = projections.Max();
        var passed = projections.Where(p => p > 0.05f * most).Order().ToArray();
        return (float)(passed[passed.Length / 2] / length);
    }

    static float[] Draw(Graph graph, Network network, VoxelGrid grid, float scale, ParameterStore store, Device device, Workers workers)
    {
        long count = grid.Count;
        var image = new float[count];
        var output = network.Apply(new SampleVoxels<ImageOrder>(graph, grid, _ => new ImageOrder(count)).Coordinates);
        int batch = (int)Math.Min(1 << 16, count);
        var rows = new float[batch];
        using var plan = Plan.Evaluate(device, output);
        using var runner = Runner.Create(plan, store, workers, batch);
        for (long first = 0; first < count; first += batch, runner.Batch++)
        {
            runner.Evaluate();
            runner.Read(rows);
            for (int i = 0; i < batch && first + i < count; i++) image[first + i] = scale * rows[i];
        }
        return image;
    }
}
