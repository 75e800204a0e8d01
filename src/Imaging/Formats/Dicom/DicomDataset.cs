using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace InrFast.Imaging.Dicom;

/// <summary>A set of DICOM attributes in the order of their tags. Immutable.</summary>
public sealed class DicomDataset
{
    private readonly SortedDictionary<DicomTag, DicomElement> elements = [];

    /// <summary>Where a tag comes twice the later one holds.</summary>
    public DicomDataset(params IEnumerable<DicomElement> elements)
    {
        foreach (var element in elements)
        {
            this.elements[element.Tag] = element;
        }
    }

    public IReadOnlyCollection<DicomElement> Elements => elements.Values;

    public DicomElement? Find(DicomTag tag) => elements.GetValueOrDefault(tag);

    public bool Contains(DicomTag tag) => elements.ContainsKey(tag);

    /// <summary>A copy without the given attributes, and with others put in or replaced.</summary>
    public DicomDataset With(Predicate<DicomTag> remove, params IEnumerable<DicomElement> added) =>
        new(elements.Values.Where(element => !remove(element.Tag)).Concat(added));

    internal bool HasValuesOf(DicomDataset other) => elements.Count == other.elements.Count
        && elements.Values.Zip(other.elements.Values).All(pair => pair.First.HasValueOf(pair.Second));

    /// <summary>The first value as text, without its padding; null where the attribute is absent or empty.</summary>
    public string? GetString(DicomTag tag) => GetStrings(tag) is [{ Length: > 0 } first, ..] ? first : null;

    public string[] GetStrings(DicomTag tag)
    {
        if (Find(tag) is not { Items: null, Value.Length: > 0 } element)
        {
            return [];
        }
        var utf8 = element.Tag != DicomTags.SpecificCharacterSet && GetString(DicomTags.SpecificCharacterSet) == "ISO_IR 192";
        var values = (utf8 ? Encoding.UTF8 : Encoding.Latin1).GetString(element.Value.Span).Split('\\');
        return Array.ConvertAll(values, value => value.Trim(' ', '\0'));
    }

    /// <summary>The value's bytes, little endian; none where the attribute is absent or a sequence.</summary>
    public ReadOnlyMemory<byte> GetBytes(DicomTag tag) => Find(tag)?.Value ?? default;

    /// <summary>All values as numbers, from decimal or integer strings or from binary ones; empty where any is no finite number.</summary>
    public double[] GetNumbers(DicomTag tag)
    {
        if (Find(tag) is not { Items: null, Value.Length: > 0 } element)
        {
            return [];
        }
        var bytes = element.Value.Span;
        var numbers = element.Representation switch
        {
            "US" => Each(bytes, 2, b => BinaryPrimitives.ReadUInt16LittleEndian(b)),
            "SS" => Each(bytes, 2, b => BinaryPrimitives.ReadInt16LittleEndian(b)),
            "UL" => Each(bytes, 4, b => BinaryPrimitives.ReadUInt32LittleEndian(b)),
            "SL" => Each(bytes, 4, b => BinaryPrimitives.ReadInt32LittleEndian(b)),
            "FL" => Each(bytes, 4, b => BinaryPrimitives.ReadSingleLittleEndian(b)),
            "FD" => Each(bytes, 8, b => BinaryPrimitives.ReadDoubleLittleEndian(b)),
            _ => Array.ConvertAll(GetStrings(tag), text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN),
        };
        return Array.TrueForAll(numbers, double.IsFinite) ? numbers : [];
    }

    /// <summary>The first value as a whole number; null where it is none.</summary>
    public int? GetInteger(DicomTag tag) =>
        GetNumbers(tag) is [var number, ..] && number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue ? (int)number : null;

    public IReadOnlyList<DicomDataset> GetItems(DicomTag tag) => Find(tag)?.Items ?? [];

    private delegate double ReadNumber(ReadOnlySpan<byte> bytes);

    private static double[] Each(ReadOnlySpan<byte> bytes, int size, ReadNumber read)
    {
        var numbers = new double[bytes.Length / size];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = read(bytes[(i * size)..]);
        }
        return numbers;
    }
}
