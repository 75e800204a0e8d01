using System.IO.Compression;
using System.Runtime.InteropServices;

namespace InrFast.Imaging;

/// <summary>Unpacks the strips and tiles of TIFF 6.0: plain, LZW, deflate, PackBits; and the predictors (section 14, and technical note 3 for floats).</summary>
internal static class TiffCompression
{
    public const int None = 1, Lzw = 5, Deflate = 8, OldDeflate = 32946, PackBits = 32773;

    /// <summary>No codec packs better than LZW with its longest strings: some 4096 bytes in 12 bits.</summary>
    public const int MaxRatio = 4096;

    /// <summary>Fills <paramref name="target"/>; more data than that is left.</summary>
    /// <exception cref="InvalidDataException">The data is broken.</exception>
    /// <exception cref="EndOfStreamException">It ends too early.</exception>
    public static void Unpack(InputFile file, long compression, ReadOnlyMemory<byte> source, Span<byte> target)
    {
        switch (compression)
        {
            case None:
                if (source.Length < target.Length)
                {
                    throw new EndOfStreamException();
                }
                source.Span[..target.Length].CopyTo(target);
                break;
            case Lzw:
                UnpackLzw(source.Span, target);
                break;
            case Deflate or OldDeflate:
                MemoryMarshal.TryGetArray(source, out var segment);
                using (var zlib = new ZLibStream(new MemoryStream(segment.Array!, segment.Offset, segment.Count), CompressionMode.Decompress))
                {
                    zlib.ReadExactly(target);
                }
                break;
            case PackBits:
                UnpackPackBits(source.Span, target);
                break;
            default:
                throw file.Unsupported($"the compression {compression} cannot be read; save the file with deflate, LZW or none");
        }
    }

    /// <summary>Undoes differences between neighbours in a row of little-endian numbers.</summary>
    public static void UndoDifferences(Span<byte> row, int elementBytes, int samples)
    {
        switch (elementBytes)
        {
            case 1:
                for (var i = samples; i < row.Length; i++)
                {
                    row[i] += row[i - samples];
                }
                break;
            case 2:
                Add(MemoryMarshal.Cast<byte, ushort>(row), samples);
                break;
            case 4:
                Add(MemoryMarshal.Cast<byte, uint>(row), samples);
                break;
            default:
                Add(MemoryMarshal.Cast<byte, ulong>(row), samples);
                break;
        }

        static void Add<T>(Span<T> values, int samples) where T : unmanaged, System.Numerics.IAdditionOperators<T, T, T>
        {
            for (var i = samples; i < values.Length; i++)
            {
                values[i] += values[i - samples];
            }
        }
    }

    /// <summary>Undoes differences between bytes of floats that are kept plane by plane, most significant first; the result is little endian.</summary>
    public static void UndoFloatDifferences(Span<byte> row, int elementBytes, int samples)
    {
        for (var i = samples; i < row.Length; i++)
        {
            row[i] += row[i - samples];
        }
        var planes = row.ToArray();
        var count = row.Length / elementBytes;
        for (var i = 0; i < count; i++)
        {
            for (var plane = 0; plane < elementBytes; plane++)
            {
                row[i * elementBytes + plane] = planes[(elementBytes - 1 - plane) * count + i];
            }
        }
    }

    private static void UnpackPackBits(ReadOnlySpan<byte> source, Span<byte> target)
    {
        for (int from = 0, to = 0; to < target.Length;)
        {
            if (from >= source.Length)
            {
                throw new EndOfStreamException();
            }
            int control = (sbyte)source[from++];
            var count = Math.Min(control >= 0 ? control + 1 : 1 - control, target.Length - to);
            if (control == -128)
            {
                continue;
            }
            if (control >= 0)
            {
                if (from + count > source.Length)
                {
                    throw new EndOfStreamException();
                }
                source.Slice(from, count).CopyTo(target[to..]);
                from += count;
            }
            else
            {
                target.Slice(to, count).Fill(from < source.Length ? source[from] : throw new EndOfStreamException());
                from++;
            }
            to += count;
        }
    }

    // Codes of 9 to 12 bits, most significant first; the width grows one code early. A string is its place in the output, where it was made.
    private static void UnpackLzw(ReadOnlySpan<byte> source, Span<byte> target)
    {
        const int Clear = 256, End = 257, First = 258, Last = 4095;
        Span<int> starts = stackalloc int[Last + 1];
        Span<int> lengths = stackalloc int[Last + 1];
        var (next, width, previous, previousLength) = (First, 9, 0, 0);
        var (buffer, bits, from, to) = (0u, 0, 0, 0);
        while (to < target.Length)
        {
            while (bits < width)
            {
                buffer = buffer << 8 | (from < source.Length ? source[from++] : throw new EndOfStreamException());
                bits += 8;
            }
            var code = (int)(buffer >> (bits - width)) & ((1 << width) - 1);
            bits -= width;
            if (code == End)
            {
                throw new EndOfStreamException();
            }
            if (code == Clear)
            {
                (next, width, previousLength) = (First, 9, 0);
                continue;
            }
            if (previousLength > 0 && next <= Last)
            {
                // The string before and one byte more: the first of the string to come, which will follow it in the output.
                (starts[next], lengths[next]) = (previous, previousLength + 1);
                next++;
            }
            var start = to;
            if (code < Clear)
            {
                target[to++] = (byte)code;
            }
            else if (code < next)
            {
                // Byte by byte, since the newest string runs into its own copy.
                for (var i = 0; i < lengths[code] && to < target.Length; i++)
                {
                    target[to++] = target[starts[code] + i];
                }
            }
            else
            {
                throw new InvalidDataException();
            }
            (previous, previousLength) = (start, to - start);
            width = next + 1 >= 1 << width && width < 12 ? width + 1 : width;
        }
    }
}
