// Written by tools/generate.cs.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace InrFast.Kernels.Vectors;

/// <summary>8 floats in one register: <see cref="Vector256"/> behind the contract that kernels are written against.</summary>
public readonly unsafe struct F32x8 : IVector<F32x8>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    readonly Vector256<float> v;

    [MethodImpl(Inline)] internal F32x8(Vector256<float> v) => this.v = v;

    public static int Count { [MethodImpl(Inline)] get => 8; }
    public static bool IsSupported => Vector256.IsHardwareAccelerated;
    public static F32x8 Zero { [MethodImpl(Inline)] get => new(Vector256<float>.Zero); }
    public static F32x8 AllBitsSet { [MethodImpl(Inline)] get => new(Vector256<float>.AllBitsSet); }
    public static F32x8 Indices { [MethodImpl(Inline)] get => new(Vector256<float>.Indices); }
    [MethodImpl(Inline)] public static F32x8 Create(float x) => new(Vector256.Create(x));
    [MethodImpl(Inline)] public static F32x8 CreateInteger(int x) => new(Vector256.Create(x).AsSingle());
    [MethodImpl(Inline)] public static F32x8 Load(float* p) => new(Vector256.Load(p));
    [MethodImpl(Inline)] public static void Store(F32x8 a, float* p) => Vector256.Store(a.v, p);

    [MethodImpl(Inline)] public static F32x8 operator +(F32x8 a, F32x8 b) => new(a.v + b.v);
    [MethodImpl(Inline)] public static F32x8 operator -(F32x8 a, F32x8 b) => new(a.v - b.v);
    [MethodImpl(Inline)] public static F32x8 operator -(F32x8 a) => new(-a.v);
    [MethodImpl(Inline)] public static F32x8 operator *(F32x8 a, F32x8 b) => new(a.v * b.v);
    [MethodImpl(Inline)] public static F32x8 operator /(F32x8 a, F32x8 b) => new(a.v / b.v);
    [MethodImpl(Inline)] public static F32x8 operator &(F32x8 a, F32x8 b) => new(a.v & b.v);
    [MethodImpl(Inline)] public static F32x8 operator |(F32x8 a, F32x8 b) => new(a.v | b.v);
    [MethodImpl(Inline)] public static F32x8 operator ^(F32x8 a, F32x8 b) => new(a.v ^ b.v);
    [MethodImpl(Inline)] public static F32x8 MultiplyAdd(F32x8 a, F32x8 b, F32x8 c) => new(Vector256.FusedMultiplyAdd(a.v, b.v, c.v));
    [MethodImpl(Inline)] public static F32x8 Min(F32x8 a, F32x8 b) => new(Vector256.MinNative(a.v, b.v));
    [MethodImpl(Inline)] public static F32x8 Max(F32x8 a, F32x8 b) => new(Vector256.MaxNative(a.v, b.v));
    [MethodImpl(Inline)] public static F32x8 Abs(F32x8 a) => new(Vector256.Abs(a.v));
    [MethodImpl(Inline)] public static F32x8 Sqrt(F32x8 a) => new(Vector256.Sqrt(a.v));
    [MethodImpl(Inline)] public static F32x8 Floor(F32x8 a) => new(Vector256.Floor(a.v));
    [MethodImpl(Inline)] public static F32x8 LessThan(F32x8 a, F32x8 b) => new(Vector256.LessThan(a.v, b.v));
    [MethodImpl(Inline)] public static F32x8 GreaterThan(F32x8 a, F32x8 b) => new(Vector256.GreaterThan(a.v, b.v));
    [MethodImpl(Inline)] public static F32x8 Select(F32x8 mask, F32x8 a, F32x8 b) => new(Vector256.ConditionalSelect(mask.v, a.v, b.v));
    [MethodImpl(Inline)] public static F32x8 Pick(F32x8 low, F32x8 high, F32x8 places) => new(Vector256.ConditionalSelect(Vector256.GreaterThan(places.v.AsInt32(), Vector256.Create(7)).AsSingle(), Avx2.PermuteVar8x32(high.v, places.v.AsInt32()), Avx2.PermuteVar8x32(low.v, places.v.AsInt32())));
    [MethodImpl(Inline)] public static F32x8 Fraction(F32x8 a, F32x8 nearest) => a - nearest;
    [MethodImpl(Inline)] public static float Sum(F32x8 a) => F32x4.Sum(new(a.v.GetLower() + a.v.GetUpper()));

    [MethodImpl(Inline)] public static F32x8 ToInteger(F32x8 a) => new(Vector256.ConvertToInt32Native(a.v).AsSingle());
    [MethodImpl(Inline)] public static F32x8 FromInteger(F32x8 a) => new(Vector256.ConvertToSingle(a.v.AsInt32()));
    [MethodImpl(Inline)] public static F32x8 AddInteger(F32x8 a, F32x8 b) => new((a.v.AsInt32() + b.v.AsInt32()).AsSingle());
    [MethodImpl(Inline)] public static F32x8 MultiplyInteger(F32x8 a, F32x8 b) => new((a.v.AsInt32() * b.v.AsInt32()).AsSingle());
    [MethodImpl(Inline)] public static F32x8 ShiftLeft(F32x8 a, int count) => new(Vector256.ShiftLeft(a.v.AsInt32(), count).AsSingle());
    [MethodImpl(Inline)] public static F32x8 ShiftRight(F32x8 a, int count) => new(Vector256.ShiftRightLogical(a.v.AsInt32(), count).AsSingle());
}
