using InrFast.Kernels.Random;

namespace InrFast.Tasks.Reconstruction;

/// <summary>What a counting detector makes of line integrals. Each ray's numbers follow from the seed and its place alone.</summary>
public static class PhotonNoise
{
    /// <summary>Numbers of the sequence set aside for a ray: more than any draw takes.</summary>
    const ulong PerRay = 1 << 10;

    /// <summary>Least count that a line integral is taken of.</summary>
    public const double LeastCount = 0.5;

    /// <summary>Counts behind the object: Poisson(photons exp(-p)) + N(0, electronic).</summary>
    public static float[] Counts(IReadOnlyList<float> lineIntegrals, double photons, double electronic, ulong seed)
    {
        var counts = new float[lineIntegrals.Count];
        for (int i = 0; i < counts.Length; i++)
        {
            var random = new RandomSequence(seed, RandomStream.Noise, (ulong)i * PerRay);
            double count = Poisson(photons * Math.Exp(-lineIntegrals[i]), ref random);
            if (electronic > 0)
            {
                ulong bits = random.Next();
                count += electronic * RandomBits.Normal((uint)bits, (uint)(bits >> 32)).Item1;
            }
            counts[i] = (float)count;
        }
        return counts;
    }

    /// <summary>ln(air / count), counts of at least <see cref="LeastCount"/>.</summary>
    public static float[] LineIntegrals(IReadOnlyList<float> counts, double air) => [.. counts.Select(count => (float)Math.Log(air / Math.Max(count, LeastCount)))];

    /// <summary>Line integrals as they come out of the noise, at least 0.</summary>
    public static float[] LineIntegrals(IReadOnlyList<float> lineIntegrals, double photons, double electronic, ulong seed) =>
        [.. LineIntegrals(Counts(lineIntegrals, photons, electronic, seed), photons).Select(p => MathF.Max(0, p))];

    static double Uniform(ref RandomSequence random) => ((random.Next() >> 11) + 0.5) / (1L << 53);

    /// <summary>Below a mean of 10 by inversion; above by transformed rejection (Hörmann: The transformed rejection method for generating Poisson random variables, Insurance: Mathematics and Economics 12, 1993, algorithm PTRS).</summary>
    static double Poisson(double mean, ref RandomSequence random)
    {
        if (mean < 10)
        {
            double part = Math.Exp(-mean), rest = Uniform(ref random);
            int k = 0;
            for (; rest > part && k < 200; k++)
            {
                rest -= part;
                part *= mean / (k + 1);
            }
            return k;
        }
        double b = 0.931 + 2.53 * Math.Sqrt(mean), a = -0.059 + 0.02483 * b, inverse = 1.1239 + 1.1328 / (b - 3.4), accept = 0.9277 - 3.6224 / (b - 2), log = Math.Log(mean);
        for (int attempt = 0; attempt < 400; attempt++)
        {
            double u = Uniform(ref random) - 0.5, v = Uniform(ref random), us = 0.5 - Math.Abs(u), k = Math.Floor((2 * a / us + b) * u + mean + 0.43);
            if (us >= 0.07 && v <= accept) return k;
            if (k < 0 || us < 0.013 && v > us) continue;
            if (Math.Log(v * inverse / (a / (us * us) + b)) <= k * log - mean - LogFactorial(k)) return k;
        }
        return Math.Round(mean);
    }

    /// <summary>ln k!: Stirling's series, exact to a double's last digits from 10 on.</summary>
    static double LogFactorial(double k)
    {
        if (k < 10)
        {
            double product = 1;
            for (int i = 2; i <= k; i++) product *= i;
            return Math.Log(product);
        }
        double x = k + 1, square = x * x;
        return (x - 0.5) * Math.Log(x) - x + 0.91893853320467274 + (1 / 12.0 - (1 / 360.0 - (1 / 1260.0 - 1 / (1680 * square)) / square) / square) / x;
    }
}
