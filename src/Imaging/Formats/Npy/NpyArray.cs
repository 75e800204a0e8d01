namespace InrFast.Imaging;

/// <summary>A NumPy array as it stands in a file: last index fastest, complex numbers as two floats.</summary>
internal sealed record NpyArray(NpyHeader Header, float[] Samples)
{
    private const int ChunkBytes = 1 << 20;

    public long[] Shape => Header.Shape;

    /// <param name="available">Most bytes that can follow, for a header that declares more.</param>
    public static NpyArray Read(InputFile file, Stream content, Int128 available)
    {
        var header = ReadHeader(file, content);
        var floats = header.Floats;
        // An array without axes is one number.
        var count = file.Limits.CountSamples(file.Name, [.. header.Shape, floats]);
        var bytes = (Int128)count / floats * header.ElementBytes;
        if (bytes > available - header.DataOffset)
        {
            throw file.Malformed($"its header declares {count / floats} elements of {header.ElementBytes} bytes and {available - header.DataOffset} bytes follow at most; get a whole copy");
        }
        var samples = new float[count];
        var width = header.ElementBytes / floats;
        var chunk = new byte[(int)Int128.Min(ChunkBytes, bytes)];
        for (var done = 0; done < count;)
        {
            var part = Math.Min(ChunkBytes / width, count - done);
            content.ReadExactly(chunk, 0, part * width);
            header.Decode(chunk.AsSpan(0, part * width), samples.AsSpan(done, part));
            done += part;
        }
        return new NpyArray(header, header.FortranOrder ? Transpose(samples, header.Shape, floats) : samples);
    }

    /// <summary>The header alone; the stream then stands where the elements begin.</summary>
    public static NpyHeader ReadHeader(InputFile file, Stream content)
    {
        var head = new byte[12];
        content.ReadExactly(head);
        var text = new byte[NpyHeader.TextEnd(file, head) - head.Length];
        content.ReadExactly(text);
        return NpyHeader.Parse(file, [.. head, .. text]);
    }

    // First index fastest to last index fastest; the parts of a complex number stay together.
    private static float[] Transpose(float[] source, long[] shape, int floats)
    {
        int[] sizes = [floats, .. Array.ConvertAll(shape, axis => (int)axis)];
        return AxisOrder.Transpose(source, sizes, [0, .. Enumerable.Range(1, shape.Length).Reverse()]);
    }
}
