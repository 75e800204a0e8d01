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

    /// <summary>sin(pi z), |z| below 2^22, absolute error 1.7e-7 of the exact sine of the float z.</summary>
    [MethodImpl(Inline)]
    public static V SinPi<V>(V z) where V : struct, IVector<V>
    {
        var t = z + V.Create(Magic);
        var r = V.Fraction(z, t - V.Create(Magic));
        return Odd(r, r * r) ^ V.ShiftLeft(t, 31);
    }

    /// <summary>sin(pi z), and cos(pi z) times the series' factor; |z| below 2^22, absolute error 1.7e-7 each (of the unscaled cosine).</summary>
    [MethodImpl(Inline)]
    public static void SinCosPi<V>(V z, in CosineSeries cosine, out V sine, out V scaledCosine) where V : struct, IVector<V>
    {
        var t = z + V.Create(Magic);
        var r = V.Fraction(z, t - V.Create(Magic));
        var sign = V.ShiftLeft(t, 31);
        var u = r * r;
        sine = Odd(r, u) ^ sign;
        scaledCosine = cosine.At(u) ^ sign;
    }

    /// <summary>
    /// sin(x) and cos(x), x in radians: absolute error 7e-8 each for |x| up to 1e4 (Cody and Waite 1980: quarter-turns are subtracted in two
    /// parts, the first exactly). Beyond |x| = 6e6 the quarter-turns no longer fit a float and the result means nothing.
    /// </summary>
    [MethodImpl(Inline)]
    public static void SinCos<V>(V x, out V sine, out V cosine) where V : struct, IVector<V>
    {
        var t = V.MultiplyAdd(x, V.Create(0.636619772f), V.Create(Magic));
        var n = t - V.Create(Magic);
        var r = V.MultiplyAdd(n, V.Create(-1.57079637f), x);
        r = V.MultiplyAdd(n, V.Create(4.37113883e-8f), r);
        var u = r * r;
        var s = V.MultiplyAdd(V.Create(-0.000194954991f), u, V.Create(0.00833197759f));
        s = V.MultiplyAdd(s, u, V.Create(-0.166666507f));
        s = V.MultiplyAdd(s * u, r, r);
        var c = V.MultiplyAdd(V.Create(2.44383073e-5f), u, V.Create(-0.00138873663f));
        c = V.MultiplyAdd(c, u, V.Create(0.0416666468f));
        c = V.MultiplyAdd(V.MultiplyAdd(c, u, V.Create(-0.5f)), u, V.Create(1));
        // The lowest two bits of t: odd quarter-turns swap sine and cosine; the second bit is the sine's sign, the cosine's is one turn on.
        var swap = V.GreaterThan(V.ShiftRight(V.ShiftLeft(t, 31), 1), V.Zero);
        var half = V.CreateInteger(int.MinValue);
        sine = V.Select(swap, c, s) ^ (V.ShiftLeft(t, 30) & half);
        cosine = V.Select(swap, s, c) ^ (V.ShiftLeft(V.AddInteger(t, V.CreateInteger(1)), 30) & half);
    }

    /// <summary>x = n ln 2 + r: n as the addend of a float's exponent, and tail = e^r - 1. |x| at most 88.7; |r| at most ln(2) / 2.</summary>
    [MethodImpl(Inline)]
    static void Reduce<V>(V x, out V exponent, out V tail) where V : struct, IVector<V>
    {
        exponent = V.MultiplyAdd(x, V.Create(1.44269504f), V.Create(Magic));
        var n = exponent - V.Create(Magic);
        var r = V.MultiplyAdd(n, V.Create(-0.693147182f), x);
        r = V.MultiplyAdd(n, V.Create(1.90465421e-9f), r);
        exponent = V.ShiftLeft(exponent, 23);
        var q = V.MultiplyAdd(V.Create(0.00139505403f), r, V.Create(0.00836891786f));
        q = V.MultiplyAdd(q, r, V.Create(0.0416662051f));
        q = V.MultiplyAdd(q, r, V.Create(0.166665186f));
        q = V.MultiplyAdd(q, r, V.Create(0.50000001f));
        tail = V.MultiplyAdd(q * r, r, r);
    }

    /// <summary>
    /// e^x, relative error 9e-8. Saturates: 0 where e^x is below the smallest normal float (x below -87.33), 3.4e38 above
    /// x = 88.72. Not a number stays so.
    /// </summary>
    [MethodImpl(Inline)]
    public static V Exp<V>(V x) where V : struct, IVector<V>
    {
        const float lowest = -87.33654f, highest = 88.72283f;
        Reduce(V.Max(V.Create(lowest), V.Min(V.Create(highest), x)), out var exponent, out var tail);
        return V.Select(V.LessThan(x, V.Create(lowest)), V.Zero, V.AddInteger(tail + V.Create(1), exponent));
    }

    /// <summary>e^x - 1 of x up to 88, relative error 1.3e-7 also near 0. Saturates at both ends.</summary>
    [MethodImpl(Inline)]
    public static V Expm1<V>(V x) where V : struct, IVector<V>
    {
        Reduce(V.Max(V.Create(-80), V.Min(V.Create(88), x)), out var exponent, out var tail);
        var power = V.AddInteger(V.Create(1), exponent);
        return V.MultiplyAdd(tail, power, power - V.Create(1));
    }

    /// <summary>ln(1 + f) of f in [sqrt(1/2) - 1, sqrt(2) - 1].</summary>
    [MethodImpl(Inline)]
    static V LogOnePlus<V>(V f) where V : struct, IVector<V>
    {
        var q = V.MultiplyAdd(V.Create(-0.0763461386f), f, V.Create(0.127617524f));
        q = V.MultiplyAdd(q, f, V.Create(-0.13160222f));
        q = V.MultiplyAdd(q, f, V.Create(0.142017374f));
        q = V.MultiplyAdd(q, f, V.Create(-0.166233515f));
        q = V.MultiplyAdd(q, f, V.Create(0.200012275f));
        q = V.MultiplyAdd(q, f, V.Create(-0.250008212f));
        q = V.MultiplyAdd(q, f, V.Create(0.333333317f));
        return V.MultiplyAdd(V.MultiplyAdd(q, f, V.Create(-0.5f)), f * f, f);
    }

    /// <summary>
    /// ln(x), relative error 9e-8 also near 1. Saturates: -87.34 for x below the smallest normal float (zero and negative too), 88.72
    /// at infinity. Not a number stays so.
    /// </summary>
    [MethodImpl(Inline)]
    public static V Log<V>(V x) where V : struct, IVector<V>
    {
        // x = 2^e m, m in [sqrt(1/2), sqrt(2)): the exponent is counted from the bits of sqrt(1/2).
        const int root = 0x3F3504F3;
        x = V.Max(V.Create(1.17549435e-38f), V.Min(V.Create(float.MaxValue), x));
        // Biased by 128 so that the logical shift sees no negative number.
        var shifted = V.AddInteger(x, V.CreateInteger((128 << 23) - root));
        var biased = V.ShiftRight(shifted, 23);
        var m = V.AddInteger(V.ShiftRight(V.ShiftLeft(shifted, 9), 9), V.CreateInteger(root));
        var e = V.FromInteger(biased) - V.Create(128);
        var fraction = V.MultiplyAdd(e, V.Create(-1.90465421e-9f), LogOnePlus(m - V.Create(1)));
        return V.MultiplyAdd(e, V.Create(0.693147182f), V.MultiplyAdd(x, V.Zero, fraction));
    }

    /// <summary>ln(1 + u) of u in [0, 1], relative error 1.3e-7 also near 0: with u = e^-|x| the tail of softplus and of cross-entropy.</summary>
    [MethodImpl(Inline)]
    public static V Log1p<V>(V u) where V : struct, IVector<V>
    {
        var upper = V.GreaterThan(u, V.Create(0.41421356f));
        var f = V.Select(upper, (u - V.Create(1)) * V.Create(0.5f), u); // (1 + u) / 2 - 1, exact
        return LogOnePlus(f) + (upper & V.Create(0.693147181f));
    }

    /// <summary>s(x) = 1 / (1 + e^-x) and s'(x) = s(x) s(-x), relative error 2e-7 and 3.2e-7, in the tails too. 0 below x = -87.33.</summary>
    [MethodImpl(Inline)]
    public static void Sigmoid<V>(V x, out V value, out V slope) where V : struct, IVector<V>
    {
        var e = Exp(-V.Abs(x));
        var large = V.Create(1) / (V.Create(1) + e);
        var small = e * large;
        value = V.Select(V.LessThan(x, V.Zero), small, large);
        slope = small * large;
    }

    /// <summary>tanh(x), relative error 1.7e-7 also near 0.</summary>
    [MethodImpl(Inline)]
    public static V Tanh<V>(V x) where V : struct, IVector<V>
    {
        var e = Expm1(V.Create(-2) * V.Abs(x));
        return -e / (e + V.Create(2)) ^ (x & V.CreateInteger(int.MinValue));
    }

    /// <summary>The error function, relative error 1.8e-7 also near 0; exactly 1 or -1 beyond |x| = 3.95.</summary>
    [MethodImpl(Inline)]
    public static V Erf<V>(V x) where V : struct, IVector<V>
    {
        V t = V.Min(V.Create(3.95f), V.Abs(x)), u = t * t;
        var near = V.MultiplyAdd(V.Create(7.85386122e-5f), u, V.Create(-0.000801019359f));
        near = V.MultiplyAdd(near, u, V.Create(0.00518832768f));
        near = V.MultiplyAdd(near, u, V.Create(-0.0268538119f));
        near = V.MultiplyAdd(near, u, V.Create(0.112835851f));
        near = V.MultiplyAdd(near, u, V.Create(-0.376126258f));
        near = V.MultiplyAdd(near, u, V.Create(1.12837917f)) * t;
        // -ln(1 - erf(t)), |t| in [0.95, 3.95].
        var far = V.MultiplyAdd(V.Create(-0.000191504024f), t, V.Create(0.00299953965f));
        far = V.MultiplyAdd(far, t, V.Create(-0.0220519935f));
        far = V.MultiplyAdd(far, t, V.Create(0.103566884f));
        far = V.MultiplyAdd(far, t, V.Create(0.637600047f));
        far = V.MultiplyAdd(far, t, V.Create(1.12742608f));
        far = V.MultiplyAdd(far, t, V.Create(0.000256446777f));
        far = V.Create(1) - Exp(-far);
        return V.Select(V.GreaterThan(t, V.Create(1)), far, near) ^ (x & V.CreateInteger(int.MinValue));
    }
}
