using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.Optimizers;
using InrFast.Kernels.Projection;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Reconstruction;

/// <summary>
/// IntraTomo (Zang, Idoughi, Li, Wonka and Heidrich: IntraTomo, self-supervised learning-based tomography via sinogram synthesis and prediction, ICCV 2021), in rounds: a network of the density is fitted to the measured views
/// and predicts the missing ones; the image of both is refined by total variation and, in the plane, a non-local prior; the refined image is what the network is drawn to next. The authors published no code: sizes and
/// schedules are ours, and the weight of total variation is chosen on views held out. Measured views count 1, predicted ones less.
/// </summary>
public static class SinogramRefinement
{
    const int Rounds = 4, Refinements = 60, LeastViews = 60;
    const double FirstRate = 1e-3, LaterRate = 3e-4, Attraction = 0.1, PredictedWeight = 0.05;

    /// <summary>Of the non-local prior, for the weight of total variation.</summary>
    const double NonLocalShare = 0.3;

    /// <summary>Steps of the network in the first round; each later one has a quarter.</summary>
    public const int StandardIterations = 600;

    public static int Steps(int iterations) => iterations + (Rounds - 1) * Later(iterations);

    static int Later(int iterations) => (iterations + 3) / 4;

    public static MlpSettings StandardNetwork(ScanVolume volume) =>
        new(volume.IsFlat ? 2 : 3, 1, new FourierEncoding(FourierVariant.Gaussian, Frequencies: 64, Scale: volume.IsFlat ? 4 : 3), Width: 128, HiddenLayers: 4, Activation.SiLU, Activation.Softplus);

    /// <param name="geometry">A gantry on a circle.</param>
    /// <param name="projector">Of the geometry, in units of half the volume's longest side.</param>
    /// <param name="projections">[view][row][column], line integrals.</param>
    /// <param name="report">After each step of the network: its number, from 1, and |A x - b| / |b| before it. False ends the run.</param>
    /// <param name="images">Is given the network's image and the refined one of each round.</param>
    /// <returns>The refined image of the last round, [z][y][x].</returns>
    public static float[] Run(CtGeometry geometry, Projector projector, float[] projections, int iterations, ulong seed, Device device, Workers workers, Func<int, double, bool>? report = null, Action<float[], float[]>? images = null,
        CancellationToken cancel = default)
    {
        if (geometry.AnglesDegrees is null) throw new FitException(FitError.WrongUse, "method intratomo needs a gantry on a circle, and this geometry has poses; use naf");
        var volume = projector.Geometry.Volume;
        int voxels = (int)volume.Count, done = 0;
        float scale = NeuralAttenuationField.ScaleOf(projector.Geometry, projections);
        using var network = new RenderedNetwork(StandardNetwork(volume), PriorEmbedding.VoxelGridOf(volume), seed, device, workers);
        double[] predicted = MissingViews(geometry);
        using var missing = new Projector((geometry with { AnglesDegrees = predicted, TimesSeconds = null }).ToProjection(geometry.HalfSide()), device, workers);
        using var all = new Projector((geometry with { AnglesDegrees = [.. geometry.AnglesDegrees, .. predicted], TimesSeconds = null }).ToProjection(geometry.HalfSide()), device, workers);
        float[] rayWeights = [.. Enumerable.Range(0, (int)all.Geometry.Count).Select(i => i < projections.Length ? 1 : (float)PredictedWeight)];
        double weight = HeldOutViews.ChooseWeight(projector.Geometry, projections, device, workers, cancel);
        float[]? refined = null;
        bool goesOn = true;
        for (int round = 0; round < Rounds && goesOn; round++)
        {
            var drawn = Fit(round == 0 ? iterations : Later(iterations), round == 0 ? FirstRate : LaterRate);
            refined = Refine(refined ?? drawn, [.. projections, .. missing.Forward(drawn)]);
            images?.Invoke(drawn, refined);
        }
        return refined!;

        float[] Fit(int steps, double rate)
        {
            double norm = Math.Sqrt(projections.Sum(value => (double)value * value));
            float length = (float)Math.Max(volume.X * volume.Spacing.X, volume.Y * volume.Spacing.Y), data = voxels / (projections.Length * length * length);
            float[] image = new float[voxels], residual = new float[projections.Length];
            var target = refined;
            network.Train(Optimizer.Create(device, new Adam(), rate, new CosineSchedule(steps, Floor: 0.1)), steps, (_, values, slope) =>
            {
                for (int i = 0; i < voxels; i++) image[i] = scale * values[i];
                projector.Forward(image, residual);
                double square = 0;
                for (int i = 0; i < residual.Length; i++)
                {
                    double difference = (double)residual[i] - projections[i];
                    square += difference * difference;
                    residual[i] = (float)(difference / scale) * data;
                }
                projector.Adjoint(residual, slope);
                for (int i = 0; target is not null && i < voxels; i++) slope[i] += (float)Attraction * (values[i] - target[i] / scale);
                return goesOn = report?.Invoke(++done, norm > 0 ? Math.Sqrt(square) / norm : 0) != false;
            });
            return [.. network.Draw().Select(value => scale * value)];
        }

        float[] Refine(float[] start, float[] completed)
        {
            var image = TotalVariation.Run(all, completed, weight, Refinements, device, workers, start, rayWeights: rayWeights);
            if (!volume.IsFlat) return image;
            var result = new float[voxels];
            double lipschitz = ProximalGradient.Lipschitz(all, rayWeights);
            NonLocalPrior.Of(image, volume, workers).Denoise(image, (float)(NonLocalShare * weight / lipschitz), result);
            return result;
        }
    }

    /// <summary>Degrees at equal steps over all directions that differ, without those that were measured.</summary>
    static double[] MissingViews(CtGeometry geometry)
    {
        double period = geometry.Kind == CtGeometry.Parallel ? 180 : 360;
        int count = Math.Max(LeastViews, 2 * geometry.Views);
        double step = period / count, first = geometry.AnglesDegrees![0];
        double Apart(double a, double b) => Math.Abs(Math.IEEERemainder(a - b, period));
        double[] missing = [.. Enumerable.Range(0, count).Select(i => first + i * step).Where(angle => geometry.AnglesDegrees.All(measured => Apart(angle, measured) > step / 2))];
        return missing.Length > 0 ? missing : [first + step / 2];
    }
}
