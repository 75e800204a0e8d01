using InrFast.Kernels.Gpu;

namespace InrFast.Tests.Ptx;

/// <summary>A register holds a number of any type in the low bits of 64.</summary>
static class PtxBits
{
    /// <summary>As a 64-bit integer, sign-extended where the type has a sign.</summary>
    public static long Extend(this PtxType type, ulong bits) => type switch
    {
        PtxType.S8 => (sbyte)bits,
        PtxType.S16 => (short)bits,
        PtxType.S32 => (int)bits,
        _ => (long)type.Cut(bits),
    };

    public static float Single(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);
    public static ulong Bits(float value) => BitConverter.SingleToUInt32Bits(value);
    public static double Double(ulong bits) => BitConverter.UInt64BitsToDouble(bits);
    public static ulong Bits(double value) => BitConverter.DoubleToUInt64Bits(value);
    public static float Half(ulong bits) => (float)BitConverter.UInt16BitsToHalf((ushort)bits);
    public static ulong HalfBits(float value) => BitConverter.HalfToUInt16Bits((Half)value);
}
