using System.Numerics;

namespace InrFast.Kernels.Fourier;

/// <summary>The oracle: the defining sums, in double.</summary>
sealed unsafe class ReferenceFourier(ReadOnlySpan<int> size, bool real) : FourierKernels(size, real)
{
    public override long ScratchFloats => 0;

    public override void Transform(nint data, int axis, bool inverse, long firstLine, long lines, nint scratch)
    {
        RequireComplexAxis(axis);
        for (long line = firstLine; line < firstLine + lines; line++)
        {
            var (start, step) = Line(axis, line);
            float* At(int i) => (float*)data + 2 * (start + i * step);
            var result = Sums(size[axis], i => new Complex(At(i)[0], At(i)[1]), inverse);
            for (int k = 0; k < size[axis]; k++) (At(k)[0], At(k)[1]) = ((float)result[k].Real, (float)result[k].Imaginary);
        }
    }

    public override void RealForward(nint real, nint spectrum, long firstLine, long lines, nint scratch)
    {
        RequireReal();
        for (long line = firstLine; line < firstLine + lines; line++)
        {
            float* from = (float*)real + line * size[0], to = (float*)spectrum + 2 * line * SpectrumColumns;
            var result = Sums(size[0], i => from[i], false);
            for (int k = 0; k < SpectrumColumns; k++) (to[2 * k], to[2 * k + 1]) = ((float)result[k].Real, (float)result[k].Imaginary);
        }
    }

    public override void RealInverse(nint spectrum, nint real, long firstLine, long lines, nint scratch)
    {
        RequireReal();
        int n = size[0];
        for (long line = firstLine; line < firstLine + lines; line++)
        {
            float* from = (float*)spectrum + 2 * line * SpectrumColumns, to = (float*)real + line * n;
            Complex At(int k) => new(from[2 * k], k == 0 || 2 * k == n ? 0 : from[2 * k + 1]);
            var result = Sums(n, k => 2 * k <= n ? At(k) : Complex.Conjugate(At(n - k)), true);
            for (int i = 0; i < n; i++) to[i] = (float)result[i].Real;
        }
    }

    static Complex[] Sums(int n, Func<int, Complex> x, bool inverse)
    {
        Complex[] input = [.. Enumerable.Range(0, n).Select(x)], roots = [.. Enumerable.Range(0, n).Select(i => Complex.FromPolarCoordinates(1, (inverse ? 2 : -2) * Math.PI * i / n))];
        var result = new Complex[n];
        for (int k = 0; k < n; k++)
        {
            for (int i = 0; i < n; i++) result[k] += input[i] * roots[(long)i * k % n];
            if (inverse) result[k] /= n;
        }
        return result;
    }
}
