using InrFast.Kernels.Sampling;

namespace InrFast.Kernels.Losses;

/// <summary>The oracle: window by window, means first, in double.</summary>
sealed unsafe class ReferenceLocalCorrelation(PatchShape patch, PatchShape window) : LocalCorrelationKernels(patch, window)
{
    public override void Forward(in Matrix p, in Matrix t, in Matrix weights, double factor, nint accumulator)
    {
        double total = 0;
        for (int first = 0; first < p.Rows; first += patch.Count)
            foreach (var rows in Windows(first))
            {
                var w = Statistics(p, t, weights, rows);
                total -= w.Weight * w.C * w.C / (w.P * w.T + Epsilon);
            }
        *(double*)accumulator += factor * total;
    }

    public override void Backward(in Matrix p, in Matrix t, in Matrix weights, double factor, nint outputGradient, in Matrix dp)
    {
        var gradient = new double[p.Rows];
        for (int first = 0; first < p.Rows; first += patch.Count)
            foreach (var rows in Windows(first))
            {
                var w = Statistics(p, t, weights, rows);
                double d = w.P * w.T + Epsilon;
                foreach (int r in rows)
                {
                    // dC / dp = weight (t - mean) / sum of weights, dP / dp = 2 weight (p - mean) / sum of weights.
                    double share = (weights.IsEmpty ? 1 : *weights.Row(r)) / window.Count;
                    gradient[r] -= share * (2 * w.C / d * (*t.Row(r) - w.MeanT) - w.C * w.C * w.T / (d * d) * 2 * (*p.Row(r) - w.MeanP));
                }
            }
        dp.ClearBlocks(0);
        for (int r = 0; r < p.Rows; r++) *dp.Row(r) = (float)(factor * *(double*)outputGradient * gradient[r]);
    }

    IEnumerable<int[]> Windows(int first)
    {
        for (int z = 0; z <= patch.Z - window.Z; z++)
            for (int y = 0; y <= patch.Y - window.Y; y++)
                for (int x = 0; x <= patch.X - window.X; x++)
                    yield return [.. from k in Enumerable.Range(z, window.Z) from j in Enumerable.Range(y, window.Y) from i in Enumerable.Range(x, window.X) select first + i + patch.X * (j + patch.Y * k)];
    }

    (double Weight, double MeanP, double MeanT, double P, double T, double C) Statistics(in Matrix p, in Matrix t, in Matrix weights, int[] rows)
    {
        double sum = 0, meanP = 0, meanT = 0, pp = 0, tt = 0, pt = 0;
        foreach (int r in rows)
        {
            double w = weights.IsEmpty ? 1 : *weights.Row(r);
            sum += w;
            meanP += w * *p.Row(r);
            meanT += w * *t.Row(r);
        }
        if (sum <= 0) return default;
        (meanP, meanT) = (meanP / sum, meanT / sum);
        foreach (int r in rows)
        {
            double w = (weights.IsEmpty ? 1 : *weights.Row(r)) / sum, a = *p.Row(r) - meanP, b = *t.Row(r) - meanT;
            pp += w * a * a;
            tt += w * b * b;
            pt += w * a * b;
        }
        return (sum / window.Count, meanP, meanT, pp, tt, pt);
    }
}
