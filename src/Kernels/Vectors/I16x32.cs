// Written by tools/generate.cs.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace InrFast.Kernels.Vectors;

/// <summary>32 integers of 16 bits in one register.</summary>
public readonly unsafe struct I16x32 : IShortVector<I16x32>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    readonly Vector512<short> v;

    [MethodImpl(Inline)] I16x32(Vector512<short> v) => this.v = v;

    public static int Count { [MethodImpl(Inline)] get => 32; }
    [MethodImpl(Inline)] public static I16x32 Create(short x) => new(Vector512.Create(x));
    [MethodImpl(Inline)] public static I16x32 CreatePairs(int x) => new(Vector512.Create(x).AsInt16());
    [MethodImpl(Inline)] public static I16x32 Load(short* p) => new(Vector512.Load(p));
    [MethodImpl(Inline)] public static void Store(I16x32 a, short* p) => Vector512.Store(a.v, p);
    [MethodImpl(Inline)] public static I16x32 operator +(I16x32 a, I16x32 b) => new(a.v + b.v);
    [MethodImpl(Inline)] public static I16x32 operator -(I16x32 a, I16x32 b) => new(a.v - b.v);
    [MethodImpl(Inline)] public static I16x32 operator *(I16x32 a, I16x32 b) => new(a.v * b.v);
    [MethodImpl(Inline)] public static I16x32 Abs(I16x32 a) => new(Vector512.Abs(a.v));
    [MethodImpl(Inline)] public static I16x32 ShiftLeft(I16x32 a, int count) => new(Vector512.ShiftLeft(a.v, count));
    [MethodImpl(Inline)] public static I16x32 MultiplyFractions(I16x32 a, I16x32 b) => new(ShortProducts.Fractions(a.v, b.v));
    [MethodImpl(Inline)] public static I16x32 MultiplyBytes(I16x32 a, I16x32 b) => new(ShortProducts.Bytes(a.v, b.v));
    [MethodImpl(Inline)] public static I16x32 UpperBytes(I16x32 a, I16x32 b) => new(a.v >>> 8 | b.v & Vector512.Create<short>(-256));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WeightedSum(float* weights, short* x, nint stride, int count, float start, float* sum)
    {
        var low = Vector512.Create(start);
        var high = low;
        for (int i = 0; i < count; i++, x += stride)
        {
            var own = Vector512.Load(x);
            var weight = Vector512.Create(weights[i]);
            low = Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(Vector512.WidenLower(own)), weight, low);
            high = Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(Vector512.WidenUpper(own)), weight, high);
        }
        Vector512.Store(low, sum);
        Vector512.Store(high, sum + Count / 2);
    }
}
