using System.Buffers.Binary;

namespace InrFast.Imaging.Dicom;

/// <summary>A table from stored numbers to values: a Modality LUT (PS3.3, C.11.1.1) or one colour of a palette (C.7.6.3.1.5).</summary>
internal sealed class LookupTable
{
    private readonly int first;
    private readonly ushort[] entries;

    private LookupTable(int first, ushort[] entries, SampleType type) => (this.first, this.entries, Type) = (first, entries, type);

    /// <summary>Of the entries: 8 or 16 bits, never signed.</summary>
    public SampleType Type { get; }

    /// <param name="dataset">Holds both attributes.</param>
    /// <param name="descriptor">Number of entries, the stored number of the first, bits of each.</param>
    /// <param name="data">The entries, each in 16 bits, or in 8 bits where the descriptor says 8.</param>
    /// <param name="isSigned">Whether stored numbers are, and so the first one.</param>
    /// <param name="file">For messages.</param>
    public static LookupTable Read(DicomDataset dataset, DicomTag descriptor, DicomTag data, bool isSigned, InputFile file)
    {
        var (count, first, bits) = ReadDescriptor(dataset, descriptor, isSigned, file);
        var bytes = dataset.GetBytes(data).Span;
        var isPacked = bits == 8 && bytes.Length < 2 * count;
        if (bytes.Length < (isPacked ? count : 2 * count))
        {
            throw file.Malformed($"its table of values {data} has {bytes.Length} bytes for {count} entries; get a whole copy");
        }
        var entries = new ushort[count];
        for (var i = 0; i < count; i++)
        {
            entries[i] = isPacked ? bytes[i] : BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]);
        }
        return new LookupTable(first, entries, bits == 8 ? SampleType.UInt8 : SampleType.UInt16);
    }

    /// <summary>Red, green and blue, plain or in segments.</summary>
    public static IEnumerable<LookupTable> ReadPalette(DicomDataset dataset, bool isSigned, InputFile file)
    {
        for (ushort colour = 0; colour < 3; colour++)
        {
            DicomTag descriptor = new(0x0028, (ushort)(0x1101 + colour)), plain = new(0x0028, (ushort)(0x1201 + colour)), segmented = new(0x0028, (ushort)(0x1221 + colour));
            if (!dataset.Contains(segmented))
            {
                yield return Read(dataset, descriptor, plain, isSigned, file);
                continue;
            }
            var (count, first, bits) = ReadDescriptor(dataset, descriptor, isSigned, file);
            yield return new LookupTable(first, PaletteSegments.Expand(dataset.GetBytes(segmented).Span, count, file), bits == 8 ? SampleType.UInt8 : SampleType.UInt16);
        }
    }

    /// <summary>Replaces stored numbers by their entries; numbers beyond an end get the entry there.</summary>
    public void Apply(Span<float> samples)
    {
        foreach (ref var sample in samples)
        {
            sample = EntryOf(sample);
        }
    }

    /// <summary>Replaces the stored numbers in the first third of the samples by three colours each.</summary>
    public static void Spread(LookupTable[] palette, Span<float> samples)
    {
        // From the end, so that no number is overwritten before it was read.
        for (var pixel = samples.Length / 3 - 1; pixel >= 0; pixel--)
        {
            var stored = samples[pixel];
            for (var colour = 0; colour < 3; colour++)
            {
                samples[3 * pixel + colour] = palette[colour].EntryOf(stored);
            }
        }
    }

    private ushort EntryOf(float stored) => entries[(int)Math.Clamp((long)stored - first, 0, entries.Length - 1)];

    private static (int Count, int First, int Bits) ReadDescriptor(DicomDataset dataset, DicomTag descriptor, bool isSigned, InputFile file)
    {
        var bytes = dataset.GetBytes(descriptor).Span;
        if (bytes.Length < 6)
        {
            throw file.Malformed($"the descriptor {descriptor} of its table of values is missing; get a sound copy");
        }
        var (count, first, bits) = (BinaryPrimitives.ReadUInt16LittleEndian(bytes), BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]), BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]));
        // 65536 does not fit and is written as 0.
        return (count == 0 ? 1 << 16 : count, isSigned ? (short)first : first, bits);
    }
}
