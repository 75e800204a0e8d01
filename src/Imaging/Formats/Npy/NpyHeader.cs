using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace InrFast.Imaging;

/// <summary>The header of a NumPy array file: element type, order of axes, shape.</summary>
internal sealed partial class NpyHeader
{
    private char kind;

    public int ElementBytes { get; private init; }

    public bool BigEndian { get; private init; }

    public bool FortranOrder { get; private init; }

    public long[] Shape { get; private init; } = [];

    /// <summary>Floats for each element: 2 where it is complex.</summary>
    public int Floats => kind == 'c' ? 2 : 1;

    public int DataOffset { get; private init; }

    /// <summary>The type that would write it back; half precision widens to float32 and truth values to bytes.</summary>
    public SampleType StoredAs => (kind, ElementBytes) switch
    {
        ('b', 1) or ('u', 1) => SampleType.UInt8,
        ('i', 1) => SampleType.Int8,
        ('u', 2) => SampleType.UInt16,
        ('i', 2) => SampleType.Int16,
        ('u', 4) => SampleType.UInt32,
        ('i', 4) => SampleType.Int32,
        ('u', _) => SampleType.UInt64,
        ('i', _) => SampleType.Int64,
        ('f', 8) or ('c', 16) => SampleType.Float64,
        _ => SampleType.Float32,
    };

    /// <summary>Where the text of a header ends, by its first 12 bytes.</summary>
    public static int TextEnd(InputFile file, ReadOnlySpan<byte> head)
    {
        // Magic (6 bytes), version (2), length of the text (2 bytes in version 1, else 4), the text: a Python dictionary.
        if (!IsNpy(head) || head[6] is < 1 or > 3)
        {
            throw file.Malformed("its NPY header is of an unknown version; get a sound copy");
        }
        var (start, length) = head[6] == 1 ? (10, BinaryPrimitives.ReadUInt16LittleEndian(head[8..])) : (12, BinaryPrimitives.ReadUInt32LittleEndian(head[8..]));
        return length is >= 2 and <= 1 << 16 ? start + (int)length : throw file.Malformed($"its NPY header declares {length} bytes; get a whole copy");
    }

    public static bool IsNpy(ReadOnlySpan<byte> head) => head is [0x93, ..] && head[1..].StartsWith("NUMPY"u8);

    /// <param name="bytes">The header from its first byte to the end of its text.</param>
    public static NpyHeader Parse(InputFile file, ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.Latin1.GetString(bytes[(bytes[6] == 1 ? 10 : 12)..]);
        var type = Descr().Match(text);
        var order = Fortran().Match(text);
        var shape = ShapePattern().Match(text);
        if (!type.Success || !order.Success || !shape.Success)
        {
            throw file.Malformed("its NPY header names no simple type, order and shape; save a plain array of numbers");
        }
        var (kind, size) = (type.Groups[2].Value[0], int.Parse(type.Groups[3].ValueSpan, CultureInfo.InvariantCulture));
        if ((kind, size) is not (('b', 1) or ('u' or 'i', 1 or 2 or 4 or 8) or ('f', 2 or 4 or 8) or ('c', 8 or 16)))
        {
            throw file.Unsupported($"elements of type '{type.Groups[1].Value}{kind}{size}' cannot be read; save the array as float32");
        }
        var axes = new List<long>();
        foreach (var part in shape.Groups[1].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            axes.Add(long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var axis) ? axis : throw file.Malformed($"its shape holds '{InputFile.Shown(part)}'; this is no NPY"));
        }
        return new NpyHeader
        {
            kind = kind, ElementBytes = size, BigEndian = type.Groups[1].Value == ">", FortranOrder = order.Groups[1].Value == "True",
            Shape = [.. axes], DataOffset = bytes.Length,
        };
    }

    /// <summary>A version 1 header, padded so that the data begins at a multiple of 64.</summary>
    public static byte[] Format(SampleType type, IReadOnlyList<int> shape, bool isComplex = false)
    {
        var kind = isComplex ? 'c' : type is SampleType.Float32 or SampleType.Float64 ? 'f'
            : type is SampleType.UInt8 or SampleType.UInt16 or SampleType.UInt32 or SampleType.UInt64 ? 'u' : 'i';
        var order = type.Bytes() == 1 ? '|' : '<';
        var text = $"{{'descr': '{order}{kind}{(isComplex ? 2 : 1) * type.Bytes()}', 'fortran_order': False, 'shape': ({string.Join(", ", shape)}{(shape.Count == 1 ? "," : "")}), }}";
        var padded = (10 + text.Length + 1 + 63) / 64 * 64;
        var header = new byte[padded];
        Encoding.Latin1.GetBytes("\u0093NUMPY\u0001\0" + "\0\0" + text.PadRight(padded - 11) + "\n", header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), (ushort)(padded - 10));
        return header;
    }

    public void Decode(Span<byte> data, Span<float> samples)
    {
        if ((kind, ElementBytes) != ('f', 2))
        {
            SampleCodec.Decode(data, new StoredScale(StoredAs), BigEndian, samples);
            return;
        }
        if (BigEndian)
        {
            SampleCodec.Swap(data, 2);
        }
        var halves = MemoryMarshal.Cast<byte, Half>(data);
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = (float)halves[i];
        }
    }

    [GeneratedRegex("""['"]descr['"]\s*:\s*['"]([<>|=]?)([a-zA-Z])(\d{1,3})['"]""")]
    private static partial Regex Descr();

    [GeneratedRegex("""['"]fortran_order['"]\s*:\s*(True|False)""")]
    private static partial Regex Fortran();

    [GeneratedRegex("""['"]shape['"]\s*:\s*\(([^()]*)\)""")]
    private static partial Regex ShapePattern();
}
