using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace InrFast.Imaging.Dicom;

/// <summary>One attribute: its bytes (little endian, whatever the file's order was), or the items of a sequence, or the fragments of compressed pixels.</summary>
public sealed class DicomElement
{
    private DicomElement(DicomTag tag, string representation, ReadOnlyMemory<byte> value) =>
        (Tag, Representation, Value) = (tag, representation, value);

    public DicomTag Tag { get; }

    /// <summary>Value representation, two letters (PS3.5, 6.2).</summary>
    public string Representation { get; }

    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>Items where this is a sequence, else null.</summary>
    public IReadOnlyList<DicomDataset>? Items { get; private init; }

    /// <summary>Fragments where this is compressed pixel data (the first is the offset table), else null.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>>? Fragments { get; private init; }

    public static DicomElement FromBytes(DicomTag tag, string representation, ReadOnlyMemory<byte> value) => new(tag, representation, value);

    public static DicomElement FromItems(DicomTag tag, params IReadOnlyList<DicomDataset> items) => new(tag, "SQ", default) { Items = items };

    public static DicomElement FromFragments(DicomTag tag, IReadOnlyList<ReadOnlyMemory<byte>> fragments) => new(tag, "OB", default) { Fragments = fragments };

    /// <summary>Text of an attribute in <see cref="DicomTags"/>, several values with a backslash between.</summary>
    public static DicomElement FromText(DicomTag tag, params ReadOnlySpan<string> values) =>
        new(tag, DicomTags.RepresentationOf(tag), Encoding.Latin1.GetBytes(string.Join('\\', values!)));

    public static DicomElement FromUInt16(DicomTag tag, int value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value);
        return new(tag, "US", bytes);
    }

    /// <summary>Decimal strings (DS), each as exact as its 16 characters allow.</summary>
    public static DicomElement FromNumbers(DicomTag tag, params ReadOnlySpan<double> values)
    {
        var texts = new string[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            texts[i] = FormatDecimal(values[i]);
        }
        return FromText(tag, texts);
    }

    internal bool HasValueOf(DicomElement other) => Tag == other.Tag && Representation == other.Representation
        && Value.Span.SequenceEqual(other.Value.Span) && Items?.Count == other.Items?.Count
        && (Items is null || Items.Zip(other.Items!).All(pair => pair.First.HasValuesOf(pair.Second)));

    /// <summary>The same attribute with values of its own instead of slices of a file. Fragments are pixels and are left out.</summary>
    internal DicomElement Copy() => new(Tag, Representation, Value.ToArray())
    {
        Items = Items?.Select(item => item.Copy()).ToArray(),
    };

    internal static string FormatDecimal(double value)
    {
        var text = (value == 0 ? 0 : value).ToString("R", CultureInfo.InvariantCulture);
        for (var digits = 15; text.Length > 16; digits--)
        {
            text = value.ToString($"G{digits}", CultureInfo.InvariantCulture);
        }
        return text;
    }
}
