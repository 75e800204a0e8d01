using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Fourier;

/// <summary>
/// As many lines at once as a vector has lanes; of real rows twice as many, two as the real and the imaginary part of one complex line. An inverse
/// is a forward transform with real and imaginary parts swapped on the way in and out.
/// </summary>
sealed unsafe class CpuFourier<V> : FourierKernels where V : struct, IVector<V>
{
    readonly LineTransform<V>[] transforms;

    public CpuFourier(ReadOnlySpan<int> size, bool real) : base(size, real) => transforms = [.. this.size.Select(length => new LineTransform<V>(new LinePlan(length)))];

    public override long ScratchFloats => 2L * V.Count * transforms.Max(transform => transform.BufferVectors) + 16;

    float* Buffer(nint scratch, int axis, out float* other)
    {
        float* x = (float*)((scratch + 63) & -64);
        other = x + (nint)transforms[axis].BufferVectors * V.Count;
        return x;
    }

    public override void Transform(nint data, int axis, bool inverse, long firstLine, long lines, nint scratch)
    {
        RequireComplexAxis(axis);
        int n = size[axis];
        float* x = Buffer(scratch, axis, out float* y), numbers = (float*)data;
        float factor = inverse ? 1f / n : 1;
        // A lane's first number, and the place of its real and imaginary part.
        long* starts = stackalloc long[V.Count];
        (int re, int im) = inverse ? (1, 0) : (0, 1);
        for (long line = firstLine; line < firstLine + lines; line += V.Count)
        {
            int lanes = (int)Math.Min(V.Count, firstLine + lines - line);
            long step = 0;
            for (int lane = 0; lane < lanes; lane++) (starts[lane], step) = Line(axis, line + lane);
            for (int i = 0; i < n; i++)
            {
                float* to = x + (nint)2 * i * V.Count;
                for (int lane = 0; lane < lanes; lane++)
                {
                    float* from = numbers + 2 * (starts[lane] + i * step);
                    (to[lane], to[V.Count + lane]) = (from[re], from[im]);
                }
                for (int lane = lanes; lane < V.Count; lane++) (to[lane], to[V.Count + lane]) = (0, 0);
            }
            float* result = transforms[axis].Run(x, y);
            for (int k = 0; k < n; k++, result += 2 * V.Count)
                for (int lane = 0; lane < lanes; lane++)
                {
                    float* to = numbers + 2 * (starts[lane] + k * step);
                    (to[re], to[im]) = (factor * result[lane], factor * result[V.Count + lane]);
                }
        }
    }

    public override void RealForward(nint real, nint spectrum, long firstLine, long lines, nint scratch)
    {
        RequireReal();
        int n = size[0], columns = SpectrumColumns;
        float* x = Buffer(scratch, 0, out float* y), to = stackalloc float[4 * V.Count];
        for (long line = firstLine; line < firstLine + lines; line += 2 * V.Count)
        {
            int lanes = (int)Math.Min(2 * V.Count, firstLine + lines - line); // the second half of them are imaginary parts
            for (int lane = 0; lane < 2 * V.Count; lane++)
            {
                float* from = (float*)real + (line + lane) * n, into = x + lane;
                if (lane < lanes) for (int i = 0; i < n; i++) into[(nint)2 * i * V.Count] = from[i];
                else for (int i = 0; i < n; i++) into[(nint)2 * i * V.Count] = 0;
            }
            float* result = transforms[0].Run(x, y);
            V half = V.Create(0.5f);
            for (int k = 0; k < columns; k++)
            {
                // Z = A + i B, where A and B at n - k are the conjugates of those at k: A = (Z(k) + conj Z(n - k)) / 2, B = (Z(k) - conj Z(n - k)) / 2i.
                float* z = result + (nint)2 * k * V.Count, mirror = result + (nint)2 * (k == 0 ? 0 : n - k) * V.Count;
                V re = V.Load(z), im = V.Load(z + V.Count), mirrorRe = V.Load(mirror), mirrorIm = V.Load(mirror + V.Count);
                V.Store((re + mirrorRe) * half, to);
                V.Store((im + mirrorIm) * half, to + V.Count);
                V.Store((im - mirrorIm) * half, to + 2 * V.Count);
                V.Store((mirrorRe - re) * half, to + 3 * V.Count);
                for (int lane = 0; lane < lanes; lane++)
                {
                    float* column = (float*)spectrum + 2 * ((line + lane) * columns + k);
                    (column[0], column[1]) = (to[lane], to[2 * V.Count + lane]);
                }
            }
        }
    }

    public override void RealInverse(nint spectrum, nint real, long firstLine, long lines, nint scratch)
    {
        RequireReal();
        int n = size[0], columns = SpectrumColumns;
        float* x = Buffer(scratch, 0, out float* y);
        float factor = 1f / n;
        float* a = stackalloc float[4 * V.Count];
        for (long line = firstLine; line < firstLine + lines; line += 2 * V.Count)
        {
            int lanes = (int)Math.Min(2 * V.Count, firstLine + lines - line);
            new Span<float>(a, 4 * V.Count).Clear();
            for (int k = 0; k < columns; k++)
            {
                for (int lane = 0; lane < lanes; lane++)
                {
                    float* from = (float*)spectrum + 2 * ((line + lane) * columns + k);
                    (a[lane], a[2 * V.Count + lane]) = (from[0], k == 0 || 2 * k == n ? 0 : from[1]);
                }
                V aRe = V.Load(a), bRe = V.Load(a + V.Count), aIm = V.Load(a + 2 * V.Count), bIm = V.Load(a + 3 * V.Count);
                // Z = A + i B, its parts swapped; at n - k A and B are conjugate.
                float* z = x + (nint)2 * k * V.Count;
                V.Store(aIm + bRe, z);
                V.Store(aRe - bIm, z + V.Count);
                if (k == 0 || 2 * k == n) continue;
                z = x + (nint)2 * (n - k) * V.Count;
                V.Store(bRe - aIm, z);
                V.Store(aRe + bIm, z + V.Count);
            }
            float* result = transforms[0].Run(x, y);
            for (int lane = 0; lane < lanes; lane++)
            {
                float* to = (float*)real + (line + lane) * n;
                float* from = result + (lane < V.Count ? V.Count + lane : lane - V.Count); // parts are swapped
                for (int i = 0; i < n; i++) to[i] = factor * from[(nint)2 * i * V.Count];
            }
        }
    }
}
