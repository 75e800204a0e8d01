using InrFast.Imaging;
using InrFast.Imaging.Dicom;

namespace InrFast.Tests.Formats.Dicom;

/// <summary>Real files of every transfer syntax against what pydicom 2.3.1 reads, with DCMTK 3.6.7 for JPEG and JPEG-LS: least, greatest and mean stored number, and the one at a third of each axis.</summary>
internal sealed class TransferSyntaxTests
{
    private const string Ct = "ct-dicom/transfer-syntaxes/CTImage_", Small = "ct-dicom/pydicom/";

    // Decoders of lossy data may round differently.
    [TestCase(Ct + "LittleEndianImplicit_1.2.840.10008.1.2.dcm", -2000, 2402, 74.9235649, 81, 0)]
    [TestCase(Ct + "LittleEndianExplicit_1.2.840.10008.1.2.1.dcm", -2000, 2402, 74.9235649, 81, 0)]
    [TestCase(Ct + "BigEndianExplicit_1.2.840.10008.1.2.2.dcm", -2000, 2402, 74.9235649, 81, 0)]
    [TestCase(Ct + "DeflatedExplicitVRLittleEndian_1.2.840.10008.1.2.1.99.dcm", -2000, 2402, 74.9235649, 81, 0)]
    [TestCase(Ct + "RLELossless_1.2.840.10008.1.2.5.dcm", -2000, 2402, 74.9235649, 81, 0)]
    [TestCase(Ct + "JPEGProcess14_1.2.840.10008.1.2.4.57.dcm", -2000, 2402, 74.9235649, 81, 0)]
    [TestCase(Ct + "JPEGProcess14SV1_1.2.840.10008.1.2.4.70.dcm", -2000, 2402, 74.9235649, 81, 0)]
    [TestCase(Ct + "JPEGProcess1_1.2.840.10008.1.2.4.50.dcm", 30, 168, 95.8586426, 95, 1)]
    [TestCase(Ct + "JPEGProcess2_4_1.2.840.10008.1.2.4.51.dcm", 497, 2708, 1548.25666, 1553, 1)]
    [TestCase(Ct + "JPEGProcess6_8_1.2.840.10008.1.2.4.53.dcm", 497, 2708, 1548.25666, 1553, 1)]
    [TestCase(Ct + "JPEGProcess10_12_1.2.840.10008.1.2.4.55.dcm", 497, 2708, 1548.25666, 1553, 1)]
    [TestCase(Ct + "JPEGLSLossless_1.2.840.10008.1.2.4.80.dcm", -2000, 2402, 74.9235649, 81, 0)]
    [TestCase(Ct + "JPEGLSLossy_1.2.840.10008.1.2.4.81.dcm", -2001, 2401, 75.0493011, 82, 0)]
    [TestCase(Ct + "JPEG2000LosslessOnly_1.2.840.10008.1.2.4.90.dcm", -2000, 2402, 74.9235649, 81, 0)]
    [TestCase(Ct + "JPEG2000_1.2.840.10008.1.2.4.91.dcm", -2003, 2401, 74.8686523, 81, 1)]
    [TestCase(Small + "MR_small_RLE.dcm", 127, 2145, 518.881348, 446, 0)]
    [TestCase(Small + "MR_small_jp2klossless.dcm", 127, 2145, 518.881348, 446, 0)]
    [TestCase(Small + "MR_small_jpeg_ls_lossless.dcm", 127, 2145, 518.881348, 446, 0)]
    [TestCase(Small + "JPEG-lossy.dcm", 0, 264, 14.3699913, 21, 1)]
    [TestCase(Small + "JPEG2000.dcm", -30, 245, 13.4581604, 21, 1)]
    [TestCase(Small + "image_dfl.dcm", 0, 255, 127.115967, 41, 0)]
    [TestCase("xray/chest_jpeg_1024.dcm", 0, 254, 160.398039, 95, 1)]
    [TestCase("xray/chest_mono1_10bit.dcm", 0, 979, 501.857293, 656, 0)]
    // Several frames, the third of them among the axes.
    [TestCase(Small + "SC_rgb_rle_2frame.dcm", 0, 255, 127.5, 255, 0)]
    [TestCase(Small + "eCT_Supplemental.dcm", 0, 1196, 380.038086, 1041, 0)]
    [TestCase(Small + "emri_small.dcm", 0, 467, 109.699121, 12, 0)]
    [TestCase(Small + "emri_small_RLE.dcm", 0, 467, 109.699121, 12, 0)]
    [TestCase(Small + "emri_small_big_endian.dcm", 0, 467, 109.699121, 12, 0)]
    [TestCase(Small + "liver.dcm", 0, 1, 0.136182149, 1, 0)]
    [TestCase(Small + "rtdose.dcm", 795000, 1254000, 1013273.33, 1077000, 0)]
    public void StoredNumbersAgree(string name, double minimum, double maximum, double mean, double atThird, double tolerance)
    {
        using var input = InputFile.Open(TestData.Shared(name), ReadLimits.Default);
        var dicom = DicomReader.Read(input);
        switch (dicom.Syntax.Compression)
        {
            case PixelCompression.JpegLs: Oracle.Need("dcmdjpls"); break;
            case PixelCompression.Jpeg2000: Oracle.Need("opj_decompress"); break;
        }
        var pixels = new DicomPixels(dicom, input);
        var samples = DicomSample.Frames(input);
        var (frame, row, column) = (pixels.Frames > 1 ? pixels.Frames / 3 : 0, pixels.Rows / 3, pixels.Columns / 3);
        var third = pixels.Channels * (column + pixels.Columns * (row + pixels.Rows * frame)) + pixels.Channels / 3;
        Assert.That(new double[] { samples.Min(), samples.Max(), samples[third] }, Is.EqualTo(new[] { minimum, maximum, atThird }).Within(tolerance));
        Assert.That(samples.Average(value => (double)value), Is.EqualTo(mean).Within(1e-6 * maximum + 0.01 * tolerance));
    }

    [Test]
    public void ACodecThatIsNotInstalledIsNamedWithItsPackage()
    {
        var (jpeg2000, jpegLs) = (TestData.Shared(Ct + "JPEG2000_1.2.840.10008.1.2.4.91.dcm"), TestData.Shared(Ct + "JPEGLSLossless_1.2.840.10008.1.2.4.80.dcm"));
        var path = Environment.GetEnvironmentVariable("PATH");
        Environment.SetEnvironmentVariable("PATH", "/nowhere");
        try
        {
            var error = TestData.Throws(() => ImageFile.Read(jpeg2000));
            Assert.That(error.Kind, Is.EqualTo(ImagingError.Unsupported));
            Assert.That(error.Message, Does.EndWith("CTImage_JPEG2000_1.2.840.10008.1.2.4.91.dcm: its pixels are compressed as JPEG 2000 (1.2.840.10008.1.2.4.91), which needs the program opj_decompress; install it (Debian: apt install libopenjp2-tools)"));
            error = TestData.Throws(() => ImageFile.Read(jpegLs));
            Assert.That((error.Kind, error.Message.Contains("JPEG-LS Lossless (1.2.840.10008.1.2.4.80)", StringComparison.Ordinal), error.Message.Contains("apt install dcmtk", StringComparison.Ordinal)), Is.EqualTo((ImagingError.Unsupported, true, true)));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }
    }

    [Test]
    public void AnUnknownTransferSyntaxIsNamed()
    {
        var file = DicomSample.File(DicomSample.Image(2, 2, 8, DicomSample.Fragments([1, 2, 3, 4])), DicomSample.Syntax(".4.100"));
        var error = TestData.Throws(() => ImageFile.Read("a.dcm", file));
        Assert.That((error.Kind, error.Message.Contains("unknown transfer syntax (1.2.840.10008.1.2.4.100)", StringComparison.Ordinal)), Is.EqualTo((ImagingError.Unsupported, true)));
    }
}
