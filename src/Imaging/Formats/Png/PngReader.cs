using System.Buffers.Binary;
using System.IO.Compression;

namespace InrFast.Imaging;

internal sealed class PngReader(InputFile file)
{
    private const int Grey = 0, Rgb = 2, Palette = 3, GreyAlpha = 4, Rgba = 6;

    // Chunk types, four letters each.
    private const uint Ihdr = 0x49484452, Plte = 0x504C5445, Trns = 0x74524E53, Idat = 0x49444154, Iend = 0x49454E44;

    // Adam7: first column, first row, column step, row step of each pass.
    private static readonly (int X, int Y, int StepX, int StepY)[] Interlaced =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private int width, height, bits, colour;
    private bool interlace;
    private byte[] palette = [], transparency = [];

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public Image Read()
    {
        var packed = ReadChunks(file.ReadAll());
        var stored = colour switch { Rgb => 3, GreyAlpha => 2, Rgba => 4, _ => 1 };
        var channels = colour == Palette ? PaletteChannels() : stored;
        var count = file.Limits.CountSamples(file.Name, width, height, channels);
        if ((Int128)height * RowBytes(width, stored) > (Int128)packed.Length * InputFile.MaxDeflateRatio)
        {
            throw file.Malformed($"a size of {width} x {height} is declared (IHDR) and {packed.Length} bytes of data follow; get a whole copy");
        }
        var samples = new float[count];
        using var rows = new ZLibStream(packed, CompressionMode.Decompress);
        foreach (var (x0, y0, stepX, stepY) in interlace ? Interlaced : [(0, 0, 1, 1)])
        {
            if (x0 < width && y0 < height)
            {
                ReadPass(rows, stored, channels, x0, y0, stepX, stepY, samples);
            }
        }
        return new Image(Grid.Plain(width, height), samples, channels)
        {
            Stored = new StoredScale(bits == 16 ? SampleType.UInt16 : SampleType.UInt8),
            Warnings = colour != Palette && transparency.Length > 0 ? [$"{file.Name}: its transparent colour (tRNS) was ignored"] : [],
        };
    }

    // A palette of greys is a grey image.
    private int PaletteChannels()
    {
        for (var i = 0; i + 2 < palette.Length; i += 3)
        {
            if (palette[i] != palette[i + 1] || palette[i] != palette[i + 2])
            {
                return transparency.Length > 0 ? 4 : 3;
            }
        }
        return transparency.Length > 0 ? 2 : 1;
    }

    private long RowBytes(int pixels, int stored) => ((long)pixels * stored * bits + 7) / 8;

    // Returns the packed data of all IDAT chunks joined.
    private MemoryStream ReadChunks(byte[] bytes)
    {
        var packed = new MemoryStream();
        var position = Signature.Length;
        for (var first = true; ; first = false)
        {
            if (bytes.Length - position < 12)
            {
                throw file.Malformed($"the file ends at byte {bytes.Length} before its IEND chunk; get a whole copy");
            }
            var length = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(position));
            if (length > bytes.Length - position - 12)
            {
                throw file.Malformed($"the chunk at byte {position} declares {length} bytes and {bytes.Length - position - 12} follow; get a whole copy");
            }
            var body = bytes.AsSpan(position + 4, (int)length + 4);
            if (Crc32.Compute(body) != BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(position + 8 + (int)length)))
            {
                throw file.Malformed($"the checksum of the chunk at byte {position} is wrong; get a sound copy");
            }
            var type = BinaryPrimitives.ReadUInt32BigEndian(body);
            var data = body[4..];
            if (first != (type == Ihdr))
            {
                throw file.Malformed("its first chunk, and only that, must be IHDR; this is no PNG");
            }
            switch (type)
            {
                case Ihdr: ReadHeader(data); break;
                case Plte: palette = data.ToArray(); break;
                case Trns: transparency = data.ToArray(); break;
                case Idat: packed.Write(data); break;
                case Iend: packed.Position = 0; return packed;
                // A capital first letter marks a chunk without which the image cannot be understood.
                case var other when (other >> 24 & 0x20) == 0: throw file.Unsupported($"an unknown critical chunk at byte {position}; convert the file with another tool");
            }
            position += 12 + (int)length;
        }
    }

    private void ReadHeader(ReadOnlySpan<byte> header)
    {
        if (header.Length != 13)
        {
            throw file.Malformed("its IHDR chunk has not 13 bytes; this is no PNG");
        }
        var (declaredWidth, declaredHeight) = (BinaryPrimitives.ReadUInt32BigEndian(header), BinaryPrimitives.ReadUInt32BigEndian(header[4..]));
        file.Limits.CountSamples(file.Name, declaredWidth, declaredHeight);
        (width, height, bits, colour, interlace) = ((int)declaredWidth, (int)declaredHeight, header[8], header[9], header[12] == 1);
        var valid = colour switch
        {
            Grey => bits is 1 or 2 or 4 or 8 or 16,
            Palette => bits is 1 or 2 or 4 or 8,
            Rgb or GreyAlpha or Rgba => bits is 8 or 16,
            _ => false,
        };
        if (!valid || header[10] != 0 || header[11] != 0 || header[12] > 1)
        {
            throw file.Malformed($"its IHDR chunk holds an impossible combination (colour type {colour}, {bits} bits); this is no PNG");
        }
    }

    private void ReadPass(ZLibStream packed, int stored, int channels, int x0, int y0, int stepX, int stepY, float[] samples)
    {
        var columns = (width - x0 + stepX - 1) / stepX;
        var pixelBytes = Math.Max(1, stored * bits / 8);
        var row = new byte[RowBytes(columns, stored)];
        var above = new byte[row.Length];
        for (var y = y0; y < height; y += stepY)
        {
            var filter = packed.ReadByte();
            packed.ReadExactly(row);
            Unfilter(filter, row, above, pixelBytes);
            for (var column = 0; column < columns; column++)
            {
                var target = samples.AsSpan(channels * (width * y + x0 + column * stepX), channels);
                if (colour == Palette)
                {
                    LookUp(Stored(row, column), target);
                    continue;
                }
                for (var channel = 0; channel < stored; channel++)
                {
                    target[channel] = Stored(row, column * stored + channel);
                }
            }
            (row, above) = (above, row);
        }
    }

    private int Stored(byte[] row, int index) => bits switch
    {
        8 => row[index],
        16 => row[2 * index] << 8 | row[2 * index + 1],
        _ => row[index * bits / 8] >> (8 - bits - index * bits % 8) & ((1 << bits) - 1),
    };

    private void LookUp(int entry, Span<float> target)
    {
        if (3 * entry + 3 > palette.Length)
        {
            throw file.Malformed($"a pixel names colour {entry} and the palette has {palette.Length / 3}; get a sound copy");
        }
        for (var channel = 0; channel < target.Length - 1 + (target.Length & 1); channel++)
        {
            target[channel] = palette[3 * entry + channel];
        }
        if (target.Length is 2 or 4)
        {
            target[^1] = entry < transparency.Length ? transparency[entry] : 255;
        }
    }

    private void Unfilter(int filter, byte[] row, byte[] above, int pixelBytes)
    {
        switch (filter)
        {
            case 0:
                break;
            case 1:
                for (var i = pixelBytes; i < row.Length; i++)
                {
                    row[i] += row[i - pixelBytes];
                }
                break;
            case 2:
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] += above[i];
                }
                break;
            case 3:
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] += (byte)(((i < pixelBytes ? 0 : row[i - pixelBytes]) + above[i]) / 2);
                }
                break;
            case 4:
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] += i < pixelBytes ? above[i] : PngWriter.Paeth(row[i - pixelBytes], above[i], above[i - pixelBytes]);
                }
                break;
            case -1:
                throw new EndOfStreamException();
            default:
                throw file.Malformed($"a row has the unknown filter {filter}; get a sound copy");
        }
    }
}
