using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.Projection;
using InrFast.Kernels.Rendering;
using InrFast.Kernels.Sampling;
using InrFast.Tasks.Reconstruction;

namespace InrFast.Tests;

/// <summary>Scans on the card against their definitions in double: a slice and a volume that are not centred and whose voxels are no cubes.</summary>
public sealed class ProjectionTests
{
    static readonly ScanVolume Slice = new(11, 9, 1, new(0.9, 1.1, 1), new(-4.9, -4.2, 0)), Volume = new(7, 6, 5, new(0.9, 1.1, 1.3), new(-2.9, -2.6, -2.5));

    static ProjectionGeometry Scan(DetectorShape shape, bool flat) => new(flat ? Slice : Volume, shape, flat ? 31 : 12, flat ? 1 : 7, flat ? 14.3 : 5.1, flat ? 0 : 3.2,
        [.. Enumerable.Range(0, 5).Select(i => View.Circular(shape, 0.3 + i * 0.97, 40, 60, shape == DetectorShape.Parallel ? 0.5 : 0.8, 1.4))]);

    static float[] Numbers(long count)
    {
        var random = new Random((int)count);
        return [.. Enumerable.Range(0, (int)count).Select(_ => (float)random.NextDouble() - 0.3f)];
    }

    [Test]
    public void ProjectionsAgree([Values] DetectorShape shape, [Values] bool flat)
    {
        var geometry = Scan(shape, flat);
        using Run<float> image = new(Numbers(geometry.Volume.Count)), projections = new(Numbers(geometry.Count)), lines = new(new float[geometry.Count], known: false);
        using Run<float> adjoint = new(Numbers(geometry.Volume.Count)), backprojection = new(Numbers(geometry.Volume.Count));
        foreach (var (device, at) in new (Device, Func<Run<float>, nint>)[] { (Gpu.Device, run => run.OnCard), (new ReferenceDevice(), run => run.OnHost) })
        {
            int all = geometry.Views.Length * geometry.Rows, rows = geometry.Volume.Y * geometry.Volume.Z;
            var kernels = device.Projection(geometry);
            kernels.Forward(at(image), at(lines), 0, 3);
            kernels.Forward(at(image), at(lines), 3, all - 3);
            for (int axis = 0; axis < 3; axis++)
            {
                kernels.Adjoint(at(projections), at(adjoint), 1, all - 1, axis, 0, 2);
                kernels.Adjoint(at(projections), at(adjoint), 1, all - 1, axis, 2, geometry.Volume[axis] - 2);
            }
            device.Backprojection(geometry).Add(at(projections), at(backprojection), 1, geometry.Views.Length - 1, 1, rows - 1);
        }
        Close.Check(lines.Actual, lines.Expected, 3e-6, "projections");
        Close.Check(adjoint.Actual, adjoint.Expected, 3e-6, "adjoint");
        Close.Check(backprojection.Actual, backprojection.Expected, 2e-5, "backprojection");
    }

    [Test]
    public void AMeasurementThatIsNoNumberIsNotHidden()
    {
        var geometry = Scan(DetectorShape.Parallel, true);
        var numbers = Numbers(geometry.Count);
        numbers[5] = float.NaN;
        using Run<float> projections = new(numbers), image = new(new float[geometry.Volume.Count]);
        Gpu.Device.Projection(geometry).Adjoint(projections.OnCard, image.OnCard, 0, geometry.Views.Length, 1, 0, geometry.Volume.Y);
        Assert.That(image.Actual, Is.All.NaN);
    }

    [Test]
    public void PointsOfRaysAgree([Values] DetectorShape shape, [Values] bool flat, [Values] bool jitter)
    {
        const int Samples = 6, Rays = 11;
        var geometry = Scan(shape, flat);
        VoxelGrid grid = new(flat ? [11, 9] : [7, 6, 5], flat ? [0.9, 1.1] : [0.9, 1.1, 1.3]);
        using Run<Clock> clock = new([new Clock { Step = 3, Batch = 3, Seed = 8 }]);
        using Run<float> projections = new(Numbers(geometry.Count));
        using Rows coordinates = new(Rays * Samples, grid.Axes), lengths = new(Rays, 1), values = new(Rays, 1);
        Gpu.Device.RaySampler(geometry, grid, new ShuffledSweep(geometry.Count), Samples, jitter).Sample(clock.OnCard, 2, 40, projections.OnCard, coordinates.OnCard, lengths.OnCard, values.OnCard);
        new ReferenceDevice().RaySampler(geometry, grid, new ShuffledSweep(geometry.Count), Samples, jitter).Sample(clock.OnHost, 2, 40, projections.OnHost, coordinates.OnHost, lengths.OnHost, values.OnHost);
        coordinates.MustAgree(2e-6, "coordinates");
        lengths.MustAgree(1e-6, "lengths");
        values.MustAgree(1e-9, "values");
    }

    [Test]
    public void TotalVariationAgrees([Values(1, 4)] int z)
    {
        const int X = 7, Y = 5;
        var reference = new ReferenceDevice().TotalVariation(X, Y, z);
        var field = new float[reference.FieldFloats];
        using Run<float> image = new(Numbers(X * Y * z)), g = new(Numbers(X * Y * z + 1)[1..]), dual = new(field);
        foreach (var (kernels, at) in new (InrFast.Kernels.TotalVariation.TotalVariationKernels, Func<Run<float>, nint>)[] { (Gpu.Device.TotalVariation(X, Y, z), run => run.OnCard), (reference, run => run.OnHost) })
            for (int step = 0; step < 3; step++)
            {
                kernels.Dual(at(image), 0.8f, at(dual), 0, Y * z);
                kernels.Primal(at(g), at(dual), 0.3f, at(image), 0, 2);
                kernels.Primal(at(g), at(dual), 0.3f, at(image), 2, Y * z - 2);
            }
        Close.Check(image.Actual, image.Expected, 2e-6, "image");
        Close.Check(dual.Actual, dual.Expected, 2e-6, "field");
    }

    /// <summary>The classical methods by which a scan is reconstructed, on the card as on the processor.</summary>
    [Test]
    public void AScanIsReconstructed()
    {
        var geometry = Scan(DetectorShape.Parallel, true);
        using Workers workers = new(1);
        float[][] Images(Device device)
        {
            using Projector projector = new(geometry, device, workers);
            var projections = projector.Forward([.. Numbers(geometry.Volume.Count).Select(Math.Abs)]);
            double[] angles = [.. Enumerable.Range(0, 5).Select(i => 0.3 + i * 0.97)];
            return
            [
                Simultaneous.Run(projector, projections, 2), Simultaneous.Run(projector, projections, 1, subsets: 5), TotalVariation.Run(projector, projections, 0.05, 2, device, workers),
                FilteredBackprojection.Run(geometry, angles, projections, RampWindow.Hann, device, workers),
            ];
        }
        foreach (var (actual, expected) in Images(Gpu.Device).Zip(Images(CpuDevice.Best))) Close.Check(actual, expected, 1e-4, "image");
    }
}
