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
        var elementBytes = scale.Type.Bytes();
        var samples = new float[count];
        var chunk = new byte[Math.Min(ChunkBytes, (long)count * elementBytes)];
        for (var done = 0; done < count;)
        {
            var part = Math.Min(ChunkBytes / elementBytes, count - done);
            var bytes = chunk.AsSpan(0, part * elementBytes);
            content.ReadExactly(bytes);
            SampleCodec.Decode(bytes, scale, bigEndian, samples.AsSpan(done, part));
            done += part;
        }
        return samples;
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
