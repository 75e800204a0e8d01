namespace InrFast.Kernels.Losses;

/// <summary>
/// Minus the correlation coefficient of p and t over the batch, from their moments (<see cref="MomentKernels"/>): -1 where one is a rising
/// linear function of the other. 0 without gradient where either is constant (its variance below 1e-12 of its mean square).
/// </summary>
public readonly struct NormalizedCrossCorrelation : ISharedFunction
{
    const double Constant = 1e-12;
    public int Inputs => MomentKernels.Count;
    public int Outputs => 1;

    public void Evaluate(Doubles x, Doubles y)
    {
        var (pp, tt, pt) = Central(x);
        y[0] = IsDefined(x, pp, tt) ? -pt / Math.Sqrt(pp * tt) : 0;
    }

    public void Backward(Doubles x, Doubles dy, Doubles dx)
    {
        var (pp, tt, pt) = Central(x);
        for (int i = 0; i < Inputs; i++) dx[i] = 0;
        if (!IsDefined(x, pp, tt)) return;
        double n = x[0], meanP = x[1] / n, meanT = x[2] / n, scale = dy[0] / Math.Sqrt(pp * tt);
        double dpt = -scale, dpp = scale * pt / (2 * pp), dtt = scale * pt / (2 * tt);
        dx[0] = dpp * meanP * meanP + dtt * meanT * meanT + dpt * meanP * meanT;
        dx[1] = -2 * dpp * meanP - dpt * meanT;
        dx[2] = -2 * dtt * meanT - dpt * meanP;
        (dx[3], dx[4], dx[5]) = (dpp, dtt, dpt);
    }

    /// <summary>n times the variances and the covariance.</summary>
    static (double PP, double TT, double PT) Central(Doubles x) =>
        (x[3] - x[1] * x[1] / x[0], x[4] - x[2] * x[2] / x[0], x[5] - x[1] * x[2] / x[0]);

    static bool IsDefined(Doubles x, double pp, double tt) => pp > Constant * x[3] && tt > Constant * x[4];
}
