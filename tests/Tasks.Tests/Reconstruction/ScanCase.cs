using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.Projection;
using InrFast.Tasks.Reconstruction;

namespace InrFast.Tests;

/// <summary>Scans of phantoms with exact integrals.</summary>
static class ScanCase
{
    public static readonly Device Device = CpuDevice.Best;

    public static ScanVolume Square(int n) => new(n, n, 1, new(2.0 / n, 2.0 / n, 1), new(1.0 / n - 1, 1.0 / n - 1));

    public static double[] Angles(int views, double range) => [.. Enumerable.Range(0, views).Select(i => range * i / views)];

    public static ProjectionGeometry Parallel(int n, int views) =>
        new(Square(n), DetectorShape.Parallel, n, 1, (n - 1) / 2.0, 0, [.. Angles(views, Math.PI).Select(angle => View.Circular(DetectorShape.Parallel, angle, 0, 0, 2.0 / n, 1))]);

    /// <summary>A fan 4 half sides from the axis whose detector, 6 from the source, sees the whole square, off its middle by an eighth of its width.</summary>
    public static ProjectionGeometry Fan(int n, DetectorShape shape, double[] angles, int columns = 0)
    {
        if (columns == 0) columns = 2 * n;
        return new(Square(n), shape, columns, 1, (columns - 1) * 0.5 - columns / 8.0, 0, [.. angles.Select(angle => View.Circular(shape, angle, 4, 6, 6.2 / columns, 1))]);
    }

    public static T With<T>(Func<Workers, T> run, int count = 2)
    {
        using var workers = new Workers(count);
        return run(workers);
    }

    public static float[] Fbp(ProjectionGeometry geometry, double[] angles, float[] projections, RampWindow window = RampWindow.RamLak) =>
        With(workers => FilteredBackprojection.Run(geometry, angles, projections, window, Device, workers));
}
