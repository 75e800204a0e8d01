using InrFast.Imaging;
using InrFast.Imaging.Dicom;

namespace InrFast.Tests.Formats.Dicom;

/// <summary>What DCMTK's and OpenJPEG's encoders make of a picture is read back: the same where they lose nothing, nearly the same as their own decoders read where they do.</summary>
internal sealed class DcmtkEncoderTests
{
    private const int Columns = 48, Rows = 34;

    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = TestData.NewFolder();

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [TestCase("dcmcrle", 8, 1, false)]
    [TestCase("dcmcrle", 16, 1, false)]
    [TestCase("dcmcrle", 8, 3, false)]
    [TestCase("dcmcrle", 16, 1, true)]
    [TestCase("dcmcjpls", 8, 1, false)]
    [TestCase("dcmcjpls", 16, 1, false)]
    [TestCase("dcmcjpls", 16, 1, true)]
    [TestCase("dcmcjpls", 8, 3, false)]
    [TestCase("dcmcjpeg", 16, 1, true)]
    public void LosslessDataComesBack(string encoder, int bits, int channels, bool isSigned)
    {
        var samples = Picture(bits, channels, isSigned);
        var plain = Write(samples, bits, channels, isSigned);
        Oracle.Program(encoder, plain, In("b.dcm"));
        Assert.That(DicomSample.Frames(File.ReadAllBytes(In("b.dcm"))), Is.EqualTo(samples.Select(sample => (float)sample)));
    }

    // Colours at half resolution may be interpolated or repeated, so single pixels at edges differ.
    [TestCase("+s4", 2)]
    [TestCase("+s2", 4)]
    [TestCase("+n1", 5)]
    public void LossyColoursAreThoseOfDcmtk(string sampling, double mean)
    {
        var plain = Write(Picture(8, 3, false), 8, 3, false);
        Oracle.Program("dcmcjpeg", "+eb", "+q", "95", sampling, plain, In("b.dcm"));
        Oracle.Program("dcmdjpeg", "+cp", In("b.dcm"), In("c.dcm"));
        var (ours, theirs) = (DicomSample.Frames(File.ReadAllBytes(In("b.dcm"))), DicomSample.Frames(File.ReadAllBytes(In("c.dcm"))));
        Assert.That(ours.Zip(theirs, (a, b) => Math.Abs(a - b)).Average(), Is.LessThan(mean));
    }

    [TestCase(1)]
    [TestCase(3)]
    public void Jpeg2000ComesBackInGreyAndColour(int channels)
    {
        Oracle.Need("opj_decompress");
        var samples = Picture(8, channels, false);
        File.WriteAllBytes(In("a.pnm"), [.. System.Text.Encoding.ASCII.GetBytes($"P{(channels == 3 ? 6 : 5)}\n{Columns} {Rows}\n255\n"), .. samples.Select(sample => (byte)sample)]);
        Oracle.Program("opj_compress", "-i", In("a.pnm"), "-o", In("a.j2k"));
        var dataset = DicomSample.Image(Columns, Rows, 8, DicomSample.Fragments(File.ReadAllBytes(In("a.j2k"))),
            DicomElement.FromUInt16(DicomTags.SamplesPerPixel, channels), DicomElement.FromText(DicomTags.PhotometricInterpretation, channels == 3 ? "YBR_RCT" : "MONOCHROME2"));
        Assert.That(DicomSample.Frames(DicomSample.File(dataset, DicomSample.Syntax(".4.90"))), Is.EqualTo(samples.Select(sample => (float)sample)));
    }

    // Smooth, with a sharp edge and its whole range.
    private static int[] Picture(int bits, int channels, bool isSigned)
    {
        var (top, low) = ((1 << bits) - 1, isSigned ? 1 << (bits - 1) : 0);
        return [.. Enumerable.Range(0, Columns * Rows * channels).Select(i =>
        {
            var (x, y, c) = (i / channels % Columns, i / channels / Columns, i % channels);
            var value = x > 30 && y > 20 ? 1 - c / 3.0 : 0.5 + 0.5 * Math.Sin(0.13 * x + c) * Math.Cos(0.11 * y);
            return (int)Math.Round(value * top) - low;
        })];
    }

    private string Write(int[] samples, int bits, int channels, bool isSigned)
    {
        var bytes = samples.SelectMany(sample => BitConverter.GetBytes((short)sample).Take(bits / 8)).ToArray();
        File.WriteAllBytes(In("a.dcm"), DicomSample.File(DicomSample.Image(Columns, Rows, bits, DicomSample.Native(bytes), DicomElement.FromUInt16(DicomTags.PixelRepresentation, isSigned ? 1 : 0),
            DicomElement.FromUInt16(DicomTags.SamplesPerPixel, channels), DicomElement.FromText(DicomTags.PhotometricInterpretation, channels == 3 ? "RGB" : "MONOCHROME2"), DicomElement.FromUInt16(DicomTags.PlanarConfiguration, 0))));
        return In("a.dcm");
    }

    private string In(string name) => Path.Combine(folder, name);
}
