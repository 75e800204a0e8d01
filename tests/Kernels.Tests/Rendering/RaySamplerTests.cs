using InrFast.Kernels;
using InrFast.Kernels.Projection;
using InrFast.Kernels.Rendering;
using InrFast.Kernels.Sampling;

namespace InrFast.Tests;

public unsafe class RaySamplerTests
{
    [TestCaseSource(typeof(ProjectionCase), nameof(ProjectionCase.All))]
    public void TilesOfAnySizeMakeTheSameBitsAndAgreeWithTheOracle(ProjectionGeometry geometry)
    {
        foreach (bool jitter in (bool[])[false, true])
        {
            var oracle = Rays(Kernels(SamplingCase.Reference, geometry, 7, jitter), geometry, 7, 60, 60);
            foreach (var device in SamplingCase.Cpus)
            {
                var kernels = Kernels(device, geometry, 7, jitter);
                var whole = Rays(kernels, geometry, 7, 60, 60);
                Assert.That(whole, Is.EqualTo(oracle).Within(2e-5f), device.Name);
                Assert.That(Rays(kernels, geometry, 7, 60, 13), Is.EqualTo(whole), device.Name);
            }
        }
    }

    /// <summary>Points lie inside the volume, one in each part of the ray and all at the same place of theirs, which is anywhere.</summary>
    [TestCaseSource(typeof(ProjectionCase), nameof(ProjectionCase.All))]
    public void PointsAreStratified(ProjectionGeometry geometry)
    {
        const int Samples = 10, Rays = 400;
        int axes = geometry.Volume.IsFlat ? 2 : 3;
        var grid = Grid(geometry);
        using HostRows coordinates = new(Rays * Samples, axes), lengths = new(Rays, 1), middles = new(Rays * Samples, axes);
        var clock = new Clock { Seed = 3 };
        Kernels(CpuDevice.Best, geometry, Samples, true).Sample((nint)(&clock), 0, Rays, 0, coordinates.Matrix, lengths.Matrix, default);
        Kernels(CpuDevice.Best, geometry, Samples, false).Sample((nint)(&clock), 0, Rays, 0, middles.Matrix, default, default);
        double sum = 0, squares = 0;
        int hits = 0;
        for (int ray = 0; ray < Rays; ray++)
        {
            if (lengths[ray] == 0) continue;
            hits++;
            int main = Enumerable.Range(0, axes).MaxBy(axis => Math.Abs(middles[ray * Samples + 1, axis] - middles[ray * Samples, axis]));
            double step = middles[ray * Samples + 1, main] - middles[ray * Samples, main];
            for (int i = ray * Samples; i < (ray + 1) * Samples; i++)
            {
                double offset = (coordinates[i, main] - middles[i, main]) / step;
                Assert.That(offset, Is.InRange(-0.501, 0.501));
                Assert.That(offset, Is.EqualTo((coordinates[ray * Samples, main] - middles[ray * Samples, main]) / step).Within(1e-3));
                sum += offset;
                squares += offset * offset;
                for (int axis = 0; axis < axes; axis++) Assert.That(Math.Abs(coordinates[i, axis]), Is.LessThanOrEqualTo(grid[axis].Size * grid[axis].HalfStep + 1e-5));
            }
        }
        Assert.That(hits, Is.GreaterThan(Rays / 4));
        Assert.That(sum / hits / Samples, Is.EqualTo(0).Within(0.06));
        Assert.That(squares / hits / Samples, Is.EqualTo(1 / 12.0).Within(0.02));
    }

    /// <summary>A constant over the whole volume has the line integral of a box, known from a slab's thickness; an ellipsoid inside its own.</summary>
    [TestCaseSource(typeof(ProjectionCase), nameof(ProjectionCase.All))]
    public void MeansTimesLengthsAreLineIntegrals(ProjectionGeometry geometry)
    {
        const int Samples = 400;
        var volume = geometry.Volume;
        var middle = volume.Centre(0, 0, 0) + new Point3((volume.X - 1) * volume.Spacing.X, (volume.Y - 1) * volume.Spacing.Y, (volume.Z - 1) * volume.Spacing.Z) * 0.5;
        var ball = new Ellipsoid(1, 4, 3, volume.IsFlat ? double.PositiveInfinity : 4.5, middle.X, middle.Y, middle.Z, 20);
        int rays = 100, axes = volume.IsFlat ? 2 : 3;
        var grid = Grid(geometry);
        using HostRows coordinates = new(rays * Samples, axes), lengths = new(rays, 1), values = new(rays, 1), measured = new(Ellipsoid.Scan([ball], geometry, 1));
        var clock = new Clock { Seed = 5 };
        Kernels(CpuDevice.Best, geometry, Samples, true).Sample((nint)(&clock), 0, rays, measured.Address, coordinates.Matrix, lengths.Matrix, values.Matrix);
        for (int ray = 0; ray < rays; ray++)
        {
            double inside = 0;
            for (int i = ray * Samples; i < (ray + 1) * Samples; i++)
            {
                double Place(int axis) => volume.Origin[axis] + grid[axis].Index(coordinates[i, axis]) * volume.Spacing[axis];
                inside += ball.At(new(Place(0), Place(1), axes == 3 ? Place(2) : 0));
            }
            Assert.That(inside / Samples * lengths[ray], Is.EqualTo(values[ray]).Within(0.1), $"ray {ray}");
        }
    }

    static VoxelGrid Grid(ProjectionGeometry geometry) => geometry.Volume is var v && v.IsFlat ? new([v.X, v.Y], [v.Spacing.X, v.Spacing.Y]) : new([v.X, v.Y, v.Z], [v.Spacing.X, v.Spacing.Y, v.Spacing.Z]);

    static RaySamplerKernels Kernels(Device device, ProjectionGeometry geometry, int samples, bool jitter) => device.RaySampler(geometry, Grid(geometry), new ShuffledSweep(geometry.Count), samples, jitter);

    static float[] Rays(RaySamplerKernels kernels, ProjectionGeometry geometry, int samples, int rays, int tile)
    {
        var clock = new Clock { Batch = 2, Seed = 5 };
        using HostRows coordinates = new(rays * samples, geometry.Volume.IsFlat ? 2 : 3), lengths = new(rays, 1), values = new(rays, 1), measured = new(ProjectionCase.Random(geometry.Count));
        for (int first = 0; first < rays; first += tile)
        {
            int some = Math.Min(tile, rays - first);
            kernels.Sample((nint)(&clock), first, rays, measured.Address, coordinates.Slice(first * samples, some * samples), lengths.Slice(first, some), values.Slice(first, some));
        }
        return [.. coordinates.Numbers, .. lengths.Numbers, .. values.Numbers];
    }
}
