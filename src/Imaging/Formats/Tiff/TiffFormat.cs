namespace InrFast.Imaging;

/// <summary>
/// TIFF 6.0 and BigTIFF: pages of 1 to 64 bits, integers and floats, in strips or tiles, plain or packed with LZW, deflate or PackBits. Pages are slices, or channels,
/// slices and times where the file says so (ImageJ, tifffile). It keeps spacing (ImageJ's) but no place in the world, and no value scale.
/// </summary>
internal sealed class TiffFormat : IImageFormat
{
    public string Name => "TIFF";

    public IReadOnlyList<string> Endings => [".tif", ".tiff"];

    // A DICOM file may have a TIFF's beginning as its preamble, so as to be both.
    public bool Recognises(InputFile file) => TiffDirectory.IsTiff(file.Head) && !(file.Head.Length >= 132 && file.Head.AsSpan(128).StartsWith("DICM"u8));

    public Image Read(InputFile file) => new TiffReader(file).Read();

    public Action<Stream> Encode(string path, Image image, WriteOptions options, ICollection<string> warnings) => new TiffWriter(path, image, options, warnings).Write;
}
