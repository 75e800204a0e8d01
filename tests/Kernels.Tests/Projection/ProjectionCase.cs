using InrFast.Kernels;
using InrFast.Kernels.Projection;

namespace InrFast.Tests;

/// <summary>Scans of every kind, of a small volume that is not centred and whose voxels are not cubes.</summary>
static class ProjectionCase
{
    static readonly ScanVolume Slice = new(23, 18, 1, new(0.9, 1.1, 1), new(-10.5, -8.8, 0)), Larger = new(59, 46, 1, new(0.35, 0.43, 1), new(-10.5, -8.8, 0)), Volume = new(13, 11, 9, new(0.9, 1.1, 1.3), new(-5.6, -5.2, -5.4));

    public static IEnumerable<TestCaseData> All =>
    [
        Case("parallel", Circular(Slice, DetectorShape.Parallel, 70, 1)), Case("fan, flat", Circular(Slice, DetectorShape.Flat, 70, 1)), Case("fan, arc", Circular(Slice, DetectorShape.Arc, 70, 1)),
        Case("parallel, larger", Circular(Larger, DetectorShape.Parallel, 70, 1)), Case("fan, larger", Circular(Larger, DetectorShape.Flat, 70, 1)), Case("parallel, large, few columns", Circular(Larger, DetectorShape.Parallel, 24, 1, 1.1)),
        Case("parallel, volume", Circular(Volume, DetectorShape.Parallel, 21, 14)), Case("cone, flat", Circular(Volume, DetectorShape.Flat, 21, 14)), Case("cone, arc", Circular(Volume, DetectorShape.Arc, 21, 14)),
        Case("any poses", Poses()),
    ];

    static TestCaseData Case(string name, ProjectionGeometry geometry) => new TestCaseData(geometry).SetArgDisplayNames(name);

    static ProjectionGeometry Circular(ScanVolume volume, DetectorShape shape, int columns, int rows, double spacing = 0.45) => new(volume, shape, columns, rows, columns / 2.0 - 1.2, rows / 2.0,
        [.. Enumerable.Range(0, 9).Select(i => View.Circular(shape, 0.3 + i * 0.77, 40, 60, shape == DetectorShape.Parallel ? spacing : 0.7, 1.4))]);

    /// <summary>Sources all about the volume, above it too, and detectors neither square to the central ray nor along the axes.</summary>
    static ProjectionGeometry Poses()
    {
        var random = new Random(2);
        Point3 Some(double reach) => new(reach * (random.NextDouble() - 0.5), reach * (random.NextDouble() - 0.5), reach * (random.NextDouble() - 0.5));
        return new(Volume, DetectorShape.Flat, 19, 16, 9.3, 7.1, [.. Enumerable.Range(0, 10).Select(_ =>
        {
            var away = Some(2);
            away /= away.Length;
            Point3 column = Point3.Cross(away, Some(2)), row = Point3.Cross(away, column);
            return new View(away * -45 + Some(3), away * 20 + Some(4), column / column.Length * 0.8 + Some(0.2), row / row.Length + Some(0.2));
        })]);
    }

    public static float[] Random(long count)
    {
        var random = new Random((int)count);
        return [.. Enumerable.Range(0, (int)count).Select(_ => (float)random.NextDouble() - 0.3f)];
    }

    public static float[] Forward(Device device, ProjectionGeometry geometry, float[] image)
    {
        var kernels = device.Projection(geometry);
        using HostRows from = new(image), to = new(new float[geometry.Count]);
        for (int line = 0, lines = geometry.Views.Length * geometry.Rows; line < lines; line += 5) kernels.Forward(from.Address, to.Address, line, Math.Min(5, lines - line));
        return to.Numbers;
    }

    public static float[] Adjoint(Device device, ProjectionGeometry geometry, float[] projections, int planes)
    {
        var kernels = device.Projection(geometry);
        using HostRows from = new(projections), to = new(new float[geometry.Volume.Count]);
        for (int axis = 0; axis < 3; axis++)
            for (int first = 0; first < geometry.Volume[axis]; first += planes)
                kernels.Adjoint(from.Address, to.Address, 0, geometry.Views.Length * geometry.Rows, axis, first, Math.Min(planes, geometry.Volume[axis] - first));
        return to.Numbers;
    }

    public static float[] Backproject(Device device, ProjectionGeometry geometry, float[] projections)
    {
        var kernels = device.Backprojection(geometry);
        using HostRows from = new(projections), to = new(new float[geometry.Volume.Count]);
        int rows = geometry.Volume.Y * geometry.Volume.Z;
        for (int row = 0; row < rows; row += 7) kernels.Add(from.Address, to.Address, 0, geometry.Views.Length, row, Math.Min(7, rows - row));
        return to.Numbers;
    }
}
