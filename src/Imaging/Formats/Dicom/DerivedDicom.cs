using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace InrFast.Imaging.Dicom;

/// <summary>
/// A new DICOM series made from an image, one instance for each slice (PS3.3, C.7.6.1.1.2): patient, study and frame of reference of the source are kept, series and
/// instances get identifiers made from the content, the source images are named, and private attributes and all that described the old pixels are dropped. CT, MR and
/// PET images stay such, enhanced ones of CT and MR become classic ones; anything else becomes Secondary Captures, which carry their place in the world as extra attributes.
/// </summary>
internal sealed class DerivedDicom
{
    private const string CtStorage = ClassicAttributes.CtStorage, MrStorage = ClassicAttributes.MrStorage, PetStorage = "1.2.840.10008.5.1.4.1.1.128", SecondaryCapture = "1.2.840.10008.5.1.4.1.1.7";

    // Derived series stand beside the acquired ones in a viewer's list, far enough not to mix.
    private const int SeriesNumberOffset = 1000;

    private readonly Image image;
    private readonly WriteOptions options;
    private readonly StoredScale scale;
    private readonly byte[] pixels;
    private readonly SourceFrames sources;
    private readonly string kind, seriesUid;
    private readonly bool hasPlace;

    /// <exception cref="ImagingException">WrongUse: what DICOM cannot hold.</exception>
    public DerivedDicom(string path, Image image, WriteOptions options, ICollection<string> warnings)
    {
        if (image.Channels is not (1 or 3))
        {
            throw new ImagingException(ImagingError.WrongUse, $"{path}: a DICOM image has 1 or 3 channels and this has {image.Channels}; write .nii.gz");
        }
        if (Math.Max(image.Size.X, image.Size.Y) > ushort.MaxValue)
        {
            throw new ImagingException(ImagingError.WrongUse, $"{path}: a DICOM image has at most 65535 pixels a side and this has {image.Size}; write .nii.gz");
        }
        (this.image, this.options, sources) = (image, options, new SourceFrames(image));
        var isPet = sources.First?.GetString(DicomTags.SopClassUid) == PetStorage;
        scale = image.Channels == 3 ? ColourScale(path, options.ScaleFor(image)) : GreyScale(path, image, options.ScaleFor(image), isPet, warnings);
        // Every byte is written below.
        pixels = LargeArray.Allocate<byte>(checked(image.Samples.Length * scale.Type.Bytes()));
        var (hashes, clipped) = EncodePixels();
        if (clipped > 0)
        {
            warnings.Add(PictureSamples.ClippedWarning(path, clipped, scale.Type));
        }
        var source = sources.First;
        // A picture without a place in the world gets none; slices need one, or nothing could put them together again.
        hasPlace = Count > 1 || (source?.Contains(DicomTags.ImagePositionPatient) ?? image.Grid.IndexToWorld != Affine.Identity);
        kind = source is not null && ClassicAttributes.ClassOf(source) is CtStorage or MrStorage or PetStorage && scale.Type.Bytes() == 2 && image.Channels == 1 && hasPlace && source.Contains(DicomTags.FrameOfReferenceUid)
            ? ClassicAttributes.ClassOf(source)! : SecondaryCapture;
        var origin = $"{source?.GetString(DicomTags.SeriesInstanceUid)}|{source?.GetString(DicomTags.SopInstanceUid)}|{options.Derivation}|{image.Grid}|{image.Times}|{scale}|";
        seriesUid = DicomUid.FromHash([.. Encoding.UTF8.GetBytes(origin), .. hashes]);
    }

    /// <summary>Instances: the slices of the first time, then those of the next.</summary>
    public int Count => image.Size.Z * image.Times;

    public DicomDataset this[int index]
    {
        get
        {
            var source = sources.NearestTo(index) ?? new DicomDataset();
            source = kind == SecondaryCapture ? source : ClassicAttributes.Of(source);
            return source.With(IsStale,
            [
                .. Empty(source, PatientAndStudy), .. Identity(source, index), .. sources.References(index), .. hasPlace ? Place(source, index) : [],
                .. kind == SecondaryCapture ? Empty(source, NamesBodyPart(source) ? [DicomTags.PatientOrientation] : [DicomTags.PatientOrientation, DicomTags.Laterality]) : [],
                .. image.Times > 1 ? Time(index) : [], .. kind == PetStorage ? Pet(source, index) : [], .. ValueScale(), .. options.LossyRatio is null ? PixelPadding.Keep(source, scale) : [], .. PixelModule(index),
            ]);
        }
    }

    // Slice by slice; the SHA-256 of each, one after the other, and how many values were clipped.
    private (byte[] Hashes, long Clipped) EncodePixels()
    {
        var (values, bytes) = (image.Samples.Length / Count, pixels.Length / Count);
        var (hashes, clipped) = (new byte[Count * SHA256.HashSizeInBytes], new long[Count]);
        Concurrently.For(Count, slice =>
        {
            var cells = pixels.AsSpan(slice * bytes, bytes);
            clipped[slice] = SampleCodec.Encode(image.Samples.Span.Slice(slice * values, values), scale, cells);
            SHA256.HashData(cells, hashes.AsSpan(slice * SHA256.HashSizeInBytes));
        });
        return (hashes, clipped.Sum());
    }

    // Attributes that are wrong for other pixels, or may be.
    private static bool IsStale(DicomTag tag) => tag.IsPrivate || tag.Group is 0x0002 or 0x0400 or >= 0x5000
        || tag.Group == 0x0028 && tag != DicomTags.WindowCenter && tag != DicomTags.WindowWidth && tag.Element is not (0x0301 or 0x1055 or 0x2110 or 0x2112 or 0x2114)
        || tag == DicomTags.SliceLocation || tag == DicomTags.ImagerPixelSpacing || tag == DicomTags.SpacingBetweenSlices || tag == DicomTags.SourceImageSequence
        || tag.Group == 0x0008 && tag.Element is >= 0x0012 and <= 0x0015 or >= 0x9205 and <= 0x9207 || tag.Group == 0x0088 && tag.Element == 0x0200
        // Real-world values of the old numbers.
        || tag.Group == 0x0040 && tag.Element is 0x08EA or 0x9096 or 0x9098 or >= 0x9210 and <= 0x9225;

    private static StoredScale ColourScale(string path, StoredScale stored) => stored is { Type: SampleType.UInt8, IsPlain: true }
        ? stored
        : throw new ImagingException(ImagingError.WrongUse, $"{path}: colours are written to DICOM from 8-bit samples only; write another format");

    private static StoredScale GreyScale(string path, Image image, StoredScale stored, bool isPet, ICollection<string> warnings)
    {
        if (stored.Type is SampleType.UInt8 or SampleType.UInt16 or SampleType.Int16 && !(isPet && stored.Intercept != 0))
        {
            // The file states the scale in 16 characters; the pixels are rounded against what they say.
            return stored with { Slope = Rounded(stored.Slope), Intercept = Rounded(stored.Intercept) };
        }
        var (low, high) = image.Range();
        if (float.IsNaN(low))
        {
            throw new ImagingException(ImagingError.WrongUse, $"{path}: no value of the image is finite; nothing can be written");
        }
        // A PET image has no intercept (PS3.3, C.8.9.4).
        var greatest = Math.Max(high, 0);
        var covering = !isPet ? StoredScale.Covering(low, high, SampleType.UInt16)
            : low >= 0 ? StoredScale.Covering(0, greatest, SampleType.UInt16)
            : new StoredScale(SampleType.Int16, Math.Max(-low, greatest) / short.MaxValue);
        covering = covering with { Slope = Rounded(covering.Slope), Intercept = Rounded(covering.Intercept) };
        warnings.Add($"{path}: values were rounded to 16 bits, by at most {covering.Slope / 2:g3}");
        return covering;
    }

    private static double Rounded(double value) => double.Parse(DicomElement.FormatDecimal(value), CultureInfo.InvariantCulture);

    // Attributes that every image must carry, empty where nobody knows them (type 2).
    private static readonly DicomTag[] PatientAndStudy =
    [
        DicomTags.StudyDate, DicomTags.StudyTime, DicomTags.AccessionNumber, DicomTags.Manufacturer, DicomTags.ReferringPhysicianName, DicomTags.PatientName,
        DicomTags.PatientId, DicomTags.PatientBirthDate, DicomTags.PatientSex, DicomTags.StudyId,
    ];

    private static IEnumerable<DicomElement> Empty(DicomDataset source, DicomTag[] tags) => tags.Where(tag => !source.Contains(tag)).Select(tag => DicomElement.FromText(tag));

    // Where the part of the body is known, its side has to be too, or there is none (PS3.3, C.7.3.1).
    private static bool NamesBodyPart(DicomDataset source) =>
        source.Contains(DicomTags.BodyPartExamined) || source.Contains(DicomTags.AnatomicRegionSequence) || source.Contains(DicomTags.FrameLaterality);

    private IEnumerable<DicomElement> Identity(DicomDataset source, int index)
    {
        yield return DicomElement.FromText(DicomTags.SopClassUid, kind);
        yield return DicomElement.FromText(DicomTags.SopInstanceUid, DicomUid.FromHash(Encoding.UTF8.GetBytes($"{seriesUid}|{index}")));
        yield return DicomElement.FromText(DicomTags.SeriesInstanceUid, seriesUid);
        if (!source.Contains(DicomTags.StudyInstanceUid))
        {
            yield return DicomElement.FromText(DicomTags.StudyInstanceUid, DicomUid.FromHash(Encoding.UTF8.GetBytes(seriesUid)));
        }
        yield return DicomElement.FromText(DicomTags.SeriesNumber, $"{(source.GetInteger(DicomTags.SeriesNumber) ?? 0) % 1000000 + SeriesNumberOffset}");
        yield return DicomElement.FromText(DicomTags.InstanceNumber, $"{index + 1}");
        // A PET image is always a primary one (PS3.3, C.8.9.4.1.1).
        yield return DicomElement.FromText(DicomTags.ImageType, ["DERIVED", kind == PetStorage ? "PRIMARY" : "SECONDARY", .. ImageKind(source)]);
        var error = scale.Type.IsInteger() && image.Channels == 1 ? $"; values in steps of {DicomElement.FormatDecimal(scale.Slope)}{(image.Unit.Length > 0 ? " " + image.Unit : "")}, rounded by at most half of one" : "";
        yield return DicomElement.FromText(DicomTags.DerivationDescription, options.Derivation + error);
        yield return DicomElement.FromItems(DicomTags.ContributingEquipmentSequence, new DicomDataset(
            DicomCode.Item(DicomTags.PurposeOfReferenceCodeSequence, "109102", "Processing Equipment"),
            DicomElement.FromText(DicomTags.Manufacturer, "InrFast"), DicomElement.FromText(DicomTags.SoftwareVersions, typeof(DerivedDicom).Assembly.GetName().Version!.ToString(3))));
        if (!source.Contains(DicomTags.Modality))
        {
            yield return DicomElement.FromText(DicomTags.Modality, "OT");
        }
        if (kind == SecondaryCapture)
        {
            // Made on a workstation (PS3.3, C.8.6.1).
            yield return DicomElement.FromText(DicomTags.ConversionType, "WSD");
        }
        if (options.LossyRatio is { } ratio)
        {
            yield return DicomCode.Item(DicomTags.DerivationCodeSequence, "113040", "Lossy Compression");
            yield return DicomElement.FromText(DicomTags.LossyImageCompression, "01");
            yield return DicomElement.FromNumbers(DicomTags.LossyImageCompressionRatio, [.. source.GetNumbers(DicomTags.LossyImageCompressionRatio), Math.Round(ratio, 2)]);
            yield return DicomElement.FromText(DicomTags.LossyImageCompressionMethod, [.. source.GetStrings(DicomTags.LossyImageCompressionMethod), "INRFAST"]);
        }
    }

    // A CT image says whether it is axial, an MR image has a kind (PS3.3, C.8.2.1.1.1 and C.8.3.1.1.1).
    private IEnumerable<string> ImageKind(DicomDataset source) => source.GetStrings(DicomTags.ImageType) is { Length: > 2 } type ? type.Skip(2)
        : kind == CtStorage ? ["AXIAL"] : kind == MrStorage ? ["OTHER"] : [];

    private IEnumerable<DicomElement> Place(DicomDataset source, int index)
    {
        var map = image.Grid.IndexToWorld;
        var normal = Vector3d.Cross(map.StepX, map.StepY);
        var between = Math.Abs(Vector3d.Dot(map.StepZ, normal / normal.Length));
        foreach (var element in DicomGeometry.Write(map with { Origin = map.Apply(new(0, 0, index % image.Size.Z)) }))
        {
            yield return element;
        }
        // Slices that overlap, or leave gaps, stay as thick as they were acquired where they lie as densely.
        var isAsBefore = sources.Spacing is { } spacing && Math.Abs(spacing - between) < 0.01 * between;
        yield return source.Find(DicomTags.SliceThickness) is { Value.Length: > 0 } thickness && isAsBefore ? thickness : DicomElement.FromNumbers(DicomTags.SliceThickness, between);
        if (source.Contains(DicomTags.SpacingBetweenSlices))
        {
            yield return DicomElement.FromNumbers(DicomTags.SpacingBetweenSlices, between);
        }
    }

    // Marks that readers tell time points apart by, whatever the source had for it.
    private IEnumerable<DicomElement> Time(int index)
    {
        var time = index / image.Size.Z;
        yield return DicomElement.FromText(DicomTags.AcquisitionNumber, $"{time + 1}");
        yield return DicomElement.FromText(DicomTags.TemporalPositionIdentifier, $"{time + 1}");
        yield return DicomElement.FromText(DicomTags.NumberOfTemporalPositions, $"{image.Times}");
        if (image.TimeSpacing > 0)
        {
            yield return DicomElement.FromNumbers(DicomTags.TemporalResolution, image.TimeSpacing * 1000);
        }
    }

    // A PET series says how many slices it has, and each image which of them it is (PS3.3, C.8.9.1 and C.8.9.4).
    private IEnumerable<DicomElement> Pet(DicomDataset source, int index)
    {
        yield return DicomElement.FromText(DicomTags.SeriesType, image.Times > 1 ? "DYNAMIC" : source.GetString(DicomTags.SeriesType) is { } type && type != "DYNAMIC" ? type : "STATIC", "IMAGE");
        yield return DicomElement.FromUInt16(DicomTags.NumberOfSlices, image.Size.Z);
        yield return DicomElement.FromUInt16(DicomTags.ImageIndex, index + 1);
        if (image.Times > 1)
        {
            yield return DicomElement.FromUInt16(DicomTags.NumberOfTimeSlices, image.Times);
        }
    }

    // An MR image knows no value scale; it has one only where it is needed.
    private IEnumerable<DicomElement> ValueScale() => image.Channels == 3 || kind == MrStorage && scale.IsPlain ? [] :
    [
        DicomElement.FromNumbers(DicomTags.RescaleIntercept, scale.Intercept), DicomElement.FromNumbers(DicomTags.RescaleSlope, scale.Slope),
        DicomElement.FromText(DicomTags.RescaleType, image.Unit.Length == 0 ? "US" : image.Unit),
    ];

    private IEnumerable<DicomElement> PixelModule(int index)
    {
        var (bits, bytes) = (scale.Type.Bytes() * 8, pixels.Length / Count);
        var slice = pixels.AsMemory(index * bytes, bytes);
        var isInverted = sources.First?.GetString(DicomTags.PhotometricInterpretation) == "MONOCHROME1";
        yield return DicomElement.FromUInt16(DicomTags.SamplesPerPixel, image.Channels);
        yield return DicomElement.FromText(DicomTags.PhotometricInterpretation, image.Channels == 3 ? "RGB" : isInverted ? "MONOCHROME1" : "MONOCHROME2");
        yield return DicomElement.FromUInt16(DicomTags.Rows, image.Size.Y);
        yield return DicomElement.FromUInt16(DicomTags.Columns, image.Size.X);
        yield return DicomElement.FromUInt16(DicomTags.BitsAllocated, bits);
        yield return DicomElement.FromUInt16(DicomTags.BitsStored, bits);
        yield return DicomElement.FromUInt16(DicomTags.HighBit, bits - 1);
        yield return DicomElement.FromUInt16(DicomTags.PixelRepresentation, scale.Type == SampleType.Int16 ? 1 : 0);
        if (image.Channels == 3)
        {
            yield return DicomElement.FromUInt16(DicomTags.PlanarConfiguration, 0);
        }
        yield return DicomElement.FromBytes(DicomTags.PixelData, bits == 8 ? "OB" : "OW", bytes % 2 == 0 ? slice : (byte[])[.. slice.Span, 0]);
    }
}
