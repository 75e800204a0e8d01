// Written by tools/generate.cs.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace InrFast.Kernels.Vectors;

/// <summary>8 integers of 16 bits in one register.</summary>
public readonly unsafe struct I16x8 : IShortVector<I16x8>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    readonly Vector128<short> v;

    [MethodImpl(Inline)] I16x8(Vector128<short> v) => this.v = v;

    public static int Count { [MethodImpl(Inline)] get => 8; }
    [MethodImpl(Inline)] public static I16x8 Create(short x) => new(Vector128.Create(x));
    [MethodImpl(Inline)] public static I16x8 CreatePairs(int x) => new(Vector128.Create(x).AsInt16());
    [MethodImpl(Inline)] public static I16x8 Load(short* p) => new(Vector128.Load(p));
    [MethodImpl(Inline)] public static void Store(I16x8 a, short* p) => Vector128.Store(a.v, p);
    [MethodImpl(Inline)] public static I16x8 operator +(I16x8 a, I16x8 b) => new(a.v + b.v);
    [MethodImpl(Inline)] public static I16x8 operator -(I16x8 a, I16x8 b) => new(a.v - b.v);
    [MethodImpl(Inline)] public static I16x8 operator *(I16x8 a, I16x8 b) => new(a.v * b.v);
    [MethodImpl(Inline)] public static I16x8 Abs(I16x8 a) => new(Vector128.Abs(a.v));
    [MethodImpl(Inline)] public static I16x8 ShiftLeft(I16x8 a, int count) => new(Vector128.ShiftLeft(a.v, count));
    [MethodImpl(Inline)] public static I16x8 MultiplyFractions(I16x8 a, I16x8 b) => new(ShortProducts.Fractions(a.v, b.v));
    [MethodImpl(Inline)] public static I16x8 MultiplyBytes(I16x8 a, I16x8 b) => new(ShortProducts.Bytes(a.v, b.v));
    [MethodImpl(Inline)] public static I16x8 UpperBytes(I16x8 a, I16x8 b) => new(a.v >>> 8 | b.v & Vector128.Create<short>(-256));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WeightedSum(float* weights, short* x, nint stride, int count, float start, float* sum)
    {
        var low = Vector128.Create(start);
        var high = low;
        for (int i = 0; i < count; i++, x += stride)
        {
            var own = Vector128.Load(x);
            var weight = Vector128.Create(weights[i]);
            low = Vector128.FusedMultiplyAdd(Vector128.ConvertToSingle(Vector128.WidenLower(own)), weight, low);
            high = Vector128.FusedMultiplyAdd(Vector128.ConvertToSingle(Vector128.WidenUpper(own)), weight, high);
        }
        Vector128.Store(low, sum);
        Vector128.Store(high, sum + Count / 2);
    }
}
