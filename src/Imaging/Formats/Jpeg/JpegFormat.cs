using System.Buffers;
using JpegLibrary;

namespace InrFast.Imaging;

/// <summary>
/// JPEG (ITU-T T.81): grey and colour, baseline, extended and progressive, read through JpegLibrary; written as baseline, quality 95,
/// colour at full resolution. It keeps no place in the world and no value scale.
/// </summary>
internal sealed class JpegFormat : IImageFormat
{
    private const int Quality = 95;

    public string Name => "JPEG";

    public IReadOnlyList<string> Endings => [".jpg", ".jpeg"];

    public bool Recognises(InputFile file) => file.Head is [0xFF, 0xD8, 0xFF, ..];

    public Image Read(InputFile file)
    {
        var picture = JpegDecoding.Decode(file, file.ReadAll());
        if (picture.Channels == 3 && picture.IsYCbCr)
        {
            YCbCr.ToRgb(picture.Samples, picture.Precision);
        }
        return new Image(Grid.Plain(picture.Width, picture.Height), picture.Samples, picture.Channels)
        {
            Stored = new StoredScale(picture.Precision > 8 ? SampleType.UInt16 : SampleType.UInt8),
        };
    }

    public Action<Stream> Encode(string path, Image image, WriteOptions options, ICollection<string> warnings)
    {
        if (image.Channels is not (1 or 3))
        {
            throw new ImagingException(ImagingError.WrongUse, $"{path}: a JPEG holds 1 or 3 channels and the image has {image.Channels}; write a PNG");
        }
        if (image.Size.X > ushort.MaxValue || image.Size.Y > ushort.MaxValue)
        {
            throw new ImagingException(ImagingError.WrongUse, $"{path}: a JPEG has at most 65535 pixels a side and the image has {image.Size}; write a PNG");
        }
        var (pixels, _) = PictureSamples.Quantise(path, image, options, maxBits: 8, warnings);
        warnings.Add($"{path}: JPEG changes values a little (quality {Quality}); write a PNG to keep them");
        var encoder = new JpegEncoder { MostOptimalCoding = true };
        encoder.SetQuantizationTable(JpegStandardQuantizationTable.ScaleByQuality(JpegStandardQuantizationTable.GetLuminanceTable(JpegElementPrecision.Precision8Bit, 0), Quality));
        encoder.SetQuantizationTable(JpegStandardQuantizationTable.ScaleByQuality(JpegStandardQuantizationTable.GetChrominanceTable(JpegElementPrecision.Precision8Bit, 1), Quality));
        for (byte table = 0; table < Math.Min(image.Channels, 2); table++)
        {
            encoder.SetHuffmanTable(isDcTable: true, table);
            encoder.SetHuffmanTable(isDcTable: false, table);
        }
        for (byte channel = 0; channel < image.Channels; channel++)
        {
            var table = (byte)(channel == 0 ? 0 : 1);
            encoder.AddComponent((byte)(channel + 1), table, table, table, 1, 1);
        }
        encoder.SetInputReader(new BlockReader(image.Size.X, image.Size.Y, image.Channels, pixels));
        var output = new ArrayBufferWriter<byte>();
        encoder.SetOutput(output);
        encoder.Encode();
        return stream => stream.Write(output.WrittenSpan);
    }

    /// <summary>Gives the encoder its 8 x 8 blocks: grey as it is, colour as Y, Cb, Cr (JFIF), edges repeated.</summary>
    private sealed class BlockReader(int width, int height, int channels, byte[] pixels) : JpegBlockInputReader
    {
        public override int Width => width;

        public override int Height => height;

        public override void ReadBlock(ref short block, int componentIndex, int x, int y)
        {
            for (var row = 0; row < 8; row++)
            {
                for (var column = 0; column < 8; column++)
                {
                    var at = channels * (Math.Min(y + row, height - 1) * width + Math.Min(x + column, width - 1));
                    System.Runtime.CompilerServices.Unsafe.Add(ref block, 8 * row + column) = channels == 1 ? pixels[at] : Component(componentIndex, pixels.AsSpan(at, 3));
                }
            }
        }

        private static short Component(int component, ReadOnlySpan<byte> rgb)
        {
            var value = component switch
            {
                0 => 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2],
                1 => 128 - 0.168735892 * rgb[0] - 0.331264108 * rgb[1] + 0.5 * rgb[2],
                _ => 128 + 0.5 * rgb[0] - 0.418687589 * rgb[1] - 0.081312411 * rgb[2],
            };
            return (short)Math.Clamp(Math.Round(value), 0, 255);
        }
    }
}
