using System.IO.Compression;

namespace InrFast.Imaging;

/// <summary>
/// NumPy archives (numpy.savez): a zip file of NPY files. An archive of several arrays is read by the name of one (<see cref="ReadOptions.Series"/>); one array is written.
/// </summary>
internal sealed class NpzFormat : IImageFormat
{
    private const string Ending = ".npy";

    public string Name => "NPZ";

    public IReadOnlyList<string> Endings => [".npz"];

    public bool Recognises(InputFile file) => file.Head.AsSpan().StartsWith("PK\u0003\u0004"u8);

    public Image Read(InputFile file) => NpyFormat.ToImage(file, ReadArray(file));

    public Action<Stream> Encode(string path, Image image, WriteOptions options, ICollection<string> warnings)
    {
        var write = new NpyFormat().Encode(path, image, options, warnings);
        return stream =>
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            var entry = archive.CreateEntry("arr_0" + Ending, CompressionLevel.Fastest);
            // The earliest that zip knows: the same image gives the same bytes.
            entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using var content = entry.Open();
            write(content);
        };
    }

    public static IReadOnlyList<ArrayEntry> List(InputFile file)
    {
        using var archive = Open(file);
        return [.. archive.Entries.Where(entry => entry.FullName.EndsWith(Ending, StringComparison.OrdinalIgnoreCase)).Select(entry =>
        {
            using var content = entry.Open();
            var header = NpyArray.ReadHeader(file, content);
            return new ArrayEntry(NameOf(entry), header.Shape, header.Floats == 2 ? "complex" : header.StoredAs.ToString().ToLowerInvariant());
        })];
    }

    /// <summary>The only array of an archive, or the one that is asked for.</summary>
    public static NpyArray ReadArray(InputFile file)
    {
        using var archive = Open(file);
        var entries = archive.Entries.Where(entry => entry.FullName.EndsWith(Ending, StringComparison.OrdinalIgnoreCase)).ToList();
        if (entries.Count == 0)
        {
            throw file.Malformed("this zip file holds no array (.npy); give an image");
        }
        var wanted = file.Options.Series;
        var entry = wanted is null && entries.Count == 1 ? entries[0] : entries.Find(entry => NameOf(entry) == wanted);
        if (entry is null)
        {
            var names = InputFile.Shown(string.Join(", ", entries.Take(20).Select(NameOf)));
            throw new ImagingException(ImagingError.WrongUse, wanted is null
                ? $"{file.Name}: it holds {entries.Count} arrays ({names}); choose one with --series NAME"
                : $"{file.Name}: it holds no array '{InputFile.Shown(wanted)}' but {names}; choose one of them with --series");
        }
        // What the zip file declares of an entry may be a lie; the file's own length is not.
        var packed = Math.Clamp(entry.CompressedLength, 0, file.Length);
        using var content = entry.Open();
        return NpyArray.Read(file, content, (Int128)packed * InputFile.MaxDeflateRatio);
    }

    private static ZipArchive Open(InputFile file) => new(file.OpenFrom(0), ZipArchiveMode.Read);

    private static string NameOf(ZipArchiveEntry entry) => entry.FullName[..^Ending.Length];
}
