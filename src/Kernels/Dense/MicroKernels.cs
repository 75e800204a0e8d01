// Written by tools/generate.cs.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Dense;

/// <summary>
/// Register-blocked float32 products, one method per block of M rows by N vectors.
/// Row{M}x{N}:   C[M][N vectors]  = start[N vectors] + A[M][K] . B[K][N vectors]; start is a bias or zeros. Unless scale is null, times scale[M][N vectors], which may be C.
/// Outer{M}x{N}: C[M][N vectors] += sum over k of A[k][M]^T . B[k][N vectors]; sums over rows: weight gradients.
/// Accumulators are separate locals, so that the JIT keeps each in a register. 8 rows for 32 vector registers (AVX-512, NEON):
/// per k one broadcast and two multiply-adds a row. 6 rows, at the end 4, for 16 registers (AVX2). Four steps of k a turn: fewer
/// instructions, which counts where the core is shared.
/// </summary>
static unsafe class MicroKernels
{
    const MethodImplOptions Optimized = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Prefetch(float* p)
    {
        if (Sse.IsSupported) Sse.Prefetch0(p);
    }

    [MethodImpl(Optimized)]
    public static void Row8x2<V>(float* a, nint lda, float* b, nint ldb, nint k, float* c, nint ldc, float* start, float* scale = null, nint lds = 0) where V : struct, IVector<V>
    {
        var c0_0 = V.Load(start);
        var c0_1 = V.Load(start + V.Count);
        var c1_0 = c0_0;
        var c1_1 = c0_1;
        var c2_0 = c0_0;
        var c2_1 = c0_1;
        var c3_0 = c0_0;
        var c3_1 = c0_1;
        var c4_0 = c0_0;
        var c4_1 = c0_1;
        var c5_0 = c0_0;
        var c5_1 = c0_1;
        var c6_0 = c0_0;
        var c6_1 = c0_1;
        var c7_0 = c0_0;
        var c7_1 = c0_1;
        float* a0 = a;
        float* a1 = a + 3 * lda;
        float* a2 = a + 6 * lda;
        nint one = lda * 4, two = lda * 8;
        for (; k >= 4; k -= 4)
        {
            var b0_0 = V.Load(b);
            var b1_0 = V.Load(b + V.Count);
            var x0_0 = V.Create(a0[0]);
            c0_0 = V.MultiplyAdd(x0_0, b0_0, c0_0);
            c0_1 = V.MultiplyAdd(x0_0, b1_0, c0_1);
            var x1_0 = V.Create(*((float*)((byte*)a0 + one)));
            c1_0 = V.MultiplyAdd(x1_0, b0_0, c1_0);
            c1_1 = V.MultiplyAdd(x1_0, b1_0, c1_1);
            var x2_0 = V.Create(*((float*)((byte*)a0 + two)));
            c2_0 = V.MultiplyAdd(x2_0, b0_0, c2_0);
            c2_1 = V.MultiplyAdd(x2_0, b1_0, c2_1);
            var x3_0 = V.Create(a1[0]);
            c3_0 = V.MultiplyAdd(x3_0, b0_0, c3_0);
            c3_1 = V.MultiplyAdd(x3_0, b1_0, c3_1);
            var x4_0 = V.Create(*((float*)((byte*)a1 + one)));
            c4_0 = V.MultiplyAdd(x4_0, b0_0, c4_0);
            c4_1 = V.MultiplyAdd(x4_0, b1_0, c4_1);
            var x5_0 = V.Create(*((float*)((byte*)a1 + two)));
            c5_0 = V.MultiplyAdd(x5_0, b0_0, c5_0);
            c5_1 = V.MultiplyAdd(x5_0, b1_0, c5_1);
            var x6_0 = V.Create(a2[0]);
            c6_0 = V.MultiplyAdd(x6_0, b0_0, c6_0);
            c6_1 = V.MultiplyAdd(x6_0, b1_0, c6_1);
            var x7_0 = V.Create(*((float*)((byte*)a2 + one)));
            c7_0 = V.MultiplyAdd(x7_0, b0_0, c7_0);
            c7_1 = V.MultiplyAdd(x7_0, b1_0, c7_1);
            var b0_1 = V.Load(b + 1 * ldb);
            var b1_1 = V.Load(b + 1 * ldb + V.Count);
            var x0_1 = V.Create(a0[1]);
            c0_0 = V.MultiplyAdd(x0_1, b0_1, c0_0);
            c0_1 = V.MultiplyAdd(x0_1, b1_1, c0_1);
            var x1_1 = V.Create(*((float*)((byte*)a0 + one) + 1));
            c1_0 = V.MultiplyAdd(x1_1, b0_1, c1_0);
            c1_1 = V.MultiplyAdd(x1_1, b1_1, c1_1);
            var x2_1 = V.Create(*((float*)((byte*)a0 + two) + 1));
            c2_0 = V.MultiplyAdd(x2_1, b0_1, c2_0);
            c2_1 = V.MultiplyAdd(x2_1, b1_1, c2_1);
            var x3_1 = V.Create(a1[1]);
            c3_0 = V.MultiplyAdd(x3_1, b0_1, c3_0);
            c3_1 = V.MultiplyAdd(x3_1, b1_1, c3_1);
            var x4_1 = V.Create(*((float*)((byte*)a1 + one) + 1));
            c4_0 = V.MultiplyAdd(x4_1, b0_1, c4_0);
            c4_1 = V.MultiplyAdd(x4_1, b1_1, c4_1);
            var x5_1 = V.Create(*((float*)((byte*)a1 + two) + 1));
            c5_0 = V.MultiplyAdd(x5_1, b0_1, c5_0);
            c5_1 = V.MultiplyAdd(x5_1, b1_1, c5_1);
            var x6_1 = V.Create(a2[1]);
            c6_0 = V.MultiplyAdd(x6_1, b0_1, c6_0);
            c6_1 = V.MultiplyAdd(x6_1, b1_1, c6_1);
            var x7_1 = V.Create(*((float*)((byte*)a2 + one) + 1));
            c7_0 = V.MultiplyAdd(x7_1, b0_1, c7_0);
            c7_1 = V.MultiplyAdd(x7_1, b1_1, c7_1);
            var b0_2 = V.Load(b + 2 * ldb);
            var b1_2 = V.Load(b + 2 * ldb + V.Count);
            var x0_2 = V.Create(a0[2]);
            c0_0 = V.MultiplyAdd(x0_2, b0_2, c0_0);
            c0_1 = V.MultiplyAdd(x0_2, b1_2, c0_1);
            var x1_2 = V.Create(*((float*)((byte*)a0 + one) + 2));
            c1_0 = V.MultiplyAdd(x1_2, b0_2, c1_0);
            c1_1 = V.MultiplyAdd(x1_2, b1_2, c1_1);
            var x2_2 = V.Create(*((float*)((byte*)a0 + two) + 2));
            c2_0 = V.MultiplyAdd(x2_2, b0_2, c2_0);
            c2_1 = V.MultiplyAdd(x2_2, b1_2, c2_1);
            var x3_2 = V.Create(a1[2]);
            c3_0 = V.MultiplyAdd(x3_2, b0_2, c3_0);
            c3_1 = V.MultiplyAdd(x3_2, b1_2, c3_1);
            var x4_2 = V.Create(*((float*)((byte*)a1 + one) + 2));
            c4_0 = V.MultiplyAdd(x4_2, b0_2, c4_0);
            c4_1 = V.MultiplyAdd(x4_2, b1_2, c4_1);
            var x5_2 = V.Create(*((float*)((byte*)a1 + two) + 2));
            c5_0 = V.MultiplyAdd(x5_2, b0_2, c5_0);
            c5_1 = V.MultiplyAdd(x5_2, b1_2, c5_1);
            var x6_2 = V.Create(a2[2]);
            c6_0 = V.MultiplyAdd(x6_2, b0_2, c6_0);
            c6_1 = V.MultiplyAdd(x6_2, b1_2, c6_1);
            var x7_2 = V.Create(*((float*)((byte*)a2 + one) + 2));
            c7_0 = V.MultiplyAdd(x7_2, b0_2, c7_0);
            c7_1 = V.MultiplyAdd(x7_2, b1_2, c7_1);
            var b0_3 = V.Load(b + 3 * ldb);
            var b1_3 = V.Load(b + 3 * ldb + V.Count);
            var x0_3 = V.Create(a0[3]);
            c0_0 = V.MultiplyAdd(x0_3, b0_3, c0_0);
            c0_1 = V.MultiplyAdd(x0_3, b1_3, c0_1);
            var x1_3 = V.Create(*((float*)((byte*)a0 + one) + 3));
            c1_0 = V.MultiplyAdd(x1_3, b0_3, c1_0);
            c1_1 = V.MultiplyAdd(x1_3, b1_3, c1_1);
            var x2_3 = V.Create(*((float*)((byte*)a0 + two) + 3));
            c2_0 = V.MultiplyAdd(x2_3, b0_3, c2_0);
            c2_1 = V.MultiplyAdd(x2_3, b1_3, c2_1);
            var x3_3 = V.Create(a1[3]);
            c3_0 = V.MultiplyAdd(x3_3, b0_3, c3_0);
            c3_1 = V.MultiplyAdd(x3_3, b1_3, c3_1);
            var x4_3 = V.Create(*((float*)((byte*)a1 + one) + 3));
            c4_0 = V.MultiplyAdd(x4_3, b0_3, c4_0);
            c4_1 = V.MultiplyAdd(x4_3, b1_3, c4_1);
            var x5_3 = V.Create(*((float*)((byte*)a1 + two) + 3));
            c5_0 = V.MultiplyAdd(x5_3, b0_3, c5_0);
            c5_1 = V.MultiplyAdd(x5_3, b1_3, c5_1);
            var x6_3 = V.Create(a2[3]);
            c6_0 = V.MultiplyAdd(x6_3, b0_3, c6_0);
            c6_1 = V.MultiplyAdd(x6_3, b1_3, c6_1);
            var x7_3 = V.Create(*((float*)((byte*)a2 + one) + 3));
            c7_0 = V.MultiplyAdd(x7_3, b0_3, c7_0);
            c7_1 = V.MultiplyAdd(x7_3, b1_3, c7_1);
            b += 4 * ldb;
            a0 += 4;
            a1 += 4;
            a2 += 4;
        }
        for (; k > 0; k--)
        {
            var b0 = V.Load(b);
            var b1 = V.Load(b + V.Count);
            var x0 = V.Create(a0[0]);
            c0_0 = V.MultiplyAdd(x0, b0, c0_0);
            c0_1 = V.MultiplyAdd(x0, b1, c0_1);
            var x1 = V.Create(*((float*)((byte*)a0 + one)));
            c1_0 = V.MultiplyAdd(x1, b0, c1_0);
            c1_1 = V.MultiplyAdd(x1, b1, c1_1);
            var x2 = V.Create(*((float*)((byte*)a0 + two)));
            c2_0 = V.MultiplyAdd(x2, b0, c2_0);
            c2_1 = V.MultiplyAdd(x2, b1, c2_1);
            var x3 = V.Create(a1[0]);
            c3_0 = V.MultiplyAdd(x3, b0, c3_0);
            c3_1 = V.MultiplyAdd(x3, b1, c3_1);
            var x4 = V.Create(*((float*)((byte*)a1 + one)));
            c4_0 = V.MultiplyAdd(x4, b0, c4_0);
            c4_1 = V.MultiplyAdd(x4, b1, c4_1);
            var x5 = V.Create(*((float*)((byte*)a1 + two)));
            c5_0 = V.MultiplyAdd(x5, b0, c5_0);
            c5_1 = V.MultiplyAdd(x5, b1, c5_1);
            var x6 = V.Create(a2[0]);
            c6_0 = V.MultiplyAdd(x6, b0, c6_0);
            c6_1 = V.MultiplyAdd(x6, b1, c6_1);
            var x7 = V.Create(*((float*)((byte*)a2 + one)));
            c7_0 = V.MultiplyAdd(x7, b0, c7_0);
            c7_1 = V.MultiplyAdd(x7, b1, c7_1);
            b += ldb;
            a0 += 1;
            a1 += 1;
            a2 += 1;
        }
        if (scale != null)
        {
            c0_0 *= V.Load(scale);
            c0_1 *= V.Load(scale + V.Count);
            c1_0 *= V.Load(scale + 1 * lds);
            c1_1 *= V.Load(scale + 1 * lds + V.Count);
            c2_0 *= V.Load(scale + 2 * lds);
            c2_1 *= V.Load(scale + 2 * lds + V.Count);
            c3_0 *= V.Load(scale + 3 * lds);
            c3_1 *= V.Load(scale + 3 * lds + V.Count);
            c4_0 *= V.Load(scale + 4 * lds);
            c4_1 *= V.Load(scale + 4 * lds + V.Count);
            c5_0 *= V.Load(scale + 5 * lds);
            c5_1 *= V.Load(scale + 5 * lds + V.Count);
            c6_0 *= V.Load(scale + 6 * lds);
            c6_1 *= V.Load(scale + 6 * lds + V.Count);
            c7_0 *= V.Load(scale + 7 * lds);
            c7_1 *= V.Load(scale + 7 * lds + V.Count);
        }
        V.Store(c0_0, c);
        V.Store(c0_1, c + V.Count);
        V.Store(c1_0, c + 1 * ldc);
        V.Store(c1_1, c + 1 * ldc + V.Count);
        V.Store(c2_0, c + 2 * ldc);
        V.Store(c2_1, c + 2 * ldc + V.Count);
        V.Store(c3_0, c + 3 * ldc);
        V.Store(c3_1, c + 3 * ldc + V.Count);
        V.Store(c4_0, c + 4 * ldc);
        V.Store(c4_1, c + 4 * ldc + V.Count);
        V.Store(c5_0, c + 5 * ldc);
        V.Store(c5_1, c + 5 * ldc + V.Count);
        V.Store(c6_0, c + 6 * ldc);
        V.Store(c6_1, c + 6 * ldc + V.Count);
        V.Store(c7_0, c + 7 * ldc);
        V.Store(c7_1, c + 7 * ldc + V.Count);
    }

    [MethodImpl(Optimized)]
    public static void Outer8x2<V>(float* a, nint lda, float* b, nint ldb, nint k, float* c, nint ldc) where V : struct, IVector<V>
    {
        var c0_0 = V.Load(c);
        var c0_1 = V.Load(c + V.Count);
        var c1_0 = V.Load(c + 1 * ldc);
        var c1_1 = V.Load(c + 1 * ldc + V.Count);
        var c2_0 = V.Load(c + 2 * ldc);
        var c2_1 = V.Load(c + 2 * ldc + V.Count);
        var c3_0 = V.Load(c + 3 * ldc);
        var c3_1 = V.Load(c + 3 * ldc + V.Count);
        var c4_0 = V.Load(c + 4 * ldc);
        var c4_1 = V.Load(c + 4 * ldc + V.Count);
        var c5_0 = V.Load(c + 5 * ldc);
        var c5_1 = V.Load(c + 5 * ldc + V.Count);
        var c6_0 = V.Load(c + 6 * ldc);
        var c6_1 = V.Load(c + 6 * ldc + V.Count);
        var c7_0 = V.Load(c + 7 * ldc);
        var c7_1 = V.Load(c + 7 * ldc + V.Count);
        Prefetch(c + 8 * ldc);
        Prefetch(c + 8 * ldc + V.Count);
        Prefetch(c + 9 * ldc);
        Prefetch(c + 9 * ldc + V.Count);
        Prefetch(c + 10 * ldc);
        Prefetch(c + 10 * ldc + V.Count);
        Prefetch(c + 11 * ldc);
        Prefetch(c + 11 * ldc + V.Count);
        Prefetch(c + 12 * ldc);
        Prefetch(c + 12 * ldc + V.Count);
        Prefetch(c + 13 * ldc);
        Prefetch(c + 13 * ldc + V.Count);
        Prefetch(c + 14 * ldc);
        Prefetch(c + 14 * ldc + V.Count);
        Prefetch(c + 15 * ldc);
        Prefetch(c + 15 * ldc + V.Count);
        for (; k >= 4; k -= 4)
        {
            var b0_0 = V.Load(b);
            var b1_0 = V.Load(b + V.Count);
            var x0_0 = V.Create(a[0]);
            c0_0 = V.MultiplyAdd(x0_0, b0_0, c0_0);
            c0_1 = V.MultiplyAdd(x0_0, b1_0, c0_1);
            var x1_0 = V.Create(a[1]);
            c1_0 = V.MultiplyAdd(x1_0, b0_0, c1_0);
            c1_1 = V.MultiplyAdd(x1_0, b1_0, c1_1);
            var x2_0 = V.Create(a[2]);
            c2_0 = V.MultiplyAdd(x2_0, b0_0, c2_0);
            c2_1 = V.MultiplyAdd(x2_0, b1_0, c2_1);
            var x3_0 = V.Create(a[3]);
            c3_0 = V.MultiplyAdd(x3_0, b0_0, c3_0);
            c3_1 = V.MultiplyAdd(x3_0, b1_0, c3_1);
            var x4_0 = V.Create(a[4]);
            c4_0 = V.MultiplyAdd(x4_0, b0_0, c4_0);
            c4_1 = V.MultiplyAdd(x4_0, b1_0, c4_1);
            var x5_0 = V.Create(a[5]);
            c5_0 = V.MultiplyAdd(x5_0, b0_0, c5_0);
            c5_1 = V.MultiplyAdd(x5_0, b1_0, c5_1);
            var x6_0 = V.Create(a[6]);
            c6_0 = V.MultiplyAdd(x6_0, b0_0, c6_0);
            c6_1 = V.MultiplyAdd(x6_0, b1_0, c6_1);
            var x7_0 = V.Create(a[7]);
            c7_0 = V.MultiplyAdd(x7_0, b0_0, c7_0);
            c7_1 = V.MultiplyAdd(x7_0, b1_0, c7_1);
            var b0_1 = V.Load(b + 1 * ldb);
            var b1_1 = V.Load(b + 1 * ldb + V.Count);
            var x0_1 = V.Create(a[lda + 0]);
            c0_0 = V.MultiplyAdd(x0_1, b0_1, c0_0);
            c0_1 = V.MultiplyAdd(x0_1, b1_1, c0_1);
            var x1_1 = V.Create(a[lda + 1]);
            c1_0 = V.MultiplyAdd(x1_1, b0_1, c1_0);
            c1_1 = V.MultiplyAdd(x1_1, b1_1, c1_1);
            var x2_1 = V.Create(a[lda + 2]);
            c2_0 = V.MultiplyAdd(x2_1, b0_1, c2_0);
            c2_1 = V.MultiplyAdd(x2_1, b1_1, c2_1);
            var x3_1 = V.Create(a[lda + 3]);
            c3_0 = V.MultiplyAdd(x3_1, b0_1, c3_0);
            c3_1 = V.MultiplyAdd(x3_1, b1_1, c3_1);
            var x4_1 = V.Create(a[lda + 4]);
            c4_0 = V.MultiplyAdd(x4_1, b0_1, c4_0);
            c4_1 = V.MultiplyAdd(x4_1, b1_1, c4_1);
            var x5_1 = V.Create(a[lda + 5]);
            c5_0 = V.MultiplyAdd(x5_1, b0_1, c5_0);
            c5_1 = V.MultiplyAdd(x5_1, b1_1, c5_1);
            var x6_1 = V.Create(a[lda + 6]);
            c6_0 = V.MultiplyAdd(x6_1, b0_1, c6_0);
            c6_1 = V.MultiplyAdd(x6_1, b1_1, c6_1);
            var x7_1 = V.Create(a[lda + 7]);
            c7_0 = V.MultiplyAdd(x7_1, b0_1, c7_0);
            c7_1 = V.MultiplyAdd(x7_1, b1_1, c7_1);
            var b0_2 = V.Load(b + 2 * ldb);
            var b1_2 = V.Load(b + 2 * ldb + V.Count);
            var x0_2 = V.Create(a[2 * lda + 0]);
            c0_0 = V.MultiplyAdd(x0_2, b0_2, c0_0);
            c0_1 = V.MultiplyAdd(x0_2, b1_2, c0_1);
            var x1_2 = V.Create(a[2 * lda + 1]);
            c1_0 = V.MultiplyAdd(x1_2, b0_2, c1_0);
            c1_1 = V.MultiplyAdd(x1_2, b1_2, c1_1);
            var x2_2 = V.Create(a[2 * lda + 2]);
            c2_0 = V.MultiplyAdd(x2_2, b0_2, c2_0);
            c2_1 = V.MultiplyAdd(x2_2, b1_2, c2_1);
            var x3_2 = V.Create(a[2 * lda + 3]);
            c3_0 = V.MultiplyAdd(x3_2, b0_2, c3_0);
            c3_1 = V.MultiplyAdd(x3_2, b1_2, c3_1);
            var x4_2 = V.Create(a[2 * lda + 4]);
            c4_0 = V.MultiplyAdd(x4_2, b0_2, c4_0);
            c4_1 = V.MultiplyAdd(x4_2, b1_2, c4_1);
            var x5_2 = V.Create(a[2 * lda + 5]);
            c5_0 = V.MultiplyAdd(x5_2, b0_2, c5_0);
            c5_1 = V.MultiplyAdd(x5_2, b1_2, c5_1);
            var x6_2 = V.Create(a[2 * lda + 6]);
            c6_0 = V.MultiplyAdd(x6_2, b0_2, c6_0);
            c6_1 = V.MultiplyAdd(x6_2, b1_2, c6_1);
            var x7_2 = V.Create(a[2 * lda + 7]);
            c7_0 = V.MultiplyAdd(x7_2, b0_2, c7_0);
            c7_1 = V.MultiplyAdd(x7_2, b1_2, c7_1);
            var b0_3 = V.Load(b + 3 * ldb);
            var b1_3 = V.Load(b + 3 * ldb + V.Count);
            var x0_3 = V.Create(a[3 * lda + 0]);
            c0_0 = V.MultiplyAdd(x0_3, b0_3, c0_0);
            c0_1 = V.MultiplyAdd(x0_3, b1_3, c0_1);
            var x1_3 = V.Create(a[3 * lda + 1]);
            c1_0 = V.MultiplyAdd(x1_3, b0_3, c1_0);
            c1_1 = V.MultiplyAdd(x1_3, b1_3, c1_1);
            var x2_3 = V.Create(a[3 * lda + 2]);
            c2_0 = V.MultiplyAdd(x2_3, b0_3, c2_0);
            c2_1 = V.MultiplyAdd(x2_3, b1_3, c2_1);
            var x3_3 = V.Create(a[3 * lda + 3]);
            c3_0 = V.MultiplyAdd(x3_3, b0_3, c3_0);
            c3_1 = V.MultiplyAdd(x3_3, b1_3, c3_1);
            var x4_3 = V.Create(a[3 * lda + 4]);
            c4_0 = V.MultiplyAdd(x4_3, b0_3, c4_0);
            c4_1 = V.MultiplyAdd(x4_3, b1_3, c4_1);
            var x5_3 = V.Create(a[3 * lda + 5]);
            c5_0 = V.MultiplyAdd(x5_3, b0_3, c5_0);
            c5_1 = V.MultiplyAdd(x5_3, b1_3, c5_1);
            var x6_3 = V.Create(a[3 * lda + 6]);
            c6_0 = V.MultiplyAdd(x6_3, b0_3, c6_0);
            c6_1 = V.MultiplyAdd(x6_3, b1_3, c6_1);
            var x7_3 = V.Create(a[3 * lda + 7]);
            c7_0 = V.MultiplyAdd(x7_3, b0_3, c7_0);
            c7_1 = V.MultiplyAdd(x7_3, b1_3, c7_1);
            b += 4 * ldb;
            a += 4 * lda;
        }
        for (; k > 0; k--)
        {
            var b0 = V.Load(b);
            var b1 = V.Load(b + V.Count);
            var x0 = V.Create(a[0]);
            c0_0 = V.MultiplyAdd(x0, b0, c0_0);
            c0_1 = V.MultiplyAdd(x0, b1, c0_1);
            var x1 = V.Create(a[1]);
            c1_0 = V.MultiplyAdd(x1, b0, c1_0);
            c1_1 = V.MultiplyAdd(x1, b1, c1_1);
            var x2 = V.Create(a[2]);
            c2_0 = V.MultiplyAdd(x2, b0, c2_0);
            c2_1 = V.MultiplyAdd(x2, b1, c2_1);
            var x3 = V.Create(a[3]);
            c3_0 = V.MultiplyAdd(x3, b0, c3_0);
            c3_1 = V.MultiplyAdd(x3, b1, c3_1);
            var x4 = V.Create(a[4]);
            c4_0 = V.MultiplyAdd(x4, b0, c4_0);
            c4_1 = V.MultiplyAdd(x4, b1, c4_1);
            var x5 = V.Create(a[5]);
            c5_0 = V.MultiplyAdd(x5, b0, c5_0);
            c5_1 = V.MultiplyAdd(x5, b1, c5_1);
            var x6 = V.Create(a[6]);
            c6_0 = V.MultiplyAdd(x6, b0, c6_0);
            c6_1 = V.MultiplyAdd(x6, b1, c6_1);
            var x7 = V.Create(a[7]);
            c7_0 = V.MultiplyAdd(x7, b0, c7_0);
            c7_1 = V.MultiplyAdd(x7, b1, c7_1);
            b += ldb;
            a += lda;
        }
        V.Store(c0_0, c);
        V.Store(c0_1, c + V.Count);
        V.Store(c1_0, c + 1 * ldc);
        V.Store(c1_1, c + 1 * ldc + V.Count);
        V.Store(c2_0, c + 2 * ldc);
        V.Store(c2_1, c + 2 * ldc + V.Count);
        V.Store(c3_0, c + 3 * ldc);
        V.Store(c3_1, c + 3 * ldc + V.Count);
        V.Store(c4_0, c + 4 * ldc);
        V.Store(c4_1, c + 4 * ldc + V.Count);
        V.Store(c5_0, c + 5 * ldc);
        V.Store(c5_1, c + 5 * ldc + V.Count);
        V.Store(c6_0, c + 6 * ldc);
        V.Store(c6_1, c + 6 * ldc + V.Count);
        V.Store(c7_0, c + 7 * ldc);
        V.Store(c7_1, c + 7 * ldc + V.Count);
    }

    [MethodImpl(Optimized)]
    public static void Row8x1<V>(float* a, nint lda, float* b, nint ldb, nint k, float* c, nint ldc, float* start, float* scale = null, nint lds = 0) where V : struct, IVector<V>
    {
        var c0_0 = V.Load(start);
        var c1_0 = c0_0;
        var c2_0 = c0_0;
        var c3_0 = c0_0;
        var c4_0 = c0_0;
        var c5_0 = c0_0;
        var c6_0 = c0_0;
        var c7_0 = c0_0;
        float* a0 = a;
        float* a1 = a + 3 * lda;
        float* a2 = a + 6 * lda;
        nint one = lda * 4, two = lda * 8;
        for (; k >= 4; k -= 4)
        {
            var b0_0 = V.Load(b);
            var x0_0 = V.Create(a0[0]);
            c0_0 = V.MultiplyAdd(x0_0, b0_0, c0_0);
            var x1_0 = V.Create(*((float*)((byte*)a0 + one)));
            c1_0 = V.MultiplyAdd(x1_0, b0_0, c1_0);
            var x2_0 = V.Create(*((float*)((byte*)a0 + two)));
            c2_0 = V.MultiplyAdd(x2_0, b0_0, c2_0);
            var x3_0 = V.Create(a1[0]);
            c3_0 = V.MultiplyAdd(x3_0, b0_0, c3_0);
            var x4_0 = V.Create(*((float*)((byte*)a1 + one)));
            c4_0 = V.MultiplyAdd(x4_0, b0_0, c4_0);
            var x5_0 = V.Create(*((float*)((byte*)a1 + two)));
            c5_0 = V.MultiplyAdd(x5_0, b0_0, c5_0);
            var x6_0 = V.Create(a2[0]);
            c6_0 = V.MultiplyAdd(x6_0, b0_0, c6_0);
            var x7_0 = V.Create(*((float*)((byte*)a2 + one)));
            c7_0 = V.MultiplyAdd(x7_0, b0_0, c7_0);
            var b0_1 = V.Load(b + 1 * ldb);
            var x0_1 = V.Create(a0[1]);
            c0_0 = V.MultiplyAdd(x0_1, b0_1, c0_0);
            var x1_1 = V.Create(*((float*)((byte*)a0 + one) + 1));
            c1_0 = V.MultiplyAdd(x1_1, b0_1, c1_0);
            var x2_1 = V.Create(*((float*)((byte*)a0 + two) + 1));
            c2_0 = V.MultiplyAdd(x2_1, b0_1, c2_0);
            var x3_1 = V.Create(a1[1]);
            c3_0 = V.MultiplyAdd(x3_1, b0_1, c3_0);
            var x4_1 = V.Create(*((float*)((byte*)a1 + one) + 1));
            c4_0 = V.MultiplyAdd(x4_1, b0_1, c4_0);
            var x5_1 = V.Create(*((float*)((byte*)a1 + two) + 1));
            c5_0 = V.MultiplyAdd(x5_1, b0_1, c5_0);
            var x6_1 = V.Create(a2[1]);
            c6_0 = V.MultiplyAdd(x6_1, b0_1, c6_0);
            var x7_1 = V.Create(*((float*)((byte*)a2 + one) + 1));
            c7_0 = V.MultiplyAdd(x7_1, b0_1, c7_0);
            var b0_2 = V.Load(b + 2 * ldb);
            var x0_2 = V.Create(a0[2]);
            c0_0 = V.MultiplyAdd(x0_2, b0_2, c0_0);
            var x1_2 = V.Create(*((float*)((byte*)a0 + one) + 2));
            c1_0 = V.MultiplyAdd(x1_2, b0_2, c1_0);
            var x2_2 = V.Create(*((float*)((byte*)a0 + two) + 2));
            c2_0 = V.MultiplyAdd(x2_2, b0_2, c2_0);
            var x3_2 = V.Create(a1[2]);
            c3_0 = V.MultiplyAdd(x3_2, b0_2, c3_0);
            var x4_2 = V.Create(*((float*)((byte*)a1 + one) + 2));
            c4_0 = V.MultiplyAdd(x4_2, b0_2, c4_0);
            var x5_2 = V.Create(*((float*)((byte*)a1 + two) + 2));
            c5_0 = V.MultiplyAdd(x5_2, b0_2, c5_0);
            var x6_2 = V.Create(a2[2]);
            c6_0 = V.MultiplyAdd(x6_2, b0_2, c6_0);
            var x7_2 = V.Create(*((float*)((byte*)a2 + one) + 2));
            c7_0 = V.MultiplyAdd(x7_2, b0_2, c7_0);
            var b0_3 = V.Load(b + 3 * ldb);
            var x0_3 = V.Create(a0[3]);
            c0_0 = V.MultiplyAdd(x0_3, b0_3, c0_0);
            var x1_3 = V.Create(*((float*)((byte*)a0 + one) + 3));
            c1_0 = V.MultiplyAdd(x1_3, b0_3, c1_0);
            var x2_3 = V.Create(*((float*)((byte*)a0 + two) + 3));
            c2_0 = V.MultiplyAdd(x2_3, b0_3, c2_0);
            var x3_3 = V.Create(a1[3]);
            c3_0 = V.MultiplyAdd(x3_3, b0_3, c3_0);
            var x4_3 = V.Create(*((float*)((byte*)a1 + one) + 3));
            c4_0 = V.MultiplyAdd(x4_3, b0_3, c4_0);
            var x5_3 = V.Create(*((float*)((byte*)a1 + two) + 3));
            c5_0 = V.MultiplyAdd(x5_3, b0_3, c5_0);
            var x6_3 = V.Create(a2[3]);
            c6_0 = V.MultiplyAdd(x6_3, b0_3, c6_0);
            var x7_3 = V.Create(*((float*)((byte*)a2 + one) + 3));
            c7_0 = V.MultiplyAdd(x7_3, b0_3, c7_0);
            b += 4 * ldb;
            a0 += 4;
            a1 += 4;
            a2 += 4;
        }
        for (; k > 0; k--)
        {
            var b0 = V.Load(b);
            var x0 = V.Create(a0[0]);
            c0_0 = V.MultiplyAdd(x0, b0, c0_0);
            var x1 = V.Create(*((float*)((byte*)a0 + one)));
            c1_0 = V.MultiplyAdd(x1, b0, c1_0);
            var x2 = V.Create(*((float*)((byte*)a0 + two)));
            c2_0 = V.MultiplyAdd(x2, b0, c2_0);
            var x3 = V.Create(a1[0]);
            c3_0 = V.MultiplyAdd(x3, b0, c3_0);
            var x4 = V.Create(*((float*)((byte*)a1 + one)));
            c4_0 = V.MultiplyAdd(x4, b0, c4_0);
            var x5 = V.Create(*((float*)((byte*)a1 + two)));
            c5_0 = V.MultiplyAdd(x5, b0, c5_0);
            var x6 = V.Create(a2[0]);
            c6_0 = V.MultiplyAdd(x6, b0, c6_0);
            var x7 = V.Create(*((float*)((byte*)a2 + one)));
            c7_0 = V.MultiplyAdd(x7, b0, c7_0);
            b += ldb;
            a0 += 1;
            a1 += 1;
            a2 += 1;
        }
        if (scale != null)
        {
            c0_0 *= V.Load(scale);
            c1_0 *= V.Load(scale + 1 * lds);
            c2_0 *= V.Load(scale + 2 * lds);
            c3_0 *= V.Load(scale + 3 * lds);
            c4_0 *= V.Load(scale + 4 * lds);
            c5_0 *= V.Load(scale + 5 * lds);
            c6_0 *= V.Load(scale + 6 * lds);
            c7_0 *= V.Load(scale + 7 * lds);
        }
        V.Store(c0_0, c);
        V.Store(c1_0, c + 1 * ldc);
        V.Store(c2_0, c + 2 * ldc);
        V.Store(c3_0, c + 3 * ldc);
        V.Store(c4_0, c + 4 * ldc);
        V.Store(c5_0, c + 5 * ldc);
        V.Store(c6_0, c + 6 * ldc);
        V.Store(c7_0, c + 7 * ldc);
    }

    [MethodImpl(Optimized)]
    public static void Outer8x1<V>(float* a, nint lda, float* b, nint ldb, nint k, float* c, nint ldc) where V : struct, IVector<V>
    {
        var c0_0 = V.Load(c);
        var c1_0 = V.Load(c + 1 * ldc);
        var c2_0 = V.Load(c + 2 * ldc);
        var c3_0 = V.Load(c + 3 * ldc);
        var c4_0 = V.Load(c + 4 * ldc);
        var c5_0 = V.Load(c + 5 * ldc);
        var c6_0 = V.Load(c + 6 * ldc);
        var c7_0 = V.Load(c + 7 * ldc);
        Prefetch(c + 8 * ldc);
        Prefetch(c + 9 * ldc);
        Prefetch(c + 10 * ldc);
        Prefetch(c + 11 * ldc);
        Prefetch(c + 12 * ldc);
        Prefetch(c + 13 * ldc);
        Prefetch(c + 14 * ldc);
        Prefetch(c + 15 * ldc);
        for (; k >= 4; k -= 4)
        {
            var b0_0 = V.Load(b);
            var x0_0 = V.Create(a[0]);
            c0_0 = V.MultiplyAdd(x0_0, b0_0, c0_0);
            var x1_0 = V.Create(a[1]);
            c1_0 = V.MultiplyAdd(x1_0, b0_0, c1_0);
            var x2_0 = V.Create(a[2]);
            c2_0 = V.MultiplyAdd(x2_0, b0_0, c2_0);
            var x3_0 = V.Create(a[3]);
            c3_0 = V.MultiplyAdd(x3_0, b0_0, c3_0);
            var x4_0 = V.Create(a[4]);
            c4_0 = V.MultiplyAdd(x4_0, b0_0, c4_0);
            var x5_0 = V.Create(a[5]);
            c5_0 = V.MultiplyAdd(x5_0, b0_0, c5_0);
            var x6_0 = V.Create(a[6]);
            c6_0 = V.MultiplyAdd(x6_0, b0_0, c6_0);
            var x7_0 = V.Create(a[7]);
            c7_0 = V.MultiplyAdd(x7_0, b0_0, c7_0);
            var b0_1 = V.Load(b + 1 * ldb);
            var x0_1 = V.Create(a[lda + 0]);
            c0_0 = V.MultiplyAdd(x0_1, b0_1, c0_0);
            var x1_1 = V.Create(a[lda + 1]);
            c1_0 = V.MultiplyAdd(x1_1, b0_1, c1_0);
            var x2_1 = V.Create(a[lda + 2]);
            c2_0 = V.MultiplyAdd(x2_1, b0_1, c2_0);
            var x3_1 = V.Create(a[lda + 3]);
            c3_0 = V.MultiplyAdd(x3_1, b0_1, c3_0);
            var x4_1 = V.Create(a[lda + 4]);
            c4_0 = V.MultiplyAdd(x4_1, b0_1, c4_0);
            var x5_1 = V.Create(a[lda + 5]);
            c5_0 = V.MultiplyAdd(x5_1, b0_1, c5_0);
            var x6_1 = V.Create(a[lda + 6]);
            c6_0 = V.MultiplyAdd(x6_1, b0_1, c6_0);
            var x7_1 = V.Create(a[lda + 7]);
            c7_0 = V.MultiplyAdd(x7_1, b0_1, c7_0);
            var b0_2 = V.Load(b + 2 * ldb);
            var x0_2 = V.Create(a[2 * lda + 0]);
            c0_0 = V.MultiplyAdd(x0_2, b0_2, c0_0);
            var x1_2 = V.Create(a[2 * lda + 1]);
            c1_0 = V.MultiplyAdd(x1_2, b0_2, c1_0);
            var x2_2 = V.Create(a[2 * lda + 2]);
            c2_0 = V.MultiplyAdd(x2_2, b0_2, c2_0);
            var x3_2 = V.Create(a[2 * lda + 3]);
            c3_0 = V.MultiplyAdd(x3_2, b0_2, c3_0);
            var x4_2 = V.Create(a[2 * lda + 4]);
            c4_0 = V.MultiplyAdd(x4_2, b0_2, c4_0);
            var x5_2 = V.Create(a[2 * lda + 5]);
            c5_0 = V.MultiplyAdd(x5_2, b0_2, c5_0);
            var x6_2 = V.Create(a[2 * lda + 6]);
            c6_0 = V.MultiplyAdd(x6_2, b0_2, c6_0);
            var x7_2 = V.Create(a[2 * lda + 7]);
            c7_0 = V.MultiplyAdd(x7_2, b0_2, c7_0);
            var b0_3 = V.Load(b + 3 * ldb);
            var x0_3 = V.Create(a[3 * lda + 0]);
            c0_0 = V.MultiplyAdd(x0_3, b0_3, c0_0);
            var x1_3 = V.Create(a[3 * lda + 1]);
            c1_0 = V.MultiplyAdd(x1_3, b0_3, c1_0);
            var x2_3 = V.Create(a[3 * lda + 2]);
            c2_0 = V.MultiplyAdd(x2_3, b0_3, c2_0);
            var x3_3 = V.Create(a[3 * lda + 3]);
            c3_0 = V.MultiplyAdd(x3_3, b0_3, c3_0);
            var x4_3 = V.Create(a[3 * lda + 4]);
            c4_0 = V.MultiplyAdd(x4_3, b0_3, c4_0);
            var x5_3 = V.Create(a[3 * lda + 5]);
            c5_0 = V.MultiplyAdd(x5_3, b0_3, c5_0);
            var x6_3 = V.Create(a[3 * lda + 6]);
            c6_0 = V.MultiplyAdd(x6_3, b0_3, c6_0);
            var x7_3 = V.Create(a[3 * lda + 7]);
            c7_0 = V.MultiplyAdd(x7_3, b0_3, c7_0);
            b += 4 * ldb;
            a += 4 * lda;
        }
        for (; k > 0; k--)
        {
            var b0 = V.Load(b);
            var x0 = V.Create(a[0]);
            c0_0 = V.MultiplyAdd(x0, b0, c0_0);
            var x1 = V.Create(a[1]);
            c1_0 = V.MultiplyAdd(x1, b0, c1_0);
            var x2 = V.Create(a[2]);
            c2_0 = V.MultiplyAdd(x2, b0, c2_0);
            var x3 = V.Create(a[3]);
            c3_0 = V.MultiplyAdd(x3, b0, c3_0);
            var x4 = V.Create(a[4]);
            c4_0 = V.MultiplyAdd(x4, b0, c4_0);
            var x5 = V.Create(a[5]);
            c5_0 = V.MultiplyAdd(x5, b0, c5_0);
            var x6 = V.Create(a[6]);
            c6_0 = V.MultiplyAdd(x6, b0, c6_0);
            var x7 = V.Create(a[7]);
            c7_0 = V.MultiplyAdd(x7, b0, c7_0);
            b += ldb;
            a += lda;
        }
        V.Store(c0_0, c);
        V.Store(c1_0, c + 1 * ldc);
        V.Store(c2_0, c + 2 * ldc);
        V.Store(c3_0, c + 3 * ldc);
        V.Store(c4_0, c + 4 * ldc);
        V.Store(c5_0, c + 5 * ldc);
        V.Store(c6_0, c + 6 * ldc);
        V.Store(c7_0, c + 7 * ldc);
    }

    [MethodImpl(Optimized)]
    public static void Row6x2<V>(float* a, nint lda, float* b, nint ldb, nint k, float* c, nint ldc, float* start, float* scale = null, nint lds = 0) where V : struct, IVector<V>
    {
        var c0_0 = V.Load(start);
        var c0_1 = V.Load(start + V.Count);
        var c1_0 = c0_0;
        var c1_1 = c0_1;
        var c2_0 = c0_0;
        var c2_1 = c0_1;
        var c3_0 = c0_0;
        var c3_1 = c0_1;
        var c4_0 = c0_0;
        var c4_1 = c0_1;
        var c5_0 = c0_0;
        var c5_1 = c0_1;
        float* a0 = a;
        float* a1 = a + 3 * lda;
        nint one = lda * 4, two = lda * 8;
        for (; k >= 4; k -= 4)
        {
            var b0_0 = V.Load(b);
            var b1_0 = V.Load(b + V.Count);
            var x0_0 = V.Create(a0[0]);
            c0_0 = V.MultiplyAdd(x0_0, b0_0, c0_0);
            c0_1 = V.MultiplyAdd(x0_0, b1_0, c0_1);
            var x1_0 = V.Create(*((float*)((byte*)a0 + one)));
            c1_0 = V.MultiplyAdd(x1_0, b0_0, c1_0);
            c1_1 = V.MultiplyAdd(x1_0, b1_0, c1_1);
            var x2_0 = V.Create(*((float*)((byte*)a0 + two)));
            c2_0 = V.MultiplyAdd(x2_0, b0_0, c2_0);
            c2_1 = V.MultiplyAdd(x2_0, b1_0, c2_1);
            var x3_0 = V.Create(a1[0]);
            c3_0 = V.MultiplyAdd(x3_0, b0_0, c3_0);
            c3_1 = V.MultiplyAdd(x3_0, b1_0, c3_1);
            var x4_0 = V.Create(*((float*)((byte*)a1 + one)));
            c4_0 = V.MultiplyAdd(x4_0, b0_0, c4_0);
            c4_1 = V.MultiplyAdd(x4_0, b1_0, c4_1);
            var x5_0 = V.Create(*((float*)((byte*)a1 + two)));
            c5_0 = V.MultiplyAdd(x5_0, b0_0, c5_0);
            c5_1 = V.MultiplyAdd(x5_0, b1_0, c5_1);
            var b0_1 = V.Load(b + 1 * ldb);
            var b1_1 = V.Load(b + 1 * ldb + V.Count);
            var x0_1 = V.Create(a0[1]);
            c0_0 = V.MultiplyAdd(x0_1, b0_1, c0_0);
            c0_1 = V.MultiplyAdd(x0_1, b1_1, c0_1);
            var x1_1 = V.Create(*((float*)((byte*)a0 + one) + 1));
            c1_0 = V.MultiplyAdd(x1_1, b0_1, c1_0);
            c1_1 = V.MultiplyAdd(x1_1, b1_1, c1_1);
            var x2_1 = V.Create(*((float*)((byte*)a0 + two) + 1));
            c2_0 = V.MultiplyAdd(x2_1, b0_1, c2_0);
            c2_1 = V.MultiplyAdd(x2_1, b1_1, c2_1);
            var x3_1 = V.Create(a1[1]);
            c3_0 = V.MultiplyAdd(x3_1, b0_1, c3_0);
            c3_1 = V.MultiplyAdd(x3_1, b1_1, c3_1);
            var x4_1 = V.Create(*((float*)((byte*)a1 + one) + 1));
            c4_0 = V.MultiplyAdd(x4_1, b0_1, c4_0);
            c4_1 = V.MultiplyAdd(x4_1, b1_1, c4_1);
            var x5_1 = V.Create(*((float*)((byte*)a1 + two) + 1));
            c5_0 = V.MultiplyAdd(x5_1, b0_1, c5_0);
            c5_1 = V.MultiplyAdd(x5_1, b1_1, c5_1);
            var b0_2 = V.Load(b + 2 * ldb);
            var b1_2 = V.Load(b + 2 * ldb + V.Count);
            var x0_2 = V.Create(a0[2]);
            c0_0 = V.MultiplyAdd(x0_2, b0_2, c0_0);
            c0_1 = V.MultiplyAdd(x0_2, b1_2, c0_1);
            var x1_2 = V.Create(*((float*)((byte*)a0 + one) + 2));
            c1_0 = V.MultiplyAdd(x1_2, b0_2, c1_0);
            c1_1 = V.MultiplyAdd(x1_2, b1_2, c1_1);
            var x2_2 = V.Create(*((float*)((byte*)a0 + two) + 2));
            c2_0 = V.MultiplyAdd(x2_2, b0_2, c2_0);
            c2_1 = V.MultiplyAdd(x2_2, b1_2, c2_1);
            var x3_2 = V.Create(a1[2]);
            c3_0 = V.MultiplyAdd(x3_2, b0_2, c3_0);
            c3_1 = V.MultiplyAdd(x3_2, b1_2, c3_1);
            var x4_2 = V.Create(*((float*)((byte*)a1 + one) + 2));
            c4_0 = V.MultiplyAdd(x4_2, b0_2, c4_0);
            c4_1 = V.MultiplyAdd(x4_2, b1_2, c4_1);
            var x5_2 = V.Create(*((float*)((byte*)a1 + two) + 2));
            c5_0 = V.MultiplyAdd(x5_2, b0_2, c5_0);
            c5_1 = V.MultiplyAdd(x5_2, b1_2, c5_1);
            var b0_3 = V.Load(b + 3 * ldb);
            var b1_3 = V.Load(b + 3 * ldb + V.Count);
            var x0_3 = V.Create(a0[3]);
            c0_0 = V.MultiplyAdd(x0_3, b0_3, c0_0);
            c0_1 = V.MultiplyAdd(x0_3, b1_3, c0_1);
            var x1_3 = V.Create(*((float*)((byte*)a0 + one) + 3));
            c1_0 = V.MultiplyAdd(x1_3, b0_3, c1_0);
            c1_1 = V.MultiplyAdd(x1_3, b1_3, c1_1);
            var x2_3 = V.Create(*((float*)((byte*)a0 + two) + 3));
            c2_0 = V.MultiplyAdd(x2_3, b0_3, c2_0);
            c2_1 = V.MultiplyAdd(x2_3, b1_3, c2_1);
            var x3_3 = V.Create(a1[3]);
            c3_0 = V.MultiplyAdd(x3_3, b0_3, c3_0);
            c3_1 = V.MultiplyAdd(x3_3, b1_3, c3_1);
            var x4_3 = V.Create(*((float*)((byte*)a1 + one) + 3));
            c4_0 = V.MultiplyAdd(x4_3, b0_3, c4_0);
            c4_1 = V.MultiplyAdd(x4_3, b1_3, c4_1);
            var x5_3 = V.Create(*((float*)((byte*)a1 + two) + 3));
            c5_0 = V.MultiplyAdd(x5_3, b0_3, c5_0);
            c5_1 = V.MultiplyAdd(x5_3, b1_3, c5_1);
            b += 4 * ldb;
            a0 += 4;
            a1 += 4;
        }
        for (; k > 0; k--)
        {
            var b0 = V.Load(b);
            var b1 = V.Load(b + V.Count);
            var x0 = V.Create(a0[0]);
            c0_0 = V.MultiplyAdd(x0, b0, c0_0);
            c0_1 = V.MultiplyAdd(x0, b1, c0_1);
            var x1 = V.Create(*((float*)((byte*)a0 + one)));
            c1_0 = V.MultiplyAdd(x1, b0, c1_0);
            c1_1 = V.MultiplyAdd(x1, b1, c1_1);
            var x2 = V.Create(*((float*)((byte*)a0 + two)));
            c2_0 = V.MultiplyAdd(x2, b0, c2_0);
            c2_1 = V.MultiplyAdd(x2, b1, c2_1);
            var x3 = V.Create(a1[0]);
            c3_0 = V.MultiplyAdd(x3, b0, c3_0);
            c3_1 = V.MultiplyAdd(x3, b1, c3_1);
            var x4 = V.Create(*((float*)((byte*)a1 + one)));
            c4_0 = V.MultiplyAdd(x4, b0, c4_0);
            c4_1 = V.MultiplyAdd(x4, b1, c4_1);
            var x5 = V.Create(*((float*)((byte*)a1 + two)));
            c5_0 = V.MultiplyAdd(x5, b0, c5_0);
            c5_1 = V.MultiplyAdd(x5, b1, c5_1);
            b += ldb;
            a0 += 1;
            a1 += 1;
        }
        if (scale != null)
        {
            c0_0 *= V.Load(scale);
            c0_1 *= V.Load(scale + V.Count);
            c1_0 *= V.Load(scale + 1 * lds);
            c1_1 *= V.Load(scale + 1 * lds + V.Count);
            c2_0 *= V.Load(scale + 2 * lds);
            c2_1 *= V.Load(scale + 2 * lds + V.Count);
            c3_0 *= V.Load(scale + 3 * lds);
            c3_1 *= V.Load(scale + 3 * lds + V.Count);
            c4_0 *= V.Load(scale + 4 * lds);
            c4_1 *= V.Load(scale + 4 * lds + V.Count);
            c5_0 *= V.Load(scale + 5 * lds);
            c5_1 *= V.Load(scale + 5 * lds + V.Count);
        }
        V.Store(c0_0, c);
        V.Store(c0_1, c + V.Count);
        V.Store(c1_0, c + 1 * ldc);
        V.Store(c1_1, c + 1 * ldc + V.Count);
        V.Store(c2_0, c + 2 * ldc);
        V.Store(c2_1, c + 2 * ldc + V.Count);
        V.Store(c3_0, c + 3 * ldc);
        V.Store(c3_1, c + 3 * ldc + V.Count);
        V.Store(c4_0, c + 4 * ldc);
        V.Store(c4_1, c + 4 * ldc + V.Count);
        V.Store(c5_0, c + 5 * ldc);
        V.Store(c5_1, c + 5 * ldc + V.Count);
    }

    [MethodImpl(Optimized)]
    public static void Outer6x2<V>(float* a, nint lda, float* b, nint ldb, nint k, float* c, nint ldc) where V : struct, IVector<V>
    {
        var c0_0 = V.Load(c);
        var c0_1 = V.Load(c + V.Count);
        var c1_0 = V.Load(c + 1 * ldc);
        var c1_1 = V.Load(c + 1 * ldc + V.Count);
        var c2_0 = V.Load(c + 2 * ldc);
        var c2_1 = V.Load(c + 2 * ldc + V.Count);
        var c3_0 = V.Load(c + 3 * ldc);
        var c3_1 = V.Load(c + 3 * ldc + V.Count);
        var c4_0 = V.Load(c + 4 * ldc);
        var c4_1 = V.Load(c + 4 * ldc + V.Count);
        var c5_0 = V.Load(c + 5 * ldc);
        var c5_1 = V.Load(c + 5 * ldc + V.Count);
        for (; k >= 4; k -= 4)
        {
            var b0_0 = V.Load(b);
            var b1_0 = V.Load(b + V.Count);
            var x0_0 = V.Create(a[0]);
            c0_0 = V.MultiplyAdd(x0_0, b0_0, c0_0);
            c0_1 = V.MultiplyAdd(x0_0, b1_0, c0_1);
            var x1_0 = V.Create(a[1]);
            c1_0 = V.MultiplyAdd(x1_0, b0_0, c1_0);
            c1_1 = V.MultiplyAdd(x1_0, b1_0, c1_1);
            var x2_0 = V.Create(a[2]);
            c2_0 = V.MultiplyAdd(x2_0, b0_0, c2_0);
            c2_1 = V.MultiplyAdd(x2_0, b1_0, c2_1);
            var x3_0 = V.Create(a[3]);
            c3_0 = V.MultiplyAdd(x3_0, b0_0, c3_0);
            c3_1 = V.MultiplyAdd(x3_0, b1_0, c3_1);
            var x4_0 = V.Create(a[4]);
            c4_0 = V.MultiplyAdd(x4_0, b0_0, c4_0);
            c4_1 = V.MultiplyAdd(x4_0, b1_0, c4_1);
            var x5_0 = V.Create(a[5]);
            c5_0 = V.MultiplyAdd(x5_0, b0_0, c5_0);
            c5_1 = V.MultiplyAdd(x5_0, b1_0, c5_1);
            var b0_1 = V.Load(b + 1 * ldb);
            var b1_1 = V.Load(b + 1 * ldb + V.Count);
            var x0_1 = V.Create(a[lda + 0]);
            c0_0 = V.MultiplyAdd(x0_1, b0_1, c0_0);
            c0_1 = V.MultiplyAdd(x0_1, b1_1, c0_1);
            var x1_1 = V.Create(a[lda + 1]);
            c1_0 = V.MultiplyAdd(x1_1, b0_1, c1_0);
            c1_1 = V.MultiplyAdd(x1_1, b1_1, c1_1);
            var x2_1 = V.Create(a[lda + 2]);
            c2_0 = V.MultiplyAdd(x2_1, b0_1, c2_0);
            c2_1 = V.MultiplyAdd(x2_1, b1_1, c2_1);
            var x3_1 = V.Create(a[lda + 3]);
            c3_0 = V.MultiplyAdd(x3_1, b0_1, c3_0);
            c3_1 = V.MultiplyAdd(x3_1, b1_1, c3_1);
            var x4_1 = V.Create(a[lda + 4]);
            c4_0 = V.MultiplyAdd(x4_1, b0_1, c4_0);
            c4_1 = V.MultiplyAdd(x4_1, b1_1, c4_1);
            var x5_1 = V.Create(a[lda + 5]);
            c5_0 = V.MultiplyAdd(x5_1, b0_1, c5_0);
            c5_1 = V.MultiplyAdd(x5_1, b1_1, c5_1);
            var b0_2 = V.Load(b + 2 * ldb);
            var b1_2 = V.Load(b + 2 * ldb + V.Count);
            var x0_2 = V.Create(a[2 * lda + 0]);
            c0_0 = V.MultiplyAdd(x0_2, b0_2, c0_0);
            c0_1 = V.MultiplyAdd(x0_2, b1_2, c0_1);
            var x1_2 = V.Create(a[2 * lda + 1]);
            c1_0 = V.MultiplyAdd(x1_2, b0_2, c1_0);
            c1_1 = V.MultiplyAdd(x1_2, b1_2, c1_1);
            var x2_2 = V.Create(a[2 * lda + 2]);
            c2_0 = V.MultiplyAdd(x2_2, b0_2, c2_0);
            c2_1 = V.MultiplyAdd(x2_2, b1_2, c2_1);
            var x3_2 = V.Create(a[2 * lda + 3]);
            c3_0 = V.MultiplyAdd(x3_2, b0_2, c3_0);
            c3_1 = V.MultiplyAdd(x3_2, b1_2, c3_1);
            var x4_2 = V.Create(a[2 * lda + 4]);
            c4_0 = V.MultiplyAdd(x4_2, b0_2, c4_0);
            c4_1 = V.MultiplyAdd(x4_2, b1_2, c4_1);
            var x5_2 = V.Create(a[2 * lda + 5]);
            c5_0 = V.MultiplyAdd(x5_2, b0_2, c5_0);
            c5_1 = V.MultiplyAdd(x5_2, b1_2, c5_1);
            var b0_3 = V.Load(b + 3 * ldb);
            var b1_3 = V.Load(b + 3 * ldb + V.Count);
            var x0_3 = V.Create(a[3 * lda + 0]);
            c0_0 = V.MultiplyAdd(x0_3, b0_3, c0_0);
            c0_1 = V.MultiplyAdd(x0_3, b1_3, c0_1);
            var x1_3 = V.Create(a[3 * lda + 1]);
            c1_0 = V.MultiplyAdd(x1_3, b0_3, c1_0);
            c1_1 = V.MultiplyAdd(x1_3, b1_3, c1_1);
            var x2_3 = V.Create(a[3 * lda + 2]);
            c2_0 = V.MultiplyAdd(x2_3, b0_3, c2_0);
            c2_1 = V.MultiplyAdd(x2_3, b1_3, c2_1);
            var x3_3 = V.Create(a[3 * lda + 3]);
            c3_0 = V.MultiplyAdd(x3_3, b0_3, c3_0);
            c3_1 = V.MultiplyAdd(x3_3, b1_3, c3_1);
            var x4_3 = V.Create(a[3 * lda + 4]);
            c4_0 = V.MultiplyAdd(x4_3, b0_3, c4_0);
            c4_1 = V.MultiplyAdd(x4_3, b1_3, c4_1);
            var x5_3 = V.Create(a[3 * lda + 5]);
            c5_0 = V.MultiplyAdd(x5_3, b0_3, c5_0);
            c5_1 = V.MultiplyAdd(x5_3, b1_3, c5_1);
            b += 4 * ldb;
            a += 4 * lda;
        }
        for (; k > 0; k--)
        {
            var b0 = V.Load(b);
            var b1 = V.Load(b + V.Count);
            var x0 = V.Create(a[0]);
            c0_0 = V.MultiplyAdd(x0, b0, c0_0);
            c0_1 = V.MultiplyAdd(x0, b1, c0_1);
            var x1 = V.Create(a[1]);
            c1_0 = V.MultiplyAdd(x1, b0, c1_0);
            c1_1 = V.MultiplyAdd(x1, b1, c1_1);
            var x2 = V.Create(a[2]);
            c2_0 = V.MultiplyAdd(x2, b0, c2_0);
            c2_1 = V.MultiplyAdd(x2, b1, c2_1);
            var x3 = V.Create(a[3]);
            c3_0 = V.MultiplyAdd(x3, b0, c3_0);
            c3_1 = V.MultiplyAdd(x3, b1, c3_1);
            var x4 = V.Create(a[4]);
            c4_0 = V.MultiplyAdd(x4, b0, c4_0);
            c4_1 = V.MultiplyAdd(x4, b1, c4_1);
            var x5 = V.Create(a[5]);
            c5_0 = V.MultiplyAdd(x5, b0, c5_0);
            c5_1 = V.MultiplyAdd(x5, b1, c5_1);
            b += ldb;
            a += lda;
        }
        V.Store(c0_0, c);
        V.Store(c0_1, c + V.Count);
        V.Store(c1_0, c + 1 * ldc);
        V.Store(c1_1, c + 1 * ldc + V.Count);
        V.Store(c2_0, c + 2 * ldc);
        V.Store(c2_1, c + 2 * ldc + V.Count);
        V.Store(c3_0, c + 3 * ldc);
        V.Store(c3_1, c + 3 * ldc + V.Count);
        V.Store(c4_0, c + 4 * ldc);
        V.Store(c4_1, c + 4 * ldc + V.Count);
        V.Store(c5_0, c + 5 * ldc);
        V.Store(c5_1, c + 5 * ldc + V.Count);
    }

    [MethodImpl(Optimized)]
    public static void Row6x1<V>(float* a, nint lda, float* b, nint ldb, nint k, float* c, nint ldc, float* start, float* scale = null, nint lds = 0) where V : struct, IVector<V>
    {
        var c0_0 = V.Load(start);
        var c1_0 = c0_0;
        var c2_0 = c0_0;
        var c3_0 = c0_0;
        var c4_0 = c0_0;
        var c5_0 = c0_0;
        float* a0 = a;
        float* a1 = a + 3 * lda;
        nint one = lda * 4, two = lda * 8;
        for (; k >= 4; k -= 4)
        {
            var b0_0 = V.Load(b);
            var x0_0 = V.Create(a0[0]);
            c0_0 = V.MultiplyAdd(x0_0, b0_0, c0_0);
            var x1_0 = V.Create(*((float*)((byte*)a0 + one)));
            c1_0 = V.MultiplyAdd(x1_0, b0_0, c1_0);
            var x2_0 = V.Create(*((float*)((byte*)a0 + two)));
            c2_0 = V.MultiplyAdd(x2_0, b0_0, c2_0);
            var x3_0 = V.Create(a1[0]);
            c3_0 = V.MultiplyAdd(x3_0, b0_0, c3_0);
            var x4_0 = V.Create(*((float*)((byte*)a1 + one)));
            c4_0 = V.MultiplyAdd(x4_0, b0_0, c4_0);
            var x5_0 = V.Create(*((float*)((byte*)a1 + two)));
            c5_0 = V.MultiplyAdd(x5_0, b0_0, c5_0);
            var b0_1 = V.Load(b + 1 * ldb);
            var x0_1 = V.Create(a0[1]);
            c0_0 = V.MultiplyAdd(x0_1, b0_1, c0_0);
            var x1_1 = V.Create(*((float*)((byte*)a0 + one) + 1));
            c1_0 = V.MultiplyAdd(x1_1, b0_1, c1_0);
            var x2_1 = V.Create(*((float*)((byte*)a0 + two) + 1));
            c2_0 = V.MultiplyAdd(x2_1, b0_1, c2_0);
            var x3_1 = V.Create(a1[1]);
            c3_0 = V.MultiplyAdd(x3_1, b0_1, c3_0);
            var x4_1 = V.Create(*((float*)((byte*)a1 + one) + 1));
            c4_0 = V.MultiplyAdd(x4_1, b0_1, c4_0);
            var x5_1 = V.Create(*((float*)((byte*)a1 + two) + 1));
            c5_0 = V.MultiplyAdd(x5_1, b0_1, c5_0);
            var b0_2 = V.Load(b + 2 * ldb);
            var x0_2 = V.Create(a0[2]);
            c0_0 = V.MultiplyAdd(x0_2, b0_2, c0_0);
            var x1_2 = V.Create(*((float*)((byte*)a0 + one) + 2));
            c1_0 = V.MultiplyAdd(x1_2, b0_2, c1_0);
            var x2_2 = V.Create(*((float*)((byte*)a0 + two) + 2));
            c2_0 = V.MultiplyAdd(x2_2, b0_2, c2_0);
            var x3_2 = V.Create(a1[2]);
            c3_0 = V.MultiplyAdd(x3_2, b0_2, c3_0);
            var x4_2 = V.Create(*((float*)((byte*)a1 + one) + 2));
            c4_0 = V.MultiplyAdd(x4_2, b0_2, c4_0);
            var x5_2 = V.Create(*((float*)((byte*)a1 + two) + 2));
            c5_0 = V.MultiplyAdd(x5_2, b0_2, c5_0);
            var b0_3 = V.Load(b + 3 * ldb);
            var x0_3 = V.Create(a0[3]);
            c0_0 = V.MultiplyAdd(x0_3, b0_3, c0_0);
            var x1_3 = V.Create(*((float*)((byte*)a0 + one) + 3));
            c1_0 = V.MultiplyAdd(x1_3, b0_3, c1_0);
            var x2_3 = V.Create(*((float*)((byte*)a0 + two) + 3));
            c2_0 = V.MultiplyAdd(x2_3, b0_3, c2_0);
            var x3_3 = V.Create(a1[3]);
            c3_0 = V.MultiplyAdd(x3_3, b0_3, c3_0);
            var x4_3 = V.Create(*((float*)((byte*)a1 + one) + 3));
            c4_0 = V.MultiplyAdd(x4_3, b0_3, c4_0);
            var x5_3 = V.Create(*((float*)((byte*)a1 + two) + 3));
            c5_0 = V.MultiplyAdd(x5_3, b0_3, c5_0);
            b += 4 * ldb;
            a0 += 4;
            a1 += 4;
        }
        for (; k > 0; k--)
        {
            var b0 = V.Load(b);
            var x0 = V.Create(a0[0]);
            c0_0 = V.MultiplyAdd(x0, b0, c0_0);
            var x1 = V.Create(*((float*)((byte*)a0 + one)));
            c1_0 = V.MultiplyAdd(x1, b0, c1_0);
            var x2 = V.Create(*((float*)((byte*)a0 + two)));
            c2_0 = V.MultiplyAdd(x2, b0, c2_0);
            var x3 = V.Create(a1[0]);
            c3_0 = V.MultiplyAdd(x3, b0, c3_0);
            var x4 = V.Create(*((float*)((byte*)a1 + one)));
            c4_0 = V.MultiplyAdd(x4, b0, c4_0);
            var x5 = V.Create(*((float*)((byte*)a1 + two)));
            c5_0 = V.MultiplyAdd(x5, b0, c5_0);
            b += ldb;
            a0 += 1;
            a1 += 1;
        }
        if (scale != null)
        {
            c0_0 *= V.Load(scale);
            c1_0 *= V.Load(scale + 1 * lds);
            c2_0 *= V.Load(scale + 2 * lds);
            c3_0 *= V.Load(scale + 3 * lds);
            c4_0 *= V.Load(scale + 4 * lds);
            c5_0 *= V.Load(scale + 5 * lds);
        }
        V.Store(c0_0, c);
        V.Store(c1_0, c + 1 * ldc);
        V.Store(c2_0, c + 2 * ldc);
        V.Store(c3_0, c + 3 * ldc);
        V.Store(c4_0, c + 4 * ldc);
        V.Store(c5_0, c + 5 * ldc);
    }

    [MethodImpl(Optimized)]
    public static void Outer6x1<V>(float* a, nint lda, float* b, nint ldb, nint k, float* c, nint ldc) where V : struct, IVector<V>
    {
        var c0_0 = V.Load(c);
        var c1_0 = V.Load(c + 1 * ldc);
        var c2_0 = V.Load(c + 2 * ldc);
        var c3_0 = V.Load(c + 3 * ldc);
        var c4_0 = V.Load(c + 4 * ldc);
        var c5_0 = V.Load(c + 5 * ldc);
        for (; k >= 4; k -= 4)
        {
            var b0_0 = V.Load(b);
            var x0_0 = V.Create(a[0]);
            c0_0 = V.MultiplyAdd(x0_0, b0_0, c0_0);
            var x1_0 = V.Create(a[1]);
            c1_0 = V.MultiplyAdd(x1_0, b0_0, c1_0);
            var x2_0 = V.Create(a[2]);
            c2_0 = V.MultiplyAdd(x2_0, b0_0, c2_0);
            var x3_0 = V.Create(a[3]);
            c3_0 = V.MultiplyAdd(x3_0, b0_0, c3_0);
            var x4_0 = V.Create(a[4]);
            c4_0 = V.MultiplyAdd(x4_0, b0_0, c4_0);
            var x5_0 = V.Create(a[5]);
            c5_0 = V.MultiplyAdd(x5_0, b0_0, c5_0);
            var b0_1 = V.Load(b + 1 * ldb);
            var x0_1 = V.Create(a[lda + 0]);
            c0_0 = V.MultiplyAdd(x0_1, b0_1, c0_0);
            var x1_1 = V.Create(a[lda + 1]);
            c1_0 = V.MultiplyAdd(x1_1, b0_1, c1_0);
            var x2_1 = V.Create(a[lda + 2]);
            c2_0 = V.MultiplyAdd(x2_1, b0_1, c2_0);
            var x3_1 = V.Create(a[lda + 3]);
            c3_0 = V.MultiplyAdd(x3_1, b0_1, c3_0);
            var x4_1 = V.Create(a[lda + 4]);
            c4_0 = V.MultiplyAdd(x4_1, b0_1, c4_0);
            var x5_1 = V.Create(a[lda + 5]);
            c5_0 = V.MultiplyAdd(x5_1, b0_1, c5_0);
            var b0_2 = V.Load(b + 2 * ldb);
            var x0_2 = V.Create(a[2 * lda + 0]);
            c0_0 = V.MultiplyAdd(x0_2, b0_2, c0_0);
            var x1_2 = V.Create(a[2 * lda + 1]);
            c1_0 = V.MultiplyAdd(x1_2, b0_2, c1_0);
            var x2_2 = V.Create(a[2 * lda + 2]);
            c2_0 = V.MultiplyAdd(x2_2, b0_2, c2_0);
            var x3_2 = V.Create(a[2 * lda + 3]);
            c3_0 = V.MultiplyAdd(x3_2, b0_2, c3_0);
            var x4_2 = V.Create(a[2 * lda + 4]);
            c4_0 = V.MultiplyAdd(x4_2, b0_2, c4_0);
            var x5_2 = V.Create(a[2 * lda + 5]);
            c5_0 = V.MultiplyAdd(x5_2, b0_2, c5_0);
            var b0_3 = V.Load(b + 3 * ldb);
            var x0_3 = V.Create(a[3 * lda + 0]);
            c0_0 = V.MultiplyAdd(x0_3, b0_3, c0_0);
            var x1_3 = V.Create(a[3 * lda + 1]);
            c1_0 = V.MultiplyAdd(x1_3, b0_3, c1_0);
            var x2_3 = V.Create(a[3 * lda + 2]);
            c2_0 = V.MultiplyAdd(x2_3, b0_3, c2_0);
            var x3_3 = V.Create(a[3 * lda + 3]);
            c3_0 = V.MultiplyAdd(x3_3, b0_3, c3_0);
            var x4_3 = V.Create(a[3 * lda + 4]);
            c4_0 = V.MultiplyAdd(x4_3, b0_3, c4_0);
            var x5_3 = V.Create(a[3 * lda + 5]);
            c5_0 = V.MultiplyAdd(x5_3, b0_3, c5_0);
            b += 4 * ldb;
            a += 4 * lda;
        }
        for (; k > 0; k--)
        {
            var b0 = V.Load(b);
            var x0 = V.Create(a[0]);
            c0_0 = V.MultiplyAdd(x0, b0, c0_0);
            var x1 = V.Create(a[1]);
            c1_0 = V.MultiplyAdd(x1, b0, c1_0);
            var x2 = V.Create(a[2]);
            c2_0 = V.MultiplyAdd(x2, b0, c2_0);
            var x3 = V.Create(a[3]);
            c3_0 = V.MultiplyAdd(x3, b0, c3_0);
            var x4 = V.Create(a[4]);
            c4_0 = V.MultiplyAdd(x4, b0, c4_0);
            var x5 = V.Create(a[5]);
            c5_0 = V.MultiplyAdd(x5, b0, c5_0);
            b += ldb;
            a += lda;
        }
        V.Store(c0_0, c);
        V.Store(c1_0, c + 1 * ldc);
        V.Store(c2_0, c + 2 * ldc);
        V.Store(c3_0, c + 3 * ldc);
        V.Store(c4_0, c + 4 * ldc);
        V.Store(c5_0, c + 5 * ldc);
    }

    [MethodImpl(Optimized)]
    public static void Row4x2<V>(float* a, nint lda, float* b, nint ldb, nint k, float* c, nint ldc, float* start, float* scale = null, nint lds = 0) where V : struct, IVector<V>
    {
        var c0_0 = V.Load(start);
        var c0_1 = V.Load(start + V.Count);
        var c1_0 = c0_0;
        var c1_1 = c0_1;
        var c2_0 = c0_0;
        var c2_1 = c0_1;
        var c3_0 = c0_0;
        var c3_1 = c0_1;
        float* a0 = a;
        float* a1 = a + 3 * lda;
        nint one = lda * 4, two = lda * 8;
        for (; k >= 4; k -= 4)
        {
            var b0_0 = V.Load(b);
            var b1_0 = V.Load(b + V.Count);
            var x0_0 = V.Create(a0[0]);
            c0_0 = V.MultiplyAdd(x0_0, b0_0, c0_0);
            c0_1 = V.MultiplyAdd(x0_0, b1_0, c0_1);
            var x1_0 = V.Create(*((float*)((byte*)a0 + one)));
            c1_0 = V.MultiplyAdd(x1_0, b0_0, c1_0);
            c1_1 = V.MultiplyAdd(x1_0, b1_0, c1_1);
            var x2_0 = V.Create(*((float*)((byte*)a0 + two)));
            c2_0 = V.MultiplyAdd(x2_0, b0_0, c2_0);
            c2_1 = V.MultiplyAdd(x2_0, b1_0, c2_1);
            var x3_0 = V.Create(a1[0]);
            c3_0 = V.MultiplyAdd(x3_0, b0_0, c3_0);
            c3_1 = V.MultiplyAdd(x3_0, b1_0, c3_1);
            var b0_1 = V.Load(b + 1 * ldb);
            var b1_1 = V.Load(b + 1 * ldb + V.Count);
            var x0_1 = V.Create(a0[1]);
            c0_0 = V.MultiplyAdd(x0_1, b0_1, c0_0);
            c0_1 = V.MultiplyAdd(x0_1, b1_1, c0_1);
            var x1_1 = V.Create(*((float*)((byte*)a0 + one) + 1));
            c1_0 = V.MultiplyAdd(x1_1, b0_1, c1_0);
            c1_1 = V.MultiplyAdd(x1_1, b1_1, c1_1);
            var x2_1 = V.Create(*((float*)((byte*)a0 + two) + 1));
            c2_0 = V.MultiplyAdd(x2_1, b0_1, c2_0);
            c2_1 = V.MultiplyAdd(x2_1, b1_1, c2_1);
            var x3_1 = V.Create(a1[1]);
            c3_0 = V.MultiplyAdd(x3_1, b0_1, c3_0);
            c3_1 = V.MultiplyAdd(x3_1, b1_1, c3_1);
            var b0_2 = V.Load(b + 2 * ldb);
            var b1_2 = V.Load(b + 2 * ldb + V.Count);
            var x0_2 = V.Create(a0[2]);
            c0_0 = V.MultiplyAdd(x0_2, b0_2, c0_0);
            c0_1 = V.MultiplyAdd(x0_2, b1_2, c0_1);
            var x1_2 = V.Create(*((float*)((byte*)a0 + one) + 2));
            c1_0 = V.MultiplyAdd(x1_2, b0_2, c1_0);
            c1_1 = V.MultiplyAdd(x1_2, b1_2, c1_1);
            var x2_2 = V.Create(*((float*)((byte*)a0 + two) + 2));
            c2_0 = V.MultiplyAdd(x2_2, b0_2, c2_0);
            c2_1 = V.MultiplyAdd(x2_2, b1_2, c2_1);
            var x3_2 = V.Create(a1[2]);
            c3_0 = V.MultiplyAdd(x3_2, b0_2, c3_0);
            c3_1 = V.MultiplyAdd(x3_2, b1_2, c3_1);
            var b0_3 = V.Load(b + 3 * ldb);
            var b1_3 = V.Load(b + 3 * ldb + V.Count);
            var x0_3 = V.Create(a0[3]);
            c0_0 = V.MultiplyAdd(x0_3, b0_3, c0_0);
            c0_1 = V.MultiplyAdd(x0_3, b1_3, c0_1);
            var x1_3 = V.Create(*((float*)((byte*)a0 + one) + 3));
            c1_0 = V.MultiplyAdd(x1_3, b0_3, c1_0);
            c1_1 = V.MultiplyAdd(x1_3, b1_3, c1_1);
            var x2_3 = V.Create(*((float*)((byte*)a0 + two) + 3));
            c2_0 = V.MultiplyAdd(x2_3, b0_3, c2_0);
            c2_1 = V.MultiplyAdd(x2_3, b1_3, c2_1);
            var x3_3 = V.Create(a1[3]);
            c3_0 = V.MultiplyAdd(x3_3, b0_3, c3_0);
            c3_1 = V.MultiplyAdd(x3_3, b1_3, c3_1);
            b += 4 * ldb;
            a0 += 4;
            a1 += 4;
        }
        for (; k > 0; k--)
        {
            var b0 = V.Load(b);
            var b1 = V.Load(b + V.Count);
            var x0 = V.Create(a0[0]);
            c0_0 = V.MultiplyAdd(x0, b0, c0_0);
            c0_1 = V.MultiplyAdd(x0, b1, c0_1);
            var x1 = V.Create(*((float*)((byte*)a0 + one)));
            c1_0 = V.MultiplyAdd(x1, b0, c1_0);
            c1_1 = V.MultiplyAdd(x1, b1, c1_1);
            var x2 = V.Create(*((float*)((byte*)a0 + two)));
            c2_0 = V.MultiplyAdd(x2, b0, c2_0);
            c2_1 = V.MultiplyAdd(x2, b1, c2_1);
            var x3 = V.Create(a1[0]);
            c3_0 = V.MultiplyAdd(x3, b0, c3_0);
            c3_1 = V.MultiplyAdd(x3, b1, c3_1);
            b += ldb;
            a0 += 1;
            a1 += 1;
        }
        if (scale != null)
        {
            c0_0 *= V.Load(scale);
            c0_1 *= V.Load(scale + V.Count);
            c1_0 *= V.Load(scale + 1 * lds);
            c1_1 *= V.Load(scale + 1 * lds + V.Count);
            c2_0 *= V.Load(scale + 2 * lds);
            c2_1 *= V.Load(scale + 2 * lds + V.Count);
            c3_0 *= V.Load(scale + 3 * lds);
            c3_1 *= V.Load(scale + 3 * lds + V.Count);
        }
        V.Store(c0_0, c);
        V.Store(c0_1, c + V.Count);
        V.Store(c1_0, c + 1 * ldc);
        V.Store(c1_1, c + 1 * ldc + V.Count);
        V.Store(c2_0, c + 2 * ldc);
        V.Store(c2_1, c + 2 * ldc + V.Count);
        V.Store(c3_0, c + 3 * ldc);
        V.Store(c3_1, c + 3 * ldc + V.Count);
    }

    [MethodImpl(Optimized)]
    public static void Outer4x2<V>(float* a, nint lda, float* b, nint ldb, nint k, float* c, nint ldc) where V : struct, IVector<V>
    {
        var c0_0 = V.Load(c);
        var c0_1 = V.Load(c + V.Count);
        var c1_0 = V.Load(c + 1 * ldc);
        var c1_1 = V.Load(c + 1 * ldc + V.Count);
        var c2_0 = V.Load(c + 2 * ldc);
        var c2_1 = V.Load(c + 2 * ldc + V.Count);
        var c3_0 = V.Load(c + 3 * ldc);
        var c3_1 = V.Load(c + 3 * ldc + V.Count);
        for (; k >= 4; k -= 4)
        {
            var b0_0 = V.Load(b);
            var b1_0 = V.Load(b + V.Count);
            var x0_0 = V.Create(a[0]);
            c0_0 = V.MultiplyAdd(x0_0, b0_0, c0_0);
            c0_1 = V.MultiplyAdd(x0_0, b1_0, c0_1);
            var x1_0 = V.Create(a[1]);
            c1_0 = V.MultiplyAdd(x1_0, b0_0, c1_0);
            c1_1 = V.MultiplyAdd(x1_0, b1_0, c1_1);
            var x2_0 = V.Create(a[2]);
            c2_0 = V.MultiplyAdd(x2_0, b0_0, c2_0);
            c2_1 = V.MultiplyAdd(x2_0, b1_0, c2_1);
            var x3_0 = V.Create(a[3]);
            c3_0 = V.MultiplyAdd(x3_0, b0_0, c3_0);
            c3_1 = V.MultiplyAdd(x3_0, b1_0, c3_1);
            var b0_1 = V.Load(b + 1 * ldb);
            var b1_1 = V.Load(b + 1 * ldb + V.Count);
            var x0_1 = V.Create(a[lda + 0]);
            c0_0 = V.MultiplyAdd(x0_1, b0_1, c0_0);
            c0_1 = V.MultiplyAdd(x0_1, b1_1, c0_1);
            var x1_1 = V.Create(a[lda + 1]);
            c1_0 = V.MultiplyAdd(x1_1, b0_1, c1_0);
            c1_1 = V.MultiplyAdd(x1_1, b1_1, c1_1);
            var x2_1 = V.Create(a[lda + 2]);
            c2_0 = V.MultiplyAdd(x2_1, b0_1, c2_0);
            c2_1 = V.MultiplyAdd(x2_1, b1_1, c2_1);
            var x3_1 = V.Create(a[lda + 3]);
            c3_0 = V.MultiplyAdd(x3_1, b0_1, c3_0);
            c3_1 = V.MultiplyAdd(x3_1, b1_1, c3_1);
            var b0_2 = V.Load(b + 2 * ldb);
            var b1_2 = V.Load(b + 2 * ldb + V.Count);
            var x0_2 = V.Create(a[2 * lda + 0]);
            c0_0 = V.MultiplyAdd(x0_2, b0_2, c0_0);
            c0_1 = V.MultiplyAdd(x0_2, b1_2, c0_1);
            var x1_2 = V.Create(a[2 * lda + 1]);
            c1_0 = V.MultiplyAdd(x1_2, b0_2, c1_0);
            c1_1 = V.MultiplyAdd(x1_2, b1_2, c1_1);
            var x2_2 = V.Create(a[2 * lda + 2]);
            c2_0 = V.MultiplyAdd(x2_2, b0_2, c2_0);
            c2_1 = V.MultiplyAdd(x2_2, b1_2, c2_1);
            var x3_2 = V.Create(a[2 * lda + 3]);
            c3_0 = V.MultiplyAdd(x3_2, b0_2, c3_0);
            c3_1 = V.MultiplyAdd(x3_2, b1_2, c3_1);
            var b0_3 = V.Load(b + 3 * ldb);
            var b1_3 = V.Load(b + 3 * ldb + V.Count);
            var x0_3 = V.Create(a[3 * lda + 0]);
            c0_0 = V.MultiplyAdd(x0_3, b0_3, c0_0);
            c0_1 = V.MultiplyAdd(x0_3, b1_3, c0_1);
            var x1_3 = V.Create(a[3 * lda + 1]);
            c1_0 = V.MultiplyAdd(x1_3, b0_3, c1_0);
            c1_1 = V.MultiplyAdd(x1_3, b1_3, c1_1);
            var x2_3 = V.Create(a[3 * lda + 2]);
            c2_0 = V.MultiplyAdd(x2_3, b0_3, c2_0);
            c2_1 = V.MultiplyAdd(x2_3, b1_3, c2_1);
            var x3_3 = V.Create(a[3 * lda + 3]);
            c3_0 = V.MultiplyAdd(x3_3, b0_3, c3_0);
            c3_1 = V.MultiplyAdd(x3_3, b1_3, c3_1);
            b += 4 * ldb;
            a += 4 * lda;
        }
        for (; k > 0; k--)
        {
            var b0 = V.Load(b);
            var b1 = V.Load(b + V.Count);
            var x0 = V.Create(a[0]);
            c0_0 = V.MultiplyAdd(x0, b0, c0_0);
            c0_1 = V.MultiplyAdd(x0, b1, c0_1);
            var x1 = V.Create(a[1]);
            c1_0 = V.MultiplyAdd(x1, b0, c1_0);
            c1_1 = V.MultiplyAdd(x1, b1, c1_1);
            var x2 = V.Create(a[2]);
            c2_0 = V.MultiplyAdd(x2, b0, c2_0);
            c2_1 = V.MultiplyAdd(x2, b1, c2_1);
            var x3 = V.Create(a[3]);
            c3_0 = V.MultiplyAdd(x3, b0, c3_0);
            c3_1 = V.MultiplyAdd(x3, b1, c3_1);
            b += ldb;
            a += lda;
        }
        V.Store(c0_0, c);
        V.Store(c0_1, c + V.Count);
        V.Store(c1_0, c + 1 * ldc);
        V.Store(c1_1, c + 1 * ldc + V.Count);
        V.Store(c2_0, c + 2 * ldc);
        V.Store(c2_1, c + 2 * ldc + V.Count);
        V.Store(c3_0, c + 3 * ldc);
        V.Store(c3_1, c + 3 * ldc + V.Count);
    }

    [MethodImpl(Optimized)]
    public static void Row4x1<V>(float* a, nint lda, float* b, nint ldb, nint k, float* c, nint ldc, float* start, float* scale = null, nint lds = 0) where V : struct, IVector<V>
    {
        var c0_0 = V.Load(start);
        var c1_0 = c0_0;
        var c2_0 = c0_0;
        var c3_0 = c0_0;
        float* a0 = a;
        float* a1 = a + 3 * lda;
        nint one = lda * 4, two = lda * 8;
        for (; k >= 4; k -= 4)
        {
            var b0_0 = V.Load(b);
            var x0_0 = V.Create(a0[0]);
            c0_0 = V.MultiplyAdd(x0_0, b0_0, c0_0);
            var x1_0 = V.Create(*((float*)((byte*)a0 + one)));
            c1_0 = V.MultiplyAdd(x1_0, b0_0, c1_0);
            var x2_0 = V.Create(*((float*)((byte*)a0 + two)));
            c2_0 = V.MultiplyAdd(x2_0, b0_0, c2_0);
            var x3_0 = V.Create(a1[0]);
            c3_0 = V.MultiplyAdd(x3_0, b0_0, c3_0);
            var b0_1 = V.Load(b + 1 * ldb);
            var x0_1 = V.Create(a0[1]);
            c0_0 = V.MultiplyAdd(x0_1, b0_1, c0_0);
            var x1_1 = V.Create(*((float*)((byte*)a0 + one) + 1));
            c1_0 = V.MultiplyAdd(x1_1, b0_1, c1_0);
            var x2_1 = V.Create(*((float*)((byte*)a0 + two) + 1));
            c2_0 = V.MultiplyAdd(x2_1, b0_1, c2_0);
            var x3_1 = V.Create(a1[1]);
            c3_0 = V.MultiplyAdd(x3_1, b0_1, c3_0);
            var b0_2 = V.Load(b + 2 * ldb);
            var x0_2 = V.Create(a0[2]);
            c0_0 = V.MultiplyAdd(x0_2, b0_2, c0_0);
            var x1_2 = V.Create(*((float*)((byte*)a0 + one) + 2));
            c1_0 = V.MultiplyAdd(x1_2, b0_2, c1_0);
            var x2_2 = V.Create(*((float*)((byte*)a0 + two) + 2));
            c2_0 = V.MultiplyAdd(x2_2, b0_2, c2_0);
            var x3_2 = V.Create(a1[2]);
            c3_0 = V.MultiplyAdd(x3_2, b0_2, c3_0);
            var b0_3 = V.Load(b + 3 * ldb);
            var x0_3 = V.Create(a0[3]);
            c0_0 = V.MultiplyAdd(x0_3, b0_3, c0_0);
            var x1_3 = V.Create(*((float*)((byte*)a0 + one) + 3));
            c1_0 = V.MultiplyAdd(x1_3, b0_3, c1_0);
            var x2_3 = V.Create(*((float*)((byte*)a0 + two) + 3));
            c2_0 = V.MultiplyAdd(x2_3, b0_3, c2_0);
            var x3_3 = V.Create(a1[3]);
            c3_0 = V.MultiplyAdd(x3_3, b0_3, c3_0);
            b += 4 * ldb;
            a0 += 4;
            a1 += 4;
        }
        for (; k > 0; k--)
        {
            var b0 = V.Load(b);
            var x0 = V.Create(a0[0]);
            c0_0 = V.MultiplyAdd(x0, b0, c0_0);
            var x1 = V.Create(*((float*)((byte*)a0 + one)));
            c1_0 = V.MultiplyAdd(x1, b0, c1_0);
            var x2 = V.Create(*((float*)((byte*)a0 + two)));
            c2_0 = V.MultiplyAdd(x2, b0, c2_0);
            var x3 = V.Create(a1[0]);
            c3_0 = V.MultiplyAdd(x3, b0, c3_0);
            b += ldb;
            a0 += 1;
            a1 += 1;
        }
        if (scale != null)
        {
            c0_0 *= V.Load(scale);
            c1_0 *= V.Load(scale + 1 * lds);
            c2_0 *= V.Load(scale + 2 * lds);
            c3_0 *= V.Load(scale + 3 * lds);
        }
        V.Store(c0_0, c);
        V.Store(c1_0, c + 1 * ldc);
        V.Store(c2_0, c + 2 * ldc);
        V.Store(c3_0, c + 3 * ldc);
    }

    [MethodImpl(Optimized)]
    public static void Outer4x1<V>(float* a, nint lda, float* b, nint ldb, nint k, float* c, nint ldc) where V : struct, IVector<V>
    {
        var c0_0 = V.Load(c);
        var c1_0 = V.Load(c + 1 * ldc);
        var c2_0 = V.Load(c + 2 * ldc);
        var c3_0 = V.Load(c + 3 * ldc);
        for (; k >= 4; k -= 4)
        {
            var b0_0 = V.Load(b);
            var x0_0 = V.Create(a[0]);
            c0_0 = V.MultiplyAdd(x0_0, b0_0, c0_0);
            var x1_0 = V.Create(a[1]);
            c1_0 = V.MultiplyAdd(x1_0, b0_0, c1_0);
            var x2_0 = V.Create(a[2]);
            c2_0 = V.MultiplyAdd(x2_0, b0_0, c2_0);
            var x3_0 = V.Create(a[3]);
            c3_0 = V.MultiplyAdd(x3_0, b0_0, c3_0);
            var b0_1 = V.Load(b + 1 * ldb);
            var x0_1 = V.Create(a[lda + 0]);
            c0_0 = V.MultiplyAdd(x0_1, b0_1, c0_0);
            var x1_1 = V.Create(a[lda + 1]);
            c1_0 = V.MultiplyAdd(x1_1, b0_1, c1_0);
            var x2_1 = V.Create(a[lda + 2]);
            c2_0 = V.MultiplyAdd(x2_1, b0_1, c2_0);
            var x3_1 = V.Create(a[lda + 3]);
            c3_0 = V.MultiplyAdd(x3_1, b0_1, c3_0);
            var b0_2 = V.Load(b + 2 * ldb);
            var x0_2 = V.Create(a[2 * lda + 0]);
            c0_0 = V.MultiplyAdd(x0_2, b0_2, c0_0);
            var x1_2 = V.Create(a[2 * lda + 1]);
            c1_0 = V.MultiplyAdd(x1_2, b0_2, c1_0);
            var x2_2 = V.Create(a[2 * lda + 2]);
            c2_0 = V.MultiplyAdd(x2_2, b0_2, c2_0);
            var x3_2 = V.Create(a[2 * lda + 3]);
            c3_0 = V.MultiplyAdd(x3_2, b0_2, c3_0);
            var b0_3 = V.Load(b + 3 * ldb);
            var x0_3 = V.Create(a[3 * lda + 0]);
            c0_0 = V.MultiplyAdd(x0_3, b0_3, c0_0);
            var x1_3 = V.Create(a[3 * lda + 1]);
            c1_0 = V.MultiplyAdd(x1_3, b0_3, c1_0);
            var x2_3 = V.Create(a[3 * lda + 2]);
            c2_0 = V.MultiplyAdd(x2_3, b0_3, c2_0);
            var x3_3 = V.Create(a[3 * lda + 3]);
            c3_0 = V.MultiplyAdd(x3_3, b0_3, c3_0);
            b += 4 * ldb;
            a += 4 * lda;
        }
        for (; k > 0; k--)
        {
            var b0 = V.Load(b);
            var x0 = V.Create(a[0]);
            c0_0 = V.MultiplyAdd(x0, b0, c0_0);
            var x1 = V.Create(a[1]);
            c1_0 = V.MultiplyAdd(x1, b0, c1_0);
            var x2 = V.Create(a[2]);
            c2_0 = V.MultiplyAdd(x2, b0, c2_0);
            var x3 = V.Create(a[3]);
            c3_0 = V.MultiplyAdd(x3, b0, c3_0);
            b += ldb;
            a += lda;
        }
        V.Store(c0_0, c);
        V.Store(c1_0, c + 1 * ldc);
        V.Store(c2_0, c + 2 * ldc);
        V.Store(c3_0, c + 3 * ldc);
    }
}
