using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace InrFast.Tasks.Benchmarks;

/// <summary>The machine's float32 multiply-add rate at its widest hardware vector: what "share of peak" is a share of.</summary>
public static class Peak
{
    const long Iterations = 10_000_000;

    /// <summary>Bits of that vector.</summary>
    public static int Width => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    /// <summary>Floating-point operations of one <see cref="Run"/>: 12 (20 at 128 bits) accumulators, two operations per lane.</summary>
    public static double Flops(int threads) => (double)threads * Iterations * (Width == 128 ? 20 : 12) * 2 * (Width / 32);

    /// <summary>Runs the loop on so many threads at once, some 15 ms.</summary>
    public static void Run(int threads)
    {
        var others = new Thread[threads - 1];
        for (int i = 0; i < others.Length; i++) (others[i] = new Thread(Loop)).Start();
        Loop();
        foreach (var thread in others) thread.Join();
    }

    static float sink;

    static void Loop() => sink = Width switch { 512 => Fma512(0.999f, 1e-9f), 256 => Fma256(0.999f, 1e-9f), _ => Fma128(0.999f, 1e-9f) };

    // Named accumulators stay in registers: enough of them to cover latency times ports (4 x 2, on wide ARM cores 4 x 4).

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static float Fma512(float factor, float term)
    {
        Vector512<float> x = Vector512.Create(factor), y = Vector512.Create(term);
        Vector512<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (long n = 0; n < Iterations; n++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y); b = Vector512.FusedMultiplyAdd(b, x, y); c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y); e = Vector512.FusedMultiplyAdd(e, x, y); f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y); h = Vector512.FusedMultiplyAdd(h, x, y); i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y); k = Vector512.FusedMultiplyAdd(k, x, y); l = Vector512.FusedMultiplyAdd(l, x, y);
        }
        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static float Fma256(float factor, float term)
    {
        Vector256<float> x = Vector256.Create(factor), y = Vector256.Create(term);
        Vector256<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (long n = 0; n < Iterations; n++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, y); b = Vector256.FusedMultiplyAdd(b, x, y); c = Vector256.FusedMultiplyAdd(c, x, y);
            d = Vector256.FusedMultiplyAdd(d, x, y); e = Vector256.FusedMultiplyAdd(e, x, y); f = Vector256.FusedMultiplyAdd(f, x, y);
            g = Vector256.FusedMultiplyAdd(g, x, y); h = Vector256.FusedMultiplyAdd(h, x, y); i = Vector256.FusedMultiplyAdd(i, x, y);
            j = Vector256.FusedMultiplyAdd(j, x, y); k = Vector256.FusedMultiplyAdd(k, x, y); l = Vector256.FusedMultiplyAdd(l, x, y);
        }
        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static float Fma128(float factor, float term)
    {
        Vector128<float> x = Vector128.Create(factor), y = Vector128.Create(term);
        Vector128<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y, m = y, o = y, p = y, q = y, r = y, s = y, t = y, u = y;
        for (long n = 0; n < Iterations; n++)
        {
            a = Vector128.FusedMultiplyAdd(a, x, y); b = Vector128.FusedMultiplyAdd(b, x, y); c = Vector128.FusedMultiplyAdd(c, x, y); d = Vector128.FusedMultiplyAdd(d, x, y);
            e = Vector128.FusedMultiplyAdd(e, x, y); f = Vector128.FusedMultiplyAdd(f, x, y); g = Vector128.FusedMultiplyAdd(g, x, y); h = Vector128.FusedMultiplyAdd(h, x, y);
            i = Vector128.FusedMultiplyAdd(i, x, y); j = Vector128.FusedMultiplyAdd(j, x, y); k = Vector128.FusedMultiplyAdd(k, x, y); l = Vector128.FusedMultiplyAdd(l, x, y);
            m = Vector128.FusedMultiplyAdd(m, x, y); o = Vector128.FusedMultiplyAdd(o, x, y); p = Vector128.FusedMultiplyAdd(p, x, y); q = Vector128.FusedMultiplyAdd(q, x, y);
            r = Vector128.FusedMultiplyAdd(r, x, y); s = Vector128.FusedMultiplyAdd(s, x, y); t = Vector128.FusedMultiplyAdd(t, x, y); u = Vector128.FusedMultiplyAdd(u, x, y);
        }
        return Vector128.Sum(a + b + c + d + e + f + g + h + i + j + k + l + m + o + p + q + r + s + t + u);
    }
}
