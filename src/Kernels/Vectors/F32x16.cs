// Written by tools/generate.cs.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace InrFast.Kernels.Vectors;

/// <summary>16 floats in one register: <see cref="Vector512"/> behind the contract that kernels are written against.</summary>
public readonly unsafe struct F32x16 : IVector<F32x16>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    readonly Vector512<float> v;

    [MethodImpl(Inline)] internal F32x16(Vector512<float> v) => this.v = v;

    public static int Count { [MethodImpl(Inline)] get => 16; }
    public static bool IsSupported => Vector512.IsHardwareAccelerated;
    public static F32x16 Zero { [MethodImpl(Inline)] get => new(Vector512<float>.Zero); }
    public static F32x16 AllBitsSet { [MethodImpl(Inline)] get => new(Vector512<float>.AllBitsSet); }
    public static F32x16 Indices { [MethodImpl(Inline)] get => new(Vector512<float>.Indices); }
    [MethodImpl(Inline)] public static F32x16 Create(float x) => new(Vector512.Create(x));
    [MethodImpl(Inline)] public static F32x16 CreateInteger(int x) => new(Vector512.Create(x).AsSingle());
    [MethodImpl(Inline)] public static F32x16 Load(float* p) => new(Vector512.Load(p));
    [MethodImpl(Inline)] public static void Store(F32x16 a, float* p) => Vector512.Store(a.v, p);

    [MethodImpl(Inline)] public static F32x16 operator +(F32x16 a, F32x16 b) => new(a.v + b.v);
    [MethodImpl(Inline)] public static F32x16 operator -(F32x16 a, F32x16 b) => new(a.v - b.v);
    [MethodImpl(Inline)] public static F32x16 operator -(F32x16 a) => new(-a.v);
    [MethodImpl(Inline)] public static F32x16 operator *(F32x16 a, F32x16 b) => new(a.v * b.v);
    [MethodImpl(Inline)] public static F32x16 operator /(F32x16 a, F32x16 b) => new(a.v / b.v);
    [MethodImpl(Inline)] public static F32x16 operator &(F32x16 a, F32x16 b) => new(a.v & b.v);
    [MethodImpl(Inline)] public static F32x16 operator |(F32x16 a, F32x16 b) => new(a.v | b.v);
    [MethodImpl(Inline)] public static F32x16 operator ^(F32x16 a, F32x16 b) => new(a.v ^ b.v);
    [MethodImpl(Inline)] public static F32x16 MultiplyAdd(F32x16 a, F32x16 b, F32x16 c) => new(Vector512.FusedMultiplyAdd(a.v, b.v, c.v));
    [MethodImpl(Inline)] public static F32x16 Min(F32x16 a, F32x16 b) => new(Vector512.MinNative(a.v, b.v));
    [MethodImpl(Inline)] public static F32x16 Max(F32x16 a, F32x16 b) => new(Vector512.MaxNative(a.v, b.v));
    [MethodImpl(Inline)] public static F32x16 Abs(F32x16 a) => new(Vector512.Abs(a.v));
    [MethodImpl(Inline)] public static F32x16 Sqrt(F32x16 a) => new(Vector512.Sqrt(a.v));
    [MethodImpl(Inline)] public static F32x16 Floor(F32x16 a) => new(Vector512.Floor(a.v));
    [MethodImpl(Inline)] public static F32x16 LessThan(F32x16 a, F32x16 b) => new(Vector512.LessThan(a.v, b.v));
    [MethodImpl(Inline)] public static F32x16 GreaterThan(F32x16 a, F32x16 b) => new(Vector512.GreaterThan(a.v, b.v));
    [MethodImpl(Inline)] public static F32x16 Select(F32x16 mask, F32x16 a, F32x16 b) => new(Vector512.ConditionalSelect(mask.v, a.v, b.v));
    [MethodImpl(Inline)] public static F32x16 Pick(F32x16 low, F32x16 high, F32x16 places) => new(Avx512F.PermuteVar16x32x2(low.v, places.v.AsInt32(), high.v));
    [MethodImpl(Inline)] public static F32x16 Fraction(F32x16 a, F32x16 nearest) => Avx512DQ.IsSupported ? new(Avx512DQ.Reduce(a.v, 0)) : a - nearest;
    [MethodImpl(Inline)] public static float Sum(F32x16 a) => F32x8.Sum(new(a.v.GetLower() + a.v.GetUpper()));

    [MethodImpl(Inline)] public static F32x16 ToInteger(F32x16 a) => new(Vector512.ConvertToInt32Native(a.v).AsSingle());
    [MethodImpl(Inline)] public static F32x16 FromInteger(F32x16 a) => new(Vector512.ConvertToSingle(a.v.AsInt32()));
    [MethodImpl(Inline)] public static F32x16 AddInteger(F32x16 a, F32x16 b) => new((a.v.AsInt32() + b.v.AsInt32()).AsSingle());
    [MethodImpl(Inline)] public static F32x16 MultiplyInteger(F32x16 a, F32x16 b) => new((a.v.AsInt32() * b.v.AsInt32()).AsSingle());
    [MethodImpl(Inline)] public static F32x16 ShiftLeft(F32x16 a, int count) => new(Vector512.ShiftLeft(a.v.AsInt32(), count).AsSingle());
    [MethodImpl(Inline)] public static F32x16 ShiftRight(F32x16 a, int count) => new(Vector512.ShiftRightLogical(a.v.AsInt32(), count).AsSingle());
}
