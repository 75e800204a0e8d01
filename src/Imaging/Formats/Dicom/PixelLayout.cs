using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace InrFast.Imaging.Dicom;

/// <summary>Where the bits of a sample lie in its cell (PS3.5, 8.1.1). Cells of one bit are packed, the first in a byte's lowest bit. Floats (PS3.3, C.7.6.24) fill theirs.</summary>
internal readonly record struct PixelLayout(int Allocated, int Stored, int HighBit, bool IsSigned, bool IsFloat = false)
{
    public SampleType Type => IsFloat ? Allocated == 32 ? SampleType.Float32 : SampleType.Float64 : (Allocated, IsSigned) switch
    {
        (1, _) or (8, false) => SampleType.UInt8,
        (8, true) => SampleType.Int8,
        (16, false) => SampleType.UInt16,
        (16, true) => SampleType.Int16,
        (_, false) => SampleType.UInt32,
        _ => SampleType.Int32,
    };

    public static PixelLayout Read(DicomDataset dataset, InputFile file)
    {
        var allocated = dataset.GetInteger(DicomTags.BitsAllocated) ?? throw file.Malformed($"its BitsAllocated {DicomTags.BitsAllocated} is missing; get a sound copy");
        if (dataset.Contains(DicomTags.FloatPixelData) && allocated == 32 || dataset.Contains(DicomTags.DoubleFloatPixelData) && allocated == 64)
        {
            return new PixelLayout(allocated, allocated, allocated - 1, IsSigned: true, IsFloat: true);
        }
        if (allocated is not (1 or 8 or 16 or 32))
        {
            throw file.Unsupported($"samples of {allocated} bits cannot be read; convert it to 8, 16 or 32 bits");
        }
        var stored = dataset.GetInteger(DicomTags.BitsStored) ?? allocated;
        var high = dataset.GetInteger(DicomTags.HighBit) ?? stored - 1;
        return stored >= 1 && high >= stored - 1 && high < allocated
            ? new PixelLayout(allocated, stored, high, dataset.GetInteger(DicomTags.PixelRepresentation) == 1)
            : throw file.Malformed($"BitsStored {stored} and HighBit {high} do not fit BitsAllocated {allocated}; get a sound copy");
    }

    /// <summary>values[i] = slope * number[i] + intercept, of the stored bits alone: overlays in unused bits are cut off, signs extended. Little endian.</summary>
    public void Decode(ReadOnlySpan<byte> cells, in StoredScale scale, Span<float> values)
    {
        switch (Type)
        {
            case SampleType.UInt8: Decode<byte>(cells, scale, values); break;
            case SampleType.Int8: Decode<sbyte>(cells, scale, values); break;
            case SampleType.UInt16: Decode<ushort>(cells, scale, values); break;
            case SampleType.Int16: Decode<short>(cells, scale, values); break;
            case SampleType.UInt32: Decode<uint>(cells, scale, values); break;
            case SampleType.Float32: DecodeFloats<float>(cells, scale, values); break;
            case SampleType.Float64: DecodeFloats<double>(cells, scale, values); break;
            default: Decode<int>(cells, scale, values); break;
        }
    }

    private static void DecodeFloats<T>(ReadOnlySpan<byte> bytes, in StoredScale scale, Span<float> values) where T : unmanaged, IFloatingPoint<T>
    {
        var cells = MemoryMarshal.Cast<byte, T>(bytes)[..values.Length];
        for (var i = 0; i < cells.Length; i++)
        {
            values[i] = (float)(scale.Slope * double.CreateTruncating(cells[i]) + scale.Intercept);
        }
    }

    // Up until the sign stands at the top, then down, which fills with the sign in signed types and with zeros in others.
    private void Decode<T>(ReadOnlySpan<byte> bytes, in StoredScale scale, Span<float> values) where T : unmanaged, IBinaryInteger<T>
    {
        var cells = MemoryMarshal.Cast<byte, T>(bytes)[..values.Length];
        var width = Unsafe.SizeOf<T>() * 8;
        var (left, right, slope, intercept) = (width - 1 - HighBit, width - Stored, scale.Slope, scale.Intercept);
        for (var i = ShortSamples.AreExact(scale with { Type = Type }) ? ShortSamples.Decode(bytes, left, right, scale with { Type = Type }, values) : 0; i < cells.Length; i++)
        {
            values[i] = (float)(slope * double.CreateTruncating(cells[i] << left >> right) + intercept);
        }
    }
}
