using System.Buffers.Binary;

namespace InrFast.Tasks.Compression;

/// <summary>What is kept of a block: value scale and the network's tensors, each with the step it is rounded to.</summary>
/// <param name="Offset">Value at the network's 0, as a part of the image's range.</param>
/// <param name="Scale">Of the network's 1.</param>
/// <param name="Tensors">In the order of the network; none: the block is constant.</param>
/// <param name="Steps">Of each tensor, whose numbers are its multiples, where they were read.</param>
sealed record BlockWeights(Half Offset, Half Scale, float[][] Tensors, float[]? Steps = null);

/// <summary>A block's bytes: offset and scale, a step for each tensor, range-coded multiples of the steps.</summary>
static class WeightCoder
{
    /// <summary>So many numbers of a network at most for each of its bytes: what bounds a decoder's work.</summary>
    public const long NumbersOfByte = 64;

    /// <summary>Steps are 2^(code / 8 - 24).</summary>
    public static float Step(byte code) => (float)Math.Pow(2, code / 8.0 - 24);

    /// <summary>The nearest step there is, at least so large that no number needs more than 16 bits.</summary>
    public static byte CodeOf(double step, float largest)
    {
        double least = Math.Log2(Math.Max(largest, 1e-30) / short.MaxValue);
        int code = (int)Math.Round(8 * (Math.Log2(Math.Max(step, 1e-30)) + 24));
        return (byte)Math.Clamp(Math.Max(code, (int)Math.Ceiling(8 * (least + 24))), 0, byte.MaxValue);
    }

    public static byte[] Encode(BlockWeights block, byte[] codes)
    {
        const int Start = 4;
        byte[] head = new byte[Start + codes.Length];
        BinaryPrimitives.WriteHalfLittleEndian(head, block.Offset);
        if (block.Tensors.Length == 0) return head[..2];
        BinaryPrimitives.WriteHalfLittleEndian(head.AsSpan(2), block.Scale);
        codes.CopyTo(head, Start);
        var (coder, model) = (new RangeEncoder(), new IntegerModel(Contexts));
        for (int t = 0; t < codes.Length; t++)
        {
            float step = Step(codes[t]);
            foreach (float value in block.Tensors[t]) model.Encode(coder, Round(value, step), Context(t, codes.Length));
        }
        byte[] numbers = coder.Finish();
        long least = block.Tensors.Sum(tensor => (long)tensor.Length) / NumbersOfByte + 1 - head.Length;
        return [.. head, .. numbers, .. new byte[Math.Max(0, least - numbers.Length)]]; // a reader takes zeros for what is not there
    }

    /// <param name="counts">Numbers of each tensor; none: the block is constant.</param>
    /// <exception cref="FormatException">The bytes are too few.</exception>
    public static BlockWeights Decode(ReadOnlySpan<byte> bytes, int[] counts)
    {
        int start = counts.Length == 0 ? 2 : 4 + counts.Length;
        if (bytes.Length < start) throw new FormatException("a block is too short");
        var offset = BinaryPrimitives.ReadHalfLittleEndian(bytes);
        if (counts.Length == 0) return new(offset, default, []);
        var coder = new RangeDecoder(bytes[start..]);
        var (model, tensors, steps) = (new IntegerModel(Contexts), new float[counts.Length][], new float[counts.Length]);
        for (int t = 0; t < counts.Length; t++)
        {
            steps[t] = Step(bytes[4 + t]);
            tensors[t] = new float[counts[t]];
            foreach (ref float value in tensors[t].AsSpan()) value = model.Decode(ref coder, Context(t, counts.Length)) * steps[t];
        }
        return new(offset, BinaryPrimitives.ReadHalfLittleEndian(bytes[2..]), tensors, steps);
    }

    /// <summary>The tensors as a reader will find them.</summary>
    public static float[][] Rounded(float[][] tensors, byte[] codes) => [.. tensors.Zip(codes, (tensor, code) => tensor.Select(value => Round(value, Step(code)) * Step(code)).ToArray())];

    static int Round(float value, float step) => (int)MathF.Round(value / step);

    const int Contexts = 4;

    /// <summary>Weights and biases alternate: the first weights, those of hidden layers, the last, all biases.</summary>
    static int Context(int tensor, int count) => tensor % 2 == 1 ? 3 : tensor == 0 ? 0 : tensor == count - 2 ? 2 : 1;
}
