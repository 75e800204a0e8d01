using InrFast.Kernels.Projection;
using InrFast.Tasks.Reconstruction;

namespace InrFast.Tests;

public sealed class ProjectorTests
{
    static readonly double[] angles = ScanCase.Angles(7, 2 * Math.PI);

    static IEnumerable<TestCaseData> Geometries()
    {
        yield return new TestCaseData(ScanCase.Parallel(24, 5)).SetName("{m}(parallel)");
        yield return new TestCaseData(ScanCase.Fan(24, DetectorShape.Flat, angles)).SetName("{m}(fan)");
        yield return new TestCaseData(ScanCase.Fan(24, DetectorShape.Arc, angles)).SetName("{m}(arc)");
        ScanVolume cube = new(12, 10, 8, new(1.0 / 6, 1.0 / 6, 1.0 / 6), new(-11.0 / 12, -9.0 / 12, -7.0 / 12));
        yield return new TestCaseData(new ProjectionGeometry(cube, DetectorShape.Flat, 16, 12, 7.1, 5.3, [.. angles.Select(angle => View.Circular(DetectorShape.Flat, angle, 4, 6, 0.25, 0.25))])).SetName("{m}(cone)");
    }

    /// <summary>(A x) b = x (A^T b), also where a pixel is the mean of several rays, and for some views alone.</summary>
    [TestCaseSource(nameof(Geometries))]
    public void The_adjoint_of_a_finer_image_is_the_transpose(ProjectionGeometry geometry) => ScanCase.With(workers =>
    {
        using var projector = new Projector(geometry, ScanCase.Device, workers, fineness: 2);
        var random = new Random(1);
        float[] Random(long count) => [.. Enumerable.Range(0, (int)count).Select(_ => (float)random.NextDouble())];
        float[] image = Random(projector.Volume.Count), projections = Random(geometry.Count), forward = new float[geometry.Count], adjoint = new float[image.Length];
        projector.Forward(image, forward, 1, 3);
        projector.Adjoint(projections, adjoint, 1, 3);
        double there = forward.Zip(projections, (a, b) => (double)a * b).Sum(), back = image.Zip(adjoint, (a, b) => (double)a * b).Sum();
        Assert.That(there, Is.EqualTo(back).Within(1e-5 * back));
        Assert.That(forward.Take(geometry.Rows * geometry.Columns), Is.All.Zero);
        return true;
    });

    /// <summary>Bins are means over their width: with half as large voxels and two rays a bin what the truth's own projections miss of the exact ones is less than half.</summary>
    [TestCaseSource(nameof(Geometries))]
    public void A_finer_image_explains_what_a_detector_measures(ProjectionGeometry geometry) => ScanCase.With(workers =>
    {
        Ellipsoid[] parts = [new(1, 0.5, 0.6, 0.45, 0.1, -0.05, 0.02, 20), new(-0.4, 0.2, 0.15, 0.2, -0.1, 0.1, 0, 0)];
        float[] exact = Ellipsoid.Scan(parts, geometry, 8);
        double Missed(int fineness)
        {
            using var projector = new Projector(geometry, ScanCase.Device, workers, fineness);
            return Projector.RelativeDifference(projector.Forward(Ellipsoid.Draw(parts, projector.Volume, 8)), exact);
        }
        Assert.That(Missed(2), Is.LessThan(0.5 * Missed(1)));
        return true;
    });

    [TestCaseSource(nameof(Geometries))]
    public void Voxels_are_divided_and_joined_where_they_lie(ProjectionGeometry geometry) => ScanCase.With(workers =>
    {
        using var projector = new Projector(geometry, ScanCase.Device, workers, fineness: 3);
        Ellipsoid[] parts = [new(1, 0.5, 0.6, 0.45, 0.1, -0.05, 0.02, 20)];
        float[] image = Ellipsoid.Draw(parts, geometry.Volume, 3), fine = Ellipsoid.Draw(parts, projector.Volume, 1);
        Assert.That(projector.Coarse(fine).Zip(image, (a, b) => Math.Abs(a - b)).Max(), Is.LessThan(1e-5));
        Assert.That(projector.Coarse(projector.Fine(image)).Zip(image, (a, b) => Math.Abs(a - b)).Max(), Is.LessThan(1e-5));
        return true;
    });
}
