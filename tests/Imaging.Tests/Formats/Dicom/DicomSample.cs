using InrFast.Imaging;
using InrFast.Imaging.Dicom;

namespace InrFast.Tests.Formats.Dicom;

/// <summary>Small DICOM files made for a test.</summary>
internal static class DicomSample
{
    /// <summary>A dataset of one image; attributes given here win.</summary>
    public static DicomDataset Image(int columns, int rows, int bits, DicomElement pixels, params IEnumerable<DicomElement> others) => new(
    [
        DicomElement.FromText(DicomTags.SopClassUid, "1.2.840.10008.5.1.4.1.1.7"), DicomElement.FromText(DicomTags.SopInstanceUid, "2.25.7"),
        DicomElement.FromUInt16(DicomTags.SamplesPerPixel, 1), DicomElement.FromText(DicomTags.PhotometricInterpretation, "MONOCHROME2"),
        DicomElement.FromUInt16(DicomTags.Rows, rows), DicomElement.FromUInt16(DicomTags.Columns, columns),
        DicomElement.FromUInt16(DicomTags.BitsAllocated, bits), DicomElement.FromUInt16(DicomTags.BitsStored, bits), DicomElement.FromUInt16(DicomTags.HighBit, bits - 1),
        DicomElement.FromUInt16(DicomTags.PixelRepresentation, 0), pixels, .. others,
    ]);

    public static DicomElement Native(params byte[] bytes) => DicomElement.FromBytes(DicomTags.PixelData, "OW", bytes);

    /// <summary>An empty offset table, then the fragments.</summary>
    public static DicomElement Fragments(params byte[][] fragments) =>
        DicomElement.FromFragments(DicomTags.PixelData, [default, .. fragments.Select(fragment => (ReadOnlyMemory<byte>)fragment)]);

    public static DicomTransferSyntax Syntax(string ending) => DicomTransferSyntax.Of("1.2.840.10008.1.2" + ending);

    public static byte[] File(DicomDataset dataset, DicomTransferSyntax? compressed = null)
    {
        using var stream = new MemoryStream();
        DicomWriter.Write(stream, dataset, compressed);
        return stream.ToArray();
    }

    /// <summary>All frames, after a way through a file.</summary>
    public static float[] Frames(byte[] file, ReadLimits? limits = null)
    {
        using var input = InputFile.FromBytes("a.dcm", file, limits ?? ReadLimits.Default);
        return Frames(input);
    }

    public static float[] Frames(InputFile input)
    {
        var pixels = new DicomPixels(DicomReader.Read(input), input);
        var length = pixels.FrameSamples;
        var samples = new float[length * pixels.Frames];
        for (var frame = 0; frame < pixels.Frames; frame++)
        {
            pixels.Decode(frame, new StoredScale(pixels.Type), samples.AsSpan(frame * length, length));
        }
        return samples;
    }
}
