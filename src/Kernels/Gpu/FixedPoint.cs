using ILGPU;

namespace InrFast.Kernels.Gpu;

/// <summary>
/// Sums that many threads add to in any order, with the same bits in every run: whole numbers of 64 bits in memory that was zero, added atomically. The 8 bytes before them hold the bits of the largest magnitude
/// that is added, which decides the unit.
/// </summary>
static class FixedPoint
{
    /// <summary>A float without its sign: ordered as its bits are, what is not a number beyond all.</summary>
    public static int Magnitude(float value) => (int)Interop.FloatAsInt(value) & int.MaxValue;

    /// <summary>2^n: units of a sum in the largest power of two above all of its terms, for so many terms.</summary>
    public static double UnitsOf(long sums, long terms)
    {
        const int ExponentBits = 23, Bias = 127, DoubleBias = 1023, DoubleExponentBits = 52;
        int largest = Intrinsics.LoadInt32(sums), exponent = (largest >> ExponentBits) - Bias + 1, bits = 62; // terms below 2^exponent
        for (long n = 1; n < terms; n *= 2) bits--;
        return Interop.IntAsFloat((ulong)(long)(bits - exponent + DoubleBias) << DoubleExponentBits);
    }

    public static bool IsFinite(long sums) => Intrinsics.LoadInt32(sums) < 0x7F800000;

    /// <summary>Address of a sum.</summary>
    public static long At(long sums, long index) => sums + (1 + index) * sizeof(long);
}
