namespace InrFast.Imaging;

/// <summary>
/// NumPy arrays (numpy.lib.format, versions 1 to 3). The last index runs along x: [y, x], [z, y, x], [t, z, y, x]; a last axis of
/// 3 or 4 after two or more others is read as colour channels. One axis alone is one row. An array keeps no place in the world and no value scale.
/// </summary>
internal sealed class NpyFormat : IImageFormat
{
    public string Name => "NPY";

    public IReadOnlyList<string> Endings => [".npy"];

    public bool Recognises(InputFile file) => file.Head is [0x93, ..] && file.Head.AsSpan(1).StartsWith("NUMPY"u8);

    public Image Read(InputFile file)
    {
        var bytes = file.ReadAll();
        var header = NpyHeader.Parse(file, bytes);
        var shape = header.Shape;
        var channels = shape is [_, _, .., 3 or 4] and { Length: >= 3 } ? (int)shape[^1] : 1;
        var axes = channels == 1 ? shape : shape[..^1];
        if (axes.Length is 0 or > 4)
        {
            throw file.Malformed($"an array of {shape.Length} axes is no image; give [y, x], [z, y, x] or [t, z, y, x]");
        }
        var count = file.Limits.CountSamples(file.Name, shape);
        if ((Int128)count * header.ElementBytes > bytes.Length - header.DataOffset)
        {
            throw file.Malformed($"its header declares {count} elements of {header.ElementBytes} bytes and {bytes.Length - header.DataOffset} bytes follow; get a whole copy");
        }
        var samples = new float[count];
        header.Decode(bytes.AsSpan(header.DataOffset, count * header.ElementBytes), samples);
        if (header.FortranOrder)
        {
            samples = Transpose(samples, shape);
        }
        long Axis(int fromLast) => fromLast <= axes.Length ? axes[^fromLast] : 1;
        return new Image(Grid.Plain((int)Axis(1), (int)Axis(2), (int)Axis(3)), samples, channels, (int)Axis(4)) { Stored = new StoredScale(header.StoredAs) };
    }

    public Action<Stream> Encode(string path, Image image, WriteOptions options, ICollection<string> warnings)
    {
        var scale = VoxelStream.PlainScale(image, options);
        if (image.Grid.IndexToWorld != Affine.Identity)
        {
            warnings.Add($"{path}: spacing and place in the world were left out, because an array does not keep them");
        }
        if (image.Size is { X: 3 or 4, Z: > 1 } && image.Channels == 1)
        {
            warnings.Add($"{path}: a last axis of {image.Size.X} will be read as colours; write a .nii.gz to keep it an axis");
        }
        var data = VoxelStream.Encode(path, image.Samples.Span, scale, warnings);
        return stream =>
        {
            stream.Write(NpyHeader.Format(scale.Type, ShapeOf(image)));
            stream.Write(data);
        };
    }

    private static List<int> ShapeOf(Image image)
    {
        var shape = new List<int>();
        if (image.Times > 1)
        {
            shape.Add(image.Times);
        }
        if (image.Times > 1 || image.Size.Z > 1)
        {
            shape.Add(image.Size.Z);
        }
        shape.AddRange([image.Size.Y, image.Size.X]);
        if (image.Channels > 1)
        {
            shape.Add(image.Channels);
        }
        return shape;
    }

    // First index fastest to last index fastest.
    private static float[] Transpose(float[] source, long[] shape)
    {
        var sizes = Array.ConvertAll(shape, axis => (int)axis);
        return AxisOrder.Transpose(source, sizes, [.. Enumerable.Range(0, shape.Length).Reverse()]);
    }
}
