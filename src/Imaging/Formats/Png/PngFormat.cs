namespace InrFast.Imaging;

/// <summary>
/// PNG (ISO/IEC 15948): grey, grey with alpha, RGB, RGBA, palette; 1 to 16 bits; interlaced too. Values are the stored numbers
/// (0 to 2^bits - 1; a palette gives its 8-bit colours). It keeps no place in the world and no value scale.
/// </summary>
internal sealed class PngFormat : IImageFormat
{
    public string Name => "PNG";

    public IReadOnlyList<string> Endings => [".png"];

    public bool Recognises(InputFile file) => file.Head.AsSpan().StartsWith(PngReader.Signature);

    public Image Read(InputFile file) => new PngReader(file).Read();

    public Action<Stream> Encode(string path, Image image, WriteOptions options, ICollection<string> warnings)
    {
        var (pixels, bits) = PictureSamples.Quantise(path, image, options, maxBits: 16, warnings);
        return stream => PngWriter.Write(stream, image.Size.X, image.Size.Y, image.Channels, bits, pixels);
    }
}
