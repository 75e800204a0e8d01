using ILGPU;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Gpu;

/// <summary>A vector of one float, in a GPU's register: what lets activations, losses and optimisers be the same lines on every device. Only in kernels.</summary>
public readonly struct GpuFloat : IVector<GpuFloat>
{
    const int AllBits = -1, AllButSign = 0x7FFFFFFF;
    readonly float v;

    GpuFloat(float v) => this.v = v;

    public float Value => v;
    int Bits => (int)Interop.FloatAsInt(v);
    static GpuFloat OfBits(int bits) => new(Interop.IntAsFloat((uint)bits));

    public static implicit operator GpuFloat(float x) => new(x);

    public static int Count => 1;
    public static bool IsSupported => false;
    public static GpuFloat Zero => new(0);
    public static GpuFloat AllBitsSet => OfBits(AllBits);
    public static GpuFloat Indices => new(0);
    public static GpuFloat Create(float x) => new(x);
    public static GpuFloat CreateInteger(int x) => OfBits(x);
    public static unsafe GpuFloat Load(float* p) => new(Intrinsics.LoadSingle((long)p));
    public static unsafe void Store(GpuFloat a, float* p) => Intrinsics.StoreSingle((long)p, a.v);

    public static GpuFloat operator +(GpuFloat a, GpuFloat b) => new(a.v + b.v);
    public static GpuFloat operator -(GpuFloat a, GpuFloat b) => new(a.v - b.v);
    public static GpuFloat operator -(GpuFloat a) => new(-a.v);
    public static GpuFloat operator *(GpuFloat a, GpuFloat b) => new(a.v * b.v);
    public static GpuFloat operator /(GpuFloat a, GpuFloat b) => new(a.v / b.v);
    public static GpuFloat operator &(GpuFloat a, GpuFloat b) => OfBits(a.Bits & b.Bits);
    public static GpuFloat operator |(GpuFloat a, GpuFloat b) => OfBits(a.Bits | b.Bits);
    public static GpuFloat operator ^(GpuFloat a, GpuFloat b) => OfBits(a.Bits ^ b.Bits);
    public static GpuFloat MultiplyAdd(GpuFloat a, GpuFloat b, GpuFloat c) => new(Intrinsics.Fma(a.v, b.v, c.v));

    /// <summary>Not a number where either is none, so that what diverges is seen to.</summary>
    public static GpuFloat Min(GpuFloat a, GpuFloat b) => new(Intrinsics.Min(a.v, b.v));
    public static GpuFloat Max(GpuFloat a, GpuFloat b) => new(Intrinsics.Max(a.v, b.v));
    public static GpuFloat Abs(GpuFloat a) => OfBits(a.Bits & AllButSign);
    public static GpuFloat Sqrt(GpuFloat a) => new(Intrinsics.Sqrt(a.v));
    public static GpuFloat Floor(GpuFloat a) => new(Intrinsics.Floor(a.v));
    public static GpuFloat LessThan(GpuFloat a, GpuFloat b) => OfBits(a.v < b.v ? AllBits : 0);
    public static GpuFloat GreaterThan(GpuFloat a, GpuFloat b) => OfBits(a.v > b.v ? AllBits : 0);

    /// <summary>Masks are all ones or all zeros.</summary>
    public static GpuFloat Select(GpuFloat mask, GpuFloat a, GpuFloat b) => mask.Bits != 0 ? a : b;
    public static GpuFloat Pick(GpuFloat low, GpuFloat high, GpuFloat places) => places.Bits == 0 ? low : high;
    public static GpuFloat Fraction(GpuFloat a, GpuFloat nearest) => a - nearest;
    public static float Sum(GpuFloat a) => a.v;

    public static GpuFloat ToInteger(GpuFloat a) => OfBits((int)a.v);
    public static GpuFloat FromInteger(GpuFloat a) => new(a.Bits);
    public static GpuFloat AddInteger(GpuFloat a, GpuFloat b) => OfBits(a.Bits + b.Bits);
    public static GpuFloat MultiplyInteger(GpuFloat a, GpuFloat b) => OfBits(a.Bits * b.Bits);
    public static GpuFloat ShiftLeft(GpuFloat a, int count) => OfBits(a.Bits << count);
    public static GpuFloat ShiftRight(GpuFloat a, int count) => OfBits((int)((uint)a.Bits >> count));
}
