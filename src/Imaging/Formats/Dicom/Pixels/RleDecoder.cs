using System.Buffers.Binary;

namespace InrFast.Imaging.Dicom;

/// <summary>
/// RLE Lossless (PS3.5, annex G): a header of 16 numbers (how many segments, where each begins), then one PackBits stream for each byte
/// of a sample, the highest first, channel after channel.
/// </summary>
internal static class RleDecoder
{
    // Two bytes (a count and a value) become 128 at most.
    public const int MaxPixelsPerByte = 64;

    private const int HeaderBytes = 64, MaxSegments = 15;

    /// <returns>Cells of <paramref name="bytesPerSample"/> bytes, little endian, channels interleaved.</returns>
    /// <exception cref="ImagingException">Malformed.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> frame, int pixels, int channels, int bytesPerSample, InputFile file)
    {
        var count = frame.Length >= HeaderBytes ? BinaryPrimitives.ReadUInt32LittleEndian(frame) : 0;
        if (count != channels * bytesPerSample || count > MaxSegments)
        {
            throw file.Malformed($"its RLE data has {count} segments and {channels * bytesPerSample} are needed; get a sound copy");
        }
        var cells = new byte[checked(pixels * channels * bytesPerSample)];
        for (var segment = 0; segment < count; segment++)
        {
            var start = BinaryPrimitives.ReadUInt32LittleEndian(frame[(4 + 4 * segment)..]);
            var end = segment + 1 < count ? BinaryPrimitives.ReadUInt32LittleEndian(frame[(8 + 4 * segment)..]) : (uint)frame.Length;
            if (start < HeaderBytes || start > end || end > frame.Length)
            {
                throw file.Malformed($"segment {segment + 1} of its RLE data lies outside of it; get a whole copy");
            }
            var (channel, place) = (segment / bytesPerSample, bytesPerSample - 1 - segment % bytesPerSample);
            if (!Unpack(frame[(int)start..(int)end], cells, channel * bytesPerSample + place, channels * bytesPerSample))
            {
                throw file.Malformed($"segment {segment + 1} of its RLE data ends too early; get a whole copy");
            }
        }
        return cells;
    }

    // PackBits: n from 0 to 127 is followed by n + 1 bytes as they are, n from -127 to -1 by one that comes 1 - n times; -128 means nothing.
    // What goes beyond the end is padding. False where the segment ends first.
    private static bool Unpack(ReadOnlySpan<byte> packed, Span<byte> cells, int at, int step)
    {
        for (var i = 0; at < cells.Length;)
        {
            if (i >= packed.Length)
            {
                return false;
            }
            var head = (sbyte)packed[i++];
            if (head == -128)
            {
                continue;
            }
            var (run, isCopy) = head >= 0 ? (head + 1, true) : (1 - head, false);
            if (i + (isCopy ? run : 1) > packed.Length)
            {
                return false;
            }
            for (var end = Math.Min(cells.Length, at + (long)run * step); at < end; at += step)
            {
                cells[at] = packed[i];
                i += isCopy ? 1 : 0;
            }
            i += isCopy ? 0 : 1;
        }
        return true;
    }
}
