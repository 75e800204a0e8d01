using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Fourier;

/// <summary>
/// One stage of Stockham's transform, vectors of lines: y(q + step (radix p + k)) = twiddle(p, k) sum over j of x(q + step (p + count j)) exp(-2 pi i j k / radix),
/// p below count, q below step, k below radix.
/// </summary>
static unsafe class Butterflies<V> where V : struct, IVector<V>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    [MethodImpl(Inline)]
    static void Store(V re, V im, float* to)
    {
        V.Store(re, to);
        V.Store(im, to + V.Count);
    }

    /// <summary>Times a twiddle.</summary>
    [MethodImpl(Inline)]
    static void Store(V re, V im, float* twiddle, float* to)
    {
        V c = V.Create(twiddle[0]), s = V.Create(twiddle[1]);
        Store(re * c - im * s, re * s + im * c, to);
    }

    public static void Two(float* x, float* y, int count, int step, float* twiddles)
    {
        nint one = 2 * V.Count, far = (nint)count * step * one, next = step * one;
        for (int p = 0; p < count; p++, twiddles += 2)
            for (int q = 0; q < step; q++)
            {
                float* a = x + ((nint)step * p + q) * one, to = y + ((nint)step * 2 * p + q) * one;
                V re0 = V.Load(a), im0 = V.Load(a + V.Count), re1 = V.Load(a + far), im1 = V.Load(a + far + V.Count);
                Store(re0 + re1, im0 + im1, to);
                Store(re0 - re1, im0 - im1, twiddles, to + next);
            }
    }

    public static void Three(float* x, float* y, int count, int step, float* twiddles)
    {
        nint one = 2 * V.Count, far = (nint)count * step * one, next = step * one;
        V half = V.Create(-0.5f), sine = V.Create(0.866025404f);
        for (int p = 0; p < count; p++, twiddles += 4)
            for (int q = 0; q < step; q++)
            {
                float* a = x + ((nint)step * p + q) * one, to = y + ((nint)step * 3 * p + q) * one;
                V re0 = V.Load(a), im0 = V.Load(a + V.Count), re1 = V.Load(a + far), im1 = V.Load(a + far + V.Count), re2 = V.Load(a + 2 * far), im2 = V.Load(a + 2 * far + V.Count);
                V sumRe = re1 + re2, sumIm = im1 + im2, differenceRe = (re1 - re2) * sine, differenceIm = (im1 - im2) * sine;
                V midRe = V.MultiplyAdd(sumRe, half, re0), midIm = V.MultiplyAdd(sumIm, half, im0);
                Store(re0 + sumRe, im0 + sumIm, to);
                Store(midRe + differenceIm, midIm - differenceRe, twiddles, to + next);
                Store(midRe - differenceIm, midIm + differenceRe, twiddles + 2, to + 2 * next);
            }
    }

    public static void Four(float* x, float* y, int count, int step, float* twiddles)
    {
        nint one = 2 * V.Count, far = (nint)count * step * one, next = step * one;
        for (int p = 0; p < count; p++, twiddles += 6)
            for (int q = 0; q < step; q++)
            {
                float* a = x + ((nint)step * p + q) * one, to = y + ((nint)step * 4 * p + q) * one;
                V re0 = V.Load(a), im0 = V.Load(a + V.Count), re1 = V.Load(a + far), im1 = V.Load(a + far + V.Count);
                V re2 = V.Load(a + 2 * far), im2 = V.Load(a + 2 * far + V.Count), re3 = V.Load(a + 3 * far), im3 = V.Load(a + 3 * far + V.Count);
                V evenRe = re0 + re2, evenIm = im0 + im2, evenLessRe = re0 - re2, evenLessIm = im0 - im2;
                V oddRe = re1 + re3, oddIm = im1 + im3, oddLessRe = re1 - re3, oddLessIm = im1 - im3;
                Store(evenRe + oddRe, evenIm + oddIm, to);
                Store(evenLessRe + oddLessIm, evenLessIm - oddLessRe, twiddles, to + next);
                Store(evenRe - oddRe, evenIm - oddIm, twiddles + 2, to + 2 * next);
                Store(evenLessRe - oddLessIm, evenLessIm + oddLessRe, twiddles + 4, to + 3 * next);
            }
    }

    public static void Five(float* x, float* y, int count, int step, float* twiddles)
    {
        nint one = 2 * V.Count, far = (nint)count * step * one, next = step * one;
        V cos1 = V.Create(0.309016994f), cos2 = V.Create(-0.809016994f), sin1 = V.Create(0.951056516f), sin2 = V.Create(0.587785252f); // of 72 and 144 degrees
        for (int p = 0; p < count; p++, twiddles += 8)
            for (int q = 0; q < step; q++)
            {
                float* a = x + ((nint)step * p + q) * one, to = y + ((nint)step * 5 * p + q) * one;
                V re0 = V.Load(a), im0 = V.Load(a + V.Count), re1 = V.Load(a + far), im1 = V.Load(a + far + V.Count), re2 = V.Load(a + 2 * far), im2 = V.Load(a + 2 * far + V.Count);
                V re3 = V.Load(a + 3 * far), im3 = V.Load(a + 3 * far + V.Count), re4 = V.Load(a + 4 * far), im4 = V.Load(a + 4 * far + V.Count);
                V outerRe = re1 + re4, outerIm = im1 + im4, outerLessRe = re1 - re4, outerLessIm = im1 - im4;
                V innerRe = re2 + re3, innerIm = im2 + im3, innerLessRe = re2 - re3, innerLessIm = im2 - im3;
                V mid1Re = re0 + outerRe * cos1 + innerRe * cos2, mid1Im = im0 + outerIm * cos1 + innerIm * cos2;
                V mid2Re = re0 + outerRe * cos2 + innerRe * cos1, mid2Im = im0 + outerIm * cos2 + innerIm * cos1;
                V turn1Re = outerLessRe * sin1 + innerLessRe * sin2, turn1Im = outerLessIm * sin1 + innerLessIm * sin2;
                V turn2Re = outerLessRe * sin2 - innerLessRe * sin1, turn2Im = outerLessIm * sin2 - innerLessIm * sin1;
                Store(re0 + outerRe + innerRe, im0 + outerIm + innerIm, to);
                Store(mid1Re + turn1Im, mid1Im - turn1Re, twiddles, to + next);
                Store(mid2Re + turn2Im, mid2Im - turn2Re, twiddles + 2, to + 2 * next);
                Store(mid2Re - turn2Im, mid2Im + turn2Re, twiddles + 4, to + 3 * next);
                Store(mid1Re - turn1Im, mid1Im + turn1Re, twiddles + 6, to + 4 * next);
            }
    }

    public static void Any(float* x, float* y, int radix, int count, int step, float* twiddles, float* roots)
    {
        nint one = 2 * V.Count, far = (nint)count * step * one, next = step * one;
        for (int p = 0; p < count; p++, twiddles += 2 * (radix - 1))
            for (int q = 0; q < step; q++)
            {
                float* a = x + ((nint)step * p + q) * one, to = y + ((nint)step * radix * p + q) * one;
                for (int k = 0; k < radix; k++, to += next)
                {
                    V re = V.Load(a), im = V.Load(a + V.Count);
                    for (int j = 1; j < radix; j++)
                    {
                        float* from = a + j * far, root = roots + 2 * (j * k % radix);
                        V c = V.Create(root[0]), s = V.Create(root[1]), fromRe = V.Load(from), fromIm = V.Load(from + V.Count);
                        re += fromRe * c - fromIm * s;
                        im += fromRe * s + fromIm * c;
                    }
                    if (k == 0) Store(re, im, to);
                    else Store(re, im, twiddles + 2 * (k - 1), to);
                }
            }
    }
}
