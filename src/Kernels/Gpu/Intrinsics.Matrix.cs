using ILGPU.IR.Intrinsics;

namespace InrFast.Kernels.Gpu;

/// <summary>What one instruction gives in four registers.</summary>
readonly struct FourFloats
{
    public readonly float X, Y, Z, W;
}

/// <inheritdoc cref="FourFloats"/>
readonly struct FourWords
{
    public readonly uint X, Y, Z, W;
}

/// <summary>
/// Matrix units, the shared memory of a launch and copies into it (PTX ISA 8.0, sections 9.7.8, 9.7.13). Shared addresses are of 32 bits. Instructions of a whole
/// warp have no body: there is no warp on the processor.
/// </summary>
static unsafe partial class Intrinsics
{
    /// <summary>What <see cref="SharedStart"/> names; its length is the launch's.</summary>
    public const string SharedName = "launch_shared";

    static NotSupportedException OnlyOnCards => new("an instruction of cards");

    /// <summary>Address of the shared memory that the launch asked for, a multiple of 16.</summary>
    [IntrinsicImplementation] public static int SharedStart() => throw OnlyOnCards;
    [IntrinsicImplementation] public static void StoreShared(int address, uint value) => throw OnlyOnCards;
    [IntrinsicImplementation] public static FourWords LoadSharedFour(int address) => throw OnlyOnCards;
    [IntrinsicImplementation] public static FourWords LoadFour(long address) => throw OnlyOnCards;
    [IntrinsicImplementation] public static void StoreFour(long address, uint x, uint y, uint z, uint w) => throw OnlyOnCards;
    [IntrinsicImplementation] public static FourFloats LoadFourSingles(long address) => throw OnlyOnCards;
    [IntrinsicImplementation] public static void StoreUInt32(long address, uint value) => *(uint*)address = value;
    [IntrinsicImplementation] public static void StorePair(long address, float x, float y) => (((float*)address)[0], ((float*)address)[1]) = (x, y);

    /// <summary>Starts a copy of 16 bytes from global to shared memory: the first <paramref name="bytes"/> of them, then zeros.</summary>
    [IntrinsicImplementation] public static void CopyAsync(int to, long from, int bytes) => throw OnlyOnCards;

    /// <summary>Ends a group of copies.</summary>
    [IntrinsicImplementation] public static void CommitCopies() => throw OnlyOnCards;

    /// <summary>Until this thread's copies have arrived: all of them, all but those of the last group.</summary>
    [IntrinsicImplementation] public static void AwaitCopies() => throw OnlyOnCards;
    [IntrinsicImplementation] public static void AwaitCopiesButOne() => throw OnlyOnCards;

    /// <summary>Two floats rounded to halves, the first in the low bits; and back.</summary>
    [IntrinsicImplementation] public static uint PackHalves(float low, float high) => BitConverter.HalfToUInt16Bits((Half)low) | (uint)BitConverter.HalfToUInt16Bits((Half)high) << 16;
    [IntrinsicImplementation] public static float LowHalf(uint pair) => (float)BitConverter.UInt16BitsToHalf((ushort)pair);
    [IntrinsicImplementation] public static float HighHalf(uint pair) => (float)BitConverter.UInt16BitsToHalf((ushort)(pair >> 16));

    /// <summary>Four matrices of 8 x 8 halves: lane 8 m + r gives the address of row r of matrix m; a lane gets columns 2 (lane mod 4) and the next of row lane / 4 of each.</summary>
    [IntrinsicImplementation] public static FourWords LoadMatrices(int address) => throw OnlyOnCards;

    /// <summary>The same of their transposes.</summary>
    [IntrinsicImplementation] public static FourWords LoadTransposed(int address) => throw OnlyOnCards;

    /// <summary>
    /// d = a b + c of 16 x 16 halves, 16 x 8 halves, 16 x 8 floats. With g = lane / 4, t = lane mod 4: a_i holds row g + 8 (i mod 2), columns 2t + 8 (i / 2) and the next;
    /// b_i rows 2t + 8 i and the next, column g; c_i and d_i row g + 8 (i / 2), column 2t + i mod 2.
    /// </summary>
    [IntrinsicImplementation]
    public static FourFloats MultiplyMatrices(float c0, float c1, float c2, float c3, uint a0, uint a1, uint a2, uint a3, uint b0, uint b1) => throw OnlyOnCards;

    /// <summary>The value of lane xor mask.</summary>
    [IntrinsicImplementation] public static float ShuffleXor(float value, int mask) => throw OnlyOnCards;

    static readonly Dictionary<string, string> MatrixEmitters = new()
    {
        [nameof(SharedStart)] = $"mov.u32 {{0}}, {SharedName};",
        [nameof(StoreShared)] = "st.shared.b32 [{1}], {2};",
        [nameof(LoadSharedFour)] = "ld.shared.v4.b32 {0}, [{1}];",
        [nameof(LoadFour)] = "ld.global.v4.b32 {0}, [{1}];",
        [nameof(StoreFour)] = "st.global.v4.b32 [{1}], {{{2}, {3}, {4}, {5}}};",
        [nameof(LoadFourSingles)] = "ld.global.v4.f32 {0}, [{1}];",
        [nameof(StoreUInt32)] = "st.global.b32 [{1}], {2};",
        [nameof(StorePair)] = "st.global.v2.f32 [{1}], {{{2}, {3}}};",
        [nameof(CopyAsync)] = "cp.async.cg.shared.global [{1}], [{2}], 16, {3};",
        [nameof(CommitCopies)] = "cp.async.commit_group;",
        [nameof(AwaitCopies)] = "cp.async.wait_group 0;",
        [nameof(AwaitCopiesButOne)] = "cp.async.wait_group 1;",
        [nameof(PackHalves)] = "cvt.rn.f16x2.f32 {0}, {2}, {1};",
        [nameof(LowHalf)] = "{{ .reg .b16 low, high; mov.b32 {{low, high}}, {1}; cvt.f32.f16 {0}, low; }}",
        [nameof(HighHalf)] = "{{ .reg .b16 low, high; mov.b32 {{low, high}}, {1}; cvt.f32.f16 {0}, high; }}",
        [nameof(LoadMatrices)] = "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {0}, [{1}];",
        [nameof(LoadTransposed)] = "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {0}, [{1}];",
        [nameof(MultiplyMatrices)] = "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {0}, {{{5}, {6}, {7}, {8}}}, {{{9}, {10}}}, {{{1}, {2}, {3}, {4}}};",
        [nameof(ShuffleXor)] = "shfl.sync.bfly.b32 {0}, {1}, {2}, 31, -1;",
    };
}
