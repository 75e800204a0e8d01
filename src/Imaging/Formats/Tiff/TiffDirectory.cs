using System.Buffers.Binary;
using System.Text;

namespace InrFast.Imaging;

/// <summary>Tags of TIFF 6.0 that an image needs.</summary>
internal enum TiffTag : ushort
{
    SubfileType = 254, Width = 256, Length = 257, BitsPerSample = 258, Compression = 259, Photometric = 262, FillOrder = 266, Description = 270,
    StripOffsets = 273, SamplesPerPixel = 277, RowsPerStrip = 278, StripByteCounts = 279, XResolution = 282, YResolution = 283,
    PlanarConfiguration = 284, ResolutionUnit = 296, Predictor = 317, TileWidth = 322, TileLength = 323, TileOffsets = 324, TileByteCounts = 325,
    ExtraSamples = 338, SampleFormat = 339,
}

/// <summary>One directory (page) of a TIFF or BigTIFF file. Values are read from the file's bytes when asked for; nothing is allocated for a count that the file cannot hold.</summary>
internal sealed class TiffDirectory
{
    private const int MaxEntries = 4096;

    private readonly InputFile file;
    private readonly byte[] bytes;
    private readonly bool isBig;
    private readonly bool bigEndian;
    private readonly Dictionary<TiffTag, (int Type, long Count, long At)> entries = [];

    private TiffDirectory(InputFile file, byte[] bytes, bool bigEndian, bool isBig, long at)
    {
        (this.file, this.bytes, this.bigEndian, this.isBig) = (file, bytes, bigEndian, isBig);
        var count = isBig ? (long)UInt64(at) : UInt16(at);
        if (count is < 0 or > MaxEntries)
        {
            throw file.Malformed($"a page has {count} entries; get a sound copy");
        }
        var (first, size, valueAt, inline) = isBig ? (at + 8, 20, 12, 8) : (at + 2, 12, 8, 4);
        for (var i = 0; i < count; i++)
        {
            var entry = first + i * size;
            var type = UInt16(entry + 2);
            var values = isBig ? (long)UInt64(entry + 4) : UInt32(entry + 4);
            if (values >= 0 && SizeOf(type) is var element and > 0 && values <= bytes.Length)
            {
                var place = values * element <= inline ? entry + valueAt : Offset(entry + valueAt);
                entries[(TiffTag)UInt16(entry)] = (type, values, place);
            }
        }
        Next = Offset(first + count * size);
    }

    /// <summary>Where the next directory stands; 0 after the last.</summary>
    public long Next { get; }

    public bool BigEndian => bigEndian;

    public ReadOnlySpan<byte> FileBytes => bytes;

    public static bool IsTiff(ReadOnlySpan<byte> head) => head.Length >= 16 && (head.StartsWith("II*\0"u8) || head.StartsWith("MM\0*"u8) || head.StartsWith("II+\0"u8) || head.StartsWith("MM\0+"u8));

    /// <summary>All pages, in order.</summary>
    public static List<TiffDirectory> ReadAll(InputFile file, byte[] bytes)
    {
        var (bigEndian, isBig) = (bytes[0] == 'M', bytes[2] + bytes[3] == '+');
        var pages = new List<TiffDirectory>();
        var seen = new HashSet<long>();
        var header = new TiffDirectory(file, bytes, bigEndian, isBig);
        for (var at = header.Offset(isBig ? 8 : 4); at != 0; at = pages[^1].Next)
        {
            if (!seen.Add(at))
            {
                throw file.Malformed("its pages run in a circle; get a sound copy");
            }
            pages.Add(new TiffDirectory(file, bytes, bigEndian, isBig, at));
        }
        return pages.Count > 0 ? pages : throw file.Malformed("it has no page; get a sound copy");
    }

    private TiffDirectory(InputFile file, byte[] bytes, bool bigEndian, bool isBig) =>
        (this.file, this.bytes, this.bigEndian, this.isBig) = (file, bytes, bigEndian, isBig);

    public bool Has(TiffTag tag) => entries.ContainsKey(tag);

    public long Integer(TiffTag tag, long? unlessGiven = null)
    {
        if (entries.TryGetValue(tag, out var entry) && entry.Count > 0)
        {
            return Value(entry.Type, entry.At);
        }
        return unlessGiven ?? throw file.Malformed($"a page has no tag {tag}; get a sound copy");
    }

    public long[] Integers(TiffTag tag)
    {
        if (!entries.TryGetValue(tag, out var entry))
        {
            throw file.Malformed($"a page has no tag {tag}; get a sound copy");
        }
        Require(entry.At, entry.Count * SizeOf(entry.Type));
        var values = new long[entry.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Value(entry.Type, entry.At + i * SizeOf(entry.Type));
        }
        return values;
    }

    /// <summary>NaN where the tag is absent.</summary>
    public double Rational(TiffTag tag) => entries.TryGetValue(tag, out var entry) && entry.Type == 5 ? (double)UInt32(entry.At) / UInt32(entry.At + 4) : double.NaN;

    public string Text(TiffTag tag)
    {
        if (!entries.TryGetValue(tag, out var entry) || entry.Type != 2)
        {
            return "";
        }
        Require(entry.At, entry.Count);
        return Encoding.UTF8.GetString(bytes, (int)entry.At, (int)entry.Count).TrimEnd('\0');
    }

    /// <summary>A strip's or tile's bytes.</summary>
    public ReadOnlyMemory<byte> Data(long at, long count)
    {
        Require(at, count);
        return bytes.AsMemory((int)at, (int)count);
    }

    // Types 1 to 13 of TIFF, 16 to 18 of BigTIFF.
    private static int SizeOf(int type) => type switch
    {
        1 or 2 or 6 or 7 => 1,
        3 or 8 => 2,
        4 or 9 or 11 or 13 => 4,
        5 or 10 or 12 or 16 or 17 or 18 => 8,
        _ => 0,
    };

    private long Value(int type, long at) => type switch
    {
        1 or 6 or 7 => Byte(at),
        3 or 8 => UInt16(at),
        4 or 9 or 13 => UInt32(at),
        16 or 17 or 18 => (long)UInt64(at),
        _ => throw file.Malformed("a page has a tag of the wrong type; get a sound copy"),
    };

    private long Offset(long at) => isBig ? (long)UInt64(at) : UInt32(at);

    private byte Byte(long at)
    {
        Require(at, 1);
        return bytes[at];
    }

    private ushort UInt16(long at)
    {
        Require(at, 2);
        var span = bytes.AsSpan((int)at);
        return bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(span) : BinaryPrimitives.ReadUInt16LittleEndian(span);
    }

    private uint UInt32(long at)
    {
        Require(at, 4);
        var span = bytes.AsSpan((int)at);
        return bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(span) : BinaryPrimitives.ReadUInt32LittleEndian(span);
    }

    private ulong UInt64(long at)
    {
        Require(at, 8);
        var span = bytes.AsSpan((int)at);
        return bigEndian ? BinaryPrimitives.ReadUInt64BigEndian(span) : BinaryPrimitives.ReadUInt64LittleEndian(span);
    }

    private void Require(long at, long count)
    {
        if (at < 0 || count < 0 || at > bytes.Length || count > bytes.Length - at)
        {
            throw file.Malformed($"it points to byte {at} and the file has {bytes.Length}; get a whole copy");
        }
    }
}
