namespace InrFast.Imaging.Dicom;

/// <summary>The number, or range of numbers, that marks pixels outside of what was imaged (PS3.3, C.7.5.1.1.2). Their values are kept; they are no part of what a picture shows.</summary>
internal static class PixelPadding
{
    /// <summary>The values of such pixels; null where the image's source names none.</summary>
    public static (float Low, float High)? ValuesOf(Image image)
    {
        if (image.Acquisition?.Common is not { } source || !image.Stored.Type.IsInteger() || Number(source, DicomTags.PixelPaddingValue) is not { } number)
        {
            return null;
        }
        var (value, limit) = (image.Stored.ValueOf(number), image.Stored.ValueOf(Number(source, DicomTags.PixelPaddingRangeLimit) ?? number));
        return (Math.Min(value, limit), Math.Max(value, limit));
    }

    /// <summary>The marks of a source, for pixels that are stored as its own were.</summary>
    public static IEnumerable<DicomElement> Keep(DicomDataset source, StoredScale scale)
    {
        var isAsBefore = source.GetInteger(DicomTags.BitsAllocated) == scale.Type.Bytes() * 8 && IsSigned(source) == (scale.Type == SampleType.Int16)
            && (source.GetNumbers(DicomTags.RescaleSlope) is [var slope, ..] ? slope : 1) == scale.Slope && (source.GetNumbers(DicomTags.RescaleIntercept) is [var shift, ..] ? shift : 0) == scale.Intercept;
        return isAsBefore ? new[] { DicomTags.PixelPaddingValue, DicomTags.PixelPaddingRangeLimit }.Select(source.Find).OfType<DicomElement>() : [];
    }

    // Of the type of the pixels, which implicit files do not say.
    private static int? Number(DicomDataset source, DicomTag tag) =>
        source.GetBytes(tag).Span is [var low, var high, ..] ? IsSigned(source) ? (short)(low | high << 8) : low | high << 8 : null;

    private static bool IsSigned(DicomDataset source) => source.GetInteger(DicomTags.PixelRepresentation) == 1;
}
