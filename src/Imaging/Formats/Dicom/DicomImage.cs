namespace InrFast.Imaging.Dicom;

/// <summary>Pixels and meaning of a single-frame DICOM image.</summary>
internal static class DicomImage
{
    public static Image Decode(DicomFile dicom, InputFile file)
    {
        var dataset = dicom.Dataset;
        var pixels = new DicomPixels(dicom, file);
        if (pixels.Frames > 1)
        {
            throw file.Unsupported($"it holds {pixels.Frames} frames and one can be read; split it first");
        }
        var warnings = new List<string>();
        var scale = ScaleOf(dataset, pixels, file.Name, warnings);
        var samples = new float[pixels.FrameSamples];
        pixels.Decode(0, scale, samples);
        if (dataset.GetString(DicomTags.PhotometricInterpretation) == "MONOCHROME1")
        {
            warnings.Add($"{file.Name}: its low values are meant to be shown bright (MONOCHROME1); values are kept as they are, previews are inverted");
        }
        var map = DicomGeometry.Read(dataset, file.Name, warnings);
        return new Image(new Grid(new GridSize(pixels.Columns, pixels.Rows), map), samples, pixels.Channels)
        {
            Unit = UnitOf(dataset, pixels), Stored = scale, Acquisition = DicomAcquisition.Of(new DicomFrame(dataset, null, DicomGeometry.PositionOf(dataset))), Warnings = warnings,
        };
    }

    private static StoredScale ScaleOf(DicomDataset dataset, DicomPixels pixels, string name, List<string> warnings)
    {
        if (!pixels.HasScale)
        {
            return new StoredScale(pixels.Type);
        }
        var slope = dataset.GetNumbers(DicomTags.RescaleSlope) is [var first, ..] ? first : 1;
        var intercept = dataset.GetNumbers(DicomTags.RescaleIntercept) is [var shift, ..] ? shift : 0;
        if (slope == 0)
        {
            warnings.Add($"{name}: its RescaleSlope is 0 and was taken as 1");
            slope = 1;
        }
        return new StoredScale(pixels.Type, slope, intercept);
    }

    // Hounsfield units are what a CT's rescale gives unless RescaleType says otherwise (PS3.3, C.11.1.1.2).
    private static string UnitOf(DicomDataset dataset, DicomPixels pixels) => (pixels.Unit ?? dataset.GetString(DicomTags.RescaleType)) switch
    {
        "US" => "",
        { } type => type,
        null => dataset.GetString(DicomTags.Modality) == "CT" && dataset.Contains(DicomTags.RescaleSlope) ? "HU" : "",
    };
}
