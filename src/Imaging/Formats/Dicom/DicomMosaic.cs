using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace InrFast.Imaging.Dicom;

/// <summary>
/// Siemens mosaics: the slices of a volume as the tiles of one square picture. How many there are and where they lead stands in a private
/// header, CSA, whose layout nibabel documents (nipy.org/nibabel/dicom/siemens_csa.html); so does the place of the first (dicom_mosaic.html).
/// </summary>
internal static class DicomMosaic
{
    private static readonly DicomTag CsaHeader = new(0x0029, 0x1010);

    public static bool IsMosaic(DicomDataset dataset) => dataset.GetStrings(DicomTags.ImageType).Contains("MOSAIC");

    public static IReadOnlyList<DicomSlice> Slices(DicomInstance instance, int frames)
    {
        var dataset = instance.Dataset;
        var header = dataset.Find(CsaHeader)?.Value ?? default;
        var (columns, rows) = (dataset.GetInteger(DicomTags.Columns) ?? 0, dataset.GetInteger(DicomTags.Rows) ?? 0);
        var count = CsaNumbers(header.Span, "NumberOfImagesInMosaic") is [>= 1 and <= 1 << 14 and var number, ..] ? (int)number : 0;
        var side = (int)Math.Ceiling(Math.Sqrt(count));
        if (frames != 1 || count == 0 || columns % side != 0 || rows % side != 0 || columns == 0 || rows == 0 || !DicomGeometry.HasPlace(dataset))
        {
            throw new ImagingException(ImagingError.Unsupported,
                $"{instance.Name}: this is a mosaic of slices whose number or place is unknown (no sound Siemens CSA header); convert it with dcm2niix");
        }
        var whole = new DicomSlice(instance, 0, dataset).Place;
        (columns, rows) = (columns / side, rows / side);
        var step = whole.StepZ * ((dataset.GetNumbers(DicomTags.SpacingBetweenSlices) is [> 0 and var spacing, ..] ? spacing : whole.StepZ.Length) / whole.StepZ.Length);
        var reverse = CsaNumbers(header.Span, "SliceNormalVector") is [var x, var y, var z, ..] && Vector3d.Dot(new(x, y, z), step) < 0;
        // The position is that of a picture of the mosaic's size about the slice's centre.
        var origin = whole.Origin + whole.StepX * (columns * (side - 1) / 2.0) + whole.StepY * (rows * (side - 1) / 2.0);
        return
        [
            .. Enumerable.Range(0, count).Select(tile =>
            {
                var position = origin + step * (reverse ? -tile : tile);
                return new DicomSlice(instance, 0, dataset.With(_ => false, DicomElement.FromUInt16(DicomTags.Columns, columns), DicomElement.FromUInt16(DicomTags.Rows, rows),
                    DicomElement.FromNumbers(DicomTags.ImagePositionPatient, position.X, position.Y, position.Z)), (tile % side, tile / side));
            }),
        ];
    }

    /// <summary>Values of one entry of a CSA header of the second kind; empty where there is none.</summary>
    private static double[] CsaNumbers(ReadOnlySpan<byte> header, string name)
    {
        const int EntryBytes = 84, ItemHeadBytes = 16;
        var at = 16;
        while (header.StartsWith("SV10"u8) && header.Length - at >= EntryBytes)
        {
            var entry = header[at..];
            var isWanted = Encoding.ASCII.GetString(entry[..64]).Split('\0')[0] == name;
            var items = BinaryPrimitives.ReadInt32LittleEndian(entry[76..]);
            at += EntryBytes;
            var numbers = new List<double>();
            for (var i = 0; i < items && header.Length - at >= ItemHeadBytes; i++)
            {
                var length = BinaryPrimitives.ReadInt32LittleEndian(header[(at + 4)..]);
                at += ItemHeadBytes;
                if (length < 0 || length > header.Length - at)
                {
                    return [];
                }
                if (double.TryParse(Encoding.ASCII.GetString(header.Slice(at, length)).Trim('\0', ' '), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                {
                    numbers.Add(number);
                }
                at += (length + 3) & ~3;
            }
            if (isWanted)
            {
                return [.. numbers];
            }
        }
        return [];
    }
}
