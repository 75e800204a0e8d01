using InrFast.Imaging;
using InrFast.Imaging.Dicom;
using InrFast.Tests.Formats;
using InrFast.Tests.Formats.Dicom;
using static InrFast.Tests.Formats.TestDicom;
using static InrFast.Tests.Fuzzing.SeedFiles;

namespace InrFast.Tests.Fuzzing;

/// <summary>DICOM files of every syntax, and what is read in folders.</summary>
internal static class DicomSeeds
{
    public static byte[][] Native => [Bytes(TestDicom.Slice(0, 0)), Stored("implicit.dcm"), Stored("big-endian.dcm"), Stored("no-preamble.dcm"), Palette()];

    public static byte[][] Rle =>
    [
        DicomSample.File(DicomSample.Image(8, 9, 8, DicomSample.Fragments(PixelModuleTests.Rle([.. Enumerable.Range(0, 72).Select(i => (byte)(i * 5))]))), DicomSample.Syntax(".5")),
        DicomSample.File(DicomSample.Image(2, 1, 8, DicomSample.Fragments(PixelModuleTests.Rle(1, 2), PixelModuleTests.Rle(3, 4)), Text(DicomTags.NumberOfFrames, "2")), DicomSample.Syntax(".5")),
    ];

    public static byte[][] Jpeg =>
    [
        .. new[] { "jpeg-baseline.dcm", "jpeg-extended.dcm", "jpeg-spectral.dcm", "jpeg-progressive.dcm", "jpeg-lossless.dcm", "jpeg-lossless-sv1.dcm" }.Select(Stored),
        DicomSample.File(DicomSample.Image(8, 9, 16, DicomSample.Fragments(LosslessJpeg.Encode([.. Enumerable.Range(0, 72).Select(i => i * 37 % 4096)], 8, 1, 12, predictor: 4, restartLines: 3))), DicomSample.Syntax(".4.57")),
    ];

    public static byte[] Slice => Bytes(TestDicom.Slice(3, 1));

    /// <summary>What follows the meta information: its first attribute is SOPClassUID.</summary>
    public static byte[] Dataset => Slice[Slice.AsSpan().IndexOf<byte>([8, 0, 0x16, 0])..];

    public static byte[] Directory => Bytes(new DicomDataset(Text(DicomTags.SopClassUid, "1.2.840.10008.1.3.10"), DicomElement.FromItems(DicomTags.DirectoryRecordSequence,
        [new DicomDataset(Text(DicomTags.DirectoryRecordType, "PATIENT")), Record("0000"), Record("0001")])));

    /// <summary>The input is one of three slices.</summary>
    public static void ReadAmongSlices(byte[] bytes, string folder)
    {
        folder = WriteSlices(Path.Combine(folder, "series"));
        File.WriteAllBytes(Path.Combine(folder, "0001"), bytes);
        ImageFile.Read([folder], new ReadOptions { Limits = Parser.Limits, AllowGaps = bytes.Length % 2 == 0 });
    }

    /// <summary>The input is the DICOMDIR of three slices.</summary>
    public static void ReadDirectory(byte[] bytes, string folder)
    {
        folder = Path.Combine(folder, "directory");
        WriteSlices(Path.Combine(folder, "IMAGES"));
        var path = Path.Combine(folder, "DICOMDIR");
        File.WriteAllBytes(path, bytes);
        ImageFile.Read([path], new ReadOptions { Limits = Parser.Limits });
    }

    public static void Deidentify(byte[] bytes, string folder)
    {
        using var file = InputFile.FromBytes("a.dcm", bytes, Parser.Limits);
        ImageFile.Guard("a.dcm", "DICOM", () =>
        {
            var dicom = DicomReader.Read(file);
            DicomWriter.Write(Stream.Null, new Deidentifier("sixteen or more secret bytes"u8).Apply(DicomPixels.InLittleEndian(dicom), new HashSet<string>()), dicom.Syntax.Compression == PixelCompression.None ? null : dicom.Syntax);
        });
    }

    private static readonly byte[][] Slices = [Bytes(TestDicom.Slice(0, 0)), Bytes(TestDicom.Slice(3, 1)), Bytes(TestDicom.Slice(6, 2))];

    private static string WriteSlices(string folder)
    {
        if (!System.IO.Directory.Exists(folder))
        {
            System.IO.Directory.CreateDirectory(folder);
            for (var i = 0; i < Slices.Length; i++)
            {
                File.WriteAllBytes(Path.Combine(folder, $"{i:d4}"), Slices[i]);
            }
        }
        return folder;
    }

    private static DicomDataset Record(string name) => new(Text(DicomTags.DirectoryRecordType, "IMAGE"), Text(DicomTags.ReferencedFileId, $"IMAGES\\{name}"));

    // Four colours, in tables of 16 bits.
    private static byte[] Palette() => DicomSample.File(DicomSample.Image(2, 2, 8, DicomSample.Native(0, 1, 2, 3),
    [
        Text(DicomTags.PhotometricInterpretation, "PALETTE COLOR"),
        .. Enumerable.Range(0, 3).Select(c => DicomElement.FromBytes(new DicomTag(0x0028, (ushort)(0x1101 + c)), "US", new byte[] { 4, 0, 0, 0, 16, 0 })),
        .. Enumerable.Range(0, 3).Select(c => DicomElement.FromBytes(new DicomTag(0x0028, (ushort)(0x1201 + c)), "OW", new byte[] { 0, 0, 1, 1, 2, 2, 3, 3 })),
    ]));
}
