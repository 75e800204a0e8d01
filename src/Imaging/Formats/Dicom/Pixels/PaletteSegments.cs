using System.Buffers.Binary;

namespace InrFast.Imaging.Dicom;

/// <summary>Segmented palettes (PS3.3, C.7.9.2): runs of entries, straight lines, and references to earlier segments, in 16-bit words.</summary>
internal static class PaletteSegments
{
    /// <exception cref="ImagingException">Malformed: they do not make the declared number of entries.</exception>
    public static ushort[] Expand(ReadOnlySpan<byte> bytes, int count, InputFile file)
    {
        var (entries, filled) = (new ushort[count], 0);
        var isWhole = Expand(bytes, int.MaxValue, entries, ref filled, mayRefer: true);
        return isWhole && filled == count ? entries : throw file.Malformed($"the segments of its palette do not make {count} entries; get a sound copy");
    }

    // False where a segment is unknown, empty, ends too early or makes too many entries.
    private static bool Expand(ReadOnlySpan<byte> bytes, int segments, ushort[] entries, ref int filled, bool mayRefer)
    {
        for (var at = 0; at + 4 <= bytes.Length && segments > 0; segments--)
        {
            var (kind, length) = (Word(bytes, at), Word(bytes, at + 2));
            var rest = bytes[(at + 4)..];
            switch (kind)
            {
                case 0 when length > 0 && rest.Length >= 2 * length && filled + length <= entries.Length:
                    for (var i = 0; i < length; i++)
                    {
                        entries[filled++] = (ushort)Word(rest, 2 * i);
                    }
                    at += 4 + 2 * length;
                    break;
                case 1 when length > 0 && rest.Length >= 2 && filled > 0 && filled + length <= entries.Length:
                    var (from, to) = (entries[filled - 1], Word(rest, 0));
                    for (var i = 1; i <= length; i++)
                    {
                        entries[filled++] = (ushort)Math.Round(from + (double)(to - from) * i / length);
                    }
                    at += 6;
                    break;
                case 2 when length > 0 && rest.Length >= 4 && mayRefer && (Word(rest, 0) | Word(rest, 2) << 16) is >= 0 and var target && target < at:
                    if (!Expand(bytes[target..at], length, entries, ref filled, mayRefer: false))
                    {
                        return false;
                    }
                    at += 8;
                    break;
                default:
                    return false;
            }
        }
        return true;
    }

    private static int Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
}
