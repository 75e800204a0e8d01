namespace InrFast.Kernels.Vectors;

/// <summary>
/// A register of <see cref="Count"/> floats. Kernels are generic over it, so one source serves AVX-512 (<see cref="F32x16"/>),
/// AVX2 with FMA (<see cref="F32x8"/>) and NEON (<see cref="F32x4"/>); as a struct type argument it compiles to the bare instructions.
/// Comparisons give masks of all-ones lanes. The members named Integer see the same 32 bits as an int32.
/// </summary>
public unsafe interface IVector<V> where V : struct, IVector<V>
{
    static abstract int Count { get; }

    /// <summary>True where this machine runs it in hardware.</summary>
    static abstract bool IsSupported { get; }

    static abstract V Zero { get; }
    static abstract V AllBitsSet { get; }

    /// <summary>0, 1, 2, ...</summary>
    static abstract V Indices { get; }

    static abstract V Create(float x);
    static abstract V CreateInteger(int x);
    static abstract V Load(float* p);
    static abstract void Store(V a, float* p);

    static abstract V operator +(V a, V b);
    static abstract V operator -(V a, V b);
    static abstract V operator -(V a);
    static abstract V operator *(V a, V b);
    static abstract V operator /(V a, V b);
    static abstract V operator &(V a, V b);
    static abstract V operator |(V a, V b);
    static abstract V operator ^(V a, V b);

    /// <summary>a * b + c, rounded once.</summary>
    static abstract V MultiplyAdd(V a, V b, V c);

    /// <summary>The machine's minimum and maximum: b where either is not a number on x86.</summary>
    static abstract V Min(V a, V b);
    static abstract V Max(V a, V b);
    static abstract V Abs(V a);
    static abstract V Sqrt(V a);
    static abstract V Floor(V a);
    static abstract V LessThan(V a, V b);
    static abstract V GreaterThan(V a, V b);

    /// <summary>Bits of <paramref name="a"/> where the mask has ones, of <paramref name="b"/> elsewhere.</summary>
    static abstract V Select(V mask, V a, V b);

    /// <summary>Of the lanes of <paramref name="low"/> and then of <paramref name="high"/> those at these places, integers from 0 to 2 Count - 1.</summary>
    static abstract V Pick(V low, V high, V places);

    /// <summary>a less the whole number nearest to it (of two the even one), which is given for machines without an instruction for this.</summary>
    static abstract V Fraction(V a, V nearest);
    static abstract float Sum(V a);

    /// <summary>Truncates; unspecified outside the range of int32.</summary>
    static abstract V ToInteger(V a);
    static abstract V FromInteger(V a);
    static abstract V AddInteger(V a, V b);
    static abstract V MultiplyInteger(V a, V b);
    static abstract V ShiftLeft(V a, int count);
    static abstract V ShiftRight(V a, int count);
}
