// Written by tools/generate.cs.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace InrFast.Kernels.Vectors;

/// <summary>4 floats in one register: <see cref="Vector128"/> behind the contract that kernels are written against.</summary>
public readonly unsafe struct F32x4 : IVector<F32x4>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    readonly Vector128<float> v;

    [MethodImpl(Inline)] internal F32x4(Vector128<float> v) => this.v = v;

    public static int Count { [MethodImpl(Inline)] get => 4; }
    public static bool IsSupported => Vector128.IsHardwareAccelerated;
    public static F32x4 Zero { [MethodImpl(Inline)] get => new(Vector128<float>.Zero); }
    public static F32x4 AllBitsSet { [MethodImpl(Inline)] get => new(Vector128<float>.AllBitsSet); }
    public static F32x4 Indices { [MethodImpl(Inline)] get => new(Vector128<float>.Indices); }
    [MethodImpl(Inline)] public static F32x4 Create(float x) => new(Vector128.Create(x));
    [MethodImpl(Inline)] public static F32x4 CreateInteger(int x) => new(Vector128.Create(x).AsSingle());
    [MethodImpl(Inline)] public static F32x4 Load(float* p) => new(Vector128.Load(p));
    [MethodImpl(Inline)] public static void Store(F32x4 a, float* p) => Vector128.Store(a.v, p);

    [MethodImpl(Inline)] public static F32x4 operator +(F32x4 a, F32x4 b) => new(a.v + b.v);
    [MethodImpl(Inline)] public static F32x4 operator -(F32x4 a, F32x4 b) => new(a.v - b.v);
    [MethodImpl(Inline)] public static F32x4 operator -(F32x4 a) => new(-a.v);
    [MethodImpl(Inline)] public static F32x4 operator *(F32x4 a, F32x4 b) => new(a.v * b.v);
    [MethodImpl(Inline)] public static F32x4 operator /(F32x4 a, F32x4 b) => new(a.v / b.v);
    [MethodImpl(Inline)] public static F32x4 operator &(F32x4 a, F32x4 b) => new(a.v & b.v);
    [MethodImpl(Inline)] public static F32x4 operator |(F32x4 a, F32x4 b) => new(a.v | b.v);
    [MethodImpl(Inline)] public static F32x4 operator ^(F32x4 a, F32x4 b) => new(a.v ^ b.v);
    [MethodImpl(Inline)] public static F32x4 MultiplyAdd(F32x4 a, F32x4 b, F32x4 c) => new(Vector128.FusedMultiplyAdd(a.v, b.v, c.v));
    [MethodImpl(Inline)] public static F32x4 Min(F32x4 a, F32x4 b) => new(Vector128.MinNative(a.v, b.v));
    [MethodImpl(Inline)] public static F32x4 Max(F32x4 a, F32x4 b) => new(Vector128.MaxNative(a.v, b.v));
    [MethodImpl(Inline)] public static F32x4 Abs(F32x4 a) => new(Vector128.Abs(a.v));
    [MethodImpl(Inline)] public static F32x4 Sqrt(F32x4 a) => new(Vector128.Sqrt(a.v));
    [MethodImpl(Inline)] public static F32x4 Floor(F32x4 a) => new(Vector128.Floor(a.v));
    [MethodImpl(Inline)] public static F32x4 LessThan(F32x4 a, F32x4 b) => new(Vector128.LessThan(a.v, b.v));
    [MethodImpl(Inline)] public static F32x4 GreaterThan(F32x4 a, F32x4 b) => new(Vector128.GreaterThan(a.v, b.v));
    [MethodImpl(Inline)] public static F32x4 Select(F32x4 mask, F32x4 a, F32x4 b) => new(Vector128.ConditionalSelect(mask.v, a.v, b.v));
    [MethodImpl(Inline)] public static F32x4 Pick(F32x4 low, F32x4 high, F32x4 places) => new(Vector128.Shuffle(low.v, places.v.AsInt32()) + Vector128.Shuffle(high.v, places.v.AsInt32() - Vector128.Create(4)));
    [MethodImpl(Inline)] public static F32x4 Fraction(F32x4 a, F32x4 nearest) => a - nearest;
    [MethodImpl(Inline)] public static float Sum(F32x4 a) => Vector128.Sum(a.v);

    [MethodImpl(Inline)] public static F32x4 ToInteger(F32x4 a) => new(Vector128.ConvertToInt32Native(a.v).AsSingle());
    [MethodImpl(Inline)] public static F32x4 FromInteger(F32x4 a) => new(Vector128.ConvertToSingle(a.v.AsInt32()));
    [MethodImpl(Inline)] public static F32x4 AddInteger(F32x4 a, F32x4 b) => new((a.v.AsInt32() + b.v.AsInt32()).AsSingle());
    [MethodImpl(Inline)] public static F32x4 MultiplyInteger(F32x4 a, F32x4 b) => new((a.v.AsInt32() * b.v.AsInt32()).AsSingle());
    [MethodImpl(Inline)] public static F32x4 ShiftLeft(F32x4 a, int count) => new(Vector128.ShiftLeft(a.v.AsInt32(), count).AsSingle());
    [MethodImpl(Inline)] public static F32x4 ShiftRight(F32x4 a, int count) => new(Vector128.ShiftRightLogical(a.v.AsInt32(), count).AsSingle());
}
