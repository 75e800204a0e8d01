using System.Globalization;
using System.Text;

namespace InrFast.Imaging.Dicom;

/// <summary>
/// A new DICOM image made from another (PS3.3, C.7.6.1.1.2): patient and study are kept, series and instance get identifiers made
/// from the content, private attributes and all that described the old pixels are dropped. A CT or MR image stays one; anything else becomes a
/// Secondary Capture.
/// </summary>
internal static class DerivedDicom
{
    private const string CtStorage = "1.2.840.10008.5.1.4.1.1.2", MrStorage = "1.2.840.10008.5.1.4.1.1.4", SecondaryCapture = "1.2.840.10008.5.1.4.1.1.7";

    // Derived series stand beside the acquired ones in a viewer's list, far enough not to mix.
    private const int SeriesNumberOffset = 1000;

    public static DicomDataset Create(string path, Image image, WriteOptions options, ICollection<string> warnings)
    {
        if (image.Dimensions != 2 || image.Times != 1 || image.Channels is not (1 or 3))
        {
            throw new ImagingException(ImagingError.WrongUse,
                $"{path}: a DICOM file holds one slice of 1 or 3 channels and the image has {image.Size} voxels, {image.Times} times and {image.Channels} channels; write .nii.gz");
        }
        var scale = image.Channels == 3 ? ColourScale(path, options.ScaleFor(image)) : GreyScale(path, image, options.ScaleFor(image), warnings);
        var pixels = new byte[image.Samples.Length * scale.Type.Bytes()];
        var clipped = SampleCodec.Encode(image.Samples.Span, scale, pixels);
        if (clipped > 0)
        {
            warnings.Add(PictureSamples.ClippedWarning(path, clipped, scale.Type));
        }
        var source = image.Acquisition?.DatasetOf(0) ?? new DicomDataset();
        var isCtOrMr = source.GetString(DicomTags.SopClassUid) is CtStorage or MrStorage && scale.Type.Bytes() == 2 && image.Channels == 1;
        return source.With(tag => IsStale(tag),
        [
            .. EmptyPatientAndStudy(source), .. Identity(source, image, options, pixels, isCtOrMr), .. PixelModule(image, scale, pixels),
            .. HasPlace(source, image) ? DicomGeometry.Write(image.Grid.IndexToWorld) : [],
        ]);
    }

    // Attributes that are wrong for other pixels, or may be.
    private static bool IsStale(DicomTag tag) => tag.IsPrivate || tag.Group is 0x0002 or 0x0400 or >= 0x5000
        || tag.Group == 0x0028 && tag != DicomTags.WindowCenter && tag != DicomTags.WindowWidth && tag != DicomTags.RescaleType && tag.Element is not (0x0301 or 0x1055 or 0x2110 or 0x2112 or 0x2114)
        || tag == DicomTags.SliceLocation || tag == DicomTags.ImagerPixelSpacing || tag == DicomTags.SpacingBetweenSlices || tag == DicomTags.SourceImageSequence
        || tag.Group == 0x0008 && tag.Element is >= 0x0012 and <= 0x0015 || tag.Group == 0x0088 && tag.Element == 0x0200;

    private static StoredScale ColourScale(string path, StoredScale stored) => stored is { Type: SampleType.UInt8, IsPlain: true }
        ? stored
        : throw new ImagingException(ImagingError.WrongUse, $"{path}: colours are written to DICOM from 8-bit samples only; write another format");

    private static StoredScale GreyScale(string path, Image image, StoredScale stored, ICollection<string> warnings)
    {
        if (stored.Type is SampleType.UInt8 or SampleType.UInt16 or SampleType.Int16)
        {
            // The file states the scale in 16 characters; the pixels are rounded against what they say.
            return stored with { Slope = Rounded(stored.Slope), Intercept = Rounded(stored.Intercept) };
        }
        var (low, high) = image.Range();
        if (float.IsNaN(low))
        {
            throw new ImagingException(ImagingError.WrongUse, $"{path}: no value of the image is finite; nothing can be written");
        }
        var covering = StoredScale.Covering(low, high, SampleType.UInt16);
        covering = covering with { Slope = Rounded(covering.Slope), Intercept = Rounded(covering.Intercept) };
        warnings.Add($"{path}: values were rounded to 16 bits, by at most {covering.Slope / 2:g3}");
        return covering;
    }

    private static double Rounded(double value) => double.Parse(DicomElement.FormatDecimal(value), CultureInfo.InvariantCulture);

    // A picture without a place in the world gets none.
    private static bool HasPlace(DicomDataset source, Image image) =>
        source.Contains(DicomTags.ImagePositionPatient) || image.Grid.IndexToWorld != Affine.Identity && !source.Contains(DicomTags.SopClassUid);

    // Attributes that every image must carry, empty where nobody knows them (type 2).
    private static IEnumerable<DicomElement> EmptyPatientAndStudy(DicomDataset source)
    {
        DicomTag[] required =
        [
            DicomTags.StudyDate, DicomTags.StudyTime, DicomTags.AccessionNumber, DicomTags.ReferringPhysicianName, DicomTags.PatientName,
            DicomTags.PatientId, DicomTags.PatientBirthDate, DicomTags.PatientSex, DicomTags.StudyId, DicomTags.InstanceNumber,
        ];
        return required.Where(tag => !source.Contains(tag)).Select(tag => DicomElement.FromText(tag));
    }

    private static IEnumerable<DicomElement> Identity(DicomDataset source, Image image, WriteOptions options, byte[] pixels, bool isCtOrMr)
    {
        var (sourceClass, sourceInstance) = (source.GetString(DicomTags.SopClassUid), source.GetString(DicomTags.SopInstanceUid));
        var origin = Encoding.UTF8.GetBytes($"{source.GetString(DicomTags.SeriesInstanceUid)}|{options.Derivation}|");
        var place = Encoding.UTF8.GetBytes($"{sourceInstance}|{image.Grid}|");
        var series = DicomUid.FromHash([.. origin, .. sourceInstance is null ? pixels : []]);
        yield return DicomElement.FromText(DicomTags.SopClassUid, isCtOrMr ? sourceClass! : SecondaryCapture);
        yield return DicomElement.FromText(DicomTags.SopInstanceUid, DicomUid.FromHash([.. origin, .. place, .. pixels]));
        yield return DicomElement.FromText(DicomTags.SeriesInstanceUid, series);
        if (!source.Contains(DicomTags.StudyInstanceUid))
        {
            yield return DicomElement.FromText(DicomTags.StudyInstanceUid, DicomUid.FromHash(Encoding.UTF8.GetBytes(series)));
        }
        yield return DicomElement.FromText(DicomTags.SeriesNumber, $"{(source.GetInteger(DicomTags.SeriesNumber) ?? 0) % 1000000 + SeriesNumberOffset}");
        yield return DicomElement.FromText(DicomTags.ImageType, ["DERIVED", "SECONDARY", .. source.GetStrings(DicomTags.ImageType).Skip(2)]);
        yield return DicomElement.FromText(DicomTags.DerivationDescription, options.Derivation);
        if (!source.Contains(DicomTags.Modality))
        {
            yield return DicomElement.FromText(DicomTags.Modality, "OT");
        }
        if (!isCtOrMr)
        {
            // Made on a workstation (PS3.3, C.8.6.1).
            yield return DicomElement.FromText(DicomTags.ConversionType, "WSD");
        }
        if (sourceClass is not null && sourceInstance is not null)
        {
            yield return DicomElement.FromItems(DicomTags.SourceImageSequence, new DicomDataset(
                DicomElement.FromText(DicomTags.ReferencedSopClassUid, sourceClass), DicomElement.FromText(DicomTags.ReferencedSopInstanceUid, sourceInstance)));
        }
    }

    private static IEnumerable<DicomElement> PixelModule(Image image, StoredScale scale, byte[] pixels)
    {
        var bits = scale.Type.Bytes() * 8;
        var padded = pixels.Length % 2 == 0 ? pixels : [.. pixels, 0];
        var grey = image.Acquisition?.Common.GetString(DicomTags.PhotometricInterpretation) == "MONOCHROME1" ? "MONOCHROME1" : "MONOCHROME2";
        yield return DicomElement.FromUInt16(DicomTags.SamplesPerPixel, image.Channels);
        yield return DicomElement.FromText(DicomTags.PhotometricInterpretation, image.Channels == 3 ? "RGB" : grey);
        yield return DicomElement.FromUInt16(DicomTags.Rows, CheckSide(image.Size.Y));
        yield return DicomElement.FromUInt16(DicomTags.Columns, CheckSide(image.Size.X));
        yield return DicomElement.FromUInt16(DicomTags.BitsAllocated, bits);
        yield return DicomElement.FromUInt16(DicomTags.BitsStored, bits);
        yield return DicomElement.FromUInt16(DicomTags.HighBit, bits - 1);
        yield return DicomElement.FromUInt16(DicomTags.PixelRepresentation, scale.Type == SampleType.Int16 ? 1 : 0);
        if (image.Channels == 3)
        {
            yield return DicomElement.FromUInt16(DicomTags.PlanarConfiguration, 0);
        }
        else
        {
            yield return DicomElement.FromNumbers(DicomTags.RescaleIntercept, scale.Intercept);
            yield return DicomElement.FromNumbers(DicomTags.RescaleSlope, scale.Slope);
            if (image.Unit.Length == 0 || image.Acquisition is null)
            {
                yield return DicomElement.FromText(DicomTags.RescaleType, image.Unit.Length == 0 ? "US" : image.Unit);
            }
        }
        yield return DicomElement.FromBytes(DicomTags.PixelData, bits == 8 ? "OB" : "OW", padded);
    }

    private static int CheckSide(int pixels) => pixels <= ushort.MaxValue
        ? pixels
        : throw new ImagingException(ImagingError.WrongUse, $"a DICOM image has at most 65535 pixels a side and this has {pixels}; write .nii.gz");
}
