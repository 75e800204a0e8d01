namespace InrFast.Kernels.Vectors;

/// <summary>
/// A register of <see cref="Count"/> integers of 16 bits, which wrap. Twice as many numbers as floats, and a product and a sum cost two instructions of the same width as floats' one:
/// twice a float kernel's speed where 16 bits do, and the same bits on every processor whatever the order.
/// </summary>
public unsafe interface IShortVector<S> where S : struct, IShortVector<S>
{
    static abstract int Count { get; }

    static abstract S Create(short x);

    /// <summary>The two halves of x by turns: one instruction less than of 16 bits.</summary>
    static abstract S CreatePairs(int x);

    static abstract S Load(short* p);
    static abstract void Store(S a, short* p);
    static abstract S operator +(S a, S b);
    static abstract S operator -(S a, S b);

    /// <summary>The lower 16 bits.</summary>
    static abstract S operator *(S a, S b);

    /// <summary>-2^15 stays.</summary>
    static abstract S Abs(S a);

    static abstract S ShiftLeft(S a, int count);

    /// <summary>floor(a b / 2^15 + 1/2): the product of fractions of 2^15. Not both may be -2^15.</summary>
    static abstract S MultiplyFractions(S a, S b);

    /// <summary>Of two bytes in each number, those of a from 0 to 255, those of b with a sign and magnitudes of 128 at most together: the sum of both products.</summary>
    static abstract S MultiplyBytes(S a, S b);

    /// <summary>The upper bytes of a, and above them those of b.</summary>
    static abstract S UpperBytes(S a, S b);

    /// <summary>start + weights[0] x[0] + weights[1] x[stride] + ... in float32 and in this order, each by a fused multiply-add, for <see cref="Count"/> x beside each other.</summary>
    static abstract void WeightedSum(float* weights, short* x, nint stride, int count, float start, float* sum);
}
