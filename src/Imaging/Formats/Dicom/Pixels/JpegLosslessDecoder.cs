using System.Buffers.Binary;

namespace InrFast.Imaging.Dicom;

/// <summary>
/// Lossless JPEG (ITU-T T.81, annex H, process 14; with predictor 1 this is what DICOM calls selection value 1): each sample is predicted from its neighbours
/// to the left and above, and the difference is Huffman coded. Any predictor, 2 to 16 bits, any number of channels, interleaved or in a scan each.
/// </summary>
internal ref struct JpegLosslessDecoder
{
    private readonly ReadOnlySpan<byte> stream;
    private readonly InputFile file;
    private readonly JpegHuffmanTable?[] tables = new JpegHuffmanTable?[4];
    private byte[] components = [];
    private ushort[] samples = [];
    private int width, height, precision, restartInterval;

    private JpegLosslessDecoder(ReadOnlySpan<byte> stream, InputFile file) 
    {
        this.stream = stream;
        this.file = file;
    }

    /// <summary>Whether the stream's frame header is of this kind (SOF3).</summary>
    public static bool Recognises(ReadOnlySpan<byte> stream)
    {
        for (var at = 2; at + 4 <= stream.Length && stream[at] == 0xFF;)
        {
            if (stream[at + 1] == 0xFF)
            {
                at++;
                continue;
            }
            if (stream[at + 1] is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                return stream[at + 1] == 0xC3;
            }
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(stream[(at + 2)..]);
        }
        return false;
    }

    /// <exception cref="ImagingException">Malformed, Unsupported or LimitExceeded.</exception>
    public static DecodedFrame Decode(ReadOnlySpan<byte> stream, InputFile file)
    {
        var decoder = new JpegLosslessDecoder(stream, file);
        decoder.Decode();
        return new(decoder.samples, decoder.width, decoder.height, decoder.components.Length, decoder.precision);
    }

    private void Decode()
    {
        var missing = ulong.MaxValue;
        for (var at = 2; missing != 0;)
        {
            if (at + 4 > stream.Length || stream[at] != 0xFF)
            {
                throw file.Malformed($"its lossless JPEG data has no marker at byte {at}; get a whole copy");
            }
            var marker = stream[at + 1];
            if (marker == 0xFF)
            {
                at++;
                continue;
            }
            var length = BinaryPrimitives.ReadUInt16BigEndian(stream[(at + 2)..]);
            if (length < 2 || at + 2 + length > stream.Length)
            {
                throw file.Malformed($"a segment of its lossless JPEG data at byte {at} goes beyond the end; get a whole copy");
            }
            var segment = stream.Slice(at + 4, length - 2);
            at += 2 + length;
            switch (marker)
            {
                case 0xC3:
                    ReadFrameHeader(segment);
                    missing = ulong.MaxValue >> (64 - components.Length);
                    break;
                case 0xC4:
                    ReadTables(segment);
                    break;
                case 0xDD when segment.Length >= 2:
                    restartInterval = BinaryPrimitives.ReadUInt16BigEndian(segment);
                    break;
                case 0xDA:
                    var (decoded, end) = ReadScan(segment, at);
                    missing &= ~decoded;
                    at = end;
                    break;
            }
        }
    }

    private void ReadFrameHeader(ReadOnlySpan<byte> segment)
    {
        if (segment.Length < 6 || segment.Length < 6 + 3 * segment[5] || components.Length > 0)
        {
            throw file.Malformed("the frame header of its lossless JPEG data is broken; get a sound copy");
        }
        (precision, height, width) = (segment[0], BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), BinaryPrimitives.ReadUInt16BigEndian(segment[3..]));
        var channels = segment[5];
        if (precision is < 2 or > 16 || channels is 0 or > 4)
        {
            throw file.Unsupported($"lossless JPEG data of {precision} bits and {channels} channels cannot be read; unpack it first, for example with dcmdjpeg");
        }
        var count = file.Limits.CountSamples(file.Name, width, height, channels);
        // A sample takes at least one bit.
        if (count > (long)stream.Length * 8)
        {
            throw file.Malformed($"its lossless JPEG data declares {width} x {height} pixels and {stream.Length} bytes cannot hold that; get a whole copy");
        }
        components = new byte[channels];
        for (var i = 0; i < channels; i++)
        {
            components[i] = segment[6 + 3 * i];
            if (segment[7 + 3 * i] != 0x11)
            {
                throw file.Unsupported("lossless JPEG data with channels of several resolutions cannot be read; unpack it first, for example with dcmdjpeg");
            }
        }
        samples = new ushort[count];
    }

    private readonly void ReadTables(ReadOnlySpan<byte> segment)
    {
        while (segment.Length > 0)
        {
            var symbols = 0;
            for (var i = 1; i <= 16 && i < segment.Length; i++)
            {
                symbols += segment[i];
            }
            if (segment.Length < 17 + symbols || (segment[0] & 0xF) > 3)
            {
                throw file.Malformed("a Huffman table of its lossless JPEG data is broken; get a sound copy");
            }
            // Tables of the other class (of transform coefficients) have no use here.
            if (segment[0] >> 4 == 0)
            {
                tables[segment[0]] = JpegHuffmanTable.Create(segment.Slice(1, 16), segment.Slice(17, symbols))
                    ?? throw file.Malformed("a Huffman table of its lossless JPEG data holds impossible codes; get a sound copy");
            }
            segment = segment[(17 + symbols)..];
        }
    }

    // Returns the channels it held, a bit each, and where the next marker is.
    private readonly (ulong Channels, int End) ReadScan(ReadOnlySpan<byte> head, int start)
    {
        var count = head.Length > 0 ? head[0] : 0;
        if (count is 0 or > 4 || head.Length < 4 + 2 * count || components.Length == 0)
        {
            throw file.Malformed("a scan header of its lossless JPEG data is broken; get a sound copy");
        }
        Span<int> channels = stackalloc int[count];
        var used = new JpegHuffmanTable[count];
        var decoded = 0UL;
        for (var i = 0; i < count; i++)
        {
            channels[i] = components.AsSpan().IndexOf(head[1 + 2 * i]);
            if (channels[i] < 0 || (decoded & 1UL << channels[i]) != 0 || tables[head[2 + 2 * i] >> 4 & 3] is not { } table)
            {
                throw file.Malformed("a scan of its lossless JPEG data names a channel or a table that is not there; get a sound copy");
            }
            (used[i], decoded) = (table, decoded | 1UL << channels[i]);
        }
        var (predictor, shift) = (head[1 + 2 * count], head[3 + 2 * count] & 0xF);
        if (predictor is 0 or > 7 || shift >= precision)
        {
            throw file.Malformed($"predictor {predictor} and point transform {shift} of its lossless JPEG data do not exist; get a sound copy");
        }
        if (restartInterval % width != 0)
        {
            throw file.Malformed($"its lossless JPEG data restarts within a line ({restartInterval} of {width} pixels); get a sound copy");
        }
        return (decoded, ReadLines(channels, used, predictor, shift, start));
    }

    private readonly int ReadLines(ReadOnlySpan<int> channels, JpegHuffmanTable[] used, int predictor, int shift, int start)
    {
        var reader = new JpegBitReader(stream, start);
        var step = components.Length;
        var stride = width * step;
        var linesPerInterval = restartInterval == 0 ? height : restartInterval / width;
        for (var y = 0; y < height; y++)
        {
            var isFirst = y % linesPerInterval == 0;
            if (isFirst && y > 0 && !reader.Restart())
            {
                throw file.Malformed($"a restart marker is missing in its lossless JPEG data before line {y}; get a sound copy");
            }
            var line = samples.AsSpan(y * stride, stride);
            var above = isFirst ? default : samples.AsSpan((y - 1) * stride, stride);
            for (var x = 0; x < stride; x += step)
            {
                for (var i = 0; i < channels.Length; i++)
                {
                    var at = x + channels[i];
                    // Annex H.1.2.1: the first line of an interval is predicted from the left, the first sample of other lines from above.
                    var predicted = isFirst
                        ? x == 0 ? 1 << (precision - shift - 1) : line[at - step] >> shift
                        : x == 0 ? above[at] >> shift
                        : Predict(predictor, line[at - step] >> shift, above[at] >> shift, above[at - step] >> shift);
                    line[at] = (ushort)(predicted + reader.ReadDifference(used[i]) << shift);
                }
            }
            if (reader.IsExhausted)
            {
                throw file.Malformed($"its lossless JPEG data ends or is broken in line {y} of {height}; get a whole copy");
            }
        }
        return reader.End;
    }

    // Table H.1.
    private static int Predict(int predictor, int left, int above, int aboveLeft) => predictor switch
    {
        1 => left,
        2 => above,
        3 => aboveLeft,
        4 => left + above - aboveLeft,
        5 => left + (above - aboveLeft >> 1),
        6 => above + (left - aboveLeft >> 1),
        _ => left + above >> 1,
    };
}
