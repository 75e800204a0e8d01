using System.Runtime.CompilerServices;

namespace InrFast.Kernels.Vectors;

/// <summary>Elementary functions of vectors. Every polynomial is a minimax fit (Remez) over its reduced range.</summary>
public static class VectorMath
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>1.5 * 2^23: adding it rounds to a whole number whose parity is then the lowest bit.</summary>
    const float Magic = 12582912f;

    /// <summary>sin(pi r) for |r| at most 1/2, u = r²: odd, degree 9.</summary>
    [MethodImpl(Inline)]
    static V Odd<V>(V r, V u) where V : struct, IVector<V>
    {
        var p = V.MultiplyAdd(V.Create(0.0772222476098f), u, V.Create(-0.598046449675f));
        p = V.MultiplyAdd(p, u, V.Create(2.55003164075f));
        p = V.MultiplyAdd(p, u, V.Create(-5.16770690019f));
        return V.MultiplyAdd(p, u, V.Create(3.14159258057f)) * r;
    }

    /// <summary>cos(pi r) for |r| at most 1/2, u = r²: even, degree 8.</summary>
    [MethodImpl(Inline)]
    static V Even<V>(V u) where V : struct, IVector<V>
    {
        var q = V.MultiplyAdd(V.Create(0.219696799123f), u, V.Create(-1.33188016148f));
        q = V.MultiplyAdd(q, u, V.Create(4.0584119142f));
        q = V.MultiplyAdd(q, u, V.Create(-4.93479285868f));
        return V.MultiplyAdd(q, u, V.Create(0.999999953467f));
    }

    /// <summary>sin(pi z), |z| below 2^22, absolute error 1.7e-7 of the exact sine of the float z.</summary>
    [MethodImpl(Inline)]
    public static V SinPi<V>(V z) where V : struct, IVector<V>
    {
        var t = z + V.Create(Magic);
        var r = z - (t - V.Create(Magic));
        return Odd(r, r * r) ^ V.ShiftLeft(t, 31);
    }

    /// <summary>sin(pi z), and cos(pi z) times a factor; |z| below 2^22, absolute error 1.7e-7 each (of the unscaled cosine).</summary>
    [MethodImpl(Inline)]
    public static void SinCosPi<V>(V z, float factor, out V sine, out V scaledCosine) where V : struct, IVector<V>
    {
        var t = z + V.Create(Magic);
        var r = z - (t - V.Create(Magic));
        var sign = V.ShiftLeft(t, 31);
        var u = r * r;
        sine = Odd(r, u) ^ sign;
        scaledCosine = (Even(u) * V.Create(factor)) ^ sign;
    }
}
