using System.IO.Compression;
using System.Text;
using InrFast.Imaging;
using InrFast.Imaging.Dicom;
using InrFast.Tests.Formats;
using static InrFast.Tests.Fuzzing.SeedFiles;

namespace InrFast.Tests.Fuzzing;

/// <summary>Every reader of untrusted bytes. Packed formats come twice: as they lie on disk, and packed around the damage, so that it gets past their checksums.</summary>
internal static class Parsers
{
    private static readonly string[]
        NrrdWords = ["NRRD0005\n", "type: ", "dimension: ", "sizes: ", "space: ", "space dimension: ", "space directions: ", "space origin: ", "encoding: raw\n", "encoding: ascii\n", "encoding: gzip\n", "encoding: hex\n",
            "endian: big\n", "kinds: ", "vector", "none", "spacings: ", "axis mins: ", "line skip: ", "byte skip: -1\n", "data file: ", "LIST", "LIST 2\n", "v%03d.raw 1 100000 1", "thicknesses: ", "units: ", "measurement frame: ", "\n\n", "(", ")", ",", "../", "voxels"],
        MetaWords = ["ObjectType = Image\n", "NDims = ", "DimSize = ", "ElementType = ", "MET_UCHAR", "MET_DOUBLE", "MET_FLOAT_ARRAY", "BinaryData = ", "CompressedData = True\n", "CompressedDataSize = ", "ElementNumberOfChannels = ",
            "HeaderSize = -1\n", "TransformMatrix = ", "Offset = ", "ElementSpacing = ", "BinaryDataByteOrderMSB = True\n", "ElementDataFile = LOCAL\n", "ElementDataFile = LIST\n", "v%03d.raw 1 100000 1", "../", "voxels"],
        DicomWords = ["DICM", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2\0", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.5\0", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.70", "SQ", "UN", "OB", "OW", "US", "UL", "DS", "IS", "LO", "AT", "FD",
            "\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF", "\xFE\xFF\x0D\xE0\0\0\0\0", "\xFE\xFF\xDD\xE0\0\0\0\0", "\xFF\xFF\xFF\xFF", "\x08\x00\x05\x00" + "CS\x0A\x00ISO_IR 192", "\\ISO 2022 IR 87", "\x1B$B", "\xE0\x7F\x10\x00OW\0\0", "\x28\x00\x08\x00IS\x02\x002 ",
            "\x28\x00\x02\x00US\x02\x00\x03\x00", "\x28\x00\x06\x00US\x02\x00\x01\x00", "YBR_FULL_422", "YBR_FULL", "PALETTE COLOR ", "RGB ", "MONOCHROME1 ", "\x28\x00\x00\x01US\x02\x00\x20\x00", "\x28\x00\x00\x01US\x02\x00\x01\x00", "1e308", "\\"],
        JpegWords = ["\xFF\xD8", "\xFF\xC0", "\xFF\xC1", "\xFF\xC2", "\xFF\xC3", "\xFF\xC4", "\xFF\xC8", "\xFF\xC9", "\xFF\xCC", "\xFF\xDA", "\xFF\xDB", "\xFF\xDD\0\x04\0\x01", "\xFF\xD0", "\xFF\xD9", "\xFF\xDC\0\x04\0\x09", "\xFF\xEE\0\x0E" + "Adobe\0d\0\0\0\0\x01", "\xFF\xFF", "\xFF\0"],
        TiffWords = ["II*\0", "MM\0*", "II+\0\x08\0\0\0", "ImageJ=1.53\nimages=2\nslices=2\nspacing=0.5\nunit=mm\n", "\x00\x01\x03\x00", "\x01\x01\x03\x00", "\x02\x01\x03\x00", "\x03\x01\x03\x00", "\x11\x01\x04\x00", "\x17\x01\x04\x00", "\x3D\x01\x03\x00", "\x42\x01\x03\x00", "\x44\x01\x04\x00", "\x53\x01\x03\x00"],
        PngWords = ["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "pHYs", "gAMA", "\0\0\0\0"],
        NpyWords = ["'descr': ", "'<f4'", "'>i2'", "'|b1'", "'<c8'", "'|O'", "'fortran_order': True", "'shape': (", ",)", "()", "{", "}", "\x93NUMPY\x02\0", "\n"],
        Hdf5Words = ["\x89HDF\r\n\x1A\n", "OHDR", "OCHK", "TREE", "SNOD", "HEAP", "GCOL", "FRHP", "FHDB", "FHIB", "BTHD", "BTLF", "BTIN", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "\0\0\0\0\0\0\0\x80", "volume", "kspace", "dataset"],
        LandmarkWords = ["point\n", "index\n", "# vtk DataFile Version 3.0\n", "ASCII\n", "POINTS 2 float\n", "x,y,z\n", "x;y\n", "# columns = id,x,y,z,label\n", "# CoordinateSystem = RAS\n", "\n", "\r\n", "\t", "\"", ","],
        TransformWords = ["#Insight Transform File V1.0\n", "#Transform 0\n", "Transform: ", "Parameters: ", "FixedParameters: ", "AffineTransform_double_3_3\n", "Euler3DTransform_double_3_3\n", "(Transform ", "(TransformParameters ", "(CenterOfRotationPoint ", "\n", ")", "\""],
        BartWords = ["# Dimensions\n", "1 ", "\n", "\0"],
        XmlWords = ["<!DOCTYPE a [<!ENTITY b 'c'>]>", "<encoding>", "</encoding>", "<encodingLimits>", "<kspace_encoding_step_1><center>9</center></kspace_encoding_step_1>", "&lt;", "<![CDATA["];

    public static IReadOnlyList<Parser> All { get; } =
    [
        Picture("png", "a.png", PngWords, Written("a.png", TestData.Oblique(5, 6, 1, channels: 4, stored: new StoredScale(SampleType.UInt16))), Written("a.png", Grey), Stored("palette.png"), Stored("bits.png")),
        Picture("png-sums", "a.png", PngWords, Written("a.png", Colour), Stored("palette.png"), Stored("bits.png")).Around(Packing.WithPngSums),
        Picture("jpeg", "a.jpg", JpegWords, Written("a.jpg", Grey), Written("a.jpg", Colour), Stored("progressive.jpg")),
        Picture("npy", "a.npy", NpyWords, Written("a.npy", Volume)),
        Picture("npz", "a.npz", NpyWords, Written("a.npz", Volume)),
        Picture("npz-inside", "a.npz", NpyWords, Written("a.npy", Volume)).Around(Packing.Zip),
        Picture("nifti", "a.nii", ["n+1\0", "ni1\0", "n+2\0\r\n\x1A\n"], Written("a.nii", Volume), Written("a.nii", Series), Written("a.nii", Vectors)),
        Picture("nifti-gzip", "a.nii.gz", [], Written("a.nii.gz", Volume)),
        Picture("nifti-inside", "a.nii.gz", [], Written("a.nii", Volume), Written("a.nii", Series)).Around(Packing.Gzip),
        Picture("nrrd", "a.nrrd", NrrdWords, Written("a.nrrd", Vectors), Written("a.nrrd", Series),
            "NRRD0004\ntype: int\ndimension: 3\nsizes: 2 1 2\nspace: RAS\nspace directions: (1,0,0) (0,2,0) (0,0,3)\nspace origin: (1,2,3)\nencoding: ascii\n\n1 -2e1 3 4.5\n"u8.ToArray()),
        Picture("metaimage", "a.mha", MetaWords, Written("a.mha", Series), "ObjectType = Image\nNDims = 2\nDimSize = 2 2\nBinaryData = False\nElementType = MET_FLOAT\nElementDataFile = LOCAL\n1 -2e1 3 4.5\n"u8.ToArray()),
        Picture("tiff", "a.tif", TiffWords,
        [
            Written("a.tif", Colour), Written("a.tif", TestData.Oblique(6, 5, 4, channels: 2, times: 2, stored: new StoredScale(SampleType.Float32))),
            .. new[] { "lzw.tif", "palette.tif", "packbits.tif", "deflate.tif", "bits.tif", "imagej.tif", "big.tif" }.Select(Stored),
        ]),
        Hdf5("hdf5", ReadImage, Stored("image.h5"), Stored("latest.h5")) with { Covers = ["ImageFile.Read", "ImageFile.FormatOf"] },
        Picture("dicom", "a.dcm", DicomWords, [Written("a.dcm", TestData.Oblique(8, 9, 1)), Written("a.dcm", TestData.Oblique(6, 7, 1, channels: 3, stored: new StoredScale(SampleType.UInt8))), .. DicomSeeds.Native]),
        Picture("dicom-frames", "a.dcm", DicomWords, TestDicom.Bytes(MultiFrameTests.FourFrames()), TestDicom.Bytes(MultiFrameTests.Mosaic(1))),
        Picture("dicom-deflated", "a.dcm", DicomWords, DicomSeeds.Dataset).Around(Packing.DeflatedDicom),
        Picture("dicom-rle", "a.dcm", DicomWords, DicomSeeds.Rle),
        Picture("dicom-jpeg", "a.dcm", [.. JpegWords, .. DicomWords], DicomSeeds.Jpeg),
        Picture("dicom-programs", "a.dcm", [.. JpegWords, "\xFF\x51", "\xFF\xF7", "\xFF\xF8"], Stored("jpeg-ls.dcm"), Stored("jpeg-ls-near.dcm"), Stored("jpeg-2000.dcm"))
            with { Cost = 100, MaxTime = TimeSpan.FromSeconds(4) },
        new("dicom-series", DicomSeeds.ReadAmongSlices, DicomSeeds.Slice) { Words = DicomWords, Cost = 4, Covers = ["ImageFile.Read", "DicomSeries.List", "DicomSeries.IsCollection"] },
        new("dicomdir", DicomSeeds.ReadDirectory, DicomSeeds.Directory) { Words = [.. DicomWords, "IMAGES\\0000", "..\\", "IMAGE "], Cost = 4, Covers = ["ImageFile.Read", "DicomSeries.IsCollection"] },
        new("deidentify", DicomSeeds.Deidentify, [.. DicomSeeds.Native, TestDicom.Bytes(MultiFrameTests.FourFrames())]) { Words = DicomWords },
        Detached("nifti-pair", "a.hdr", "a.img", ["ni1\0"], Header("a.hdr", Volume)),
        Detached("nrrd-files", "a.nhdr", "voxels", NrrdWords, Text("NRRD0004\ntype: short\ndimension: 3\nsizes: 2 3 4\nencoding: raw\nendian: little\ndata file: voxels\n"),
            Text("NRRD0004\ntype: short\ndimension: 3\nsizes: 2 3 2\nencoding: raw\nendian: little\nbyte skip: 4\ndata file: LIST\nvoxels\nvoxels\n")),
        Detached("metaimage-files", "a.mhd", "voxels", MetaWords, Text("ObjectType = Image\nNDims = 3\nDimSize = 2 3 4\nElementType = MET_SHORT\nElementDataFile = voxels\n")),
        OnDisk("arrays", "a", path => ArrayFile.List(path), [.. NpyWords, .. Hdf5Words], Written("a.npz", Volume), Stored("image.h5")) with { MaxAllocated = Hdf5Allocation, Covers = ["ArrayFile.List"] },
        OnDisk("kspace", "a.npy", path => ReadKSpace(path), NpyWords, Written("a.npy", path => KSpaceFile.Write(path, Samples))) with { Covers = ["KSpaceFile.Read", "KSpaceFile.IsKSpace"] },
        Hdf5("kspace-hdf5", (path, _) => ReadKSpace(path), Stored("fastmri.h5"), Stored("ismrmrd.h5")),
        new("bart", (bytes, folder) => ReadBart(folder, bytes), Bart("1 5 4 2", 40)) { Words = BartWords, Covers = ["KSpaceFile.Read"] },
        new("bart-trajectory", (bytes, folder) => ReadBart(folder, Bart("1 5 4 2", 40), bytes), Bart("3 5 4", 60)) { Words = BartWords },
        OnDisk("landmarks", "a.txt", path => LandmarkFile.Read(path), LandmarkWords, Text("x,y,z,t,label\n1,2,3,0,apex\n-4.5,5e1,6,0,\"base\"\n"), Text("1 2 3\n-4.5\t50 6\n"), Text("index\n2\n1 2 3\n-4.5 50 6\n"),
            Text("# CoordinateSystem = 0\n# columns = id,x,y,z,label\n1,-1,-2,3,apex\n"), Text("# vtk DataFile Version 3.0\nx\nASCII\nDATASET POLYDATA\nPOINTS 2 float\n1 2 3 -4.5\n50 6 \n")) with { Covers = ["LandmarkFile.Read"] },
        OnDisk("transform", "a.txt", path => TransformFile.Read(path), TransformWords, Text("#Insight Transform File V1.0\n#Transform 0\nTransform: Euler3DTransform_double_3_3\nParameters: 0.1 0.2 0.3 4 5 6\nFixedParameters: 1 2 3\n"),
            Text("(Transform \"AffineTransform\")\n(TransformParameters 1 0 0 0 1 0 0 0 1 4 5 6)\n(CenterOfRotationPoint 1 2 3)\n")) with { Covers = ["TransformFile.Read"] },
        new("ismrmrd-header", (bytes, _) => IsmrmrdHeader.Parse("a.h5", Encoding.UTF8.GetString(bytes)),
            Text("<ismrmrdHeader xmlns=\"a\"><encoding><encodedSpace><matrixSize><x>6</x><y>8</y><z>1</z></matrixSize><fieldOfView_mm><x>60</x><y>80.5</y><z>5</z></fieldOfView_mm></encodedSpace></encoding></ismrmrdHeader>")) { Words = XmlWords },
        .. ModelParsers.All,
    ];

    // Over all: one chunk after another, each as long as the file could unpack to.
    private static long Hdf5Allocation => 256L << 20;

    private static KSpace Samples => new() { Size = new GridSize(5, 4), Coils = 2, Slices = 1, Samples = new float[2 * 5 * 4 * 2], Header = new KSpaceHeader { Trajectory = "cartesian" } };

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static Parser Picture(string name, string file, string[] words, params byte[][] seeds) =>
        new(name, (bytes, _) => ImageFile.Read(file, bytes, Parser.Limits), seeds) { Words = words, Covers = ["ImageFile.Read"] };

    private static Parser Around(this Parser parser, Func<byte[], byte[]> pack) => parser with { Read = (bytes, folder) => parser.Read(pack(bytes), folder) };

    public static Parser OnDisk(string name, string file, Action<string> read, string[] words, params byte[][] seeds) => new(name, (bytes, folder) =>
    {
        var path = Path.Combine(folder, file);
        File.WriteAllBytes(path, bytes);
        read(path);
    }, seeds) { Words = words };

    // The input is the header; the voxels beside it are always the same.
    private static Parser Detached(string name, string file, string voxels, string[] words, params byte[][] seeds) => new(name, (bytes, folder) =>
    {
        File.WriteAllBytes(Path.Combine(folder, file), bytes);
        if (!File.Exists(Path.Combine(folder, voxels)))
        {
            File.WriteAllBytes(Path.Combine(folder, voxels), new byte[1000]);
        }
        ImageFile.Read(Path.Combine(folder, file), Parser.Limits);
    }, seeds) { Words = words, Covers = ["ImageFile.Read"] };

    private static Parser Hdf5(string name, Func<string, ReadLimits, object> read, params byte[][] seeds) =>
        OnDisk(name, "a.h5", path => read(path, Parser.Limits), Hdf5Words, seeds) with { MaxAllocated = Hdf5Allocation };

    private static byte[] Header(string name, Image image) => Written(name, path => ImageFile.Write(path, image));

    private static Image ReadImage(string path, ReadLimits limits)
    {
        ImageFile.FormatOf(path);
        return ImageFile.Read(path, limits);
    }

    private static KSpace ReadKSpace(string path)
    {
        KSpaceFile.IsKSpace(path);
        return KSpaceFile.Read(path, null, Parser.Limits);
    }

    // Header, a zero, and the samples.
    private static byte[] Bart(string sizes, int samples) => [.. Text($"# Dimensions\n{sizes}\n\0"), .. new byte[8 * samples]];

    private static void ReadBart(string folder, byte[] samples, byte[]? trajectory = null)
    {
        string Write(string name, byte[] bytes)
        {
            var end = Array.IndexOf(bytes, (byte)0) is >= 0 and var at ? at : bytes.Length;
            File.WriteAllBytes(Path.Combine(folder, name + ".hdr"), bytes[..end]);
            File.WriteAllBytes(Path.Combine(folder, name + ".cfl"), bytes[Math.Min(end + 1, bytes.Length)..]);
            return Path.Combine(folder, name + ".cfl");
        }
        KSpaceFile.Read(Write("a", samples), trajectory is null ? null : Write("b", trajectory), Parser.Limits);
    }
}
