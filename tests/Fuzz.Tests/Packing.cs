using System.Buffers.Binary;
using System.IO.Compression;
using InrFast.Imaging;
using InrFast.Imaging.Dicom;
using InrFast.Tests.Formats;
using InrFast.Tests.Formats.Dicom;

namespace InrFast.Tests.Fuzzing;

/// <summary>Packs damaged content soundly.</summary>
internal static class Packing
{
    private static readonly byte[] DeflatedHead = DicomSample.File(new DicomDataset(), DicomSample.Syntax(".1.99"));

    public static byte[] Gzip(byte[] content) => Through(content, stream => new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true));

    public static byte[] DeflatedDicom(byte[] dataset) => [.. DeflatedHead, .. Through(dataset, stream => new DeflateStream(stream, CompressionLevel.Fastest, leaveOpen: true))];

    public static byte[] Zip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry("arr_0.npy", CompressionLevel.Fastest).Open();
            entry.Write(content);
        }
        return packed.ToArray();
    }

    /// <summary>Puts right the checksums of all chunks that lie whole in the file.</summary>
    public static byte[] WithPngSums(byte[] png)
    {
        var mended = png.ToArray();
        for (long at = 8; at + 12 <= mended.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(mended.AsSpan((int)at));
            if (at + 12 + length > mended.Length)
            {
                break;
            }
            BinaryPrimitives.WriteUInt32BigEndian(mended.AsSpan((int)(at + 8 + length)), Crc32.Compute(mended.AsSpan((int)at + 4, (int)length + 4)));
            at += 12 + length;
        }
        return mended;
    }

    /// <summary>Puts right the checksums of an .inrz file's header and of the whole.</summary>
    public static byte[] WithInrzSums(byte[] inrz)
    {
        var mended = inrz.ToArray();
        var (length, at) = (0L, 5);
        for (var shift = 0; at < mended.Length && shift < 32; shift += 7)
        {
            length |= (long)(mended[at] & 127) << shift;
            if (mended[at++] < 128)
            {
                break;
            }
        }
        if (at + length + 8 <= mended.Length)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(mended.AsSpan((int)(at + length)), Crc32.Compute(mended.AsSpan(at, (int)length)));
            BinaryPrimitives.WriteUInt32LittleEndian(mended.AsSpan(mended.Length - 4), Crc32.Compute(mended.AsSpan(0, mended.Length - 4)));
        }
        return mended;
    }

    private static byte[] Through(byte[] content, Func<Stream, Stream> packer)
    {
        using var packed = new MemoryStream();
        using (var stream = packer(packed))
        {
            stream.Write(content);
        }
        return packed.ToArray();
    }
}
