using System.Buffers.Binary;

namespace InrFast.Imaging.Dicom;

/// <summary>JPEG 2000 and High-Throughput JPEG 2000 (ITU-T T.800, T.814), decoded by OpenJPEG's program.</summary>
internal static class Jpeg2000Program
{
    private static readonly CodecProgram Program = new("opj_decompress", "libopenjp2-tools");

    public static DecodedFrame Decode(ReadOnlyMemory<byte> data, DicomTransferSyntax syntax, InputFile file)
    {
        // Some writers put the whole file format around the codestream, which DICOM does not allow (PS3.5, 8.2.4).
        var start = data.Span.IndexOf<byte>([0xFF, 0x4F, 0xFF, 0x51]);
        if (start < 0 || data.Length - start < 46)
        {
            throw file.Malformed("its JPEG 2000 data does not begin with a codestream; get a sound copy");
        }
        var codestream = data[start..];
        var (columns, rows, channels, precision) = ReadSize(codestream.Span[6..], file);
        var count = file.Limits.CountSamples(file.Name, columns, rows, channels);
        var bytes = precision > 8 ? 2 : 1;
        // The output is raw, plane after plane, little endian.
        var planes = Program.Run((stream => stream.Write(codestream.Span), ".j2k"), ".rawl", count, (long)count * bytes,
            (source, target) => ["-quiet", "-i", source, "-o", target], syntax, file);
        if (planes.Length != (long)count * bytes)
        {
            throw file.Malformed($"its JPEG 2000 data gives {planes.Length} bytes and its size needs {(long)count * bytes}; get a sound copy");
        }
        var samples = new ushort[count];
        for (var i = 0; i < count; i++)
        {
            samples[i % (columns * rows) * channels + i / (columns * rows)] = bytes == 1 ? planes[i] : BinaryPrimitives.ReadUInt16LittleEndian(planes.AsSpan(2 * i));
        }
        return new DecodedFrame(samples, columns, rows, channels, precision);
    }

    // The SIZ segment after its length (annex A.5.1): capabilities, then size and offset of the reference grid and of its tiles, channels, and for each its depth and steps.
    private static (int Columns, int Rows, int Channels, int Precision) ReadSize(ReadOnlySpan<byte> segment, InputFile file)
    {
        int Number(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32BigEndian(bytes) is <= int.MaxValue and var number
            ? (int)number
            : throw file.Malformed("its JPEG 2000 data declares an impossible size; get a sound copy");
        var (columns, rows, channels) = (Number(segment[2..]) - Number(segment[10..]), Number(segment[6..]) - Number(segment[14..]), BinaryPrimitives.ReadUInt16BigEndian(segment[34..]));
        var precision = (segment[36] & 0x7F) + 1;
        if (channels is not (1 or 3) || segment.Length < 36 + 3 * channels || precision > 16)
        {
            throw file.Unsupported($"JPEG 2000 data of {channels} channels and {precision} bits cannot be read; unpack it first, for example with gdcmconv --raw");
        }
        for (var i = 0; i < channels; i++)
        {
            if (segment[36 + 3 * i] != segment[36] || segment[37 + 3 * i] != 1 || segment[38 + 3 * i] != 1)
            {
                throw file.Unsupported("JPEG 2000 data whose channels differ in depth or resolution cannot be read; unpack it first, for example with gdcmconv --raw");
            }
        }
        return (columns, rows, channels, precision);
    }
}
