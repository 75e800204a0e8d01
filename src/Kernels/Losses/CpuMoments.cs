using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Losses;

sealed unsafe class CpuMoments<V> : MomentKernels where V : struct, IVector<V>
{
    /// <summary>Row by row in double: masks are rare, and a column is little beside a network.</summary>
    readonly ReferenceMoments weighted = new();

    const MethodImplOptions Optimized = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

    public override void Forward(in Matrix p, in Matrix t, in Matrix weights, nint accumulators)
    {
        if (!weights.IsEmpty)
        {
            weighted.Forward(p, t, weights, accumulators);
            return;
        }
        float* a = (float*)p.Data, b = (float*)t.Data, lastA = stackalloc float[V.Count], lastB = stackalloc float[V.Count];
        *(double*)accumulators += p.Rows;
        int whole = p.Rows / V.Count * V.Count, rest = p.Rows - whole;
        Add(a, b, whole, (double*)accumulators);
        if (rest == 0) return;
        V.Store(PartialVector<V>.Load(a + whole, rest), lastA); // the zeros after it add nothing
        if (b != null) V.Store(PartialVector<V>.Load(b + whole, rest), lastB);
        Add(lastA, b == null ? null : lastB, V.Count, (double*)accumulators);
    }

    static void Add(float* a, float* b, int count, double* to)
    {
        Sums(a, count, ref to[1], ref to[3]);
        if (b == null) return;
        Sums(b, count, ref to[2], ref to[4]);
        Products(a, b, count, ref to[5]);
    }

    [MethodImpl(Optimized)]
    static void Sums(float* p, int count, ref double total, ref double squares)
    {
        CompensatedSum<V> sum = default, square = default;
        for (int i = 0; i < count; i += V.Count)
        {
            var a = V.Load(p + i);
            sum.Add(a);
            square.AddProduct(a, a);
        }
        total += sum.Total();
        squares += square.Total();
    }

    [MethodImpl(Optimized)]
    static void Products(float* p, float* t, int count, ref double products)
    {
        CompensatedSum<V> sum = default;
        for (int i = 0; i < count; i += V.Count) sum.AddProduct(V.Load(p + i), V.Load(t + i));
        products += sum.Total();
    }

    public override void Backward(in Matrix p, in Matrix t, in Matrix weights, nint gradients, in Matrix dp, in Matrix dt)
    {
        if (!weights.IsEmpty)
        {
            weighted.Backward(p, t, weights, gradients, dp, dt);
            return;
        }
        double* g = (double*)gradients;
        Affine((float*)p.Data, (float*)t.Data, (float)g[1], (float)(2 * g[3]), (float)g[5], p.Rows, (float*)dp.Data);
        Affine((float*)t.Data, (float*)p.Data, (float)g[2], (float)(2 * g[4]), (float)g[5], p.Rows, (float*)dt.Data);
        dp.ClearBlocks(1);
        dt.ClearBlocks(1);
    }

    /// <summary>to = constant + own x + other y; y null: zeros.</summary>
    [MethodImpl(Optimized)]
    static void Affine(float* x, float* y, float constant, float own, float other, int count, float* to)
    {
        if (to == null) return;
        int i = 0;
        for (; i + V.Count <= count; i += V.Count)
        {
            var sum = V.MultiplyAdd(V.Load(x + i), V.Create(own), V.Create(constant));
            V.Store(y == null ? sum : V.MultiplyAdd(V.Load(y + i), V.Create(other), sum), to + i);
        }
        for (; i < count; i++) to[i] = constant + own * x[i] + (y == null ? 0 : other * y[i]);
    }
}
