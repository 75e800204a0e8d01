using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.TotalVariation;

namespace InrFast.Tasks.Reconstruction;

/// <summary>
/// min over x at least 0 of sum of w (A x - b)^2 / 2 + weight TV(x), TV isotropic, by FISTA, whose proximal step is some steps on the dual of denoising, started from where the last one ended.
/// </summary>
public static class TotalVariation
{
    const int DualSteps = 10;

    /// <param name="projections">[view][row][column], line integrals.</param>
    /// <param name="weight">Of TV; the lengths' unit is that of the projector's geometry.</param>
    /// <param name="initial">Where to begin; null: zeros.</param>
    /// <param name="report">After each iteration: its number, from 1, and |A y - b| / |b| where it began. False ends the run.</param>
    /// <param name="rayWeights">w, of each ray; null: 1.</param>
    /// <param name="eigenvalue">The largest of A^T w A, where it is known.</param>
    public static float[] Run(IProjection projector, float[] projections, double weight, int iterations, Device device, Workers workers, float[]? initial = null, Func<int, double, bool>? report = null, float[]? rayWeights = null, double? eigenvalue = null)
    {
        var volume = projector.Volume;
        double lipschitz = eigenvalue ?? ProximalGradient.Lipschitz(projector, rayWeights);
        var kernels = device.TotalVariation(volume.X, volume.Y, volume.Z);
        using DeviceMemory x = device.Allocate(volume.Count * sizeof(float)), g = device.Allocate(volume.Count * sizeof(float)), field = device.Allocate(kernels.FieldFloats * sizeof(float));
        return ProximalGradient.Run(projector, projections, lipschitz, iterations, (image, result) =>
        {
            g.Write<float>(image);
            Denoise(kernels, g.Address, field.Address, (float)(weight / lipschitz), x.Address, (long)volume.Y * volume.Z, device, workers);
            x.Read<float>(result);
        }, rayWeights, initial, report);
    }

    static void Denoise(TotalVariationKernels kernels, nint g, nint field, float weight, nint x, long rows, Device device, Workers workers)
    {
        long part = Math.Max(1, rows / (4 * workers.Count));
        for (int step = 0; step < DualSteps; step++)
        {
            Parts.Run(device, workers, rows, part, (first, some, _) => kernels.Primal(g, field, weight, x, first, some));
            Parts.Run(device, workers, rows, part, (first, some, _) => kernels.Dual(x, 1 / (4 * kernels.Axes * weight), field, first, some));
        }
        Parts.Run(device, workers, rows, part, (first, some, _) => kernels.Primal(g, field, weight, x, first, some));
    }
}
