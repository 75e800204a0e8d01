namespace InrFast.Kernels.Losses;

/// <summary>
/// [mean, 1 / standard deviation] of p over the batch, from its moments (<see cref="MomentKernels"/>). The variance is that of the
/// population plus <paramref name="epsilon"/>, as in batch normalisation.
/// </summary>
public readonly struct Statistics(double epsilon) : ISharedFunction
{
    public int Inputs => MomentKernels.Count;
    public int Outputs => 2;

    public void Evaluate(Doubles x, Doubles y)
    {
        double mean = x[1] / x[0];
        (y[0], y[1]) = (mean, 1 / Math.Sqrt(x[3] / x[0] - mean * mean + epsilon));
    }

    public void Backward(Doubles x, Doubles dy, Doubles dx)
    {
        double n = x[0], mean = x[1] / n, square = x[3] / n;
        double inverse = 1 / Math.Sqrt(square - mean * mean + epsilon), onVariance = -dy[1] / 2 * inverse * inverse * inverse, onMean = dy[0] - 2 * mean * onVariance;
        for (int i = 0; i < Inputs; i++) dx[i] = 0;
        dx[0] = -(onMean * mean + onVariance * square) / n;
        dx[1] = onMean / n;
        dx[3] = onVariance / n;
    }
}
