namespace InrFast.Imaging;

/// <summary>An 8-bit picture, grey or RGB, row by row from the top, channels interleaved.</summary>
public sealed class Raster(int width, int height, int channels)
{
    public int Width => width;

    public int Height => height;

    /// <summary>1 grey or 3 RGB.</summary>
    public int Channels => channels;

    public byte[] Pixels { get; } = new byte[checked(width * height * channels)];

    public Span<byte> this[int x, int y] => Pixels.AsSpan(channels * (width * y + x), channels);

    /// <summary>Pictures in a row, tops aligned, with a dark gap between; colour where one of them is.</summary>
    public static Raster SideBySide(params IReadOnlyList<Raster> parts)
    {
        const int Gap = 4;
        const byte Background = 32;
        var whole = new Raster(parts.Sum(part => part.Width) + Gap * (parts.Count - 1), parts.Max(part => part.Height), parts.Max(part => part.Channels));
        Array.Fill(whole.Pixels, Background);
        var left = 0;
        foreach (var part in parts)
        {
            for (var y = 0; y < part.Height; y++)
            {
                for (var x = 0; x < part.Width; x++)
                {
                    var source = part[x, y];
                    var target = whole[left + x, y];
                    for (var channel = 0; channel < target.Length; channel++)
                    {
                        target[channel] = source[source.Length == 1 ? 0 : channel];
                    }
                }
            }
            left += part.Width + Gap;
        }
        return whole;
    }

    /// <summary>Writes a PNG.</summary>
    /// <exception cref="ImagingException">Exists, CannotCreate or WriteFailed.</exception>
    public void WritePng(string path, bool force) =>
        AtomicFile.Write(path, force, WritePng);

    /// <summary>Writes a PNG.</summary>
    public void WritePng(Stream stream) => PngWriter.Write(stream, width, height, channels, 8, Pixels);
}
