using System.Numerics;

namespace InrFast.Kernels.ComplexGabor;

/// <summary>The oracle: partial derivatives of exp(q) with respect to the real (0) and the imaginary part (1), and the chain rule.</summary>
sealed unsafe class ReferenceComplexGabor(double omega, double scale) : ComplexGaborKernels
{
    static ref float Part(in Matrix m, int block, int row, int column, int part) => ref m.Row(block, row)[part * (m.Columns / 2) + column];
    static Complex Pair(in Matrix m, int block, int row, int column) => new(Part(m, block, row, column, 0), Part(m, block, row, column, 1));
    static double Real(Complex gradient, Complex y) => gradient.Real * y.Real + gradient.Imaginary * y.Imaginary;

    /// <summary>f and its derivatives by one, two and three of the parts of z.</summary>
    sealed class Wavelet(Complex z, double omega, double scale)
    {
        readonly Complex[] first = [new(-2 * scale * scale * z.Real, omega), -omega - 2 * scale * scale * z.Imaginary];
        double Second(int i, int j) => i == j ? -2 * scale * scale : 0;

        public readonly Complex F = Complex.Exp(Complex.ImaginaryOne * omega * z - scale * scale * (z.Real * z.Real + z.Imaginary * z.Imaginary));
        public Complex By(int i) => F * first[i];
        public Complex By(int i, int j) => F * (first[i] * first[j] + Second(i, j));
        public Complex By(int i, int j, int k) => F * (first[i] * first[j] * first[k] + Second(i, j) * first[k] + Second(i, k) * first[j] + Second(j, k) * first[i]);
    }

    public override void Forward(in Matrix z, in Matrix y)
    {
        for (int r = 0; r < z.Rows; r++)
            for (int c = 0; c < z.Columns / 2; c++)
            {
                var wavelet = new Wavelet(Pair(z, 0, r, c), omega, scale);
                for (int b = 0; b < z.Blocks; b++)
                {
                    var sum = b == 0 ? wavelet.F : Complex.Zero;
                    for (int k = 0; k < 2 && b > 0; k++)
                    {
                        sum += wavelet.By(k) * Part(z, b, r, c, k);
                        if (b <= z.Directions) continue;
                        var (i, j) = Pairing(b, z.Directions);
                        for (int l = 0; l < 2; l++) sum += wavelet.By(k, l) * Part(z, 1 + i, r, c, k) * Part(z, 1 + j, r, c, l);
                    }
                    (Part(y, b, r, c, 0), Part(y, b, r, c, 1)) = ((float)sum.Real, (float)sum.Imaginary);
                }
            }
        ClearPadding(y);
    }

    public override void Backward(in Matrix dy, in Matrix z, in Matrix dz)
    {
        var d = new double[z.Blocks, 2];
        for (int r = 0; r < z.Rows; r++)
            for (int c = 0; c < z.Columns / 2; c++)
            {
                var wavelet = new Wavelet(Pair(z, 0, r, c), omega, scale);
                Array.Clear(d);
                for (int b = 0; b < z.Blocks; b++)
                    for (int k = 0; k < 2; k++)
                    {
                        var g = Pair(dy, b, r, c);
                        d[b, k] += Real(g, wavelet.By(k));
                        if (b == 0) continue;
                        for (int l = 0; l < 2; l++) d[0, k] += Real(g, wavelet.By(k, l)) * Part(z, b, r, c, l);
                        if (b <= z.Directions) continue;
                        var (i, j) = Pairing(b, z.Directions);
                        for (int l = 0; l < 2; l++)
                        {
                            d[1 + i, k] += Real(g, wavelet.By(k, l)) * Part(z, 1 + j, r, c, l);
                            d[1 + j, k] += Real(g, wavelet.By(k, l)) * Part(z, 1 + i, r, c, l);
                            for (int m = 0; m < 2; m++) d[0, k] += Real(g, wavelet.By(k, l, m)) * Part(z, 1 + i, r, c, l) * Part(z, 1 + j, r, c, m);
                        }
                    }
                for (int b = 0; b < z.Blocks; b++)
                    for (int k = 0; k < 2; k++) Part(dz, b, r, c, k) = (float)d[b, k];
            }
        ClearPadding(dz);
    }

    /// <summary>Directions i and j, i not above j, of a block of second derivatives.</summary>
    static (int, int) Pairing(int block, int directions)
    {
        int at = 1 + directions;
        for (int i = 0; ; i++)
            for (int j = i; j < directions; j++, at++)
                if (at == block) return (i, j);
    }

    static void ClearPadding(in Matrix m)
    {
        if (m.Columns <= Matrix.Packed) return;
        for (int b = 0; b < m.Blocks; b++)
            for (int r = 0; r < m.Rows; r++)
                for (int c = m.Columns; c < Matrix.PadColumns(m.Columns); c++) m.Row(b, r)[c] = 0;
    }
}
