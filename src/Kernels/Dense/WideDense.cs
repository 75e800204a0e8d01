using System.Runtime.CompilerServices;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Dense;

/// <summary>
/// The general layer: weights packed in panels of two vectors (at the end one), which stay in L1 while all rows of the tile pass in
/// blocks of 8 (16 vector registers: 6, and 4 at the end). Share of the FMA peak within a tile of 128 rows: 87 % at 64 x 64, 95 % at 256 x 256 (AVX-512).
/// </summary>
sealed unsafe class WideDense<V, TActivation>(int inputs, int outputs, TActivation activation) : CpuDense<V, TActivation>(inputs, outputs, activation)
    where V : struct, IVector<V> where TActivation : struct, IActivation
{
    static int PanelWidth => 2 * V.Count;

    // Prepared: forward panels [panel][inputs][width], scaled bias, zeros, backward panels [panel][outputs][width].
    long BiasAt => (long)paddedOutputs * inputs;
    long ZerosAt => BiasAt + paddedOutputs;
    long BackwardAt => (ZerosAt + PanelWidth + 15) / 16 * 16;
    public override long PreparedFloats => BackwardAt + (long)paddedInputs * outputs;

    public override void Prepare(ParameterView weight, nint bias, nint prepared)
    {
        float* to = (float*)prepared, from = (float*)weight.Data, b = (float*)bias;
        float scale = activation.InputScale;
        for (int p = 0; p < paddedOutputs; p += V.Count)
            PackTransposed(from + (long)p * weight.RowStride, weight.RowStride, Math.Min(V.Count, outputs - p), inputs, to + Panel(p, inputs), Width(p, paddedOutputs), scale);
        for (int n = 0; n < paddedOutputs; n++) to[BiasAt + n] = b != null && n < outputs ? b[n] * scale : 0;
        for (int n = 0; n < PanelWidth; n++) to[ZerosAt + n] = 0;
        for (int p = 0; p < paddedInputs; p += V.Count)
            PackStraight(from + p, weight.RowStride, outputs, to + BackwardAt + Panel(p, outputs), Width(p, paddedInputs));
    }

    /// <summary>Start of the vector at column p within panels.</summary>
    static long Panel(int p, int depth) => (long)(p / PanelWidth * PanelWidth) * depth + p % PanelWidth;
    static int Width(int p, int padded) => Math.Min(PanelWidth, padded - p / PanelWidth * PanelWidth);

    [MethodImpl(Optimized)]
    static void PackTransposed(float* weight, int stride, int units, int inputs, float* panel, int width, float scale)
    {
        float* block = stackalloc float[V.Count * V.Count];
        var factor = V.Create(scale);
        for (int k = 0; k < inputs; k += V.Count)
        {
            int depth = Math.Min(V.Count, inputs - k);
            for (int i = 0; i < V.Count; i++)
                for (int j = 0; j < depth; j++) block[V.Count * j + i] = i < units ? weight[(long)i * stride + k + j] : 0;
            for (int j = 0; j < depth; j++) V.Store(V.Load(block + V.Count * j) * factor, panel + (long)(k + j) * width);
        }
    }

    [MethodImpl(Optimized)]
    static void PackStraight(float* weight, int stride, int units, float* panel, int width)
    {
        for (int n = 0; n < units; n++) V.Store(V.Load(weight + (long)n * stride), panel + (long)n * width);
    }

    public override bool KeepsProducts => true;

    public override void Forward(in Matrix x, nint prepared, in Matrix y, in Matrix saved) => Forward(x, prepared, y, saved, default);

    [MethodImpl(Optimized)]
    public override void Forward(in Matrix x, nint prepared, in Matrix y, in Matrix saved, in Matrix products)
    {
        float* weights = (float*)prepared, bias = weights + BiasAt, zeros = weights + ZerosAt;
        for (int p = 0; p < paddedOutputs; p += PanelWidth)
        {
            int vectors = Width(p, paddedOutputs) / V.Count;
            float* panel = weights + (long)p * inputs;
            if (activation.IsLinear) Products(x, panel, vectors, inputs, y, p, bias + p, zeros);
            else if (y.Blocks == 1) ActivatedProducts(x, panel, vectors, y, saved, products, p, bias + p);
            else ActivatedJets(x, panel, vectors, y, saved, products, p, bias + p, zeros);
        }
    }

    /// <summary>A register block's products, and their activation while they are in L1.</summary>
    [MethodImpl(Optimized)]
    void ActivatedProducts(in Matrix x, float* panel, int vectors, in Matrix y, in Matrix saved, in Matrix products, int p, float* bias)
    {
        nint ldx = x.Stride, ldy = y.Stride, lds = saved.Stride;
        float* a = (float*)x.Data, c = (float*)y.Data + p, s = saved.IsEmpty ? null : (float*)saved.Data + p;
        for (int r = 0, rows; r < y.Rows; r += rows, a += rows * ldx, c += rows * ldy)
        {
            rows = BlockRows(y.Rows - r);
            Block(rows, a, ldx, panel, vectors, inputs, c, ldy, bias);
            if (!products.IsEmpty) Copy(c, ldy, products.Row(r) + p, products.Stride, rows, vectors);
            if (vectors == 2) ActivatePairs(c, ldy, s, lds, rows, ref activation, outputs - p);
            else ActivateRows(c, ldy, s, lds, rows, ref activation, outputs - p);
            if (s != null) s += rows * lds;
        }
    }

    /// <summary>The same of a jet: all blocks of some rows; the values' products from where they were kept, if they were.</summary>
    [MethodImpl(Optimized)]
    void ActivatedJets(in Matrix x, float* panel, int vectors, in Matrix y, in Matrix saved, in Matrix products, int p, float* bias, float* zeros)
    {
        for (int r = 0, rows; r < y.Rows; r += rows)
        {
            rows = BlockRows(y.Rows - r);
            if (products.IsEmpty) Block(rows, x.Row(r), x.Stride, panel, vectors, inputs, y.Row(r) + p, y.Stride, bias);
            else Copy(products.Row(r) + p, products.Stride, y.Row(r) + p, y.Stride, rows, vectors);
            for (int b = 1; b < y.Blocks; b++) Block(rows, x.Row(b, r), x.Stride, panel, vectors, inputs, y.Row(b, r) + p, y.Stride, zeros);
            for (int v = 0; v < vectors; v++) ActivateJet(y, saved, p + v * V.Count, r, Math.Min(rows, y.Rows - r));
        }
    }

    [MethodImpl(Optimized)]
    static void Copy(float* from, nint fromStride, float* to, nint toStride, int rows, int vectors)
    {
        for (int r = 0; r < rows; r++, from += fromStride, to += toStride)
            for (int v = 0; v < vectors; v++) V.Store(V.Load(from + v * V.Count), to + v * V.Count);
    }

    /// <summary>Of so many that are left: with 16 registers 6, and 4 at the end, which stays within a multiple of 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int BlockRows(int left) => V.Count != 8 ? 8 : left <= 4 || left is > 6 and <= 8 ? 4 : 6;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Block(int rows, float* a, nint lda, float* panel, int vectors, int depth, float* c, nint ldc, float* start, float* scale = null, nint lds = 0)
    {
        if (V.Count == 8)
        {
            if (vectors == 2 && rows == 6) MicroKernels.Row6x2<V>(a, lda, panel, 2 * V.Count, depth, c, ldc, start, scale, lds);
            else if (vectors == 2) MicroKernels.Row4x2<V>(a, lda, panel, 2 * V.Count, depth, c, ldc, start, scale, lds);
            else if (rows == 6) MicroKernels.Row6x1<V>(a, lda, panel, V.Count, depth, c, ldc, start, scale, lds);
            else MicroKernels.Row4x1<V>(a, lda, panel, V.Count, depth, c, ldc, start, scale, lds);
        }
        else if (vectors == 2) MicroKernels.Row8x2<V>(a, lda, panel, 2 * V.Count, depth, c, ldc, start, scale, lds);
        else MicroKernels.Row8x1<V>(a, lda, panel, V.Count, depth, c, ldc, start, scale, lds);
    }

    /// <summary>y[:, p ..] = start + x panel, of all blocks; the start is a bias in the block of values alone. Times the scale, unless that is empty.</summary>
    [MethodImpl(Optimized)]
    static void Products(in Matrix x, float* panel, int vectors, int depth, in Matrix y, int p, float* start, float* zeros, in Matrix scale = default)
    {
        nint ldx = x.Stride, ldy = y.Stride, lds = scale.Stride;
        for (int b = 0; b < y.Blocks; b++, start = zeros)
        {
            float* a = x.Block(b), c = y.Block(b) + p, s = scale.IsEmpty ? null : scale.Row(0) + p;
            for (int r = 0, rows; r < y.Rows; r += rows, a += rows * ldx, c += rows * ldy)
            {
                rows = BlockRows(y.Rows - r);
                Block(rows, a, ldx, panel, vectors, depth, c, ldy, start, s, lds);
                if (s != null) s += rows * lds;
            }
        }
    }

    public override bool TakesSlopes => true;

    public override void Backward(in Matrix dy, in Matrix saved, in Matrix x, nint prepared, in Matrix dx, ParameterView weightGradient, nint biasGradient) =>
        Backward(dy, saved, x, prepared, dx, weightGradient, biasGradient, default);

    [MethodImpl(Optimized)]
    public override void Backward(in Matrix dy, in Matrix saved, in Matrix x, nint prepared, in Matrix dx, ParameterView weightGradient, nint biasGradient, in Matrix slopes)
    {
        BackwardActivation(dy, saved, (float*)biasGradient);
        float* weights = (float*)prepared;
        if (!dx.IsEmpty)
            for (int p = 0; p < paddedInputs; p += PanelWidth)
                Products(dy, weights + BackwardAt + (long)p * outputs, Width(p, paddedInputs) / V.Count, outputs, dx, p, weights + ZerosAt, weights + ZerosAt, slopes);
        if (!weightGradient.IsEmpty) BackwardWeight(dy, x, (float*)weightGradient.Data, weightGradient.RowStride);
    }

    [MethodImpl(Optimized)]
    void BackwardWeight(in Matrix dz, in Matrix x, float* weightGradient, int stride)
    {
        // The blocks of a full tile are one run of rows.
        bool whole = dz.Rows == dz.Capacity && x.Rows == x.Capacity;
        int runs = whole ? 1 : dz.Blocks, rows = whole ? dz.Rows * dz.Blocks : dz.Rows;
        nint ldz = dz.Stride, ldx = x.Stride;
        for (int b = 0; b < runs; b++)
            for (int p = 0; p < paddedInputs; p += PanelWidth)
            {
                float* d = dz.Block(b), h = x.Block(b) + p, w = weightGradient + p;
                bool two = p + PanelWidth <= paddedInputs;
                for (int n = 0, units; n < outputs; n += units, d += units, w += (long)units * stride)
                {
                    units = BlockRows(outputs - n);
                    if (V.Count == 8)
                    {
                        if (two && units == 6) MicroKernels.Outer6x2<V>(d, ldz, h, ldx, rows, w, stride);
                        else if (two) MicroKernels.Outer4x2<V>(d, ldz, h, ldx, rows, w, stride);
                        else if (units == 6) MicroKernels.Outer6x1<V>(d, ldz, h, ldx, rows, w, stride);
                        else MicroKernels.Outer4x1<V>(d, ldz, h, ldx, rows, w, stride);
                    }
                    else if (two) MicroKernels.Outer8x2<V>(d, ldz, h, ldx, rows, w, stride);
                    else MicroKernels.Outer8x1<V>(d, ldz, h, ldx, rows, w, stride);
                }
            }
    }
}
