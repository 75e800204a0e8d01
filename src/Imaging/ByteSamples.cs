using System.Numerics;
using System.Runtime.CompilerServices;

namespace InrFast.Imaging;

/// <summary>Bytes without a scale, a vector at a time: the same results as the plain loops of <see cref="SampleCodec"/>. Optimised at the first call, as <see cref="ShortSamples"/> is.</summary>
internal static class ByteSamples
{
    public static bool Are(in StoredScale scale) => scale is { Type: SampleType.UInt8, IsPlain: true };

    /// <summary>values[i] = cells[i] for as many whole vectors as there are.</summary>
    /// <returns>How many were done.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Decode(ReadOnlySpan<byte> cells, Span<float> values)
    {
        var done = 0;
        for (; done <= values.Length - Vector<byte>.Count; done += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(cells[done..]), out var low, out var high);
            Write(low, values[done..]);
            Write(high, values[(done + Vector<ushort>.Count)..]);
        }
        return done;

        static void Write(Vector<ushort> numbers, Span<float> values)
        {
            Vector.Widen(numbers, out var low, out var high);
            Vector.ConvertToSingle(low).CopyTo(values);
            Vector.ConvertToSingle(high).CopyTo(values[Vector<float>.Count..]);
        }
    }

    /// <summary>cells[i] = round(values[i]) within 0 to 255; NaN counts as zero. For as many whole vectors as there are.</summary>
    /// <returns>How many were done, and how many of these had to be moved.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (int Done, long Clipped) Encode(ReadOnlySpan<float> values, Span<byte> cells)
    {
        var most = new Vector<float>(byte.MaxValue);
        var kept = 0L;
        var done = 0;
        for (; done <= values.Length - Vector<byte>.Count; done += Vector<byte>.Count)
        {
            var part = values[done..];
            var lanes = Vector<int>.Zero;
            var low = Vector.Narrow(Numbers(part, ref lanes), Numbers(part[Vector<float>.Count..], ref lanes));
            var high = Vector.Narrow(Numbers(part[(2 * Vector<float>.Count)..], ref lanes), Numbers(part[(3 * Vector<float>.Count)..], ref lanes));
            Vector.Narrow(low, high).CopyTo(cells[done..]);
            // Lanes that stayed where they were count -1 each.
            kept -= Vector.Sum(lanes);
        }
        return (done, done - kept);

        Vector<uint> Numbers(ReadOnlySpan<float> part, ref Vector<int> lanes)
        {
            // A NaN equals nothing, and is zero after the comparison's mask.
            var number = Vector.Round(new Vector<float>(part));
            var within = Vector.BitwiseAnd(Vector.GreaterThanOrEqual(number, Vector<float>.Zero), Vector.LessThanOrEqual(number, most));
            lanes += within;
            var isNumber = Vector.Equals(number, number);
            return Vector.AsVectorUInt32(Vector.ConvertToInt32(Vector.ConditionalSelect(isNumber, Vector.Min(Vector.Max(number, Vector<float>.Zero), most), Vector<float>.Zero)));
        }
    }
}
