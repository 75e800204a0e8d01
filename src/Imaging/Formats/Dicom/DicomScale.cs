namespace InrFast.Imaging.Dicom;

/// <summary>What stored numbers mean: scale and unit, of one frame.</summary>
internal static class DicomScale
{
    /// <summary>Rescale (PS3.3, C.11.1), else the scale of a dose grid (C.8.8.3), else the real-world value mapping (C.7.6.16.2.11), else the numbers themselves.</summary>
    public static StoredScale Of(DicomDataset dataset, DicomPixels pixels)
    {
        if (!pixels.HasScale)
        {
            return new StoredScale(pixels.Type);
        }
        var slope = First(DicomTags.RescaleSlope) ?? First(DicomTags.DoseGridScaling);
        var realWorld = RealWorld(dataset);
        return slope is null && realWorld is not null ? new StoredScale(pixels.Type, realWorld.Value.Slope, realWorld.Value.Intercept)
            : new StoredScale(pixels.Type, slope is null or 0 ? 1 : slope.Value, First(DicomTags.RescaleIntercept) ?? 0);

        double? First(DicomTag tag) => dataset.GetNumbers(tag) is [var number, ..] ? number : null;
    }

    /// <summary>"" where the dataset names none.</summary>
    /// <param name="tableUnit">Unit of the file's table of values, where it has one.</param>
    public static string UnitOf(DicomDataset dataset, string? tableUnit) => (tableUnit ?? dataset.GetString(DicomTags.RescaleType)) switch
    {
        "US" => "",
        { } type => type,
        // Hounsfield units are what a CT's rescale gives unless RescaleType says otherwise (PS3.3, C.11.1.1.2).
        null when dataset.GetString(DicomTags.Modality) == "CT" && dataset.Contains(DicomTags.RescaleSlope) => "HU",
        null when dataset.GetString(DicomTags.Units) == "BQML" => "Bq/mL",
        null when dataset.GetString(DicomTags.DoseUnits) == "GY" => "Gy",
        _ => "",
    };

    /// <summary>What of the meaning is not applied, or was mended.</summary>
    public static IEnumerable<string> Warnings(DicomDataset dataset, string name)
    {
        if (dataset.GetNumbers(DicomTags.RescaleSlope) is [0, ..])
        {
            yield return $"{name}: its RescaleSlope is 0 and was taken as 1";
        }
        if (dataset.GetString(DicomTags.PhotometricInterpretation) == "MONOCHROME1")
        {
            yield return $"{name}: its low values are meant to be shown bright (MONOCHROME1); values are kept as they are, previews are inverted";
        }
    }

    // In functional groups it has been flattened.
    private static (double Slope, double Intercept)? RealWorld(DicomDataset dataset)
    {
        var map = dataset.GetItems(DicomTags.RealWorldValueMappingSequence) is [var item, ..] ? item : dataset;
        return (map.GetNumbers(DicomTags.RealWorldValueSlope), map.GetNumbers(DicomTags.RealWorldValueIntercept)) is ([not 0 and var slope, ..], [var intercept, ..]) ? (slope, intercept) : null;
    }
}
