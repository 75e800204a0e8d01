namespace InrFast.Imaging;

/// <summary>
/// NumPy arrays (numpy.lib.format, versions 1 to 3). The last index runs along x: [y, x], [z, y, x], [t, z, y, x]; a last axis of
/// 3 or 4 after two or more others is read as colour channels. One axis alone is one row. An array keeps no place in the world and no value scale.
/// </summary>
internal sealed class NpyFormat : IImageFormat
{
    public string Name => "NPY";

    public IReadOnlyList<string> Endings => [".npy"];

    public bool Recognises(InputFile file) => NpyHeader.IsNpy(file.Head);

    public Image Read(InputFile file)
    {
        using var content = file.OpenFrom(0);
        return ToImage(file, NpyArray.Read(file, content, file.Length));
    }

    public static Image ToImage(InputFile file, NpyArray array)
    {
        var shape = array.Shape;
        if (array.Header.Floats == 2)
        {
            throw file.Unsupported("the array is complex (k-space?); save its magnitude or its real part");
        }
        var channels = shape is [_, _, .., 3 or 4] and { Length: >= 3 } ? (int)shape[^1] : 1;
        var axes = channels == 1 ? shape : shape[..^1];
        if (axes.Length is 0 or > 4)
        {
            throw file.Malformed($"an array of {shape.Length} axes is no image; give [y, x], [z, y, x] or [t, z, y, x]");
        }
        long Axis(int fromLast) => fromLast <= axes.Length ? axes[^fromLast] : 1;
        var scale = new StoredScale(array.Header.StoredAs);
        var warnings = new List<string>();
        VoxelStream.WarnOfRounding(file.Name, array.Samples, scale, warnings);
        return new Image(Grid.Plain((int)Axis(1), (int)Axis(2), (int)Axis(3)), array.Samples, channels, (int)Axis(4)) { Stored = scale, Warnings = warnings };
    }

    public Action<Stream> Encode(string path, Image image, WriteOptions options, ICollection<string> warnings)
    {
        var scale = VoxelStream.PlainScale(image, options);
        if (image.Grid.IndexToWorld != Affine.Identity || image.TimeSpacing > 0)
        {
            warnings.Add($"{path}: spacing and place in the world were left out, because an array does not keep them");
        }
        if (image.Size is { X: 3 or 4, Z: > 1 } && image.Channels == 1)
        {
            warnings.Add($"{path}: a last axis of {image.Size.X} will be read as colours; write a .nii.gz to keep it an axis");
        }
        var data = VoxelStream.Encode(path, image.Samples, scale, warnings);
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
}
