namespace InrFast.Imaging;

/// <summary>
/// NIfTI-1 and -2, one file or a pair (.hdr, .img), packed with gzip or not. Axes x, y, z, t; a fifth axis holds channels.
/// Vectors are in LPS mm, as ITK keeps displacement fields (intent "vector").
/// </summary>
internal sealed class NiftiFormat : IPairFormat
{
    public string Name => "NIfTI";

    public IReadOnlyList<string> Endings => [".nii", ".nii.gz", ".hdr", ".hdr.gz", ".img", ".img.gz"];

    public bool Recognises(InputFile file) => NiftiHeader.IsHeader(file.ContentHead) || VoxelsOfPair(file.Name) is not null;

    public Image Read(InputFile file)
    {
        if (NiftiHeader.IsHeader(file.ContentHead))
        {
            return new NiftiReader(file).Read();
        }
        // The voxels of a pair were named; what they are stands in the header beside them.
        using var header = InputFile.Open(Beside(VoxelsOfPair(file.Name)!, ".hdr"), file.Limits);
        return NiftiHeader.IsHeader(header.ContentHead)
            ? new NiftiReader(header).Read()
            : throw header.Malformed("this is no NIfTI header; give an image that can be read");
    }

    public Action<Stream> Encode(string path, Image image, WriteOptions options, ICollection<string> warnings)
    {
        var writer = new NiftiWriter(path, image, options.ScaleFor(image), isPair: false, warnings);
        return Packed(path, stream =>
        {
            writer.WriteHeader(stream);
            writer.WriteVoxels(stream);
        });
    }

    public (string Header, string Voxels)? PairOf(string path)
    {
        var packing = IsPacked(path) ? path[^3..] : "";
        var plain = path[..^packing.Length];
        var stem = plain[..^4];
        return plain.EndsWith(".nii", StringComparison.OrdinalIgnoreCase) ? null : (stem + ".hdr" + packing, stem + ".img" + packing);
    }

    public (Action<Stream> Header, Action<Stream> Voxels) EncodePair(string path, Image image, WriteOptions options, ICollection<string> warnings)
    {
        var writer = new NiftiWriter(path, image, options.ScaleFor(image), isPair: true, warnings);
        return (Packed(path, writer.WriteHeader), Packed(path, writer.WriteVoxels));
    }

    private static bool IsPacked(string path) => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);

    private static Action<Stream> Packed(string path, Action<Stream> write) => !IsPacked(path) ? write : stream =>
    {
        using var gzip = new GzipWriter(stream);
        write(gzip);
    };

    /// <summary>The other file of a pair: the name without .hdr or .img, then <paramref name="ending"/>, packed or not, whichever exists.</summary>
    public static string Beside(string stem, string ending) => File.Exists(stem + ending) || !File.Exists(stem + ending + ".gz") ? stem + ending : stem + ending + ".gz";

    /// <summary>The name without its ending .img or .img.gz, where it has one and a header lies beside it.</summary>
    private static string? VoxelsOfPair(string name)
    {
        var plain = IsPacked(name) ? name[..^3] : name;
        return plain.EndsWith(".img", StringComparison.OrdinalIgnoreCase) && File.Exists(Beside(plain[..^4], ".hdr")) ? plain[..^4] : null;
    }
}
