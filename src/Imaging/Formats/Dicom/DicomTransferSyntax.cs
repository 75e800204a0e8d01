namespace InrFast.Imaging.Dicom;

/// <summary>Families of codecs that pixels may be compressed with.</summary>
public enum PixelCompression { None, Rle, Jpeg, JpegLs, Jpeg2000, Unknown }

/// <summary>How a DICOM file is encoded (PS3.5, chapter 10 and annex A).</summary>
public sealed record DicomTransferSyntax(string Uid, string Name, bool IsExplicit = true, bool IsBigEndian = false, bool IsDeflated = false,
    PixelCompression Compression = PixelCompression.None)
{
    public static readonly DicomTransferSyntax
        ImplicitLittleEndian = new("1.2.840.10008.1.2", "Implicit VR Little Endian", IsExplicit: false),
        ExplicitLittleEndian = new("1.2.840.10008.1.2.1", "Explicit VR Little Endian"),
        ExplicitBigEndian = new("1.2.840.10008.1.2.2", "Explicit VR Big Endian", IsBigEndian: true);

    private static readonly Dictionary<string, DicomTransferSyntax> Known = new DicomTransferSyntax[]
    {
        ImplicitLittleEndian, ExplicitLittleEndian, ExplicitBigEndian,
        new("1.2.840.10008.1.2.1.99", "Deflated Explicit VR Little Endian", IsDeflated: true),
        Compressed("1.2.840.10008.1.2.5", "RLE Lossless", PixelCompression.Rle),
        Compressed("1.2.840.10008.1.2.4.50", "JPEG Baseline (Process 1)", PixelCompression.Jpeg),
        Compressed("1.2.840.10008.1.2.4.51", "JPEG Extended (Processes 2 and 4)", PixelCompression.Jpeg),
        Compressed("1.2.840.10008.1.2.4.53", "JPEG Spectral Selection (Processes 6 and 8)", PixelCompression.Jpeg),
        Compressed("1.2.840.10008.1.2.4.55", "JPEG Full Progression (Processes 10 and 12)", PixelCompression.Jpeg),
        Compressed("1.2.840.10008.1.2.4.57", "JPEG Lossless (Process 14)", PixelCompression.Jpeg),
        Compressed("1.2.840.10008.1.2.4.70", "JPEG Lossless (Process 14, Selection Value 1)", PixelCompression.Jpeg),
        Compressed("1.2.840.10008.1.2.4.80", "JPEG-LS Lossless", PixelCompression.JpegLs),
        Compressed("1.2.840.10008.1.2.4.81", "JPEG-LS Near-Lossless", PixelCompression.JpegLs),
        Compressed("1.2.840.10008.1.2.4.90", "JPEG 2000 Lossless", PixelCompression.Jpeg2000),
        Compressed("1.2.840.10008.1.2.4.91", "JPEG 2000", PixelCompression.Jpeg2000),
        Compressed("1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 Lossless", PixelCompression.Jpeg2000),
        Compressed("1.2.840.10008.1.2.4.202", "High-Throughput JPEG 2000 Lossless, RPCL", PixelCompression.Jpeg2000),
        Compressed("1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000", PixelCompression.Jpeg2000),
    }.ToDictionary(syntax => syntax.Uid);

    /// <summary>Every other syntax is explicit little endian with compressed pixels, as the standard demands of all that follow.</summary>
    public static DicomTransferSyntax Of(string uid) => Known.GetValueOrDefault(uid) ?? Compressed(uid, "unknown transfer syntax", PixelCompression.Unknown);

    public override string ToString() => $"{Name} ({Uid})";

    private static DicomTransferSyntax Compressed(string uid, string name, PixelCompression compression) => new(uid, name, Compression: compression);
}
