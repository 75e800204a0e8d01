using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.Optimizers;
using InrFast.Kernels.Projection;
using InrFast.Kernels.Sampling;
using InrFast.Models;

namespace InrFast.Tasks.Reconstruction;

/// <summary>
/// NeRP (Shen, Pauly and Xing: NeRP, implicit neural representation learning with prior embedding for sparsely sampled image reconstruction, IEEE Trans. Neural Networks and Learning Systems 2022): a network learns an earlier
/// image of the same subject, then from there, slower, the new projections. Other than published: our projectors, one scale of attenuation for both images instead of each one's maximum, a rate that falls along
/// a cosine while the earlier image is learned, without an earlier image a quarter of the frequencies, and, of all steps on projections, the image whose projections are nearest to rays that were held out.
/// </summary>
public static class PriorEmbedding
{
    const double Rate = 1e-4, RateFromPrior = 1e-5, WeightDecay = 1e-4;

    /// <summary>One ray in so many is held out.</summary>
    const int HeldOut = 20;

    public static int StandardIterations(ScanVolume volume) => volume.IsFlat ? 1000 : 2000;

    /// <param name="hasPrior">Few projections alone do not hold the published frequencies: of a phantom of 64 x 64 and 20 views a quarter of them gives 6 dB more.</param>
    public static SirenSettings StandardNetwork(ScanVolume volume, bool hasPrior) =>
        new(volume.IsFlat ? 2 : 3, 1, Width: 256, HiddenLayers: 6, Encoding: new FourierEncoding(FourierVariant.Gaussian, Frequencies: 256, Scale: hasPrior ? 4 : 1));

    /// <param name="projector">In units of half the volume's longest side.</param>
    /// <param name="projections">[view][row][column], line integrals.</param>
    /// <param name="prior">The earlier image, [z][y][x], in the same units; null: none.</param>
    /// <param name="iterations">To learn the prior, and again to learn the projections.</param>
    /// <param name="report">After each iteration on projections: its number, from 1, and |A x - b| / |b| before it. False ends the run.</param>
    /// <param name="settings">Null: <see cref="StandardNetwork"/>.</param>
    /// <returns>The image, [z][y][x], not below 0.</returns>
    public static float[] Run(Projector projector, float[] projections, float[]? prior, int iterations, ulong seed, Device device, Workers workers, Func<int, double, bool>? report = null, NetworkSettings? settings = null,
        CancellationToken cancel = default)
    {
        var geometry = projector.Geometry;
        var volume = geometry.Volume;
        int voxels = (int)volume.Count;
        float scale = (prior ?? Simultaneous.Run(projector, projections, 10)).Max();
        if (!(scale > 0)) scale = 1;
        using var network = new RenderedNetwork(settings ?? StandardNetwork(volume, prior is not null), VoxelGridOf(volume), seed, device, workers);
        if (prior is not null)
        {
            // At a constant rate a fit so close jumps away now and then for some tens of steps; what the last step leaves then is noise that few projections do not see.
            // The decay belongs to the mean over voxels, and the network is trained on their sum.
            var optimizer = Optimizer.Create(device, new Adam(), Rate, new CosineSchedule(iterations, Floor: 0.01), [new(WeightDecay: WeightDecay * voxels)]);
            network.Fit([.. prior.Select(value => value / scale)], optimizer, iterations, (_, _) => !cancel.IsCancellationRequested);
        }
        double length = Math.Max(volume.X * volume.Spacing.X, Math.Max(volume.Y * volume.Spacing.Y, volume.IsFlat ? 0 : volume.Z * volume.Spacing.Z));
        double norm = Math.Sqrt(projections.Sum(value => (double)value * value)), least = double.PositiveInfinity;
        float weight = (float)(voxels / (double)projections.Length / (length * length));
        float[] values = new float[voxels], best = new float[voxels], residual = new float[projections.Length];
        network.Train(Optimizer.Create(device, new Adam(), prior is null ? Rate : RateFromPrior), iterations, (step, image, slope) =>
        {
            for (int i = 0; i < voxels; i++) values[i] = scale * image[i];
            projector.Forward(values, residual);
            double square = 0, held = 0;
            for (int i = 0; i < residual.Length; i++)
            {
                double difference = (double)residual[i] - projections[i];
                square += difference * difference;
                bool isHeld = (i + i / geometry.Columns * 7) % HeldOut == 0;
                if (isHeld) held += difference * difference;
                residual[i] = isHeld ? 0 : (float)(difference / scale) * weight;
            }
            if (held < least)
            {
                least = held;
                values.CopyTo(best, 0);
            }
            projector.Adjoint(residual, slope);
            return report?.Invoke(step, norm > 0 ? Math.Sqrt(square) / norm : 0) != false;
        });
        for (int i = 0; i < voxels; i++) best[i] = MathF.Max(0, best[i]);
        return best;
    }

    internal static VoxelGrid VoxelGridOf(ScanVolume volume) => volume.IsFlat ? new([volume.X, volume.Y], [volume.Spacing.X, volume.Spacing.Y])
        : new([volume.X, volume.Y, volume.Z], [volume.Spacing.X, volume.Spacing.Y, volume.Spacing.Z]);
}
