using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace InrFast.Imaging;

/// <summary>Writes PNG files, 8 or 16 bits per sample, not interlaced.</summary>
public static class PngWriter
{
    /// <param name="channels">1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.</param>
    /// <param name="bits">8 or 16.</param>
    /// <param name="pixels">Row by row from the top, channels interleaved; big endian where 16 bits.</param>
    public static void Write(Stream stream, int width, int height, int channels, int bits, ReadOnlySpan<byte> pixels)
    {
        var colour = channels switch
        {
            1 => 0, 2 => 4, 3 => 2, 4 => 6,
            _ => throw new ImagingException(ImagingError.WrongUse, $"a PNG holds 1 to 4 channels and the image has {channels}; write another format (.nii.gz, .npy)"),
        };
        stream.Write(PngReader.Signature);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = ((byte)bits, (byte)colour);
        WriteChunk(stream, "IHDR", header);
        using var packed = new MemoryStream();
        using (var rows = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            WriteRows(rows, height, channels * bits / 8, pixels);
        }
        WriteChunk(stream, "IDAT", packed.GetBuffer().AsSpan(0, (int)packed.Length));
        WriteChunk(stream, "IEND", []);
    }

    internal static byte Paeth(int left, int above, int aboveLeft)
    {
        var (fromLeft, fromAbove, fromCorner) = (Math.Abs(above - aboveLeft), Math.Abs(left - aboveLeft), Math.Abs(left + above - 2 * aboveLeft));
        return (byte)(fromLeft <= fromAbove && fromLeft <= fromCorner ? left : fromAbove <= fromCorner ? above : aboveLeft);
    }

    // Each row takes the filter whose residuals are smallest in sum (the specification's heuristic, clause 12.8), of none, up and Paeth.
    private static void WriteRows(ZLibStream packed, int height, int pixelBytes, ReadOnlySpan<byte> pixels)
    {
        var rowBytes = pixels.Length / height;
        var above = new byte[rowBytes];
        var candidates = new byte[3][];
        for (var filter = 0; filter < 3; filter++)
        {
            candidates[filter] = new byte[rowBytes + 1];
        }
        (candidates[1][0], candidates[2][0]) = (2, 4);
        for (var y = 0; y < height; y++)
        {
            var row = pixels.Slice(y * rowBytes, rowBytes);
            var (sumNone, sumUp, sumPaeth) = (0L, 0L, 0L);
            for (var i = 0; i < rowBytes; i++)
            {
                var (left, corner) = i < pixelBytes ? (0, 0) : (row[i - pixelBytes], above[i - pixelBytes]);
                var (up, paeth) = ((byte)(row[i] - above[i]), (byte)(row[i] - Paeth(left, above[i], corner)));
                (candidates[0][i + 1], candidates[1][i + 1], candidates[2][i + 1]) = (row[i], up, paeth);
                sumNone += Math.Abs((int)(sbyte)row[i]);
                sumUp += Math.Abs((int)(sbyte)up);
                sumPaeth += Math.Abs((int)(sbyte)paeth);
            }
            packed.Write(candidates[sumNone <= sumUp && sumNone <= sumPaeth ? 0 : sumUp <= sumPaeth ? 1 : 2]);
            row.CopyTo(above);
        }
    }

    private static void WriteChunk(Stream stream, string type, ReadOnlySpan<byte> data)
    {
        var chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        data.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Crc32.Compute(chunk.AsSpan(4, 4 + data.Length)));
        stream.Write(chunk);
    }
}
