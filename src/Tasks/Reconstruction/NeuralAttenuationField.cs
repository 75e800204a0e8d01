using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.Projection;

namespace InrFast.Tasks.Reconstruction;

/// <summary>
/// Attenuation as a network of a multiresolution grid, trained on the measured rays alone (Zha, Zhang and Li: NAF, MICCAI 2022). Other than published: rays of all views mixed instead of a view at a time, points inside
/// the volume only, the finest cells as fine as the voxels instead of a thousandth of them, some rays through air, a rate that falls along a cosine.
/// </summary>
public static class NeuralAttenuationField
{
    /// <summary>One in so many rays through air is taken.</summary>
    internal const int AirShare = 10;

    /// <summary>Of the largest line integral: rays below are air.</summary>
    const float Air = 1e-3f;

    public const int StandardIterations = 2000;

    /// <param name="geometry">In units of half the volume's longest side.</param>
    /// <param name="report">After each iteration: its number, from 1, and the root of the batch's mean squared error over that of the projections. False ends the run.</param>
    /// <returns>The image, [z][y][x].</returns>
    public static float[] Run(ProjectionGeometry geometry, float[] projections, int iterations, ulong seed, Device device, Workers workers, Func<int, double, bool>? report = null)
    {
        using var field = new AttenuationField(geometry.Volume, ScaleOf(geometry, projections), 1, seed, device, workers);
        var (seen, air) = Split(projections);
        field.Train(geometry, projections, seen, air, air.Length >= AirShare ? AirShare : 1, iterations, report);
        return field.Draw();
    }

    /// <summary>Numbers of the pixels that see an object, and of those that see air.</summary>
    internal static (uint[] Seen, uint[] Air) Split(float[] projections)
    {
        float most = projections.Max();
        uint[] Pixels(Func<float, bool> which) => [.. Enumerable.Range(0, projections.Length).Where(i => which(projections[i])).Select(i => (uint)i)];
        return (Pixels(p => p > Air * most), Pixels(p => !(p > Air * most)));
    }

    /// <summary>The median of the mean attenuation along rays that pass the object.</summary>
    internal static float ScaleOf(ProjectionGeometry geometry, float[] projections)
    {
        double length = Math.Max(geometry.Volume.X * geometry.Volume.Spacing.X, geometry.Volume.Y * geometry.Volume.Spacing.Y);
        float most = projections.Max();
        var passed = projections.Where(p => p > 0.05f * most).Order().ToArray();
        return (float)(passed[passed.Length / 2] / length);
    }
}
