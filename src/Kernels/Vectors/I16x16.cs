// Written by tools/generate.cs.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace InrFast.Kernels.Vectors;

/// <summary>16 integers of 16 bits in one register.</summary>
public readonly unsafe struct I16x16 : IShortVector<I16x16>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    readonly Vector256<short> v;

    [MethodImpl(Inline)] I16x16(Vector256<short> v) => this.v = v;

    public static int Count { [MethodImpl(Inline)] get => 16; }
    [MethodImpl(Inline)] public static I16x16 Create(short x) => new(Vector256.Create(x));
    [MethodImpl(Inline)] public static I16x16 CreatePairs(int x) => new(Vector256.Create(x).AsInt16());
    [MethodImpl(Inline)] public static I16x16 Load(short* p) => new(Vector256.Load(p));
    [MethodImpl(Inline)] public static void Store(I16x16 a, short* p) => Vector256.Store(a.v, p);
    [MethodImpl(Inline)] public static I16x16 operator +(I16x16 a, I16x16 b) => new(a.v + b.v);
    [MethodImpl(Inline)] public static I16x16 operator -(I16x16 a, I16x16 b) => new(a.v - b.v);
    [MethodImpl(Inline)] public static I16x16 operator *(I16x16 a, I16x16 b) => new(a.v * b.v);
    [MethodImpl(Inline)] public static I16x16 Abs(I16x16 a) => new(Vector256.Abs(a.v));
    [MethodImpl(Inline)] public static I16x16 ShiftLeft(I16x16 a, int count) => new(Vector256.ShiftLeft(a.v, count));
    [MethodImpl(Inline)] public static I16x16 MultiplyFractions(I16x16 a, I16x16 b) => new(ShortProducts.Fractions(a.v, b.v));
    [MethodImpl(Inline)] public static I16x16 MultiplyBytes(I16x16 a, I16x16 b) => new(ShortProducts.Bytes(a.v, b.v));
    [MethodImpl(Inline)] public static I16x16 UpperBytes(I16x16 a, I16x16 b) => new(a.v >>> 8 | b.v & Vector256.Create<short>(-256));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WeightedSum(float* weights, short* x, nint stride, int count, float start, float* sum)
    {
        var low = Vector256.Create(start);
        var high = low;
        for (int i = 0; i < count; i++, x += stride)
        {
            var own = Vector256.Load(x);
            var weight = Vector256.Create(weights[i]);
            low = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(Vector256.WidenLower(own)), weight, low);
            high = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(Vector256.WidenUpper(own)), weight, high);
        }
        Vector256.Store(low, sum);
        Vector256.Store(high, sum + Count / 2);
    }
}
