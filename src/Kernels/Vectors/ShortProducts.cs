using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace InrFast.Kernels.Vectors;

/// <summary>Products of integers of 16 bits and of bytes in them, for which x86 has an instruction and .NET's portable vectors have not.</summary>
static class ShortProducts
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>floor(a b / 2^15 + 1/2). (-2^15 times itself is no fraction, and differs.)</summary>
    [MethodImpl(Inline)]
    public static Vector512<short> Fractions(Vector512<short> a, Vector512<short> b) =>
        Avx512BW.IsSupported ? Avx512BW.MultiplyHighRoundScale(a, b) : Vector512.Create(Fractions(a.GetLower(), b.GetLower()), Fractions(a.GetUpper(), b.GetUpper()));

    [MethodImpl(Inline)]
    public static Vector256<short> Fractions(Vector256<short> a, Vector256<short> b) =>
        Avx2.IsSupported ? Avx2.MultiplyHighRoundScale(a, b) : Vector256.Create(Fractions(a.GetLower(), b.GetLower()), Fractions(a.GetUpper(), b.GetUpper()));

    [MethodImpl(Inline)]
    public static Vector128<short> Fractions(Vector128<short> a, Vector128<short> b)
    {
        if (Ssse3.IsSupported) return Ssse3.MultiplyHighRoundScale(a, b);
        if (AdvSimd.IsSupported) return AdvSimd.MultiplyRoundedDoublingSaturateHigh(a, b);
        var half = Vector128.Create(1 << 14);
        return Vector128.Narrow((Vector128.WidenLower(a) * Vector128.WidenLower(b) + half) >> 15, (Vector128.WidenUpper(a) * Vector128.WidenUpper(b) + half) >> 15);
    }

    /// <summary>Of two bytes in each number, those of a without sign: the sum of both products, which must not pass 16 bits.</summary>
    [MethodImpl(Inline)]
    public static Vector512<short> Bytes(Vector512<short> a, Vector512<short> b) =>
        Avx512BW.IsSupported ? Avx512BW.MultiplyAddAdjacent(a.AsByte(), b.AsSByte()) : Vector512.Create(Bytes(a.GetLower(), b.GetLower()), Bytes(a.GetUpper(), b.GetUpper()));

    [MethodImpl(Inline)]
    public static Vector256<short> Bytes(Vector256<short> a, Vector256<short> b) =>
        Avx2.IsSupported ? Avx2.MultiplyAddAdjacent(a.AsByte(), b.AsSByte()) : Vector256.Create(Bytes(a.GetLower(), b.GetLower()), Bytes(a.GetUpper(), b.GetUpper()));

    [MethodImpl(Inline)]
    public static Vector128<short> Bytes(Vector128<short> a, Vector128<short> b) =>
        Ssse3.IsSupported ? Ssse3.MultiplyAddAdjacent(a.AsByte(), b.AsSByte()) : (a & Vector128.Create<short>(255)) * (b << 8 >> 8) + (a >>> 8) * (b >> 8);
}
