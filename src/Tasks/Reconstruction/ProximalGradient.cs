namespace InrFast.Tasks.Reconstruction;

/// <summary>min over x of sum of w (A x - b)^2 / 2 + a prior, by FISTA (Beck and Teboulle: A fast iterative shrinkage-thresholding algorithm, SIAM J. Imaging Sciences 2, 2009).</summary>
static class ProximalGradient
{
    const int PowerIterations = 12;
    const double Safety = 1.05;

    /// <summary>The image nearest to <paramref name="image"/> with so much of the prior: min over x of |x - image|^2 / 2 + prior / lipschitz, to be written to <paramref name="result"/>.</summary>
    public delegate void Proximal(float[] image, float[] result);

    /// <param name="projections">b, [view][row][column].</param>
    /// <param name="lipschitz">Of the gradient of the first term (<see cref="Lipschitz"/>).</param>
    /// <param name="rayWeights">w; null: 1.</param>
    /// <param name="initial">Where to begin; null: zeros.</param>
    /// <param name="report">After each iteration: its number, from 1, and |A y - b| / |b| where it began. False ends the run.</param>
    public static float[] Run(IProjection projector, float[] projections, double lipschitz, int iterations, Proximal proximal, float[]? rayWeights = null, float[]? initial = null, Func<int, double, bool>? report = null)
    {
        int count = (int)projector.Volume.Count;
        double momentum = 1, norm = Math.Sqrt(projections.Sum(value => (double)value * value));
        float[] y = initial is null ? new float[count] : [.. initial], old = [.. y], now = new float[count], gradient = new float[count], residual = new float[projections.Length];
        for (int iteration = 1; iteration <= iterations; iteration++)
        {
            projector.Forward(y, residual);
            double square = 0;
            for (int i = 0; i < residual.Length; i++)
            {
                residual[i] -= projections[i];
                square += (double)residual[i] * residual[i];
                if (rayWeights is not null) residual[i] *= rayWeights[i];
            }
            projector.Adjoint(residual, gradient);
            for (int i = 0; i < count; i++) gradient[i] = y[i] - gradient[i] / (float)lipschitz;
            proximal(gradient, now);
            double following = (1 + Math.Sqrt(1 + 4 * momentum * momentum)) / 2;
            float extrapolation = (float)((momentum - 1) / following);
            for (int i = 0; i < count; i++) y[i] = now[i] + extrapolation * (now[i] - old[i]);
            (old, now, momentum) = (now, old, following);
            if (report?.Invoke(iteration, norm > 0 ? Math.Sqrt(square) / norm : 0) == false) break;
        }
        return old;
    }

    /// <summary>The largest eigenvalue of A^T w A, and a little more.</summary>
    public static double Lipschitz(IProjection projector, float[]? rayWeights = null)
    {
        float[] image = [.. Enumerable.Repeat(1f, (int)projector.Volume.Count)], projections = new float[projector.Count];
        double eigenvalue = 0;
        for (int i = 0; i < PowerIterations; i++)
        {
            float scale = 1 / MathF.Sqrt((float)image.Sum(value => (double)value * value));
            for (int j = 0; j < image.Length; j++) image[j] *= scale;
            projector.Forward(image, projections);
            for (int j = 0; rayWeights is not null && j < projections.Length; j++) projections[j] *= rayWeights[j];
            projector.Adjoint(projections, image);
            eigenvalue = Math.Sqrt(image.Sum(value => (double)value * value));
        }
        return eigenvalue * Safety;
    }
}
