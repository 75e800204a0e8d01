using System.Globalization;
using System.Text;

namespace InrFast.Imaging;

/// <summary>Voxels that follow one another in a stream, as every volume format keeps them.</summary>
internal static class VoxelStream
{
    private const int ChunkBytes = 1 << 20;

    // float32 holds every integer up to here.
    private const float ExactIntegers = 1 << 24;

    /// <summary>Reads and converts a piece at a time. The caller has checked the count against the limits and the length of the file.</summary>
    /// <exception cref="EndOfStreamException">The stream ends too early.</exception>
    public static float[] Read(Stream content, int count, in StoredScale scale, bool bigEndian)
    {
        var samples = LargeArray.Allocate<float>(count);
        Read(content, samples, scale, bigEndian);
        return samples;
    }

    public static void Read(Stream content, Span<float> samples, in StoredScale scale, bool bigEndian)
    {
        var elementBytes = scale.Type.Bytes();
        var chunk = new byte[Math.Min(ChunkBytes, (long)samples.Length * elementBytes)];
        while (samples.Length > 0)
        {
            var part = Math.Min(ChunkBytes / elementBytes, samples.Length);
            var bytes = chunk.AsSpan(0, part * elementBytes);
            content.ReadExactly(bytes);
            SampleCodec.Decode(bytes, scale, bigEndian, samples[..part]);
            samples = samples[part..];
        }
    }

    /// <summary>Numbers written as text, separated by white space or commas.</summary>
    public static void ReadText(InputFile file, Stream content, Span<float> samples)
    {
        using var reader = new StreamReader(content, Encoding.Latin1, false, 1 << 16, leaveOpen: true);
        Span<char> number = stackalloc char[64];
        for (int i = 0, length = 0; i < samples.Length;)
        {
            var next = reader.Read();
            if (next >= 0 && !char.IsWhiteSpace((char)next) && next != ',')
            {
                number[length++] = length < number.Length - 1 ? (char)next : throw file.Malformed($"value {i} is no number; get a sound copy");
            }
            else if (length > 0)
            {
                samples[i] = double.TryParse(number[..length], NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                    ? (float)value
                    : throw file.Malformed($"value {i} is '{InputFile.Shown(number[..length].ToString())}' and no number; get a sound copy");
                (i, length) = (i + 1, 0);
            }
            else if (next < 0)
            {
                throw new EndOfStreamException();
            }
        }
    }

    /// <summary>The values as a file keeps them, little endian; says what was clipped.</summary>
    public static byte[] Encode(string path, ReadOnlyMemory<float> samples, StoredScale scale, ICollection<string> warnings)
    {
        const int Piece = 1 << 18;
        var elementBytes = scale.Type.Bytes();
        var bytes = LargeArray.Allocate<byte>((long)samples.Length * elementBytes);
        var clipped = 0L;
        Parallel.For(0, (samples.Length + Piece - 1) / Piece, piece =>
        {
            var part = samples.Span[(piece * Piece)..Math.Min(samples.Length, (piece + 1) * Piece)];
            Interlocked.Add(ref clipped, SampleCodec.Encode(part, scale, bytes.AsSpan(piece * Piece * elementBytes, part.Length * elementBytes)));
        });
        if (clipped > 0)
        {
            warnings.Add(PictureSamples.ClippedWarning(path, clipped, scale.Type));
        }
        return bytes;
    }

    /// <summary>
    /// For formats without slope and intercept: the image's own type where it has none, else the first integer type that holds all values
    /// exactly (HU kept as unsigned numbers are signed ones), else float32.
    /// </summary>
    public static StoredScale PlainScale(Image image, WriteOptions options)
    {
        var stored = options.ScaleFor(image);
        if (stored.IsPlain || !stored.Type.IsInteger())
        {
            return new StoredScale(stored.Type);
        }
        var (minimum, maximum) = image.Range();
        foreach (var value in image.Samples.Span)
        {
            if (!float.IsInteger(value))
            {
                return new StoredScale(SampleType.Float32);
            }
        }
        SampleType[] candidates = [stored.Type, SampleType.Int16, SampleType.UInt16, SampleType.Int32, SampleType.Float32];
        return new StoredScale(Array.Find(candidates, type => StoredScale.Range(type) is var (low, high) && minimum >= low && maximum <= high));
    }

    /// <summary>Says so where integers are so large that float32 may have rounded them.</summary>
    public static void WarnOfRounding(string name, ReadOnlySpan<float> samples, in StoredScale scale, ICollection<string> warnings)
    {
        if (!scale.Type.IsInteger() || scale.Type.Bytes() < 4 || !scale.IsPlain)
        {
            return;
        }
        var count = 0L;
        foreach (var value in samples)
        {
            count += Math.Abs(value) > ExactIntegers ? 1 : 0;
        }
        if (count > 0)
        {
            warnings.Add($"{name}: {count} integers beyond 2^24 were rounded to seven digits (float32)");
        }
    }

    public static void Skip(Stream content, long bytes)
    {
        var buffer = new byte[(int)Math.Min(bytes, 1 << 16)];
        while (bytes > 0)
        {
            var part = (int)Math.Min(bytes, buffer.Length);
            content.ReadExactly(buffer.AsSpan(0, part));
            bytes -= part;
        }
    }
}
