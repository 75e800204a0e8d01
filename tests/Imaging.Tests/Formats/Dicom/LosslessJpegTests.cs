using InrFast.Imaging;
using InrFast.Imaging.Dicom;

namespace InrFast.Tests.Formats.Dicom;

internal sealed class LosslessJpegTests
{
    [Test]
    public void EveryPredictorDepthAndInterleavingComesBack([Values(1, 2, 3, 4, 5, 6, 7)] int predictor, [Values(2, 8, 12, 16)] int precision, [Values(1, 3)] int channels, [Values] bool oneScan)
    {
        var samples = Noise(13 * 9 * channels, precision, seed: predictor);
        foreach (var restartLines in new[] { 0, 1, 4 })
        {
            var frame = Decode(LosslessJpeg.Encode(samples, 13, channels, precision, predictor, restartLines, oneScan));
            Assert.That((frame.Columns, frame.Rows, frame.Channels, frame.Precision), Is.EqualTo((13, 9, channels, precision)));
            Assert.That(frame.Samples.Select(sample => (int)sample), Is.EqualTo(samples));
        }
    }

    [Test]
    public void APointTransformLosesTheLowestBits()
    {
        var samples = Noise(13 * 9, 12, seed: 1);
        Assert.That(Decode(LosslessJpeg.Encode(samples, 13, 1, 12, predictor: 4, shift: 3)).Samples.Select(sample => (int)sample), Is.EqualTo(samples.Select(sample => sample >> 3 << 3)));
    }

    // dcmcjpeg: +el is process 14 with a choice of predictor, +e1 is selection value 1.
    [Test]
    public void DcmtkEncodesWhatIsReadBack([Values(1, 2, 3, 4, 5, 6, 7)] int predictor, [Values("8x1", "16x1", "8x3")] string kind)
    {
        var (bits, channels) = (kind == "16x1" ? 16 : 8, kind == "8x3" ? 3 : 1);
        var samples = Noise(40 * 30 * channels, bits, seed: bits);
        var bytes = samples.SelectMany(sample => bits == 8 ? new[] { (byte)sample } : BitConverter.GetBytes((ushort)sample)).ToArray();
        var folder = TestData.NewFolder();
        var (plain, packed) = (Path.Combine(folder, "a.dcm"), Path.Combine(folder, "b.dcm"));
        File.WriteAllBytes(plain, DicomSample.File(DicomSample.Image(40, 30, bits, DicomSample.Native(bytes),
            DicomElement.FromUInt16(DicomTags.SamplesPerPixel, channels), DicomElement.FromText(DicomTags.PhotometricInterpretation, channels == 3 ? "RGB" : "MONOCHROME2"), DicomElement.FromUInt16(DicomTags.PlanarConfiguration, 0))));
        try
        {
            Oracle.Program("dcmcjpeg", "+el", "+sv", $"{predictor}", plain, packed);
            Assert.That(DicomSample.Frames(File.ReadAllBytes(packed)), Is.EqualTo(samples.Select(sample => (float)sample)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void ACutStreamIsRefusedWhereverItIsCut()
    {
        var whole = LosslessJpeg.Encode(Noise(13 * 9, 12, seed: 3), 13, 1, 12, predictor: 1, restartLines: 4);
        for (var length = 0; length < whole.Length - 4; length++)
        {
            Assert.That(TestData.Throws(() => Decode(whole[..length])).Kind, Is.EqualTo(ImagingError.Malformed), $"{length}");
        }
    }

    [Test]
    public void ADeclaredSizeThatTheStreamCannotHoldAllocatesNothing()
    {
        var stream = LosslessJpeg.Encode(Noise(13 * 9, 12, seed: 3), 13, 1, 12, predictor: 1);
        (stream[7], stream[8], stream[9], stream[10]) = (0x40, 0, 0x40, 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(TestData.Throws(() => Decode(stream)).Kind, Is.EqualTo(ImagingError.Malformed));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
    }

    private static DecodedFrame Decode(byte[] stream)
    {
        using var file = InputFile.FromBytes("a.dcm", stream, ReadLimits.Default);
        return JpegLosslessDecoder.Decode(stream, file);
    }

    // Smooth and rough parts, and both ends of the range.
    private static int[] Noise(int count, int precision, int seed)
    {
        var random = new Random(seed);
        var top = (1 << precision) - 1;
        return [.. Enumerable.Range(0, count).Select(i => i % 7 == 0 ? top : i % 11 == 0 ? 0 : i % 3 == 0 ? random.Next(top + 1) : i * 5 % (top + 1))];
    }
}
