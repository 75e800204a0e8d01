namespace InrFast.Imaging;

/// <summary>Values as the unsigned integers that picture formats (PNG, JPEG) keep.</summary>
internal static class PictureSamples
{
    /// <summary>
    /// Images that were pictures keep their numbers (clipped to the range, with a warning). Other values, HU or floats, are spread from least to
    /// greatest over the whole range, with a warning, because a picture cannot say what its numbers mean.
    /// </summary>
    /// <returns>Samples, big endian where 16 bits, and the bits of each.</returns>
    public static (byte[] Pixels, int Bits) Quantise(string path, Image image, WriteOptions options, int maxBits, ICollection<string> warnings)
    {
        if (image.Dimensions != 2 || image.Times != 1)
        {
            throw new ImagingException(ImagingError.WrongUse, $"{path}: a picture holds one slice and the image has {image.Size} voxels at {image.Times} times; write a volume format (.nii.gz, .npy)");
        }
        var stored = options.ScaleFor(image);
        if (stored.Type is not (SampleType.UInt8 or SampleType.UInt16) || !stored.IsPlain && options.Stored is null || stored.Type == SampleType.UInt16 && maxBits < 16)
        {
            var (low, high) = image.Range();
            if (float.IsNaN(low))
            {
                throw new ImagingException(ImagingError.WrongUse, $"{path}: no value of the image is finite; nothing can be shown");
            }
            stored = StoredScale.Covering(low, high, maxBits == 16 ? SampleType.UInt16 : SampleType.UInt8);
            warnings.Add($"{path}: values {low:g6} to {high:g6} were spread over 0 to {(maxBits == 16 ? 65535 : 255)}, because a picture keeps no value scale");
        }
        if (image.Grid.IndexToWorld != Affine.Identity)
        {
            warnings.Add($"{path}: spacing and place in the world were left out, because a picture does not keep them");
        }
        var pixels = new byte[image.Samples.Length * stored.Type.Bytes()];
        var clipped = SampleCodec.Encode(image.Samples.Span, stored, pixels);
        if (clipped > 0)
        {
            warnings.Add(ClippedWarning(path, clipped, stored.Type));
        }
        if (stored.Type == SampleType.UInt16)
        {
            SampleCodec.Swap(pixels, 2);
        }
        return (pixels, stored.Type.Bytes() * 8);
    }

    public static string ClippedWarning(string path, long clipped, SampleType type) =>
        $"{path}: {clipped} values outside the range of {type} were moved to its ends";
}
