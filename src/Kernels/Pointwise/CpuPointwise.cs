using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Pointwise;

/// <summary>Rows of a block lie one after another, so most of this is one run of numbers per block, the gaps of wide rows included.</summary>
sealed unsafe class CpuPointwise<V> : HostPointwise where V : struct, IVector<V>
{
    const MethodImplOptions Optimized = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

    static long Run(in Matrix m) => m.Rows * m.Stride;

    public override void Add(in Matrix a, in Matrix b, in Matrix y)
    {
        for (int k = 0; k < y.Blocks; k++) Add(a.Block(k), b.Block(k), y.Block(k), Run(y));
    }

    [MethodImpl(Optimized)]
    static void Add(float* a, float* b, float* y, long count)
    {
        long i = 0;
        for (; i + V.Count <= count; i += V.Count) V.Store(V.Load(a + i) + V.Load(b + i), y + i);
        for (; i < count; i++) y[i] = a[i] + b[i];
    }

    public override void Scale(in Matrix x, float factor, in Matrix y)
    {
        for (int k = 0; k < y.Blocks; k++) Scale(x.Block(k), factor, y.Block(k), Run(y));
    }

    [MethodImpl(Optimized)]
    static void Scale(float* x, float factor, float* y, long count)
    {
        var scale = V.Create(factor);
        long i = 0;
        for (; i + V.Count <= count; i += V.Count) V.Store(V.Load(x + i) * scale, y + i);
        for (; i < count; i++) y[i] = x[i] * factor;
    }

    public override void Multiply(in Matrix a, in Matrix b, in Matrix y)
    {
        if (y.Blocks == 1) Multiply(a.Block(0), b.Block(0), y.Block(0), Run(y));
        else MultiplyJets(a, b, y);
    }

    [MethodImpl(Optimized)]
    static void Multiply(float* a, float* b, float* y, long count)
    {
        long i = 0;
        for (; i + V.Count <= count; i += V.Count) V.Store(V.Load(a + i) * V.Load(b + i), y + i);
        for (; i < count; i++) y[i] = a[i] * b[i];
    }

    [MethodImpl(Optimized)]
    static void MultiplyJets(in Matrix a, in Matrix b, in Matrix y)
    {
        Span<ProductRule.Term> terms = stackalloc ProductRule.Term[ProductRule.MaxTerms];
        terms = terms[..ProductRule.Terms(y, a, b, terms)];
        y.ClearBlocks(0);
        foreach (var term in terms) AddProduct(a.Block(term.Left), b.Block(term.Right), y.Block(term.Product), Run(y));
    }

    /// <summary>y += a b.</summary>
    [MethodImpl(Optimized)]
    static void AddProduct(float* a, float* b, float* y, long count)
    {
        long i = 0;
        for (; i + V.Count <= count; i += V.Count) V.Store(V.MultiplyAdd(V.Load(a + i), V.Load(b + i), V.Load(y + i)), y + i);
        for (; i < count; i++) y[i] += a[i] * b[i];
    }

    public override void MultiplyBackward(in Matrix dy, in Matrix a, in Matrix b, in Matrix da, in Matrix db)
    {
        Reverse(dy, b, da);
        Reverse(dy, a, db);
    }

    /// <summary>The gradient of one operand, from the other.</summary>
    static void Reverse(in Matrix dy, in Matrix other, in Matrix gradient)
    {
        if (gradient.IsEmpty) return;
        if (dy.Blocks == 1)
        {
            Multiply(dy.Block(0), other.Block(0), gradient.Block(0), Run(dy));
            return;
        }
        Span<ProductRule.Term> terms = stackalloc ProductRule.Term[ProductRule.MaxTerms];
        terms = terms[..ProductRule.Terms(dy, gradient, other, terms)];
        gradient.ClearBlocks(0);
        foreach (var term in terms) AddProduct(dy.Block(term.Product), other.Block(term.Right), gradient.Block(term.Left), Run(dy));
    }

    [MethodImpl(Optimized)]
    public override void GroupSum(in Matrix x, int group, float factor, in Matrix y)
    {
        nint stride = x.Stride;
        int width = Matrix.PadColumns(y.Columns);
        for (int b = 0; b < y.Blocks; b++)
        {
            float* from = x.Block(b), to = y.Block(b);
            if (y.Columns > Matrix.Packed)
                for (int r = 0; r < y.Rows; r++, from += group * stride, to += stride)
                    for (int c = 0; c < width; c += V.Count)
                    {
                        var sum = V.Load(from + c);
                        for (int s = 1; s < group; s++) sum += V.Load(from + s * stride + c);
                        V.Store(sum * V.Create(factor), to + c);
                    }
            else
                for (int r = 0; r < y.Rows; r++, from += group * stride, to += stride)
                    for (int c = 0; c < y.Columns; c++)
                    {
                        float sum = from[c];
                        for (int s = 1; s < group; s++) sum += from[s * stride + c];
                        to[c] = sum * factor;
                    }
        }
    }

    [MethodImpl(Optimized)]
    public override void GroupSpread(in Matrix dy, int group, float factor, in Matrix dx)
    {
        nint stride = dx.Stride;
        int width = Matrix.PadColumns(dy.Columns);
        for (int b = 0; b < dx.Blocks; b++)
        {
            float* from = dy.Block(b), to = dx.Block(b);
            if (dy.Columns > Matrix.Packed)
                for (int r = 0; r < dy.Rows; r++, from += stride)
                    for (int s = 0; s < group; s++, to += stride)
                        for (int c = 0; c < width; c += V.Count) V.Store(V.Load(from + c) * V.Create(factor), to + c);
            else
                for (int r = 0; r < dy.Rows; r++, from += stride)
                    for (int s = 0; s < group; s++, to += stride)
                        for (int c = 0; c < dy.Columns; c++) to[c] = from[c] * factor;
        }
    }
}
