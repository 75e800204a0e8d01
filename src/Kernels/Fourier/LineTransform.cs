using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Fourier;

/// <summary>
/// The forward transform of as many lines at once as a vector has lanes: number i is the vector of real parts at 2 i and that of
/// imaginary parts at 2 i + 1, so no butterfly ever mixes lanes.
/// </summary>
sealed unsafe class LineTransform<V>(LinePlan plan) where V : struct, IVector<V>
{
    readonly int length = plan.Length;
    readonly LineTransform<V>? inner = plan.Convolution is { } convolution ? new(convolution) : null;

    /// <summary>Vectors of a buffer.</summary>
    public int BufferVectors => 2 * plan.BufferLength;

    /// <summary>Transforms what lies in one buffer with the help of another; returns the one that holds the result.</summary>
    public float* Run(float* x, float* y) => inner is null ? Stockham(x, y) : Bluestein(inner, x, y);

    float* Stockham(float* x, float* y)
    {
        foreach (var stage in plan.Stages)
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
        Scale(x, plan.Chirp, length, false);
        new Span<float>(x + 2 * length * V.Count, 2 * (inner.length - length) * V.Count).Clear();
        float* z = inner.Stockham(x, y);
        Scale(z, plan.Spectrum, inner.length, true); // swapped parts make the next transform an inverse one
        float* result = inner.Stockham(z, z == x ? y : x);
        Swap(result, length);
        Scale(result, plan.Chirp, length, false);
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
}
