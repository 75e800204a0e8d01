using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace InrFast.Imaging.Dicom;

/// <summary>
/// Takes a Part-10 file apart (PS3.5 chapter 7, PS3.10 chapter 7), with or without preamble and meta information. Values are slices of the
/// file, so that no declared length allocates anything. Reading ends with the pixels: what may follow them is padding and signatures.
/// Of a header alone no more of the file is read than it takes.
/// </summary>
internal sealed class DicomReader
{
    private const int MaxDepth = 32, MaxElements = 1 << 22, FirstBytes = 1 << 13;
    private const uint Undefined = uint.MaxValue;

    private readonly InputFile file;
    private readonly bool stopsAtPixels;

    // The file from its start, as far as it has been read.
    private byte[] bytes;
    private int fileLength;

    // Where the attributes of the pixels begin.
    private int pixelsAt;
    private bool isExplicit, isBigEndian;
    private int position, elementCount;
    private string[] characterSets = [];

    private DicomReader(InputFile file, byte[] bytes, bool stopsAtPixels)
    {
        (this.file, this.bytes, this.stopsAtPixels) = (file, bytes, stopsAtPixels);
        pixelsAt = fileLength = (int)file.Length;
    }

    public static bool Recognises(ReadOnlySpan<byte> head, long length) =>
        head.Length >= 132 && head[128..].StartsWith("DICM"u8) || IsElementOfFirstGroups(head, length);

    /// <summary>A warning where the 128 bytes before a DICOM file make it a program too (CVE-2019-11687); nothing here runs or copies them.</summary>
    public static IEnumerable<string> PreambleWarnings(InputFile file) =>
        file.Head.Length >= 132 && file.Head.AsSpan(128).StartsWith("DICM"u8) && file.Head is [(byte)'M', (byte)'Z', ..] or [0x7F, (byte)'E', (byte)'L', (byte)'F', ..] or [(byte)'#', (byte)'!', ..]
            ? [$"{file.Name}: it begins like a program (in the preamble before the DICOM data); do not run it"] : [];

    /// <exception cref="ImagingException">Malformed or LimitExceeded.</exception>
    public static DicomFile Read(InputFile file) => new DicomReader(file, file.ReadAll(), stopsAtPixels: false).Read();

    /// <summary>Reads the file and lets go of its memory once the action is done with it: for many files in turn.</summary>
    /// <exception cref="ImagingException">Malformed or LimitExceeded.</exception>
    public static void Read(InputFile file, Action<DicomFile> action)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(file.CheckedLength);
        try
        {
            file.ReadFirst(buffer.AsSpan(0, file.CheckedLength));
            action(new DicomReader(file, buffer, stopsAtPixels: false).Read());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The attributes before the pixels.</summary>
    /// <exception cref="ImagingException">Malformed or LimitExceeded.</exception>
    public static DicomFile ReadHeader(InputFile file) => new DicomReader(file, file.ReadFirst(FirstBytes), stopsAtPixels: true).Read();

    private DicomFile Read()
    {
        position = fileLength >= 132 && bytes.AsSpan(128).StartsWith("DICM"u8) ? 132 : 0;
        var syntax = ReadMeta() ?? GuessSyntax();
        if (syntax.IsDeflated)
        {
            Fill(fileLength);
            bytes = Inflate();
            (position, fileLength, pixelsAt) = (0, bytes.Length, bytes.Length);
        }
        // Some writers name one syntax and use the other; the first attribute shows which it is.
        isExplicit = fileLength - position < 8 ? syntax.IsExplicit : HasRepresentationAt(position + 4);
        isBigEndian = syntax.IsBigEndian;
        var dataset = ReadDataset(fileLength, depth: 0);
        return new DicomFile(syntax, dataset, fileLength - pixelsAt);
    }

    // A file without preamble begins with an element of group 2 or 8 of sensible length.
    private static bool IsElementOfFirstGroups(ReadOnlySpan<byte> head, long length)
    {
        if (head.Length < 16 || !(head[0] is 2 or 8 && head[1] == 0 || head[0] == 0 && head[1] == 8))
        {
            return false;
        }
        return IsRepresentation(head[4..]) || head[0] != 0 && BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) <= Math.Min(length - 8, 1 << 10);
    }

    private static bool IsRepresentation(ReadOnlySpan<byte> text) =>
        "AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV"u8.IndexOf(text[..2]) is >= 0 and var at && at % 3 == 0;

    private DicomTransferSyntax? ReadMeta()
    {
        (isExplicit, isBigEndian) = (true, false);
        var meta = new List<DicomElement>();
        while (fileLength - position >= 8 && TagAt(fileLength).Group == 2)
        {
            meta.Add(ReadElement(fileLength, depth: 0));
        }
        return new DicomDataset(meta).GetString(DicomTags.TransferSyntaxUid) is { } uid ? DicomTransferSyntax.Of(uid) : null;
    }

    private DicomTransferSyntax GuessSyntax()
    {
        if (fileLength - position < 8)
        {
            throw file.Malformed("the file ends before its first attribute; get a whole copy");
        }
        return bytes[position] == 0 ? DicomTransferSyntax.ExplicitBigEndian
            : HasRepresentationAt(position + 4) ? DicomTransferSyntax.ExplicitLittleEndian : DicomTransferSyntax.ImplicitLittleEndian;
    }

    private byte[] Inflate()
    {
        var limit = Math.Min(file.Limits.MaxBytes, (long)(fileLength - position) * InputFile.MaxDeflateRatio);
        using var deflate = new DeflateStream(new MemoryStream(bytes, position, fileLength - position), CompressionMode.Decompress);
        using var inflated = new MemoryStream();
        var chunk = new byte[1 << 16];
        for (int read; (read = deflate.Read(chunk)) > 0;)
        {
            if (inflated.Length + read > Math.Min(limit, Array.MaxLength))
            {
                throw new ImagingException(ImagingError.LimitExceeded, $"{file.Name}: it unpacks to more than the {limit >> 20} MiB allowed; raise the limit");
            }
            inflated.Write(chunk, 0, read);
        }
        return inflated.ToArray();
    }

    private DicomDataset ReadDataset(int end, int depth)
    {
        var elements = new List<DicomElement>();
        while (position < end)
        {
            if (depth > 0 && TagAt(end) == DicomTags.ItemDelimitation)
            {
                position += 8;
                break;
            }
            if (depth == 0 && TagAt(end) is { Group: 0x7FE0, Element: not 0 })
            {
                pixelsAt = Math.Min(pixelsAt, position);
                if (stopsAtPixels)
                {
                    break;
                }
            }
            var element = ReadElement(end, depth);
            if (element.Tag == DicomTags.SpecificCharacterSet && depth == 0)
            {
                characterSets = new DicomDataset(element).CharacterSets;
            }
            // Group lengths are retired, and wrong as soon as anything changes.
            if (element.Tag.Element != 0)
            {
                elements.Add(element);
            }
            if (depth == 0 && element.Tag == DicomTags.PixelData)
            {
                break;
            }
        }
        return new DicomDataset(elements) { InheritedCharacterSets = characterSets };
    }

    private DicomElement ReadElement(int end, int depth)
    {
        var start = position;
        if (++elementCount > MaxElements)
        {
            throw file.Malformed($"it has more than {MaxElements} attributes; this is no image");
        }
        var tag = TagAt(end);
        position += 4;
        var (representation, length) = ReadRepresentationAndLength(tag, end);
        if (length == Undefined && tag == DicomTags.PixelData)
        {
            return DicomElement.FromFragments(tag, ReadFragments(end));
        }
        if (representation == "SQ" || length == Undefined)
        {
            // An unknown element of undefined length is a sequence in implicit little endian (PS3.5, 6.2.2, note 2).
            var (wasExplicit, wasBig) = (isExplicit, isBigEndian);
            (isExplicit, isBigEndian) = representation == "UN" ? (false, false) : (isExplicit, isBigEndian);
            var items = ReadItems(length, end, depth + 1, start);
            (isExplicit, isBigEndian) = (wasExplicit, wasBig);
            return DicomElement.FromItems(tag, items);
        }
        if (length > end - position)
        {
            throw file.Malformed($"attribute {tag} at byte {start} declares {length} bytes and {end - position} follow; get a whole copy");
        }
        Fill(position + (int)length);
        var value = bytes.AsMemory(position, (int)length);
        position += (int)length;
        return DicomElement.FromBytes(tag, representation, isBigEndian ? ToLittleEndian(representation, value) : value);
    }

    private (string Representation, uint Length) ReadRepresentationAndLength(DicomTag tag, int end)
    {
        if (!isExplicit)
        {
            var length = UInt32(Require(4, end));
            return (DicomTags.RepresentationOf(tag), length);
        }
        var at = Require(4, end);
        if (!HasRepresentationAt(at))
        {
            throw file.Malformed($"attribute {tag} at byte {at - 4} has no valid type; get a sound copy");
        }
        var representation = Encoding.ASCII.GetString(bytes, at, 2);
        return representation is "OB" or "OD" or "OF" or "OL" or "OV" or "OW" or "SQ" or "SV" or "UC" or "UN" or "UR" or "UT" or "UV"
            ? (representation, UInt32(Require(4, end)))
            : (representation, UInt16(at + 2));
    }

    private List<DicomDataset> ReadItems(uint length, int end, int depth, int start)
    {
        if (depth > MaxDepth)
        {
            throw file.Malformed($"sequences are nested more than {MaxDepth} deep at byte {start}; this is no image");
        }
        if (length != Undefined && length > end - position)
        {
            throw file.Malformed($"the sequence at byte {start} declares {length} bytes and {end - position} follow; get a whole copy");
        }
        var sequenceEnd = length == Undefined ? end : position + (int)length;
        var items = new List<DicomDataset>();
        while (position < sequenceEnd)
        {
            var tag = TagAt(sequenceEnd);
            position += 4;
            var itemLength = UInt32(Require(4, sequenceEnd));
            if (tag == DicomTags.SequenceDelimitation)
            {
                return items;
            }
            if (tag != DicomTags.Item || itemLength != Undefined && itemLength > sequenceEnd - position)
            {
                throw file.Malformed($"the sequence at byte {start} holds something else than items at byte {position - 8}; get a sound copy");
            }
            items.Add(ReadDataset(itemLength == Undefined ? sequenceEnd : position + (int)itemLength, depth));
            if (++elementCount > MaxElements)
            {
                throw file.Malformed($"it has more than {MaxElements} attributes; this is no image");
            }
        }
        return length != Undefined ? items : throw file.Malformed($"the sequence at byte {start} has no end; get a whole copy");
    }

    private List<ReadOnlyMemory<byte>> ReadFragments(int end)
    {
        var fragments = new List<ReadOnlyMemory<byte>>();
        while (true)
        {
            var tag = TagAt(end);
            position += 4;
            var length = UInt32(Require(4, end));
            if (tag == DicomTags.SequenceDelimitation)
            {
                return fragments;
            }
            if (tag != DicomTags.Item || length > end - position)
            {
                throw file.Malformed($"its compressed pixels are broken at byte {position - 8}; get a whole copy");
            }
            Fill(position + (int)length);
            fragments.Add(bytes.AsMemory(position, (int)length));
            position += (int)length;
        }
    }

    private static ReadOnlyMemory<byte> ToLittleEndian(string representation, ReadOnlyMemory<byte> value)
    {
        var size = representation switch
        {
            "US" or "SS" or "OW" or "AT" => 2,
            "UL" or "SL" or "FL" or "OF" or "OL" => 4,
            "FD" or "OD" or "OV" or "SV" or "UV" => 8,
            _ => 1,
        };
        if (size == 1)
        {
            return value;
        }
        var swapped = value.ToArray();
        SampleCodec.Swap(swapped, size);
        return swapped;
    }

    private DicomTag TagAt(int end)
    {
        if (end - position < 8)
        {
            throw file.Malformed($"the file or a sequence ends within an attribute at byte {position}; get a whole copy");
        }
        Fill(position + 8);
        return new DicomTag(UInt16(position), UInt16(position + 2));
    }

    // Moves on by so many bytes and returns where they begin.
    private int Require(int count, int end)
    {
        if (end - position < count)
        {
            throw file.Malformed($"the file or a sequence ends within an attribute at byte {position}; get a whole copy");
        }
        position += count;
        Fill(position);
        return position - count;
    }

    // Reads the file up to there, and some more at once.
    private void Fill(int end)
    {
        if (end > bytes.Length)
        {
            bytes = file.ReadFirst((int)Math.Min(fileLength, Math.Max(end, 4L * bytes.Length)));
        }
    }

    private bool HasRepresentationAt(int at)
    {
        Fill(at + 2);
        return IsRepresentation(bytes.AsSpan(at));
    }

    private ushort UInt16(int at) => isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at)) : BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private uint UInt32(int at) => isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at)) : BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
}
