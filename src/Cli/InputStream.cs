using InrFast.Tasks.Compression;

namespace InrFast.Cli;

/// <summary>Opens input files that are no images; what fails ends in exit code 66.</summary>
internal static class InputStream
{
    public static FileStream Open(string path)
    {
        if (Directory.Exists(path))
        {
            throw new CommandException(ExitCode.NoInput, $"{path}: this is a folder; give a file");
        }
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandException(ExitCode.NoInput, $"{path}: there is no such file; check the name");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException or ArgumentException or NotSupportedException)
        {
            throw new CommandException(ExitCode.NoInput, $"{path}: the file cannot be read ({e.Message})");
        }
    }

    /// <summary>Whether the file begins as an .inrz file does.</summary>
    public static bool IsCompressed(string path)
    {
        using var stream = Open(path);
        Span<byte> head = stackalloc byte[4];
        return stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && CompressedFile.IsOne(head);
    }

    /// <summary>Whether the file begins as safetensors does: eight bytes of length, then JSON.</summary>
    public static bool IsModel(string path)
    {
        using var stream = Open(path);
        Span<byte> head = stackalloc byte[9];
        return stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head[8] == '{' && head[4..8].IndexOfAnyExcept((byte)0) < 0;
    }
}
