using InrFast.Kernels.Gpu;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.ComplexGabor;

/// <summary>A thread takes a complex number through all blocks of a row: partial derivatives of exp(q), and the chain rule, as the reference has them.</summary>
sealed class GpuComplexGabor(GpuDevice device, float omega, float scale) : ComplexGaborKernels
{
    readonly GpuKernel<Argument> forward = device.Kernel<Argument>(Forward), backward = device.Kernel<Argument>(Backward);

    struct Argument
    {
        public GpuMatrix Z, Y, DY;
        public float Omega, Scale, HalfTurns; // omega / pi
    }

    Argument Of(in Matrix z) => new() { Z = new(z), Omega = omega, Scale = scale, HalfTurns = (float)(omega / Math.PI) };

    readonly struct Complex(float real, float imaginary)
    {
        public readonly float Real = real, Imaginary = imaginary;
        public static Complex operator +(Complex a, Complex b) => new(a.Real + b.Real, a.Imaginary + b.Imaginary);
        public static Complex operator *(Complex a, Complex b) => new(a.Real * b.Real - a.Imaginary * b.Imaginary, a.Real * b.Imaginary + a.Imaginary * b.Real);
        public static Complex operator *(float a, Complex b) => new(a * b.Real, a * b.Imaginary);

        /// <summary>What a gradient of both parts says of a change along b.</summary>
        public static float Dot(Complex a, Complex b) => a.Real * b.Real + a.Imaginary * b.Imaginary;
    }

    /// <summary>f = exp(q) at a + j b; q_0 = -2 scale² a + j omega, q_1 = -omega - 2 scale² b, q_00 = q_11 = -2 scale².</summary>
    struct Wavelet
    {
        Complex f, q0, q1;
        float curvature;

        public static Wavelet At(in Argument a, int row, int column, int half)
        {
            float x = a.Z[0, row, column], y = a.Z[0, row, half + column], square = a.Scale * a.Scale;
            var magnitude = VectorMath.Exp<GpuFloat>(-(square * (x * x + y * y) + a.Omega * y));
            VectorMath.SinCosPi<GpuFloat>(x * a.HalfTurns, new CosineSeries(1), out var sine, out var cosine);
            return new()
            {
                f = new(magnitude.Value * cosine.Value, magnitude.Value * sine.Value), q0 = new(-2 * square * x, a.Omega), q1 = new(-a.Omega - 2 * square * y, 0), curvature = -2 * square,
            };
        }

        public readonly Complex Value => f;

        readonly Complex First(int i) => i == 0 ? q0 : q1;
        readonly Complex Second(int i, int j) => new(i == j ? curvature : 0f, 0);

        public readonly Complex By(int i) => f * First(i);
        public readonly Complex By(int i, int j) => f * (First(i) * First(j) + Second(i, j));
        public readonly Complex By(int i, int j, int k) => f * (First(i) * First(j) * First(k) + Second(i, j) * First(k) + Second(i, k) * First(j) + Second(j, k) * First(i));
    }

    /// <summary>The real (0) or the imaginary part of a block.</summary>
    static float Part(in GpuMatrix m, int block, int row, int column, int part) => m[block, row, part * (m.Columns / 2) + column];

    static Complex Pair(in GpuMatrix m, int block, int row, int column) => new(Part(m, block, row, column, 0), Part(m, block, row, column, 1));

    static void Store(GpuMatrix m, int block, int row, int column, Complex value)
    {
        m[block, row, column] = value.Real;
        m[block, row, m.Columns / 2 + column] = value.Imaginary;
    }

    /// <summary>Padding columns, by the threads that have no number.</summary>
    static void Pad(GpuMatrix m, int row, int column)
    {
        int padding = m.Columns + column - m.Columns / 2;
        for (int block = 0; block < m.Blocks && padding < m.Width; block++) m[block, row, padding] = 0;
    }

    public override void Forward(in Matrix z, in Matrix y)
    {
        var argument = Of(z);
        argument.Y = new(y);
        forward.Launch(argument, y, 1);
    }

    static void Forward(Argument a)
    {
        int row = Elements.Row, column = Elements.Column, half = a.Z.Columns / 2, directions = a.Z.Directions;
        if (row >= a.Z.Rows) return;
        if (column >= half)
        {
            Pad(a.Y, row, column);
            return;
        }
        var wavelet = Wavelet.At(a, row, column, half);
        Store(a.Y, 0, row, column, wavelet.Value);
        for (int b = 1; b <= directions; b++) Store(a.Y, b, row, column, Along(a.Z, wavelet, b, row, column));
        if (!a.Z.IsSecondOrder) return;
        for (int i = 0, b = 1 + directions; i < directions; i++)
            for (int j = i; j < directions; j++, b++)
            {
                var sum = Along(a.Z, wavelet, b, row, column);
                for (int k = 0; k < 2; k++)
                    for (int l = 0; l < 2; l++) sum += Part(a.Z, 1 + i, row, column, k) * Part(a.Z, 1 + j, row, column, l) * wavelet.By(k, l);
                Store(a.Y, b, row, column, sum);
            }
    }

    /// <summary>f's change along a block of z.</summary>
    static Complex Along(in GpuMatrix z, Wavelet wavelet, int block, int row, int column) =>
        Part(z, block, row, column, 0) * wavelet.By(0) + Part(z, block, row, column, 1) * wavelet.By(1);

    public override void Backward(in Matrix dy, in Matrix z, in Matrix dz)
    {
        var argument = Of(z);
        (argument.DY, argument.Y) = (new(dy), new(dz));
        backward.Launch(argument, dz, 1);
    }

    /// <summary>dz may be dy: the value's gradient, which needs all of dy, is computed first and written last; those of tangents need theirs and what follows them.</summary>
    static void Backward(Argument a)
    {
        int row = Elements.Row, column = Elements.Column, half = a.Z.Columns / 2, directions = a.Z.Directions;
        if (row >= a.Z.Rows) return;
        if (column >= half)
        {
            Pad(a.Y, row, column);
            return;
        }
        var wavelet = Wavelet.At(a, row, column, half);
        var value = new Complex(Value(a, wavelet, row, column, 0), Value(a, wavelet, row, column, 1));
        for (int i = 0; i < directions; i++) Store(a.Y, 1 + i, row, column, new(Tangent(a, wavelet, i, row, column, 0), Tangent(a, wavelet, i, row, column, 1)));
        for (int b = 1 + directions; b < a.Z.Blocks; b++)
        {
            var g = Pair(a.DY, b, row, column);
            Store(a.Y, b, row, column, new(Complex.Dot(g, wavelet.By(0)), Complex.Dot(g, wavelet.By(1))));
        }
        Store(a.Y, 0, row, column, value);
    }

    /// <summary>Gradient of a part k of z's value.</summary>
    static float Value(in Argument a, Wavelet wavelet, int row, int column, int k)
    {
        int directions = a.Z.Directions;
        float sum = Complex.Dot(Pair(a.DY, 0, row, column), wavelet.By(k));
        for (int b = 1; b < a.Z.Blocks; b++)
            for (int l = 0; l < 2; l++) sum += Complex.Dot(Pair(a.DY, b, row, column), wavelet.By(k, l)) * Part(a.Z, b, row, column, l);
        if (a.Z.IsSecondOrder)
            for (int i = 0, b = 1 + directions; i < directions; i++)
                for (int j = i; j < directions; j++, b++)
                    for (int l = 0; l < 2; l++)
                        for (int m = 0; m < 2; m++)
                            sum += Complex.Dot(Pair(a.DY, b, row, column), wavelet.By(k, l, m)) * Part(a.Z, 1 + i, row, column, l) * Part(a.Z, 1 + j, row, column, m);
        return sum;
    }

    /// <summary>Of a part k of its derivative along a direction.</summary>
    static float Tangent(in Argument a, Wavelet wavelet, int direction, int row, int column, int k)
    {
        int directions = a.Z.Directions;
        float sum = Complex.Dot(Pair(a.DY, 1 + direction, row, column), wavelet.By(k));
        if (a.Z.IsSecondOrder)
            for (int i = 0, b = 1 + directions; i < directions; i++)
                for (int j = i; j < directions; j++, b++)
                    for (int l = 0; l < 2; l++)
                    {
                        float product = Complex.Dot(Pair(a.DY, b, row, column), wavelet.By(k, l));
                        if (i == direction) sum += product * Part(a.Z, 1 + j, row, column, l);
                        if (j == direction) sum += product * Part(a.Z, 1 + i, row, column, l);
                    }
        return sum;
    }
}
