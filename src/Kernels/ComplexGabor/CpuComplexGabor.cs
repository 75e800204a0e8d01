using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.ComplexGabor;

/// <summary>
/// One vector of columns at a time, through all blocks of a row. The columns that remain pass through a buffer of one vector: the imaginary
/// parts begin where the real ones end, so a whole vector there would reach into them.
/// </summary>
sealed unsafe class CpuComplexGabor<V>(float omega, float scale) : ComplexGaborKernels where V : struct, IVector<V>
{
    const MethodImplOptions Optimized = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>Where a vector of one row lies: real parts of the value, from them to its imaginary parts, and to the next block.</summary>
    readonly struct Place(float* data, nint half, nint step)
    {
        public readonly float* Data = data;
        public readonly nint Half = half, Step = step;
        public Place(in Matrix m, int row, int column) : this(m.Row(row) + column, m.Columns / 2, m.BlockStride) { }

        [MethodImpl(Inline)]
        public void Load(int block, out V real, out V imaginary) => (real, imaginary) = (V.Load(Data + block * Step), V.Load(Data + block * Step + Half));

        [MethodImpl(Inline)]
        public void Store(int block, V real, V imaginary)
        {
            V.Store(real, Data + block * Step);
            V.Store(imaginary, Data + block * Step + Half);
        }

        public void CopyTo(Place to, int blocks, int count)
        {
            for (int b = 0; b < blocks; b++)
                for (int half = 0; half < 2; half++)
                    for (int i = 0; i < count; i++) to.Data[b * to.Step + half * to.Half + i] = Data[b * Step + half * Half + i];
        }
    }

    static Place Buffer(float* memory) => new(memory, V.Count, 2 * V.Count);

    static void ClearPadding(in Matrix m, int row)
    {
        if (m.Columns <= Matrix.Packed) return;
        for (int b = 0; b < m.Blocks; b++) new Span<float>(m.Row(b, row) + m.Columns, Matrix.PadColumns(m.Columns) - m.Columns).Clear();
    }

    public override void Forward(in Matrix z, in Matrix y)
    {
        int half = z.Columns / 2, whole = half - half % V.Count, rest = half - whole, size = 2 * V.Count * z.Blocks;
        float* memory = stackalloc float[2 * size];
        Place from = Buffer(memory), to = Buffer(memory + size);
        for (int r = 0; r < z.Rows; r++)
        {
            for (int n = 0; n < whole; n += V.Count) Forward(new(z, r, n), new(y, r, n), z.Blocks, z.Directions);
            if (rest > 0)
            {
                new Place(z, r, whole).CopyTo(from, z.Blocks, rest);
                Forward(from, to, z.Blocks, z.Directions);
                to.CopyTo(new(y, r, whole), z.Blocks, rest);
            }
            ClearPadding(y, r);
        }
    }

    public override void Backward(in Matrix dy, in Matrix z, in Matrix dz)
    {
        int half = z.Columns / 2, whole = half - half % V.Count, rest = half - whole, size = 2 * V.Count * z.Blocks;
        float* memory = stackalloc float[3 * size];
        Place gradient = Buffer(memory), from = Buffer(memory + size), to = Buffer(memory + 2 * size);
        for (int r = 0; r < z.Rows; r++)
        {
            for (int n = 0; n < whole; n += V.Count) Backward(new(dy, r, n), new(z, r, n), new(dz, r, n), z.Blocks, z.Directions);
            if (rest > 0)
            {
                new Place(dy, r, whole).CopyTo(gradient, z.Blocks, rest);
                new Place(z, r, whole).CopyTo(from, z.Blocks, rest);
                Backward(gradient, from, to, z.Blocks, z.Directions);
                to.CopyTo(new(dz, r, whole), z.Blocks, rest);
            }
            ClearPadding(dz, r);
        }
    }

    /// <summary>f = exp(q), and q's derivatives: by a real part (byReal, omega), by an imaginary part (byImaginary, 0).</summary>
    [MethodImpl(Inline)]
    void Evaluate(V a, V b, out V real, out V imaginary, out V byReal, out V byImaginary)
    {
        V square = V.Create(scale * scale), magnitude = VectorMath.Exp(-V.MultiplyAdd(V.MultiplyAdd(a, a, b * b), square, V.Create(omega) * b));
        VectorMath.SinCosPi(a * V.Create((float)(omega / Math.PI)), new CosineSeries(1), out var sine, out var cosine);
        (real, imaginary) = (magnitude * cosine, magnitude * sine);
        (byReal, byImaginary) = (V.Create(-2 * scale * scale) * a, V.MultiplyAdd(V.Create(-2 * scale * scale), b, V.Create(-omega)));
    }

    /// <summary>(a + j b) (c + j d).</summary>
    [MethodImpl(Inline)]
    static void Multiply(V a, V b, V c, V d, out V real, out V imaginary) =>
        (real, imaginary) = (V.MultiplyAdd(a, c, -(b * d)), V.MultiplyAdd(a, d, b * c));

    /// <summary>q_i of a first derivative of z.</summary>
    [MethodImpl(Inline)]
    void First(Place z, int block, V byReal, V byImaginary, out V real, out V imaginary)
    {
        z.Load(block, out var a, out var b);
        (real, imaginary) = (V.MultiplyAdd(byReal, a, byImaginary * b), V.Create(omega) * a);
    }

    /// <summary>q_ij of a second derivative of z, block, along the directions of blocks i and j.</summary>
    [MethodImpl(Inline)]
    void Second(Place z, int block, int i, int j, V byReal, V byImaginary, out V real, out V imaginary)
    {
        First(z, block, byReal, byImaginary, out real, out imaginary);
        z.Load(i, out var ai, out var bi);
        z.Load(j, out var aj, out var bj);
        real = V.MultiplyAdd(V.Create(-2 * scale * scale), V.MultiplyAdd(ai, aj, bi * bj), real);
    }

    [MethodImpl(Optimized)]
    void Forward(Place z, Place y, int blocks, int directions)
    {
        z.Load(0, out var a, out var b);
        Evaluate(a, b, out var fr, out var fi, out var byReal, out var byImaginary);
        y.Store(0, fr, fi);
        for (int i = 1; i <= directions; i++)
        {
            First(z, i, byReal, byImaginary, out var qr, out var qi);
            Multiply(fr, fi, qr, qi, out var yr, out var yi);
            y.Store(i, yr, yi);
        }
        for (int i = 1, block = 1 + directions; block < blocks; i++)
            for (int j = i; j <= directions; j++, block++)
            {
                First(z, i, byReal, byImaginary, out var ir, out var ii);
                First(z, j, byReal, byImaginary, out var jr, out var ji);
                Second(z, block, i, j, byReal, byImaginary, out var qr, out var qi);
                Multiply(ir, ii, jr, ji, out var pr, out var pi);
                Multiply(fr, fi, pr + qr, pi + qi, out var yr, out var yi);
                y.Store(block, yr, yi);
            }
    }

    /// <summary>
    /// First the gradients of q and its derivatives, with * the conjugate: Q_ij = f* G_ij, Q_i = f* G_i + sum of q_j* Q_ij (twice for j = i),
    /// Q = sum of y* G over all blocks; they lie in dz. Then through the quadratic q to real and imaginary parts.
    /// </summary>
    [MethodImpl(Optimized)]
    void Backward(Place dy, Place z, Place dz, int blocks, int directions)
    {
        z.Load(0, out var a, out var b);
        dy.Load(0, out var gr, out var gi);
        Evaluate(a, b, out var fr, out var fi, out var byReal, out var byImaginary);
        Multiply(fr, -fi, gr, gi, out var valueReal, out var valueImaginary);
        for (int i = 1; i <= directions; i++)
        {
            dy.Load(i, out gr, out gi);
            First(z, i, byReal, byImaginary, out var qr, out var qi);
            Multiply(fr, -fi, gr, gi, out var r, out var m);
            dz.Store(i, r, m);
            Multiply(qr, -qi, r, m, out var sr, out var si);
            valueReal += sr;
            valueImaginary += si;
        }
        for (int i = 1, block = 1 + directions; block < blocks; i++)
            for (int j = i; j <= directions; j++, block++)
            {
                dy.Load(block, out gr, out gi);
                First(z, i, byReal, byImaginary, out var ir, out var ii);
                First(z, j, byReal, byImaginary, out var jr, out var ji);
                Second(z, block, i, j, byReal, byImaginary, out var qr, out var qi);
                Multiply(ir, ii, jr, ji, out var pr, out var pi);
                Multiply(fr, -fi, gr, gi, out var r, out var m);
                Multiply(pr + qr, -(pi + qi), r, m, out var sr, out var si);
                valueReal += sr;
                valueImaginary += si;
                dz.Store(block, r, m);
                Multiply(jr, -ji, r, m, out sr, out si);
                Add(dz, i, sr, si);
                Multiply(ir, -ii, r, m, out sr, out si);
                Add(dz, j, sr, si);
            }

        V bend = V.Create(-2 * scale * scale), frequency = V.Create(omega), da = V.MultiplyAdd(byReal, valueReal, frequency * valueImaginary), db = byImaginary * valueReal;
        for (int i = 1; i <= directions; i++) ThroughQuadratic(z, dz, i, byReal, byImaginary, ref da, ref db);
        for (int i = 1, block = 1 + directions; block < blocks; i++)
            for (int j = i; j <= directions; j++, block++)
            {
                dz.Load(block, out var r, out _);
                z.Load(i, out var ai, out var bi);
                z.Load(j, out var aj, out var bj);
                var bent = bend * r;
                Add(dz, i, bent * aj, bent * bj);
                Add(dz, j, bent * ai, bent * bi);
                ThroughQuadratic(z, dz, block, byReal, byImaginary, ref da, ref db);
            }
        dz.Store(0, da, db);
    }

    /// <summary>The gradient of one derivative of q, in dz, to that of the same derivative of z; its share of the value's gradient.</summary>
    [MethodImpl(Inline)]
    void ThroughQuadratic(Place z, Place dz, int block, V byReal, V byImaginary, ref V da, ref V db)
    {
        dz.Load(block, out var r, out var m);
        z.Load(block, out var a, out var b);
        var bent = V.Create(-2 * scale * scale) * r;
        (da, db) = (V.MultiplyAdd(bent, a, da), V.MultiplyAdd(bent, b, db));
        dz.Store(block, V.MultiplyAdd(byReal, r, V.Create(omega) * m), byImaginary * r);
    }

    [MethodImpl(Inline)]
    static void Add(Place to, int block, V real, V imaginary)
    {
        to.Load(block, out var r, out var i);
        to.Store(block, r + real, i + imaginary);
    }
}
