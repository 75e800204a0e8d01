using System.Numerics;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Fourier;

/// <summary>
/// The forward transform of one length, of as many lines at once as a vector has lanes: number i is the vector of real parts at 2 i and that of
/// imaginary parts at 2 i + 1, so no butterfly ever mixes lanes. Lengths whose prime factors are at most <see cref="LargestRadix"/> go by Stockham's
/// autosort (Swarztrauber: FFT algorithms for vector computers, Parallel Computing 1, 1984), others as a convolution with a chirp
/// (Bluestein: A linear filtering approach to the computation of the discrete Fourier transform, IEEE Trans. AU 18, 1970).
/// </summary>
sealed unsafe class LineTransform<V> where V : struct, IVector<V>
{
    const int LargestRadix = 13;

    readonly int length;
    readonly Stage[] stages = [];

    // Bluestein: the transform of the convolution's length, the chirp exp(-pi i j^2 / n), and the spectrum of its conjugate over that length.
    readonly LineTransform<V>? inner;
    readonly float[] chirp = [], spectrum = [];

    /// <param name="Twiddles">exp(-2 pi i p k / (Radix Count)) for p below Count, k = 1 .. Radix - 1.</param>
    /// <param name="Roots">exp(-2 pi i j / Radix).</param>
    sealed record Stage(int Radix, int Count, int Step, float[] Twiddles, float[] Roots);

    public LineTransform(int length)
    {
        this.length = length;
        if (Factors(length) is { } factors)
        {
            stages = new Stage[factors.Count];
            int rest = length, step = 1;
            for (int i = 0; i < stages.Length; i++)
            {
                int radix = factors[i], count = rest / radix;
                stages[i] = new(radix, count, step, Pairs(count * (radix - 1), j => Root((long)(j / (radix - 1)) * (j % (radix - 1) + 1), rest)), Pairs(radix, j => Root(j, radix)));
                (rest, step) = (count, step * radix);
            }
            return;
        }
        int padded = 2 * length - 1;
        while (Factors(padded) is not { } smooth || smooth.Any(factor => factor > 5)) padded++;
        inner = new(padded);
        chirp = Pairs(length, j => Root((long)j * j % (2 * length), 2 * length));
        spectrum = inner.SpectrumOf(j => Math.Min(j, padded - j) is var at && at < length ? Complex.Conjugate(Root((long)at * at % (2 * length), 2 * length)) / padded : 0);
    }

    /// <summary>Vectors of a buffer.</summary>
    public int BufferVectors => 2 * (inner?.length ?? length);

    /// <summary>Transforms what lies in one buffer with the help of another; returns the one that holds the result.</summary>
    public float* Run(float* x, float* y) => inner is null ? Stockham(x, y) : Bluestein(inner, x, y);

    float* Stockham(float* x, float* y)
    {
        foreach (var stage in stages)
        {
            fixed (float* twiddles = stage.Twiddles, roots = stage.Roots)
                switch (stage.Radix)
                {
                    case 2: Butterflies<V>.Two(x, y, stage.Count, stage.Step, twiddles); break;
                    case 3: Butterflies<V>.Three(x, y, stage.Count, stage.Step, twiddles); break;
                    case 4: Butterflies<V>.Four(x, y, stage.Count, stage.Step, twiddles); break;
                    case 5: Butterflies<V>.Five(x, y, stage.Count, stage.Step, twiddles); break;
                    default: Butterflies<V>.Any(x, y, stage.Radix, stage.Count, stage.Step, twiddles, roots); break;
                }
            float* done = y;
            y = x;
            x = done;
        }
        return x;
    }

    float* Bluestein(LineTransform<V> inner, float* x, float* y)
    {
        Scale(x, chirp, length, false);
        new Span<float>(x + 2 * length * V.Count, 2 * (inner.length - length) * V.Count).Clear();
        float* z = inner.Stockham(x, y);
        Scale(z, spectrum, inner.length, true); // swapped parts make the next transform an inverse one
        float* result = inner.Stockham(z, z == x ? y : x);
        Swap(result, length);
        Scale(result, chirp, length, false);
        return result;
    }

    /// <summary>Each number times one of a table, the same for all lanes; real and imaginary parts swapped on wish.</summary>
    static void Scale(float* x, float[] factors, int count, bool swap)
    {
        for (int i = 0; i < count; i++, x += 2 * V.Count)
        {
            V re = V.Load(x), im = V.Load(x + V.Count), c = V.Create(factors[2 * i]), s = V.Create(factors[2 * i + 1]);
            V a = re * c - im * s, b = re * s + im * c;
            V.Store(swap ? b : a, x);
            V.Store(swap ? a : b, x + V.Count);
        }
    }

    static void Swap(float* x, int count)
    {
        for (int i = 0; i < count; i++, x += 2 * V.Count)
        {
            V re = V.Load(x), im = V.Load(x + V.Count);
            V.Store(im, x);
            V.Store(re, x + V.Count);
        }
    }

    float[] SpectrumOf(Func<int, Complex> f)
    {
        // Made once: a double-precision transform by the same factors, recursively.
        var result = Recursive([.. Enumerable.Range(0, length).Select(f)]);
        return Pairs(length, k => result[k]);
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
