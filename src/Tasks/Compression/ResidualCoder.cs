using System.Numerics;
using InrFast.Imaging;

namespace InrFast.Tasks.Compression;

/// <summary>Values as integers of the file they came from.</summary>
static class StoredValues
{
    /// <summary>The stored integer nearest to a value, within its type.</summary>
    public static double Nearest(double value, CompressedHeader header)
    {
        var (low, high) = StoredScale.Range(header.Stored.Type);
        double stored = Math.Round((value - header.Stored.Intercept) / header.Stored.Slope);
        return Math.Clamp(double.IsNaN(stored) ? 0 : stored, low, high);
    }

    /// <summary>Values as the file kept them: of integers, the nearest there is.</summary>
    public static void Round(Span<float> values, CompressedHeader header)
    {
        if (!header.Stored.Type.IsInteger()) return;
        var ((low, high), scale) = (StoredScale.Range(header.Stored.Type), header.Stored);
        if (scale.IsPlain && high <= ushort.MaxValue) // the same in float32; + 0 makes -0 a 0, as stored integers are
        {
            int i = 0;
            for (Vector<float> least = new((float)low), most = new((float)high); i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                var own = new Vector<float>(values[i..]);
                Vector.Min(Vector.Max(Vector.Round(Vector.ConditionalSelect(Vector.Equals(own, own), own, default)) + Vector<float>.Zero, least), most).CopyTo(values[i..]);
            }
            foreach (ref float value in values[i..]) value = Math.Clamp(MathF.Round(float.IsNaN(value) ? 0 : value) + 0f, (float)low, (float)high);
        }
        else
            foreach (ref float value in values) value = scale.ValueOf(Nearest(value, header));
    }
}

/// <summary>
/// What a block's network is off by, in steps so wide that no value ends further off than the header's error: of integers whole numbers, of others floating point.
/// Each number's size is learned from how large those before it along each axis are.
/// </summary>
static class ResidualCoder
{
    const int Contexts = 12;

    /// <summary>In stored units of integer types; in values of others, which are rounded to float32 at last.</summary>
    static double StepOf(CompressedHeader header)
    {
        double error = header.MaxError!.Value;
        if (header.Stored.Type.IsInteger()) return 2 * Math.Floor(error / Math.Abs(header.Stored.Slope) * (1 + 1e-9)) + 1;
        float largest = Math.Max(Math.Abs(header.Low), Math.Abs(header.High)) + (float)error;
        return 2 * (error - (MathF.BitIncrement(largest) - (double)largest));
    }

    /// <param name="truth">The image's values in the block, [voxel][channel].</param>
    /// <param name="network">The network's.</param>
    public static byte[] Encode(float[] truth, float[] network, Box box, CompressedHeader header)
    {
        double step = StepOf(header);
        var numbers = new int[truth.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            double missing = header.Stored.Type.IsInteger() ? StoredValues.Nearest(truth[i], header) - StoredValues.Nearest(network[i], header) : (double)truth[i] - network[i];
            double steps = Math.Round(missing / step);
            if (step <= 0 || !(Math.Abs(steps) < 1 << 30)) throw new Fitting.FitException(Fitting.FitError.WrongUse, $"an error of at most {header.MaxError} takes steps too small for values of {header.Low} to {header.High}; allow a larger one");
            numbers[i] = (int)steps;
        }
        var (coder, model) = (new RangeEncoder(), new IntegerModel(Contexts * header.Channels));
        for (int i = 0; i < numbers.Length; i++) model.Encode(coder, numbers[i], Context(numbers, i, box, header.Channels));
        return coder.Finish();
    }

    /// <summary>Adds a block's residual to the network's values.</summary>
    public static void Decode(ReadOnlySpan<byte> bytes, Box box, CompressedHeader header, float[] values)
    {
        double step = StepOf(header);
        var coder = new RangeDecoder(bytes);
        var (model, numbers) = (new IntegerModel(Contexts * header.Channels), new int[values.Length]);
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = model.Decode(ref coder, Context(numbers, i, box, header.Channels));
            if (!header.Stored.Type.IsInteger()) values[i] = (float)(values[i] + numbers[i] * step);
            else
            {
                var (low, high) = StoredScale.Range(header.Stored.Type);
                values[i] = header.Stored.ValueOf(Math.Clamp(StoredValues.Nearest(values[i], header) + numbers[i] * step, low, high));
            }
        }
    }

    /// <summary>By the digits of the sum of neighbours before along x, y and z, those along x counting twice.</summary>
    static int Context(int[] numbers, int i, Box box, int channels)
    {
        long voxel = i / channels, stride = channels, sum = 0;
        for (int k = 0; k < box.Size.Length; k++)
        {
            if (voxel % box.Size[k] > 0) sum += Math.Abs((long)numbers[i - stride]) * (k == 0 ? 2 : 1);
            (voxel, stride) = (voxel / box.Size[k], stride * box.Size[k]);
        }
        return i % channels * Contexts + Math.Min(Contexts - 1, 64 - BitOperations.LeadingZeroCount((ulong)sum));
    }
}
