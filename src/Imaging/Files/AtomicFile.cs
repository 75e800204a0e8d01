using System.Runtime.InteropServices;

namespace InrFast.Imaging;

/// <summary>
/// Writes a file so that its final name only ever shows a whole one: into a temporary file beside it, flushed to disk, renamed, and the
/// folder flushed. On any failure nothing is left behind and an older file under the name is untouched.
/// </summary>
public static partial class AtomicFile
{
    /// <param name="path">The final name. A symbolic link is followed, as writing in place would.</param>
    /// <param name="force">Replace an existing file.</param>
    /// <param name="write">Writes the content; what it throws goes on to the caller.</param>
    /// <exception cref="ImagingException">Exists, CannotCreate or WriteFailed.</exception>
    public static void Write(string path, bool force, Action<Stream> write)
    {
        var target = Check(path, force);
        var folder = Path.GetDirectoryName(target)!;
        var temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            using (var stream = Create(temporary, path))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, target, overwrite: force);
            FlushFolder(folder);
        }
        catch (IOException e)
        {
            throw !force && File.Exists(target)
                ? AlreadyThere(path)
                : new ImagingException(ImagingError.WriteFailed, $"{path}: writing failed ({e.Message}); nothing was left behind", e);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>
    /// Refuses at once what <see cref="Write"/> would refuse: an existing file without <paramref name="force"/>, a folder that is missing or
    /// closed to us. For a command to call before hours of work.
    /// </summary>
    /// <returns>The full path that will be written.</returns>
    public static string Check(string path, bool force)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0', StringComparison.Ordinal))
        {
            throw new ImagingException(ImagingError.CannotCreate, "the output's name is empty or holds a zero byte; give a file name");
        }
        var target = Path.GetFullPath(path);
        target = new FileInfo(target).LinkTarget is null ? target : File.ResolveLinkTarget(target, returnFinalTarget: true)!.FullName;
        if (Directory.Exists(target))
        {
            throw new ImagingException(ImagingError.CannotCreate, $"{path}: this is a folder; give a file name");
        }
        var folder = Path.GetDirectoryName(target);
        if (folder is null || !Directory.Exists(folder))
        {
            throw new ImagingException(ImagingError.CannotCreate, $"{path}: its folder does not exist; create it first");
        }
        RequireWritable(folder, path);
        // Renaming over a device node would replace the node.
        if (!OperatingSystem.IsWindows() && target.StartsWith("/dev/", StringComparison.Ordinal) && !target.StartsWith("/dev/shm/", StringComparison.Ordinal))
        {
            throw new ImagingException(ImagingError.CannotCreate, $"{path}: this is a device; give a file name");
        }
        return File.Exists(target) && !force ? throw AlreadyThere(path) : target;
    }

    private static ImagingException AlreadyThere(string path) =>
        new(ImagingError.Exists, $"{path}: the file exists; give another name, or --force to overwrite it");

    private static FileStream Create(string temporary, string path)
    {
        try
        {
            return new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new ImagingException(ImagingError.CannotCreate, $"{path}: its folder cannot be written to ({e.Message})", e);
        }
    }

    /// <summary>A file can be made in the folder, as far as its rights and its file system say. Windows says so only when one is made.</summary>
    internal static void RequireWritable(string folder, string path)
    {
        const int ToWrite = 2;
        if (!OperatingSystem.IsWindows() && access(folder, ToWrite) != 0)
        {
            throw new ImagingException(ImagingError.CannotCreate, $"{path}: its folder cannot be written to ({Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}); give another place");
        }
    }

    // A rename is on disk only when its folder is. Windows flushes it by itself and cannot open a folder this way.
    internal static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        var descriptor = open(folder, 0);
        if (descriptor >= 0)
        {
            // Some network file systems refuse to flush a folder; the file itself is whole and on disk by now.
            _ = fsync(descriptor);
            _ = close(descriptor);
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int access(string path, int mode);

    [LibraryImport("libc")]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
