namespace InrFast.Imaging;

/// <summary>
/// A file of which no more is read, over all, than a sound one can need. HDF5 is full of addresses, and where they lead round in a circle PureHDF follows them for ever,
/// keeping what it reads.
/// </summary>
internal sealed class BoundedStream(Stream inner) : Stream
{
    // Headers and indices are read again for every array and chunk, data once.
    private long left = (2 << 20) + 4 * inner.Length;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position { get => inner.Position; set => inner.Position = value; }

    public override int Read(Span<byte> buffer)
    {
        var count = inner.Read(buffer);
        // A read counts even where it gives nothing.
        left -= count + 8;
        return left >= 0 ? count : throw new InvalidDataException("its parts lead round in a circle");
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }
        base.Dispose(disposing);
    }
}
