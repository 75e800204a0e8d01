using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace InrFast.Imaging.Dicom;

/// <summary>A set of DICOM attributes in the order of their tags. Immutable.</summary>
public sealed class DicomDataset
{
    private readonly DicomElement[] elements;

    // Tags of the elements, in rising order.
    private readonly DicomTag[] tags;

    /// <summary>Where a tag comes twice the later one holds.</summary>
    public DicomDataset(params IEnumerable<DicomElement> elements)
    {
        var list = elements.ToArray();
        var isSorted = true;
        for (var i = 1; i < list.Length && isSorted; i++)
        {
            isSorted = list[i - 1].Tag < list[i].Tag;
        }
        // Files are sorted already.
        this.elements = isSorted ? list : SortedWithoutRepeats(list);
        tags = Array.ConvertAll(this.elements, element => element.Tag);
    }

    // The later one of equals holds.
    private static DicomElement[] SortedWithoutRepeats(DicomElement[] list)
    {
        var keys = new ulong[list.Length];
        for (var i = 0; i < list.Length; i++)
        {
            keys[i] = (ulong)list[i].Tag.Group << 48 | (ulong)list[i].Tag.Element << 32 | (uint)i;
        }
        Array.Sort(keys, list);
        var count = 0;
        for (var i = 0; i < list.Length; i++)
        {
            if (i + 1 == list.Length || list[i].Tag != list[i + 1].Tag)
            {
                list[count++] = list[i];
            }
        }
        return list[..count];
    }

    public IReadOnlyCollection<DicomElement> Elements => elements;

    /// <summary>Character sets of the dataset around this one, which hold where it names none of its own.</summary>
    internal string[] InheritedCharacterSets { get; init; } = [];

    internal string[] CharacterSets => Contains(DicomTags.SpecificCharacterSet) ? GetStrings(DicomTags.SpecificCharacterSet) : InheritedCharacterSets;

    public DicomElement? Find(DicomTag tag) => Array.BinarySearch(tags, tag) is >= 0 and var at ? elements[at] : null;

    public bool Contains(DicomTag tag) => Array.BinarySearch(tags, tag) >= 0;

    /// <summary>A copy without the given attributes, and with others put in or replaced.</summary>
    public DicomDataset With(Predicate<DicomTag> remove, params IEnumerable<DicomElement> added) =>
        new(elements.Where(element => !remove(element.Tag)).Concat(added)) { InheritedCharacterSets = InheritedCharacterSets };

    /// <summary>The same attributes with values of their own instead of slices of a file.</summary>
    internal DicomDataset Copy() => new(elements.Select(element => element.Copy())) { InheritedCharacterSets = InheritedCharacterSets };

    internal bool HasValuesOf(DicomDataset other) => elements.Length == other.elements.Length
        && elements.Zip(other.elements).All(pair => pair.First.HasValueOf(pair.Second));

    /// <summary>The first value as text, without its padding; null where the attribute is absent or empty.</summary>
    public string? GetString(DicomTag tag) => GetStrings(tag) is [{ Length: > 0 } first, ..] ? first : null;

    public string[] GetStrings(DicomTag tag)
    {
        if (Find(tag) is not { Items: null, Value.Length: > 0 } element)
        {
            return [];
        }
        // The name of the character set is in none, whatever its type.
        var text = tag != DicomTags.SpecificCharacterSet && element.Representation is "LO" or "LT" or "PN" or "SH" or "ST" or "UC" or "UT"
            ? DicomText.Decode(element.Value.Span, CharacterSets) : Encoding.Latin1.GetString(element.Value.Span);
        return Array.ConvertAll(text.Split('\\'), value => value.Trim(' ', '\0'));
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
