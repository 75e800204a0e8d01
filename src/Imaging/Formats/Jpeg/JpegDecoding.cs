using System.Runtime.CompilerServices;
using JpegLibrary;

namespace InrFast.Imaging;

/// <summary>A decoded JPEG stream before any change of colours.</summary>
internal sealed class JpegPicture(int width, int height, int channels, int precision, float[] samples)
{
    public int Width => width;

    public int Height => height;

    public int Channels => channels;

    /// <summary>Bits per sample, 8 or 12.</summary>
    public int Precision => precision;

    /// <summary>Channels interleaved, row by row.</summary>
    public float[] Samples => samples;

    /// <summary>Three channels are luminance and colour differences unless the file says otherwise (JFIF; Adobe's marker).</summary>
    public bool IsYCbCr { get; init; }
}

/// <summary>Decodes a JPEG stream through JpegLibrary, which throws all kinds of exceptions on broken streams: here they become ours.</summary>
internal static class JpegDecoding
{
    // Even an empty 8 x 8 block takes a bit in the first scan of its component: 512 pixels to a byte, twice that for colour at half resolution.
    public const int MaxPixelsPerByte = 1024;

    public static JpegPicture Decode(InputFile file, byte[] stream)
    {
        try
        {
            var decoder = new JpegDecoder();
            decoder.SetInput(stream);
            decoder.Identify(loadQuantizationTables: true);
            var (width, height, channels, precision) = (decoder.Width, decoder.Height, decoder.NumberOfComponents, decoder.Precision);
            var count = file.Limits.CountSamples(file.Name, width, height, channels);
            if ((long)width * height > (long)stream.Length * MaxPixelsPerByte)
            {
                throw file.Malformed($"a size of {width} x {height} is declared and {stream.Length} bytes cannot hold that; get a whole copy");
            }
            if (channels is not (1 or 3) || precision is not (8 or 12))
            {
                throw file.Unsupported($"a JPEG of {channels} channels and {precision} bits cannot be read; save it as RGB or grey");
            }
            if (HasUnusableHuffmanTable(stream))
            {
                throw file.Malformed("it has a table of Huffman codes without codes, or too many tables; get a sound copy");
            }
            var samples = new float[count];
            decoder.SetOutputWriter(new BlockWriter(width, height, channels, precision, samples));
            decoder.Decode();
            return new JpegPicture(width, height, channels, precision, samples) { IsYCbCr = AdobeTransform(stream) != 0 };
        }
        catch (Exception e) when (e is not (ImagingException or OutOfMemoryException))
        {
            throw new ImagingException(ImagingError.Malformed, $"{file.Name}: its JPEG data is broken or of an unknown kind ({e.Message.ReplaceLineEndings(" ")}); get a sound copy", e);
        }
    }

    // The transform byte of Adobe's APP14 segment (0: RGB as it is, 1: YCbCr), or -1 where there is none.
    private static int AdobeTransform(ReadOnlySpan<byte> stream)
    {
        for (var at = 2; at + 4 <= stream.Length && stream[at] == 0xFF && stream[at + 1] != 0xDA;)
        {
            var length = stream[at + 2] << 8 | stream[at + 3];
            if (stream[at + 1] == 0xEE && length >= 14 && at + 16 <= stream.Length && stream.Slice(at + 4, 5).SequenceEqual("Adobe"u8))
            {
                return stream[at + 15];
            }
            at += 2 + length;
        }
        return -1;
    }

    // A table without codes sends JpegLibrary through memory that was never written, for seconds or for hours. It looks for the marker everywhere, and so does this.
    private static bool HasUnusableHuffmanTable(ReadOnlySpan<byte> stream)
    {
        const int MostTables = 8, HeadBytes = 17, MostCodes = 256;
        for (int marker; (marker = stream.IndexOf<byte>([0xFF, 0xC4])) >= 0;)
        {
            stream = stream[(marker + 2)..];
            if (stream.Length < 2)
            {
                break;
            }
            // The length as JpegLibrary reckons it.
            var segment = stream[2..Math.Min(stream.Length, 2 + (ushort)(stream[0] << 8 | stream[1] - 2))];
            // Each table: its class and number, how many codes it has of each length, their values.
            for (var (table, codes) = (0, 0); segment.Length >= HeadBytes && codes <= MostCodes; table++)
            {
                codes = 0;
                foreach (var count in segment[1..HeadBytes])
                {
                    codes += count;
                }
                if (codes == 0 || table == MostTables)
                {
                    return true;
                }
                segment = segment[Math.Min(segment.Length, HeadBytes + codes)..];
            }
        }
        return false;
    }

    private sealed class BlockWriter(int width, int height, int channels, int precision, float[] samples) : JpegBlockOutputWriter
    {
        private readonly int top = (1 << precision) - 1;

        public override void WriteBlock(ref short block, int componentIndex, int x, int y)
        {
            for (var row = 0; row < Math.Min(8, height - y); row++)
            {
                for (var column = 0; column < Math.Min(8, width - x); column++)
                {
                    samples[channels * (width * (y + row) + x + column) + componentIndex] = Math.Clamp((int)Unsafe.Add(ref block, 8 * row + column), 0, top);
                }
            }
        }
    }
}
