using System.Buffers.Binary;
using System.IO.Compression;

namespace InrFast.Imaging;

/// <summary>
/// Packs what is written to it as one gzip member (RFC 1952), pieces of 1 MiB on all cores: each piece is a run of deflate blocks that ends on
/// a byte (a sync flush), so that they simply follow one another. The bytes do not depend on the number of cores.
/// </summary>
internal sealed class GzipWriter(Stream target) : Stream
{
    private const int PieceBytes = 1 << 20;

    // As small as zlib's own level 1, which nibabel uses, in less time; higher levels gain about 1 %.
    private static readonly ZLibCompressionOptions Options = new() { CompressionLevel = 2 };
    private static readonly int Pieces = 2 * Environment.ProcessorCount;
    private readonly byte[] buffer = GC.AllocateUninitializedArray<byte>(Pieces * PieceBytes);
    private int filled;
    private long total;
    private uint crc;
    private bool begun, closed;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var part = Math.Min(bytes.Length, buffer.Length - filled);
            bytes[..part].CopyTo(buffer.AsSpan(filled));
            filled += part;
            bytes = bytes[part..];
            if (filled == buffer.Length)
            {
                PackBuffer();
            }
        }
    }

    public override void Flush() { }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !closed)
        {
            closed = true;
            PackBuffer();
            // A last, empty block (fixed Huffman codes, end of block), then the checksum and the length.
            Span<byte> end = [3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            BinaryPrimitives.WriteUInt32LittleEndian(end[2..], crc);
            BinaryPrimitives.WriteUInt32LittleEndian(end[6..], (uint)total);
            target.Write(end);
        }
        base.Dispose(disposing);
    }

    private void PackBuffer()
    {
        if (!begun)
        {
            begun = true;
            // Deflate, no name, no time, unknown system.
            target.Write([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]);
        }
        var packed = new (ReadOnlyMemory<byte> Blocks, uint Crc)[(filled + PieceBytes - 1) / PieceBytes];
        Parallel.For(0, packed.Length, i => packed[i] = Pack(buffer, i * PieceBytes, Math.Min(PieceBytes, filled - i * PieceBytes)));
        for (var i = 0; i < packed.Length; i++)
        {
            target.Write(packed[i].Blocks.Span);
            crc = Crc32.Combine(crc, packed[i].Crc, Math.Min(PieceBytes, filled - i * PieceBytes));
        }
        total += filled;
        filled = 0;
    }

    // The stream's own gzip does the deflating and the checksum; its frame is cut off again.
    private static (ReadOnlyMemory<byte> Blocks, uint Crc) Pack(byte[] source, int start, int count)
    {
        const int HeaderBytes = 10, TrailerBytes = 8;
        var result = new MemoryStream(count / 2);
        int end;
        using (var gzip = new GZipStream(result, Options, leaveOpen: true))
        {
            gzip.Write(source, start, count);
            gzip.Flush();
            end = (int)result.Length;
        }
        var bytes = result.GetBuffer().AsMemory(0, (int)result.Length);
        return (bytes[HeaderBytes..end], BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span[^TrailerBytes..]));
    }
}
