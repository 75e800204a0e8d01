using System.Buffers.Binary;
using System.Globalization;
using InrFast.Imaging;
using InrFast.Imaging.Dicom;

namespace InrFast.Tests.Formats;

/// <summary>Makes DICOM files for tests: 16-bit slices of 4 x 3 pixels, each holding its own value everywhere.</summary>
internal static class TestDicom
{
    public const int Columns = 4, Rows = 3;

    /// <summary>A CT slice at a place, of one value, axes along the world's, 0.5 mm between rows and 0.75 mm between columns.</summary>
    public static DicomDataset Slice(Vector3d position, int value, params IEnumerable<DicomElement> more) => new DicomDataset(
    [
        DicomElement.FromText(DicomTags.SopClassUid, "1.2.840.10008.5.1.4.1.1.2"), DicomElement.FromText(DicomTags.SopInstanceUid, $"1.2.3.{value + 1}.{Math.Abs((int)(position.Z * 1000))}"),
        DicomElement.FromText(DicomTags.ImageType, "ORIGINAL", "PRIMARY", "AXIAL"), DicomElement.FromText(DicomTags.Modality, "CT"),
        DicomElement.FromText(DicomTags.StudyInstanceUid, "1.2.3"), DicomElement.FromText(DicomTags.SeriesInstanceUid, "1.2.3.4"), DicomElement.FromText(DicomTags.SeriesNumber, "7"),
        DicomElement.FromNumbers(DicomTags.ImagePositionPatient, position.X, position.Y, position.Z), DicomElement.FromNumbers(DicomTags.ImageOrientationPatient, 1, 0, 0, 0, 1, 0),
        DicomElement.FromNumbers(DicomTags.PixelSpacing, 0.5, 0.75), DicomElement.FromNumbers(DicomTags.SliceThickness, 9),
        .. Pixels(Columns, Rows, 1, [.. Enumerable.Repeat(value, Columns * Rows)]),
    ]).With(_ => false, more);

    public static DicomDataset Slice(double z, int value, params IEnumerable<DicomElement> more) => Slice(new Vector3d(-10, 20, z), value, more);

    public static IEnumerable<DicomElement> Pixels(int columns, int rows, int frames, params int[] values)
    {
        var bytes = new byte[values.Length * 2];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(i * 2), (short)values[i]);
        }
        return
        [
            DicomElement.FromUInt16(DicomTags.SamplesPerPixel, 1), DicomElement.FromText(DicomTags.PhotometricInterpretation, "MONOCHROME2"),
            DicomElement.FromUInt16(DicomTags.Rows, rows), DicomElement.FromUInt16(DicomTags.Columns, columns), DicomElement.FromUInt16(DicomTags.BitsAllocated, 16),
            DicomElement.FromUInt16(DicomTags.BitsStored, 16), DicomElement.FromUInt16(DicomTags.HighBit, 15), DicomElement.FromUInt16(DicomTags.PixelRepresentation, 1),
            .. frames > 1 ? [DicomElement.FromText(DicomTags.NumberOfFrames, frames.ToString(CultureInfo.InvariantCulture))] : Array.Empty<DicomElement>(),
            DicomElement.FromBytes(DicomTags.PixelData, "OW", bytes),
        ];
    }

    public static DicomElement Text(DicomTag tag, string value) => DicomElement.FromText(tag, value.Split('\\'));

    public static byte[] Bytes(DicomDataset dataset)
    {
        using var stream = new MemoryStream();
        DicomWriter.Write(stream, dataset);
        return stream.ToArray();
    }

    /// <summary>Writes files named after their order, so that names say nothing about places.</summary>
    public static string Write(string folder, params IReadOnlyList<DicomDataset> files)
    {
        Directory.CreateDirectory(folder);
        for (var i = 0; i < files.Count; i++)
        {
            File.WriteAllBytes(Path.Combine(folder, $"{i:d4}"), Bytes(files[i]));
        }
        return folder;
    }

    /// <summary>The first sample of each slice, all times.</summary>
    public static float[] SliceValues(Image image) => [.. Enumerable.Range(0, image.Size.Z * image.Times).Select(i => image.Samples.Span[i * image.Size.X * image.Size.Y])];
}
