namespace InrFast.Kernels.Activations;

/// <summary>What <see cref="Math"/> lacks, in double, for the oracles.</summary>
static class Precise
{
    /// <summary>e^x - 1 (Kahan's correction of the rounded e^x).</summary>
    public static double Expm1(double x)
    {
        double e = Math.Exp(x);
        return e == 1 ? x : e - 1 == -1 ? -1 : (e - 1) * x / Math.Log(e);
    }

    /// <summary>ln(1 + x) (Kahan's correction of the rounded 1 + x).</summary>
    public static double Log1p(double x)
    {
        double sum = 1 + x;
        return sum == 1 ? x : Math.Log(sum) * x / (sum - 1);
    }

    /// <summary>1 - erf(x): the series of erf near 0, the continued fraction of erfc beyond (Abramowitz and Stegun 7.1.6, 7.1.14).</summary>
    public static double Erfc(double x)
    {
        if (x < 0) return 2 - Erfc(-x);
        double factor = Math.Exp(-x * x);
        if (x > 3)
        {
            double fraction = x;
            for (int k = 60; k > 0; k--) fraction = x + k / 2.0 / fraction;
            return factor / fraction / Math.Sqrt(Math.PI);
        }
        double term = x, sum = x;
        for (int n = 1; term > 1e-17 * sum; n++) sum += term *= 2 * x * x / (2 * n + 1);
        return 1 - 2 / Math.Sqrt(Math.PI) * factor * sum;
    }
}
