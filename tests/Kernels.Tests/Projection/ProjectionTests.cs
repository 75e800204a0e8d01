using InrFast.Kernels;
using InrFast.Kernels.Projection;

namespace InrFast.Tests;

public class ProjectionTests
{
    [TestCaseSource(typeof(ProjectionCase), nameof(ProjectionCase.All))]
    public void KernelsAgreeWithTheOracle(ProjectionGeometry geometry)
    {
        var (image, projections) = (ProjectionCase.Random(geometry.Volume.Count), ProjectionCase.Random(geometry.Count));
        var forward = ProjectionCase.Forward(SamplingCase.Reference, geometry, image);
        var adjoint = ProjectionCase.Adjoint(SamplingCase.Reference, geometry, projections, int.MaxValue);
        var back = ProjectionCase.Backproject(SamplingCase.Reference, geometry, projections);
        foreach (var device in SamplingCase.Cpus)
        {
            Assert.That(ProjectionCase.Forward(device, geometry, image), Is.EqualTo(forward).Within(5e-5), device.Name);
            Assert.That(ProjectionCase.Adjoint(device, geometry, projections, int.MaxValue), Is.EqualTo(adjoint).Within(5e-5), device.Name);
            Assert.That(ProjectionCase.Backproject(device, geometry, projections), Is.EqualTo(back).Within(5e-5), device.Name);
        }
    }

    /// <summary>sum projections Forward(image) = sum image Adjoint(projections).</summary>
    [TestCaseSource(typeof(ProjectionCase), nameof(ProjectionCase.All))]
    public void TheAdjointIsExact(ProjectionGeometry geometry)
    {
        var (image, projections) = (ProjectionCase.Random(geometry.Volume.Count), ProjectionCase.Random(geometry.Count));
        foreach (var device in SamplingCase.All)
        {
            double there = Dot(projections, ProjectionCase.Forward(device, geometry, image)), back = Dot(image, ProjectionCase.Adjoint(device, geometry, projections, 4));
            Assert.That(there, Is.EqualTo(back).Within(1e-5).Percent, device.Name);
            Assert.That(Math.Abs(there), Is.GreaterThan(1));
        }
    }

    [TestCaseSource(typeof(ProjectionCase), nameof(ProjectionCase.All))]
    public void PartsGiveTheSameBits(ProjectionGeometry geometry)
    {
        var projections = ProjectionCase.Random(geometry.Count);
        Assert.That(ProjectionCase.Adjoint(SamplingCase.Cpus[1], geometry, projections, 3), Is.EqualTo(ProjectionCase.Adjoint(SamplingCase.Cpus[1], geometry, projections, int.MaxValue)));
    }

    /// <summary>Every ray's place on the detector is where a point of it is seen.</summary>
    [TestCaseSource(typeof(ProjectionCase), nameof(ProjectionCase.All))]
    public void PointsOfARayAreSeenAtItsPixel(ProjectionGeometry geometry)
    {
        for (int view = 0; view < geometry.Views.Length; view++)
        {
            double column = 2.5 + view, row = geometry.Volume.IsFlat ? 0 : 3.25;
            var (origin, direction) = geometry.Ray(view, column, row);
            var seen = geometry.Project(view, origin + direction * 0.83);
            Assert.That(seen.Column, Is.EqualTo(column).Within(1e-9), $"view {view}");
            if (!geometry.Volume.IsFlat) Assert.That(seen.Row, Is.EqualTo(row).Within(1e-9), $"view {view}");
        }
    }

    /// <summary>Projections of a phantom drawn on fine voxels against its exact line integrals; the error falls with the voxels.</summary>
    [TestCase(DetectorShape.Parallel, 1)]
    [TestCase(DetectorShape.Flat, 1)]
    [TestCase(DetectorShape.Arc, 1)]
    [TestCase(DetectorShape.Parallel, 14)]
    [TestCase(DetectorShape.Flat, 14)]
    [TestCase(DetectorShape.Arc, 14)]
    public void ProjectionsAreThoseOfEllipsoids(DetectorShape shape, int rows)
    {
        bool flat = rows == 1;
        Ellipsoid[] phantom = [new(1, 0.7, 0.5, flat ? double.PositiveInfinity : 0.6, 0.1, -0.15, 0.05, 30), new(-0.4, 0.2, 0.3, flat ? double.PositiveInfinity : 0.25, -0.2, 0.1, -0.1, -50)];
        double Error(int n)
        {
            var volume = new ScanVolume(n, n, flat ? 1 : n, new(2.0 / n, 2.0 / n, 2.0 / n), new(1.0 / n - 1, 1.0 / n - 1, flat ? 0 : 1.0 / n - 1));
            var geometry = new ProjectionGeometry(volume, shape, 60, rows, 29.5, (rows - 1) / 2.0,
                [.. Enumerable.Range(0, 5).Select(i => View.Circular(shape, 0.2 + i * 1.3, 4, 6, shape == DetectorShape.Parallel ? 0.033 : 0.06, shape == DetectorShape.Parallel ? 0.14 : 0.24))]);
            float[] exact = Ellipsoid.Scan(phantom, geometry, 1), ours = ProjectionCase.Forward(CpuDevice.Best, geometry, Ellipsoid.Draw(phantom, volume, 3));
            return Math.Sqrt(exact.Zip(ours, (a, b) => (double)(a - b) * (a - b)).Sum() / exact.Sum(a => (double)a * a));
        }
        double coarse = Error(flat ? 32 : 16), fine = Error(flat ? 128 : 48);
        Assert.That(fine, Is.LessThan(flat ? 0.011 : 0.035));
        Assert.That(fine, Is.LessThan(coarse / 2));
    }

    /// <summary>At angle 0 rays run along +y, columns along +x and rows along +z; the gantry turns from +x towards +y.</summary>
    [TestCase(DetectorShape.Parallel)]
    [TestCase(DetectorShape.Flat)]
    [TestCase(DetectorShape.Arc)]
    public void TheGantryTurnsFromXTowardsY(DetectorShape shape)
    {
        var geometry = new ProjectionGeometry(new(2, 2, 2, new(1, 1, 1), default), shape, 3, 3, 1, 1, [View.Circular(shape, 0, 10, 15, 1, 1), View.Circular(shape, Math.PI / 2, 10, 15, 1, 1)]);
        var (origin, direction) = geometry.Ray(0, 1, 1);
        direction /= direction.Length;
        Assert.That((direction.X, direction.Y, direction.Z), Is.EqualTo((0, 1, 0)));
        Assert.That(origin.X, Is.Zero);
        Assert.That(geometry.Project(0, new(0.1, 0, 0)).Column, Is.GreaterThan(1));
        Assert.That(geometry.Project(0, new(0, 0, 0.1)).Row, Is.GreaterThan(1));
        Assert.That(geometry.Project(1, new(0, 0.1, 0)).Column, Is.GreaterThan(1));
        Assert.That(geometry.Ray(1, 1, 1).Direction.X, Is.Negative);
    }

    [Test]
    public void GeometriesThatMakeNoSenseAreRefused()
    {
        View[] view = [View.Circular(DetectorShape.Flat, 0, 10, 15, 1, 1)];
        Assert.That(() => new ProjectionGeometry(new(1, 4, 1, new(1, 1, 1), default), DetectorShape.Flat, 4, 1, 0, 0, view), Throws.ArgumentException);
        Assert.That(() => new ProjectionGeometry(new(4, 4, 1, new(1, 1, 1), default), DetectorShape.Flat, 4, 2, 0, 0, view), Throws.ArgumentException);
        Assert.That(() => new ProjectionGeometry(new(4, 4, 4, new(1, 1, 1), default), DetectorShape.Flat, 4, 1, 0, 0, view), Throws.ArgumentException);
        Assert.That(() => new ProjectionGeometry(new(4, 4, 1, new(1, 1, 1), default), DetectorShape.Flat, 4, 1, 0, 0, []), Throws.ArgumentException);
        Assert.That(() => new ProjectionGeometry(new(2048, 2048, 2048, new(1, 1, 1), default), DetectorShape.Flat, 4, 4, 0, 0, view), Throws.ArgumentException);
    }

    static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
}
