using System.Buffers.Binary;

namespace InrFast.Imaging.Dicom;

/// <summary>JPEG-LS (ITU-T T.87), decoded by DCMTK's program, which takes a DICOM file and gives one.</summary>
internal static class JpegLsProgram
{
    private static readonly CodecProgram Program = new("dcmdjpls", "dcmtk");

    // Beside the pixels the output holds a few attributes.
    private const int HeadBytes = 4096;

    public static DecodedFrame Decode(ReadOnlyMemory<byte> data, DicomTransferSyntax syntax, InputFile file)
    {
        var (columns, rows, channels, precision) = ReadSize(data.Span, file);
        var count = file.Limits.CountSamples(file.Name, columns, rows, channels);
        var bytes = precision > 8 ? 2 : 1;
        var dataset = new DicomDataset(
            DicomElement.FromText(DicomTags.SopClassUid, "1.2.840.10008.5.1.4.1.1.7"), DicomElement.FromText(DicomTags.SopInstanceUid, "2.25.1"),
            DicomElement.FromUInt16(DicomTags.SamplesPerPixel, channels), DicomElement.FromText(DicomTags.PhotometricInterpretation, channels == 3 ? "RGB" : "MONOCHROME2"),
            DicomElement.FromUInt16(DicomTags.PlanarConfiguration, 0), DicomElement.FromUInt16(DicomTags.Rows, rows), DicomElement.FromUInt16(DicomTags.Columns, columns),
            DicomElement.FromUInt16(DicomTags.BitsAllocated, 8 * bytes), DicomElement.FromUInt16(DicomTags.BitsStored, precision), DicomElement.FromUInt16(DicomTags.HighBit, precision - 1),
            DicomElement.FromUInt16(DicomTags.PixelRepresentation, 0), DicomElement.FromFragments(DicomTags.PixelData, [default, data]));
        var decoded = Program.Run((stream => DicomWriter.Write(stream, dataset, syntax), ".dcm"), ".dcm", count, (long)count * bytes + HeadBytes,
            (source, target) => ["+px", source, target], syntax, file);
        using var output = InputFile.FromBytes(file.Name, decoded, file.Limits);
        var pixels = DicomReader.Read(output).Dataset.Find(DicomTags.PixelData)?.Value ?? default;
        if (pixels.Length < (long)count * bytes)
        {
            throw file.Malformed($"its JPEG-LS data gives {pixels.Length} bytes and its size needs {(long)count * bytes}; get a sound copy");
        }
        var samples = new ushort[count];
        for (var i = 0; i < count; i++)
        {
            samples[i] = bytes == 1 ? pixels.Span[i] : BinaryPrimitives.ReadUInt16LittleEndian(pixels.Span[(2 * i)..]);
        }
        return new DecodedFrame(samples, columns, rows, channels, precision);
    }

    // The frame header (SOF55) stands among segments that say their length.
    private static (int Columns, int Rows, int Channels, int Precision) ReadSize(ReadOnlySpan<byte> stream, InputFile file)
    {
        for (var at = 2; at + 10 <= stream.Length && stream[at] == 0xFF; at += 2 + BinaryPrimitives.ReadUInt16BigEndian(stream[(at + 2)..]))
        {
            if (stream[at + 1] != 0xF7)
            {
                continue;
            }
            var (precision, rows, columns, channels) = (stream[at + 4], BinaryPrimitives.ReadUInt16BigEndian(stream[(at + 5)..]), BinaryPrimitives.ReadUInt16BigEndian(stream[(at + 7)..]), stream[at + 9]);
            return channels is 1 or 3 && precision is >= 2 and <= 16
                ? (columns, rows, channels, precision)
                : throw file.Unsupported($"JPEG-LS data of {channels} channels and {precision} bits cannot be read; unpack it first, for example with gdcmconv --raw");
        }
        throw file.Malformed("its JPEG-LS data has no frame header; get a whole copy");
    }
}
