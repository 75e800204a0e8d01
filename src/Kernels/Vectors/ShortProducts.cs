using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace InrFast.Kernels.Vectors;

/// <summary>floor(a b / 2^15 + 1/2) of 16-bit integers: one instruction of x86 and of ARM, which .NET's portable vectors lack. (-2^15 times itself is no fraction, and differs.)</summary>
static class ShortProducts
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

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
}
