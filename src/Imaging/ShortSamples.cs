using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace InrFast.Imaging;

/// <summary>16-bit samples, which most scanners write, a vector at a time: the same results as the plain loops of <see cref="SampleCodec"/>. Optimised at the first call, since a command reads one image and ends.</summary>
internal static class ShortSamples
{
    private const double ExactFloats = 1 << 23;

    /// <summary>Whether number + intercept is exact in float32 for every 16-bit number, so that nothing is lost by adding there.</summary>
    public static bool AreExact(in StoredScale scale) =>
        scale is { Type: SampleType.Int16 or SampleType.UInt16, Slope: 1 } && Math.Abs(scale.Intercept) < ExactFloats && scale.Intercept == Math.Floor(scale.Intercept);

    /// <summary>
    /// values[i] = (cells[i] &lt;&lt; left &gt;&gt; right) + intercept for as many whole vectors as there are; the shifts are of 16 bits, signed for signed types.
    /// The scale is one of <see cref="AreExact"/>.
    /// </summary>
    /// <returns>How many were done.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Decode(ReadOnlySpan<byte> cells, int left, int right, in StoredScale scale, Span<float> values)
    {
        var source = MemoryMarshal.Cast<byte, short>(cells)[..values.Length];
        var (isSigned, intercept) = (scale.Type == SampleType.Int16, new Vector<float>((float)scale.Intercept));
        var done = 0;
        for (; done <= source.Length - Vector<short>.Count; done += Vector<short>.Count)
        {
            Vector.Widen(new Vector<short>(source[done..]), out var low, out var high);
            (Vector.ConvertToSingle(Shift(low)) + intercept).CopyTo(values[done..]);
            (Vector.ConvertToSingle(Shift(high)) + intercept).CopyTo(values[(done + Vector<int>.Count)..]);
        }
        return done;

        // In 32-bit lanes, the number's top is 16 bits further up.
        Vector<int> Shift(Vector<int> lanes)
        {
            lanes = Vector.ShiftLeft(lanes, left + 16);
            return isSigned ? Vector.ShiftRightArithmetic(lanes, right + 16) : Vector.ShiftRightLogical(lanes, right + 16);
        }
    }

    /// <summary>
    /// cells[i] = round((values[i] - intercept) / slope) within the 16-bit type, in double precision; NaN counts as zero. For as many whole
    /// vectors as there are.
    /// </summary>
    /// <returns>How many were done, and how many of these had to be moved.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (int Done, long Clipped) Encode(ReadOnlySpan<float> values, in StoredScale scale, Span<byte> cells)
    {
        var target = MemoryMarshal.Cast<byte, short>(cells);
        var (least, most) = StoredScale.Range(scale.Type);
        var (slope, intercept, low, high) = (new Vector<double>(scale.Slope), new Vector<double>(scale.Intercept), new Vector<double>(least), new Vector<double>(most));
        var kept = Vector<long>.Zero;
        var (isExact, shift, lowest, highest) = (AreExact(scale), new Vector<float>((float)scale.Intercept), new Vector<float>((float)least), new Vector<float>((float)most));
        var done = 0;
        for (; done <= values.Length - Vector<short>.Count; done += Vector<short>.Count)
        {
            var (first, second) = (new Vector<float>(values[done..]), new Vector<float>(values[(done + Vector<int>.Count)..]));
            if (isExact && AreWhole(first) && AreWhole(second))
            {
                Vector.Narrow(Vector.ConvertToInt32(first - shift), Vector.ConvertToInt32(second - shift)).CopyTo(target[done..]);
                kept -= Vector<long>.One * (Vector<short>.Count / Vector<long>.Count);
                continue;
            }
            Vector.Narrow(Numbers(first), Numbers(second)).CopyTo(target[done..]);
        }
        // Lanes that stayed where they were count -1 each.
        return (done, done + Vector.Sum(kept));

        // Values that a file of 16 bits had: whole numbers within the type, in float32 as exact as in double.
        bool AreWhole(Vector<float> part) => Vector.EqualsAll(Vector.Round(part), part) && Vector.GreaterThanOrEqualAll(part - shift, lowest) && Vector.LessThanOrEqualAll(part - shift, highest);

        Vector<int> Numbers(Vector<float> part)
        {
            Vector.Widen(part, out var first, out var second);
            return Vector.ConvertToInt32(Vector.Narrow(Round(first), Round(second)));
        }

        Vector<double> Round(Vector<double> value)
        {
            var exact = (value - intercept) / slope;
            exact = Vector.ConditionalSelect(Vector.Equals(exact, exact), exact, -intercept / slope);
            var number = Vector.Round(exact);
            kept += Vector.BitwiseAnd(Vector.Equals(value, value), Vector.BitwiseAnd(Vector.GreaterThanOrEqual(number, low), Vector.LessThanOrEqual(number, high)));
            return Vector.Min(Vector.Max(number, low), high);
        }
    }
}
