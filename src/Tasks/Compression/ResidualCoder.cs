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
/// What a block's values are off by from what is predicted of them, in steps so wide that no value ends further off than the header's error: of integers whole numbers, of others floating point.
/// </summary>
static class ResidualCoder
{
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
        var (coder, model, predictor) = (new RangeEncoder(), new IntegerModel(ResidualPredictor.Contexts * header.Channels), new ResidualPredictor(Stored(network, header), box.Size, header.Channels, step));
        foreach (float value in truth)
        {
            var (predicted, context) = predictor.Next();
            predicted = Held(predicted, header);
            double steps = Math.Round((Stored(value, header) - predicted) / step);
            if (step <= 0 || !(Math.Abs(steps) < 1 << 30)) throw new Fitting.FitException(Fitting.FitError.WrongUse, $"an error of at most {header.MaxError} takes steps too small for values of {header.Low} to {header.High}; allow a larger one");
            model.Encode(coder, (int)steps, context);
            predictor.Add(Held(predicted + steps * step, header), (int)steps);
        }
        return coder.Finish();
    }

    /// <summary>The block's values, which replace the network's.</summary>
    public static void Decode(ReadOnlySpan<byte> bytes, Box box, CompressedHeader header, int version, float[] values)
    {
        double step = StepOf(header);
        if (version < 3)
        {
            int[] numbers = EarlierResidual.Decode(bytes, box, header.Channels);
            for (int i = 0; i < values.Length; i++) values[i] = ValueOf(Held(Stored(values[i], header) + numbers[i] * step, header), header);
            return;
        }
        var coder = new RangeDecoder(bytes);
        var (model, predictor) = (new IntegerModel(ResidualPredictor.Contexts * header.Channels), new ResidualPredictor(Stored(values, header), box.Size, header.Channels, step));
        foreach (ref float value in values.AsSpan())
        {
            var (predicted, context) = predictor.Next();
            int steps = model.Decode(ref coder, context);
            double decoded = Held(Held(predicted, header) + steps * step, header);
            predictor.Add(decoded, steps);
            value = ValueOf(decoded, header);
        }
    }

    static float ValueOf(double stored, CompressedHeader header) => header.Stored.Type.IsInteger() ? header.Stored.ValueOf(stored) : (float)stored;

    static double[] Stored(float[] values, CompressedHeader header) => Array.ConvertAll(values, value => Stored(value, header));

    /// <summary>The stored integer of integer types, others as they are.</summary>
    static double Stored(float value, CompressedHeader header) => header.Stored.Type.IsInteger() ? StoredValues.Nearest(value, header) : value;

    /// <summary>Of integer types the nearest there is.</summary>
    static double Held(double stored, CompressedHeader header)
    {
        if (!header.Stored.Type.IsInteger()) return stored;
        var (low, high) = StoredScale.Range(header.Stored.Type);
        return Math.Clamp(Math.Round(stored), low, high);
    }
}

/// <summary>Residuals of versions 1 and 2: what the network is off by, each number's size learned from how large those before it along each axis are.</summary>
static class EarlierResidual
{
    const int Contexts = 12;

    /// <summary>The numbers of a block, [voxel][channel].</summary>
    public static int[] Decode(ReadOnlySpan<byte> bytes, Box box, int channels)
    {
        var coder = new RangeDecoder(bytes);
        var (model, numbers) = (new IntegerModel(Contexts * channels), new int[box.Voxels * channels]);
        for (int i = 0; i < numbers.Length; i++) numbers[i] = model.Decode(ref coder, Context(numbers, i, box, channels));
        return numbers;
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
