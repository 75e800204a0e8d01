using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace InrFast.Imaging;

/// <summary>Turns stored numbers into float32 values and back: byte order, type, slope and intercept. Arithmetic in double precision.</summary>
internal static class SampleCodec
{
    /// <summary>values[i] = slope * stored[i] + intercept. <paramref name="stored"/> is changed where it has to be byte-swapped.</summary>
    public static void Decode(Span<byte> stored, in StoredScale scale, bool bigEndian, Span<float> values)
    {
        if (bigEndian)
        {
            Swap(stored, scale.Type.Bytes());
        }
        switch (scale.Type)
        {
            case SampleType.UInt8: Decode<byte>(stored, scale, values); break;
            case SampleType.Int8: Decode<sbyte>(stored, scale, values); break;
            case SampleType.UInt16: Decode<ushort>(stored, scale, values); break;
            case SampleType.Int16: Decode<short>(stored, scale, values); break;
            case SampleType.UInt32: Decode<uint>(stored, scale, values); break;
            case SampleType.Int32: Decode<int>(stored, scale, values); break;
            case SampleType.UInt64: Decode<ulong>(stored, scale, values); break;
            case SampleType.Int64: Decode<long>(stored, scale, values); break;
            case SampleType.Float32: Decode<float>(stored, scale, values); break;
            case SampleType.Float64: Decode<double>(stored, scale, values); break;
        }
    }

    /// <summary>
    /// stored[i] = round((values[i] - intercept) / slope), held within the type's range; NaN is stored as the value nearest to zero in
    /// integer types. Returns how many values had to be moved by that. Little endian.
    /// </summary>
    public static long Encode(ReadOnlySpan<float> values, in StoredScale scale, Span<byte> stored) => scale.Type switch
    {
        SampleType.UInt8 => Encode<byte>(values, scale, stored),
        SampleType.Int8 => Encode<sbyte>(values, scale, stored),
        SampleType.UInt16 => Encode<ushort>(values, scale, stored),
        SampleType.Int16 => Encode<short>(values, scale, stored),
        SampleType.UInt32 => Encode<uint>(values, scale, stored),
        SampleType.Int32 => Encode<int>(values, scale, stored),
        SampleType.UInt64 => Encode<ulong>(values, scale, stored),
        SampleType.Int64 => Encode<long>(values, scale, stored),
        SampleType.Float32 => EncodeFloat<float>(values, scale, stored),
        _ => EncodeFloat<double>(values, scale, stored),
    };

    /// <summary>Reverses the bytes of each element in place.</summary>
    public static void Swap(Span<byte> data, int elementBytes)
    {
        switch (elementBytes)
        {
            case 2: { var s = MemoryMarshal.Cast<byte, ushort>(data); BinaryPrimitives.ReverseEndianness(s, s); break; }
            case 4: { var s = MemoryMarshal.Cast<byte, uint>(data); BinaryPrimitives.ReverseEndianness(s, s); break; }
            case 8: { var s = MemoryMarshal.Cast<byte, ulong>(data); BinaryPrimitives.ReverseEndianness(s, s); break; }
        }
    }

    private static void Decode<T>(ReadOnlySpan<byte> stored, in StoredScale scale, Span<float> values) where T : unmanaged, INumber<T>
    {
        var source = MemoryMarshal.Cast<byte, T>(stored)[..values.Length];
        if (scale.IsPlain && !ShortSamples.AreExact(scale))
        {
            for (var i = ByteSamples.Are(scale) ? ByteSamples.Decode(stored, values) : 0; i < source.Length; i++)
            {
                values[i] = float.CreateTruncating(source[i]);
            }
            return;
        }
        var (slope, intercept) = (scale.Slope, scale.Intercept);
        for (var i = ShortSamples.AreExact(scale) ? ShortSamples.Decode(stored, 0, 0, scale, values) : 0; i < source.Length; i++)
        {
            values[i] = (float)(slope * double.CreateTruncating(source[i]) + intercept);
        }
    }

    private static long Encode<T>(ReadOnlySpan<float> values, in StoredScale scale, Span<byte> stored) where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        var target = MemoryMarshal.Cast<byte, T>(stored);
        var (low, high) = StoredScale.Range(scale.Type);
        var (slope, intercept) = (scale.Slope, scale.Intercept);
        var (done, clipped) = scale.Type is SampleType.Int16 or SampleType.UInt16 ? ShortSamples.Encode(values, scale, stored)
            : ByteSamples.Are(scale) ? ByteSamples.Encode(values, stored)
            : (0, 0L);
        for (var i = done; i < values.Length; i++)
        {
            var exact = (values[i] - intercept) / slope;
            var number = Math.Round(double.IsNaN(exact) ? -intercept / slope : exact);
            clipped += number < low || number > high || double.IsNaN(exact) ? 1 : 0;
            // Saturating, because the largest 64-bit integers have no double of their own.
            target[i] = T.CreateSaturating(number);
        }
        return clipped;
    }

    private static long EncodeFloat<T>(ReadOnlySpan<float> values, in StoredScale scale, Span<byte> stored) where T : unmanaged, IFloatingPoint<T>
    {
        var target = MemoryMarshal.Cast<byte, T>(stored);
        var (slope, intercept, plain) = (scale.Slope, scale.Intercept, scale.IsPlain);
        for (var i = 0; i < values.Length; i++)
        {
            target[i] = plain ? T.CreateTruncating(values[i]) : T.CreateTruncating((values[i] - intercept) / slope);
        }
        return 0;
    }
}
