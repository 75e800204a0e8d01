using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace InrFast.Imaging;

/// <summary>Writes pages of one strip each, little endian, deflated where that makes the file smaller.</summary>
internal sealed class TiffWriter
{
    private readonly List<(TiffTag Tag, ushort Type, byte[] Value)> entries = [];
    private readonly Image image;
    private readonly StoredScale scale;
    private readonly List<byte[]> pages;
    private readonly bool isDeflated;
    private readonly int samplesPerPixel, channelPages;

    public TiffWriter(string path, Image image, WriteOptions options, ICollection<string> warnings)
    {
        this.image = image;
        scale = VoxelStream.PlainScale(image, options);
        var isColour = image.Channels is 3 or 4 && scale.Type is (SampleType.UInt8 or SampleType.UInt16);
        (samplesPerPixel, channelPages) = isColour ? (image.Channels, 1) : (1, image.Channels);
        var voxels = VoxelStream.Encode(path, isColour || image.Channels == 1 ? image.Samples : ChannelPages(), scale, warnings);
        var map = image.Grid.IndexToWorld;
        if (map != Affine.FromSpacing(map.Spacing.X, map.Spacing.Y, map.Spacing.Z))
        {
            warnings.Add($"{path}: place and orientation in the world were left out, because TIFF keeps spacing alone");
        }
        var plain = Split(voxels);
        var packed = plain.ConvertAll(_ => Array.Empty<byte>());
        Parallel.For(0, plain.Count, page => packed[page] = Deflate(plain[page]));
        isDeflated = packed.Sum(page => (long)page.Length) < voxels.LongLength;
        pages = isDeflated ? packed : plain;
        if (pages.Sum(page => page.Length + 512L) > uint.MaxValue)
        {
            throw new ImagingException(ImagingError.WrongUse, $"{path}: TIFF holds at most 4 GiB; write another format (.nii.gz, .nrrd)");
        }
    }

    public void Write(Stream stream)
    {
        var at = 8u;
        stream.Write([(byte)'I', (byte)'I', 42, 0, .. UInt32(at)]);
        for (var page = 0; page < pages.Count; page++)
        {
            FillEntries(page);
            var isLast = page == pages.Count - 1;
            // A directory, its longer values, its strip, each on an even place.
            var (directory, values) = (new MemoryStream(), new MemoryStream());
            var valuesAt = at + 2u + 12u * (uint)entries.Count + 4u;
            var length = entries.Sum(entry => entry.Value.Length > 4 ? Even(entry.Value.Length) : 0);
            var strip = (uint)(valuesAt + length);
            directory.Write(UInt16(entries.Count));
            foreach (var (tag, type, value) in entries)
            {
                directory.Write([.. UInt16((int)tag), .. UInt16(type), .. UInt32((uint)(value.Length / (type switch { 3 => 2, 4 => 4, 5 => 8, _ => 1 })))]);
                if (tag == TiffTag.StripOffsets)
                {
                    directory.Write(UInt32(strip));
                }
                else if (value.Length <= 4)
                {
                    directory.Write([.. value, .. new byte[4 - value.Length]]);
                }
                else
                {
                    directory.Write(UInt32(valuesAt + (uint)values.Length));
                    values.Write([.. value, .. new byte[Even(value.Length) - value.Length]]);
                }
            }
            at = strip + (uint)Even(pages[page].Length);
            directory.Write(UInt32(isLast ? 0 : at));
            directory.WriteTo(stream);
            values.WriteTo(stream);
            stream.Write(pages[page]);
            stream.Write(new byte[Even(pages[page].Length) - pages[page].Length]);
        }
    }

    private void FillEntries(int page)
    {
        var hasSpacing = image.Grid.IndexToWorld != Affine.Identity;
        var sampleFormat = !scale.Type.IsInteger() ? 3 : scale.Type is SampleType.Int8 or SampleType.Int16 or SampleType.Int32 or SampleType.Int64 ? 2 : 1;
        byte[] ForEachSample(int value) => [.. Enumerable.Repeat(UInt16(value), samplesPerPixel).SelectMany(bytes => bytes)];
        entries.Clear();
        entries.Add((TiffTag.Width, 4, UInt32((uint)image.Size.X)));
        entries.Add((TiffTag.Length, 4, UInt32((uint)image.Size.Y)));
        entries.Add((TiffTag.BitsPerSample, 3, ForEachSample(8 * scale.Type.Bytes())));
        entries.Add((TiffTag.Compression, 3, UInt16(isDeflated ? TiffCompression.Deflate : TiffCompression.None)));
        entries.Add((TiffTag.Photometric, 3, UInt16(samplesPerPixel > 1 ? 2 : 1)));
        if (page == 0)
        {
            entries.Add((TiffTag.Description, 2, Encoding.ASCII.GetBytes(TiffMetadata.Describe(image, channelPages, hasSpacing) + "\0")));
        }
        entries.Add((TiffTag.StripOffsets, 4, UInt32(0)));
        entries.Add((TiffTag.SamplesPerPixel, 3, UInt16(samplesPerPixel)));
        entries.Add((TiffTag.RowsPerStrip, 4, UInt32((uint)image.Size.Y)));
        entries.Add((TiffTag.StripByteCounts, 4, UInt32((uint)pages[page].Length)));
        if (hasSpacing)
        {
            entries.Add((TiffTag.XResolution, 5, Rational(1 / image.Grid.Spacing.X)));
            entries.Add((TiffTag.YResolution, 5, Rational(1 / image.Grid.Spacing.Y)));
            entries.Add((TiffTag.ResolutionUnit, 3, UInt16(1)));
        }
        if (samplesPerPixel == 4)
        {
            // Alpha, not multiplied in.
            entries.Add((TiffTag.ExtraSamples, 3, UInt16(2)));
        }
        entries.Add((TiffTag.SampleFormat, 3, ForEachSample(sampleFormat)));
    }

    // For each slice of each time its channels, one page each.
    private float[] ChannelPages()
    {
        var plane = image.Size.X * image.Size.Y;
        return AxisOrder.Transpose(image.Samples.ToArray(), [image.Channels, plane, image.Samples.Length / image.Channels / plane], [1, 0, 2]);
    }

    private List<byte[]> Split(byte[] voxels)
    {
        var count = channelPages * image.Size.Z * image.Times;
        var length = voxels.Length / count;
        return [.. Enumerable.Range(0, count).Select(page => voxels.AsSpan(page * length, length).ToArray())];
    }

    private static byte[] Deflate(byte[] bytes)
    {
        using var result = new MemoryStream();
        using (var zlib = new ZLibStream(result, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(bytes);
        }
        return result.ToArray();
    }

    // As near as 32-bit numerator and denominator come.
    private static byte[] Rational(double value)
    {
        var denominator = (uint)Math.Clamp(Math.Floor(uint.MaxValue / Math.Max(value, 1)), 1, uint.MaxValue);
        return [.. UInt32((uint)Math.Clamp(Math.Round(value * denominator), 0, uint.MaxValue)), .. UInt32(denominator)];
    }

    private static int Even(int length) => length + (length & 1);

    private static byte[] UInt16(int value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value);
        return bytes;
    }

    private static byte[] UInt32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }
}
