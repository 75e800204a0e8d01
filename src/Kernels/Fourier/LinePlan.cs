using System.Numerics;

namespace InrFast.Kernels.Fourier;

/// <summary>
/// How the forward transform of one length is computed, on every device. Lengths whose prime factors are at most <see cref="LargestRadix"/> go by Stockham's
/// autosort (Swarztrauber: FFT algorithms for vector computers, Parallel Computing 1, 1984), others as a convolution with a chirp
/// (Bluestein: A linear filtering approach to the computation of the discrete Fourier transform, IEEE Trans. AU 18, 1970).
/// </summary>
sealed class LinePlan
{
    const int LargestRadix = 13;

    /// <param name="Twiddles">exp(-2 pi i p k / (Radix Count)) for p below Count, k = 1 .. Radix - 1.</param>
    /// <param name="Roots">exp(-2 pi i j / Radix).</param>
    public sealed record Stage(int Radix, int Count, int Step, float[] Twiddles, float[] Roots);

    public LinePlan(int length)
    {
        Length = length;
        if (Factors(length) is { } factors)
        {
            Stages = new Stage[factors.Count];
            int rest = length, step = 1;
            for (int i = 0; i < Stages.Length; i++)
            {
                int radix = factors[i], count = rest / radix;
                Stages[i] = new(radix, count, step, Pairs(count * (radix - 1), j => Root((long)(j / (radix - 1)) * (j % (radix - 1) + 1), rest)), Pairs(radix, j => Root(j, radix)));
                (rest, step) = (count, step * radix);
            }
            return;
        }
        int padded = 2 * length - 1;
        while (Factors(padded) is not { } smooth || smooth.Any(factor => factor > 5)) padded++;
        Convolution = new(padded);
        Chirp = Pairs(length, j => Root((long)j * j % (2 * length), 2 * length));
        Spectrum = Convolution.SpectrumOf(j => Math.Min(j, padded - j) is var at && at < length ? Complex.Conjugate(Root((long)at * at % (2 * length), 2 * length)) / padded : 0);
    }

    public int Length { get; }
    public Stage[] Stages { get; } = [];

    /// <summary>Bluestein's: the transform of the convolution's length; null where there are stages.</summary>
    public LinePlan? Convolution { get; }

    /// <summary>exp(-pi i j^2 / Length), and the spectrum of its conjugate over the convolution's length, divided by that.</summary>
    public float[] Chirp { get; } = [];
    public float[] Spectrum { get; } = [];

    /// <summary>Complex numbers that a line needs on its way.</summary>
    public int BufferLength => Convolution?.Length ?? Length;

    float[] SpectrumOf(Func<int, Complex> f)
    {
        // Made once: a double-precision transform by the same factors, recursively.
        var result = Recursive([.. Enumerable.Range(0, Length).Select(f)]);
        return Pairs(Length, k => result[k]);
    }

    static Complex[] Recursive(Complex[] x)
    {
        int n = x.Length, radix = n == 1 ? 1 : Factors(n)![^1];
        if (n == 1) return x;
        var parts = Enumerable.Range(0, radix).Select(r => Recursive([.. Enumerable.Range(0, n / radix).Select(i => x[i * radix + r])])).ToArray();
        var result = new Complex[n];
        for (int k = 0; k < n; k++)
            for (int r = 0; r < radix; r++) result[k] += parts[r][k % (n / radix)] * Root((long)r * k % n, n);
        return result;
    }

    /// <summary>Radices whose product is n, fours first; null where a prime factor is too large.</summary>
    static List<int>? Factors(int n)
    {
        var factors = new List<int>();
        foreach (int radix in (int[])[4, 2, 3, 5, 7, 11, LargestRadix])
            for (; n % radix == 0; n /= radix) factors.Add(radix);
        return n == 1 ? factors : null;
    }

    static Complex Root(long k, long n) => Complex.FromPolarCoordinates(1, -2 * Math.PI * (k % n) / n);

    static float[] Pairs(int count, Func<int, Complex> f)
    {
        var pairs = new float[2 * count];
        for (int i = 0; i < count; i++) (pairs[2 * i], pairs[2 * i + 1]) = f(i) is var z ? ((float)z.Real, (float)z.Imaginary) : default;
        return pairs;
    }
}
