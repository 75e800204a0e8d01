using System.IO.Compression;
using InrFast.Imaging;
using InrFast.Imaging.Dicom;

namespace InrFast.Tests.Formats.Dicom;

/// <summary>Compressed pixels that lie about their size or end too early: refused by name, before anything is allocated for what they claim.</summary>
internal sealed class HostilePixelTests
{
    private const int Side = 20000;

    private static readonly ReadLimits Ample = new(8L << 30);

    [Test]
    public void AnRleBombIsRefusedBeforeItIsUnpacked() => RefusedCheaply(DicomSample.Image(Side, Side, 8, DicomSample.Fragments(PixelModuleTests.Rle(1, 2))), ".5", "cannot hold");

    [Test]
    public void ALosslessJpegBombIsRefusedBeforeItIsUnpacked()
    {
        var stream = LosslessJpeg.Encode([1, 2], 2, 1, 8, 1);
        (stream[7], stream[8], stream[9], stream[10]) = (Side >> 8, Side & 0xFF, Side >> 8, Side & 0xFF);
        RefusedCheaply(DicomSample.Image(Side, Side, 8, DicomSample.Fragments(stream)), ".4.70", "cannot hold");
    }

    [Test]
    public void AJpegBombIsRefusedBeforeItIsUnpacked()
    {
        var folder = TestData.NewFolder();
        ImageFile.Write(Path.Combine(folder, "a.jpg"), TestData.Oblique(16, 16, 1, stored: new StoredScale(SampleType.UInt8)));
        var stream = File.ReadAllBytes(Path.Combine(folder, "a.jpg"));
        Directory.Delete(folder, recursive: true);
        var frame = stream.AsSpan().IndexOf<byte>([0xFF, 0xC0]);
        (stream[frame + 5], stream[frame + 6], stream[frame + 7], stream[frame + 8]) = (Side >> 8, Side & 0xFF, Side >> 8, Side & 0xFF);
        RefusedCheaply(DicomSample.Image(Side, Side, 8, DicomSample.Fragments(stream)), ".4.50", "cannot hold");
    }

    [TestCase(".5")]
    [TestCase(".4.70")]
    [TestCase(".4.50")]
    [TestCase(".4.80")]
    [TestCase(".4.90")]
    public void RubbishAndNothingAreRefused(string syntax)
    {
        byte[][] rubbish = [[], [0, 0], [0xFF, 0xD8, 0xFF, 0xC3], [0xFF, 0x4F, 0xFF, 0x51, 0, 41], .. Enumerable.Range(1, 60).Select(i => Enumerable.Repeat((byte)(i * 4), 80).ToArray())];
        foreach (var data in rubbish)
        {
            var file = DicomSample.File(DicomSample.Image(4, 4, 8, DicomSample.Fragments(data)), DicomSample.Syntax(syntax));
            Assert.That(TestData.Throws(() => DicomSample.Frames(file)).Kind, Is.AnyOf(ImagingError.Malformed, ImagingError.Unsupported));
        }
    }

    [Test]
    public void TheSizesOfHeaderAndCodestreamMustAgree()
    {
        var file = DicomSample.File(DicomSample.Image(3, 3, 8, DicomSample.Fragments(LosslessJpeg.Encode([1, 2], 2, 1, 8, 1))), DicomSample.Syntax(".4.70"));
        var error = TestData.Throws(() => DicomSample.Frames(file));
        Assert.That((error.Kind, error.Message), Is.EqualTo((ImagingError.Malformed, "a.dcm: it declares 3 x 3 pixels of 1 x 8 bits and its compressed data holds 2 x 1 of 1 x 8; get a sound copy")));
    }

    [TestCase("1000000")]
    [TestCase("2147483647")]
    public void MoreFramesThanThereAreAreRefusedCheaply(string frames) =>
        RefusedCheaply(DicomSample.Image(2, 1, 8, DicomSample.Fragments(PixelModuleTests.Rle(1, 2)), DicomElement.FromText(DicomTags.NumberOfFrames, frames)), ".5", "frames are declared");

    [Test]
    public void ADeflateBombIsNotUnpacked()
    {
        // Meta information as it is, then a dataset with 100 MB of pixels that deflate to a thousandth.
        var plain = DicomSample.File(DicomSample.Image(10000, 10000, 8, DicomSample.Native(new byte[100_000_000])), DicomSample.Syntax(".1.99"));
        var meta = 144 + BitConverter.ToInt32(plain, 140);
        using var packed = new MemoryStream();
        packed.Write(plain.AsSpan(0, meta));
        using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(plain.AsSpan(meta));
        }
        var bomb = packed.ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(TestData.Throws(() => DicomSample.Frames(bomb, new ReadLimits(4_000_000))).Kind, Is.EqualTo(ImagingError.LimitExceeded));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(20 << 20));
        Assert.That(DicomSample.Frames(bomb, Ample), Has.Length.EqualTo(100_000_000));
    }

    // A sound codestream of 2 x 2 pixels (opj_compress 2.5.0) that claims more of them than the program may have memory for.
    [Test]
    public void AJpeg2000StreamThatLiesEndsTheProgramAndNothingElse()
    {
        Oracle.Need("opj_decompress");
        var folder = TestData.NewFolder();
        try
        {
            var (picture, packed) = (Path.Combine(folder, "a.pgm"), Path.Combine(folder, "a.j2k"));
            File.WriteAllBytes(picture, [.. "P5\n64 64\n255\n"u8, .. Enumerable.Range(0, 4096).Select(i => (byte)(i * 7))]);
            Oracle.Program("opj_compress", "-i", picture, "-o", packed);
            var stream = File.ReadAllBytes(packed);
            Assert.That(DicomSample.Frames(DicomSample.File(DicomSample.Image(64, 64, 8, DicomSample.Fragments(stream)), DicomSample.Syntax(".4.90"))),
                Is.EqualTo(Enumerable.Range(0, 4096).Select(i => (float)(byte)(i * 7))));
            for (var at = 0; at < stream.Length; at += 1 + stream.Length / 12)
            {
                var broken = stream.ToArray();
                broken[at] ^= 0x5A;
                var file = DicomSample.File(DicomSample.Image(64, 64, 8, DicomSample.Fragments(broken)), DicomSample.Syntax(".4.90"));
                try
                {
                    Assert.That(DicomSample.Frames(file), Has.Length.EqualTo(4096));
                }
                catch (ImagingException e)
                {
                    Assert.That(e.Message, Does.StartWith("a.dcm: "));
                }
            }
            var cut = DicomSample.File(DicomSample.Image(64, 64, 8, DicomSample.Fragments(stream[..(stream.Length / 2)])), DicomSample.Syntax(".4.90"));
            Assert.That(TestData.Throws(() => DicomSample.Frames(cut)).Kind, Is.EqualTo(ImagingError.Malformed));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void AProgramThatRunsTooLongOrTooLargeIsEnded()
    {
        var file = InputFile.FromBytes("a.dcm", new byte[] { 0 }, ReadLimits.Default);
        var syntax = DicomSample.Syntax(".4.90");
        // The shell stands for a decoder: it may not write more than was agreed, nor allocate without end.
        var shell = new CodecProgram("sh", "dash");
        byte[] Run(string script) => shell.Run((stream => stream.Write("input"u8), ".j2k"), ".raw", 100, 1000, (source, target) => ["-c", script, source, target], syntax, file);
        Assert.That(Run("""cat "$0" > "$1" """), Is.EqualTo("input"u8.ToArray()));
        Assert.That(TestData.Throws(() => Run("""head -c 100000 /dev/zero > "$1" """)).Kind, Is.EqualTo(ImagingError.Malformed));
        Assert.That(TestData.Throws(() => Run("exit 3")).Message, Does.Contain("ended with code 3"));
        Assert.That(TestData.Throws(() => Run("""tail /dev/zero > "$1" """)).Kind, Is.EqualTo(ImagingError.Malformed));
        Assert.That(TestData.Throws(() => Run("while :; do :; done")).Kind, Is.EqualTo(ImagingError.Malformed));
    }

    private static void RefusedCheaply(DicomDataset dataset, string syntax, string message)
    {
        var file = DicomSample.File(dataset, DicomSample.Syntax(syntax));
        using var input = InputFile.FromBytes("a.dcm", file, Ample);
        var dicom = DicomReader.Read(input);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = TestData.Throws(() => Assert.That(new DicomPixels(dicom, input), Is.Null));
        Assert.That((error.Kind, error.Message), Is.EqualTo((ImagingError.Malformed, error.Message)));
        Assert.That(error.Message, Does.Contain(message));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
    }
}
