using InrFast.Imaging.Dicom;

namespace InrFast.Imaging;

/// <summary>Reads and writes images. What a file is shows in its first bytes; what it shall be follows its name's ending.</summary>
public static class ImageFile
{
    private static readonly IImageFormat[] Formats = [new PngFormat(), new JpegFormat(), new NpyFormat(), new NpzFormat(), new NiftiFormat(), new NrrdFormat(), new MetaImageFormat(), new TiffFormat(), new Hdf5Format(), new DicomFormat()];

    /// <summary>Endings that <see cref="Write"/> knows.</summary>
    public static IEnumerable<string> WritableEndings => Formats.SelectMany(format => format.Endings);

    /// <exception cref="ImagingException">Missing, Unreadable, Malformed, Unsupported or LimitExceeded.</exception>
    public static Image Read(string path, ReadLimits? limits = null) => Read([path], new ReadOptions { Limits = limits ?? ReadLimits.Default });

    /// <summary>Reads a file; or the one series, or the chosen one, of DICOM files in a folder and its folders, named by a DICOMDIR, or listed.</summary>
    /// <exception cref="ImagingException">As above; WrongUse where there are several series and none was chosen.</exception>
    public static Image Read(IReadOnlyList<string> paths, ReadOptions options)
    {
        if (paths.Count != 1 || Directory.Exists(paths[0]))
        {
            return DicomSeries.Read(paths, options);
        }
        using var file = InputFile.Open(paths[0], options);
        return Read(file);
    }

    /// <summary>Reads an image that lies in memory; <paramref name="name"/> is for messages.</summary>
    public static Image Read(string name, ReadOnlyMemory<byte> bytes, ReadLimits? limits = null)
    {
        using var file = InputFile.FromBytes(name, bytes, limits ?? ReadLimits.Default);
        return Read(file);
    }

    /// <summary>Name of the format that the file's first bytes show, or null.</summary>
    public static string? FormatOf(string path)
    {
        using var file = InputFile.Open(path, ReadLimits.Default);
        return Array.Find(Formats, format => format.Recognises(file))?.Name;
    }

    /// <summary>Writes an image as the format that the name's ending says; a folder, or a name that ends with a slash, becomes a DICOM series of one file for each slice.</summary>
    /// <returns>What was clipped, rounded or left out, one line each.</returns>
    /// <exception cref="ImagingException">Exists, CannotCreate, WriteFailed, or WrongUse where the format cannot hold the image, or not all of it and that is refused.</exception>
    public static IReadOnlyList<string> Write(string path, Image image, WriteOptions? options = null)
    {
        options ??= new WriteOptions();
        var warnings = new List<string>();
        if (AtomicFolder.IsNamed(path))
        {
            var write = DicomFormat.EncodeFolder(path, image, options, warnings);
            RequireNoLoss(options, warnings);
            write();
            return warnings;
        }
        var format = FormatFor(path);
        if (format is IPairFormat pairs && pairs.PairOf(path) is { } names)
        {
            var (header, voxels) = pairs.EncodePair(path, image, options, warnings);
            RequireNoLoss(options, warnings);
            // The header appears last, when the voxels it speaks of are there.
            AtomicFile.Write(names.Header, options.Force, stream =>
            {
                header(stream);
                AtomicFile.Write(names.Voxels, options.Force, voxels);
            });
            return warnings;
        }
        var content = format.Encode(path, image, options, warnings);
        RequireNoLoss(options, warnings);
        AtomicFile.Write(path, options.Force, content);
        return warnings;
    }

    /// <summary>Refuses at once, before long work, an output that <see cref="Write"/> would refuse for its name or its place.</summary>
    /// <returns>The full path that will be written; of a pair of files, the header's.</returns>
    public static string CheckOutput(string path, bool force)
    {
        if (AtomicFolder.IsNamed(path))
        {
            return AtomicFolder.Check(path, force, DicomWriter.IsOwn);
        }
        if (FormatFor(path) is IPairFormat pairs && pairs.PairOf(path) is { } names)
        {
            AtomicFile.Check(names.Voxels, force);
            return AtomicFile.Check(names.Header, force);
        }
        return AtomicFile.Check(path, force);
    }

    private static void RequireNoLoss(WriteOptions options, List<string> warnings)
    {
        if (options.RefuseLoss && warnings.Count > 0)
        {
            throw new ImagingException(ImagingError.WrongUse, $"{string.Join("; ", warnings)}; give another format, or --lossy to accept this");
        }
    }

    private static IImageFormat FormatFor(string path) =>
        Array.Find(Formats, format => format.Endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
        ?? throw new ImagingException(ImagingError.WrongUse, $"{path}: no image format has this ending; use one of {string.Join(" ", WritableEndings)}, or a folder (NAME/) for a DICOM series");

    private static Image Read(InputFile file)
    {
        var format = Array.Find(Formats, format => format.Recognises(file))
            ?? throw new ImagingException(ImagingError.Malformed, file.Length == 0
                ? $"{file.Name}: the file is empty; give an image"
                : $"{file.Name}: the first bytes are of no format that can be read ({string.Join(", ", Formats.Select(f => f.Name))})");
        return Guard(file.Name, format.Name, () => format.Read(file));
    }

    internal static void Guard(string name, string format, Action read) => Guard(name, format, () =>
    {
        read();
        return true;
    });

    /// <summary>Turns what the framework's readers throw on broken files into this room's exception.</summary>
    internal static T Guard<T>(string name, string format, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (EndOfStreamException e)
        {
            throw new ImagingException(ImagingError.Malformed, $"{name}: the file ends too early for the {format} image it declares; get a whole copy", e);
        }
        catch (InvalidDataException e)
        {
            throw new ImagingException(ImagingError.Malformed, $"{name}: its compressed data is broken; get a whole copy", e);
        }
        catch (IOException e)
        {
            throw new ImagingException(ImagingError.Unreadable, $"{name}: reading failed ({e.Message})", e);
        }
        catch (OutOfMemoryException e)
        {
            throw new ImagingException(ImagingError.LimitExceeded, $"{name}: not enough memory for this image; give a smaller one", e);
        }
    }
}
