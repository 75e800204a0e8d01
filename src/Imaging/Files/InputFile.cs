using System.IO.Compression;

namespace InrFast.Imaging;

/// <summary>An input while it is being read: a file, or bytes in memory under a name. Gzip is unpacked on the way where a format asks for it.</summary>
internal sealed class InputFile : IDisposable
{
    // Deflate cannot do better than 1032 to 1 (a match of 258 bytes in two bits); more is a lie.
    public const int MaxDeflateRatio = 1032;

    private const int HeadBytes = 1024;
    private readonly Stream stream;

    private InputFile(string name, Stream stream, ReadOptions options)
    {
        (Name, this.stream, Options, Length) = (name, stream, options, stream.Length);
        Head = ReadHead(stream);
        IsGzip = Head is [0x1F, 0x8B, ..];
        ContentHead = Head;
        if (IsGzip)
        {
            stream.Position = 0;
            using var gzip = new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);
            try
            {
                ContentHead = ReadHead(gzip);
            }
            catch (InvalidDataException)
            {
                // A broken gzip is of no known format; Read says so.
                ContentHead = [];
            }
        }
    }

    public string Name { get; }

    public ReadOptions Options { get; }

    public ReadLimits Limits => Options.Limits;

    /// <summary>Whether the name is that of a file, beside which there may be others.</summary>
    public bool IsOnDisk => stream is FileStream;

    /// <summary>Length in bytes as it lies on disk.</summary>
    public long Length { get; }

    /// <summary>The first bytes as they lie on disk.</summary>
    public byte[] Head { get; }

    public bool IsGzip { get; }

    /// <summary>The first bytes after unpacking gzip.</summary>
    public byte[] ContentHead { get; }

    public static InputFile Open(string path, ReadLimits limits) => Open(path, new ReadOptions { Limits = limits });

    public static InputFile Open(string path, ReadOptions options)
    {
        try
        {
            if (Directory.Exists(path))
            {
                throw new ImagingException(ImagingError.Unreadable, $"{path}: this is a folder; give an image file");
            }
            return new InputFile(path, new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1), options);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ImagingException(ImagingError.Missing, $"{path}: there is no such file; check the name", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException or NotSupportedException or ArgumentException)
        {
            throw new ImagingException(ImagingError.Unreadable, $"{path}: the file cannot be read ({e.Message})", e);
        }
    }

    public static InputFile FromBytes(string name, ReadOnlyMemory<byte> bytes, ReadLimits limits) =>
        new(name, new MemoryStream(bytes.ToArray(), writable: false), new ReadOptions { Limits = limits });

    /// <summary>The content from its start, unpacked where it is gzip.</summary>
    public Stream OpenContent()
    {
        stream.Position = 0;
        return IsGzip
            ? new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true)
            : new BufferedStream(new Unowned(stream), 1 << 16);
    }

    /// <summary>The content from a place on, as it lies on disk.</summary>
    public Stream OpenFrom(long offset)
    {
        stream.Position = offset;
        return new BufferedStream(new Unowned(stream), 1 << 16);
    }

    /// <summary>
    /// A file that this one names. It must lie in this one's folder, or below: neither a path that leads out nor a symbolic link is followed,
    /// so that a header from elsewhere cannot show what else is on this machine.
    /// </summary>
    public InputFile OpenNamed(string name)
    {
        if (!IsOnDisk)
        {
            throw Malformed($"its voxels lie in another file ({Shown(name)}); give the path of this one on disk");
        }
        var folder = Path.GetDirectoryName(Path.GetFullPath(Name))!;
        var path = name.Contains('\0', StringComparison.Ordinal) ? folder : Path.GetFullPath(Path.Combine(folder, name));
        if (!path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal) && folder.Length > 1)
        {
            throw Malformed($"it names a file outside its own folder ({Shown(name)}), which is not read; move that file beside it");
        }
        for (var part = path; part.Length > folder.Length; part = Path.GetDirectoryName(part)!)
        {
            if (new FileInfo(part).LinkTarget is not null)
            {
                throw Malformed($"it names a symbolic link ({Shown(name)}), which is not followed; put the file itself there");
            }
        }
        return Open(path, Limits);
    }

    /// <summary>The whole file as it lies on disk.</summary>
    public byte[] ReadAll() => ReadFirst(int.MaxValue);

    /// <summary>The first bytes as they lie on disk, at most so many.</summary>
    public byte[] ReadFirst(int count)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(Math.Min(CheckedLength, count));
        ReadFirst(bytes);
        return bytes;
    }

    /// <summary>Fills the span with the first bytes as they lie on disk.</summary>
    public void ReadFirst(Span<byte> bytes)
    {
        stream.Position = 0;
        stream.ReadExactly(bytes);
    }

    /// <summary>Length in bytes, where that fits into the limit and an array.</summary>
    /// <exception cref="ImagingException">LimitExceeded.</exception>
    public int CheckedLength => Length <= Limits.MaxBytes && Length <= Array.MaxLength
        ? (int)Length
        : throw new ImagingException(ImagingError.LimitExceeded, $"{Name}: the file has {ReadLimits.Text(Length)} and {ReadLimits.Text(Limits.MaxBytes)} are allowed; raise the limit");

    /// <summary>Refuses a declared amount of content that a file of this length cannot hold.</summary>
    public void RequireContent(Int128 bytes) => RequireContent(bytes, Length, IsGzip);

    /// <summary>The same for a part of the file, of <paramref name="length"/> bytes, deflated or not.</summary>
    public void RequireContent(Int128 bytes, long length, bool isDeflated)
    {
        if (bytes > (isDeflated ? (Int128)length * MaxDeflateRatio : length))
        {
            throw Malformed($"its header declares {bytes} bytes and the file has {length}{(isDeflated ? " (packed)" : "")}; get a whole copy");
        }
    }

    public ImagingException Malformed(string what) => new(ImagingError.Malformed, $"{Name}: {what}");

    public ImagingException Unsupported(string what) => new(ImagingError.Unsupported, $"{Name}: {what}");

    public void Dispose() => stream.Dispose();

    /// <summary>Text from a file, short and on one line, for messages.</summary>
    public static string Shown(string text)
    {
        var shown = new string([.. text.Take(80).Select(c => char.IsControl(c) ? '?' : c)]);
        return text.Length > 80 ? shown + "..." : shown;
    }

    private static byte[] ReadHead(Stream stream)
    {
        var head = new byte[HeadBytes];
        return head[..stream.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false)];
    }

    // Passes reads on and leaves the file open when it is disposed.
    private sealed class Unowned(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => inner.Length;

        public override long Position { get => inner.Position; set => inner.Position = value; }

        public override void Flush() { }

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override int Read(Span<byte> buffer) => inner.Read(buffer);

        public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

        public override void SetLength(long value) => inner.SetLength(value);

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);
    }
}
