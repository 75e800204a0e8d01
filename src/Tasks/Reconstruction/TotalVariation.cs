using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.TotalVariation;

namespace InrFast.Tasks.Reconstruction;

/// <summary>
/// min over x at least 0 of |A x - b|^2 / 2 + weight TV(x), TV isotropic, by FISTA (Beck and Teboulle: A fast iterative shrinkage-thresholding algorithm, SIAM J. Imaging Sciences 2, 2009), whose proximal
/// step is some steps on the dual of denoising, started from where the last one ended.
/// </summary>
public static class TotalVariation
{
    const int PowerIterations = 12, DualSteps = 10;
    const double Safety = 1.05;

    /// <param name="projections">[view][row][column], line integrals.</param>
    /// <param name="weight">Of TV; the lengths' unit is that of the projector's geometry.</param>
    /// <param name="initial">Where to begin; null: zeros.</param>
    /// <param name="report">After each iteration: its number, from 1, and |A y - b| / |b| where it began. False ends the run.</param>
    public static float[] Run(Projector projector, float[] projections, double weight, int iterations, Device device, Workers workers, float[]? initial = null, Func<int, double, bool>? report = null)
    {
        var volume = projector.Geometry.Volume;
        double lipschitz = Lipschitz(projector), momentum = 1, norm = Math.Sqrt(projections.Sum(value => (double)value * value));
        int count = (int)volume.Count;
        float[] y = initial is null ? new float[count] : [.. initial], gradient = new float[count], residual = new float[projector.Geometry.Count];
        var kernels = device.TotalVariation(volume.X, volume.Y, volume.Z);
        using DeviceMemory next = device.Allocate(count * sizeof(float)), g = device.Allocate(count * sizeof(float)), field = device.Allocate(kernels.FieldFloats * sizeof(float));
        float[] old = [.. y], now = new float[count];
        float threshold = (float)(weight / lipschitz);
        for (int iteration = 1; iteration <= iterations; iteration++)
        {
            projector.Forward(y, residual);
            double square = 0;
            for (int i = 0; i < residual.Length; i++)
            {
                residual[i] -= projections[i];
                square += (double)residual[i] * residual[i];
            }
            projector.Adjoint(residual, gradient);
            for (int i = 0; i < count; i++) gradient[i] = y[i] - gradient[i] / (float)lipschitz;
            g.Write<float>(gradient);
            Denoise(kernels, g.Address, field.Address, threshold, next.Address, (long)volume.Y * volume.Z, device, workers);
            next.Read<float>(now);
            double following = (1 + Math.Sqrt(1 + 4 * momentum * momentum)) / 2;
            float extrapolation = (float)((momentum - 1) / following);
            for (int i = 0; i < count; i++) y[i] = now[i] + extrapolation * (now[i] - old[i]);
            (old, now, momentum) = (now, old, following);
            if (report?.Invoke(iteration, norm > 0 ? Math.Sqrt(square) / norm : 0) == false) break;
        }
        return old;
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

    /// <summary>The largest eigenvalue of A^T A, and a little more.</summary>
    public static double Lipschitz(Projector projector)
    {
        float[] image = [.. Enumerable.Repeat(1f, (int)projector.Geometry.Volume.Count)], projections = new float[projector.Geometry.Count];
        double eigenvalue = 0;
        for (int i = 0; i < PowerIterations; i++)
        {
            float scale = 1 / MathF.Sqrt((float)image.Sum(value => (double)value * value));
            for (int j = 0; j < image.Length; j++) image[j] *= scale;
            projector.Forward(image, projections);
            projector.Adjoint(projections, image);
            eigenvalue = Math.Sqrt(image.Sum(value => (double)value * value));
        }
        return eigenvalue * Safety;
    }
}
