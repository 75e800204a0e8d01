using System.IO.Compression;

namespace InrFast.Imaging;

/// <summary>
/// NIfTI-1 and -2, one file or a pair (.hdr, .img), packed with gzip or not. Axes x, y, z, t; a fifth axis holds channels.
/// Written as NIfTI-1, one file.
/// </summary>
internal sealed class NiftiFormat : IImageFormat
{
    public string Name => "NIfTI";

    public IReadOnlyList<string> Endings => [".nii", ".nii.gz"];

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
        var writer = new NiftiWriter(path, image, options.ScaleFor(image), warnings);
        return stream =>
        {
            if (!path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            {
                writer.Write(stream);
                return;
            }
            using var gzip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true);
            writer.Write(gzip);
        };
    }

    /// <summary>The other file of a pair: the name without .hdr or .img, then <paramref name="ending"/>, packed or not, whichever exists.</summary>
    public static string Beside(string stem, string ending) => File.Exists(stem + ending) || !File.Exists(stem + ending + ".gz") ? stem + ending : stem + ending + ".gz";

    /// <summary>The name without its ending .img or .img.gz, where it has one and a header lies beside it.</summary>
    private static string? VoxelsOfPair(string name)
    {
        var plain = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;
        return plain.EndsWith(".img", StringComparison.OrdinalIgnoreCase) && File.Exists(Beside(plain[..^4], ".hdr")) ? plain[..^4] : null;
    }
}
