using InrFast.Kernels.Random;

namespace InrFast.Models;

/// <summary>Fills a tensor, row by row, with its first values. Block i of the stream holds the random bits of numbers 4i to 4i + 3.</summary>
public delegate void Initializer(Span<float> values, Philox random, ulong stream);

/// <summary>The initialisers that the field uses.</summary>
public static class Initializers
{
    public static Initializer Constant(float value) => (values, _, _) => values.Fill(value);

    /// <summary>Uniform in (-bound, bound).</summary>
    public static Initializer Uniform(double bound) => (values, random, stream) =>
    {
        Span<float> four = stackalloc float[4];
        for (int i = 0; i < values.Length; i += 4)
        {
            var bits = random[(ulong)i / 4, stream];
            (four[0], four[1], four[2], four[3]) = (RandomBits.Signed(bits.X), RandomBits.Signed(bits.Y), RandomBits.Signed(bits.Z), RandomBits.Signed(bits.W));
            for (int k = 0; k < 4 && i + k < values.Length; k++) values[i + k] = (float)(bound * four[k]);
        }
    };

    /// <summary>What PyTorch's Linear takes for weights and biases: uniform in (-1 / sqrt(fan in), 1 / sqrt(fan in)).</summary>
    public static Initializer Default(int fanIn) => Uniform(1 / Math.Sqrt(fanIn));

    /// <summary>Uniform with variance 1 / fan in (LeCun 1998, section 4.6).</summary>
    public static Initializer LeCun(int fanIn) => Uniform(Math.Sqrt(3.0 / fanIn));

    /// <summary>Uniform with variance 2 / (fan in + fan out) (Glorot and Bengio 2010, equation 16).</summary>
    public static Initializer Glorot(int fanIn, int fanOut) => Uniform(Math.Sqrt(6.0 / (fanIn + fanOut)));

    /// <summary>Fixed numbers, made when they are needed.</summary>
    public static Initializer Given(Func<int, double> value) => (values, _, _) =>
    {
        for (int i = 0; i < values.Length; i++) values[i] = (float)value(i);
    };

    /// <summary>Independent numbers of mean 0 and the given standard deviation, at the index of each.</summary>
    internal static double Normal(Philox random, ulong stream, int index)
    {
        var bits = random[(ulong)index / 4, stream];
        var (cosine, sine) = index % 4 < 2 ? RandomBits.Normal(bits.X, bits.Y) : RandomBits.Normal(bits.Z, bits.W);
        return index % 2 == 0 ? cosine : sine;
    }
}
