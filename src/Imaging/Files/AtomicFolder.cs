using InrFast.Imaging.Dicom;

namespace InrFast.Imaging;

/// <summary>
/// Writes a folder of files so that its final name only ever shows a whole one: into a temporary folder beside it, each file flushed to disk, then renamed. On any
/// failure nothing is left behind. An older folder is replaced only where every file in it is one that may be.
/// </summary>
internal static class AtomicFolder
{
    /// <summary>Whether a name means a folder: it ends with a separator, or there is one.</summary>
    public static bool IsNamed(string path) => Path.EndsInDirectorySeparator(path) || Directory.Exists(path);

    /// <param name="path">The final name.</param>
    /// <param name="force">Replace a folder that holds something.</param>
    /// <param name="mayReplace">Whether an old file may go.</param>
    /// <param name="count">How many files.</param>
    /// <param name="name">Of each file.</param>
    /// <param name="write">Writes the content of one; several may be written at once.</param>
    /// <exception cref="ImagingException">Exists, CannotCreate or WriteFailed.</exception>
    public static void Write(string path, bool force, Predicate<string> mayReplace, int count, Func<int, string> name, Action<int, Stream> write)
    {
        var target = Check(path, force, mayReplace);
        var beside = Path.Combine(Path.GetDirectoryName(target)!, $".{Guid.NewGuid():N}");
        var (temporary, old) = (beside + ".tmp", beside + ".old");
        try
        {
            Create(temporary, path);
            Concurrently.For(count, i =>
            {
                using var stream = new FileStream(Path.Combine(temporary, name(i)), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
                write(i, stream);
                stream.Flush(flushToDisk: true);
            });
            AtomicFile.FlushFolder(temporary);
            if (Directory.Exists(target))
            {
                Directory.Move(target, old);
            }
            Directory.Move(temporary, target);
            AtomicFile.FlushFolder(Path.GetDirectoryName(target)!);
        }
        catch (IOException e)
        {
            if (Directory.Exists(old) && !Directory.Exists(target))
            {
                Directory.Move(old, target);
            }
            throw new ImagingException(ImagingError.WriteFailed, $"{path}: writing failed ({e.Message}); nothing was left behind", e);
        }
        finally
        {
            foreach (var rest in new[] { temporary, old })
            {
                if (Directory.Exists(rest))
                {
                    Directory.Delete(rest, recursive: true);
                }
            }
        }
    }

    /// <summary>Refuses at once what <see cref="Write"/> would refuse.</summary>
    /// <returns>The full path that will be written.</returns>
    public static string Check(string path, bool force, Predicate<string> mayReplace)
    {
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        target = new DirectoryInfo(target).LinkTarget is null ? target : Directory.ResolveLinkTarget(target, returnFinalTarget: true)!.FullName;
        if (Path.GetDirectoryName(target) is not { } parent || !Directory.Exists(parent))
        {
            throw new ImagingException(ImagingError.CannotCreate, $"{path}: the folder that shall hold it does not exist; create it first");
        }
        AtomicFile.RequireWritable(parent, path);
        if (File.Exists(target))
        {
            throw new ImagingException(ImagingError.CannotCreate, $"{path}: there is a file of this name; give another name");
        }
        if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
        {
            if (!force)
            {
                throw new ImagingException(ImagingError.Exists, $"{path}: the folder holds files; give another name, or --force to replace a series that this program wrote there");
            }
            if (Directory.EnumerateFileSystemEntries(target).FirstOrDefault(entry => !File.Exists(entry) || !mayReplace(entry)) is { } other)
            {
                throw new ImagingException(ImagingError.Exists, $"{path}: the folder holds {Path.GetFileName(other)}, which this program did not write; give another name");
            }
        }
        return target;
    }

    private static void Create(string temporary, string path)
    {
        try
        {
            Directory.CreateDirectory(temporary);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new ImagingException(ImagingError.CannotCreate, $"{path}: the folder that shall hold it cannot be written to ({e.Message})", e);
        }
    }
}
