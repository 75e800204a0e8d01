using InrFast.Kernels.Sampling;

namespace InrFast.Kernels.Losses;

/// <summary>
/// Six sums of every window, axis by axis, in double: 30 additions a point, however large the window. The gradient at a point is a t + b p + c with coefficients that are summed over the windows
/// around it, axis by axis too.
/// </summary>
sealed unsafe class CpuLocalCorrelation(PatchShape patch, PatchShape window) : LocalCorrelationKernels(patch, window)
{
    const int Sums = 6, Coefficients = 3;

    [ThreadStatic]
    static double[]? scratch;

    readonly int places = window.PlacesIn(patch);

    public override void Forward(in Matrix p, in Matrix t, in Matrix weights, double factor, nint accumulator)
    {
        double total = 0;
        fixed (double* s = Scratch())
            for (int first = 0; first < p.Rows; first += patch.Count)
            {
                AddUp(p, t, weights, first, s);
                for (int i = 0; i < places; i++) total -= new Window(s + i * Sums, window.Count).Value;
            }
        *(double*)accumulator += factor * total;
    }

    public override void Backward(in Matrix p, in Matrix t, in Matrix weights, double factor, nint outputGradient, in Matrix dp)
    {
        double scale = -factor * *(double*)outputGradient;
        fixed (double* s = Scratch())
            for (int first = 0; first < p.Rows; first += patch.Count)
            {
                AddUp(p, t, weights, first, s);
                for (int i = 0; i < places; i++) new Window(s + i * Sums, window.Count).Slopes(s + i * Coefficients);
                Spread(s);
                for (int i = 0; i < patch.Count; i++)
                {
                    double* c = s + i * Coefficients;
                    double weight = weights.IsEmpty ? scale : scale * *weights.Row(first + i);
                    *dp.Row(first + i) = (float)(weight * (c[0] * *t.Row(first + i) + c[1] * *p.Row(first + i) + c[2]));
                }
            }
        dp.ClearBlocks(1);
    }

    double[] Scratch()
    {
        if (scratch is null || scratch.Length < Sums * patch.Count) scratch = new double[Sums * patch.Count];
        return scratch;
    }

    /// <summary>[place of a window, x fastest][weight, weight p, weight t, weight p², weight t², weight p t].</summary>
    void AddUp(in Matrix p, in Matrix t, in Matrix weights, int first, double* s)
    {
        double* to = s;
        for (int i = first; i < first + patch.Count; i++, to += Sums)
        {
            double w = weights.IsEmpty ? 1 : *weights.Row(i), a = *p.Row(i), b = *t.Row(i);
            (to[0], to[1], to[2], to[3], to[4], to[5]) = (w, w * a, w * b, w * a * a, w * b * b, w * a * b);
        }
        int x = patch.X - window.X + 1, y = patch.Y - window.Y + 1;
        Add(s, patch.Y * patch.Z, patch.X, Sums, window.X);
        Add(s, patch.Z, patch.Y, x * Sums, window.Y);
        Add(s, 1, patch.Z, x * y * Sums, window.Z);
    }

    /// <summary>[outer][count][inner] to the sums of neighbours, [outer][count - neighbours + 1][inner], in place.</summary>
    static void Add(double* s, int outer, int count, int inner, int neighbours)
    {
        double* to = s;
        for (int o = 0; o < outer; o++)
            for (int i = 0; i <= count - neighbours; i++)
                for (int k = 0; k < inner; k++, to++)
                {
                    double* from = s + ((long)o * count + i) * inner + k;
                    double sum = 0;
                    for (int n = 0; n < neighbours; n++) sum += from[n * inner];
                    *to = sum;
                }
    }

    /// <summary>The adjoint for three coefficients: of windows to the points within each.</summary>
    void Spread(double* s)
    {
        int x = patch.X - window.X + 1, y = patch.Y - window.Y + 1;
        Spread(s, 1, patch.Z, x * y * Coefficients, window.Z);
        Spread(s, patch.Z, patch.Y, x * Coefficients, window.Y);
        Spread(s, patch.Y * patch.Z, patch.X, Coefficients, window.X);
    }

    /// <summary>[outer][count - neighbours + 1][inner] to [outer][count][inner], in place, from the end.</summary>
    static void Spread(double* s, int outer, int count, int inner, int neighbours)
    {
        int windows = count - neighbours + 1;
        for (int o = outer - 1; o >= 0; o--)
            for (int i = count - 1; i >= 0; i--)
                for (int k = inner - 1; k >= 0; k--)
                {
                    double sum = 0;
                    for (int n = Math.Max(0, i - neighbours + 1); n <= Math.Min(i, windows - 1); n++) sum += s[((long)o * windows + n) * inner + k];
                    s[((long)o * count + i) * inner + k] = sum;
                }
    }

    /// <summary>The correlation of one window from its sums.</summary>
    readonly struct Window
    {
        readonly double weight, perPoint, meanP, meanT, varianceT, covariance, denominator;

        public Window(double* s, int points)
        {
            if (!(s[0] > 0)) return;
            (weight, perPoint) = (s[0] / points, 1.0 / points);
            (meanP, meanT) = (s[1] / s[0], s[2] / s[0]);
            varianceT = Math.Max(0, s[4] / s[0] - meanT * meanT);
            covariance = s[5] / s[0] - meanP * meanT;
            denominator = Math.Max(0, s[3] / s[0] - meanP * meanP) * varianceT + Epsilon;
        }

        public double Value => weight > 0 ? weight * covariance * covariance / denominator : 0;

        /// <summary>Of the derivative with respect to a point's p, over its weight: of t, of p, constant.</summary>
        public void Slopes(double* to)
        {
            (to[0], to[1], to[2]) = (0, 0, 0);
            if (!(weight > 0)) return;
            double a = 2 * covariance / denominator;
            to[0] = perPoint * a;
            to[1] = -perPoint * a * covariance * varianceT / denominator;
            to[2] = -to[0] * meanT - to[1] * meanP;
        }
    }
}
