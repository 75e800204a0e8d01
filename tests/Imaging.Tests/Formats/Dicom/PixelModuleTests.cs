using System.Buffers.Binary;
using InrFast.Imaging;
using InrFast.Imaging.Dicom;

namespace InrFast.Tests.Formats.Dicom;

/// <summary>The image pixel module of PS3.3, C.7.6.3 and PS3.5, 8: depths, signs, colours, tables, fragments; by worked examples.</summary>
internal sealed class PixelModuleTests
{
    private static readonly DicomTag PlanarConfiguration = DicomTags.PlanarConfiguration;

    [Test]
    public void OverlaysInUnusedBitsAreCutOffAndSignsExtended()
    {
        // 12 bits stored in the upper part of 16 (HighBit 14), with rubbish around them.
        byte[] cells = Words(0b1_111111111111_111, 0b0_000000000001_000, 0b1_011111111111_101, 0b0_100000000000_010);
        DicomElement[] layout = [DicomElement.FromUInt16(DicomTags.BitsStored, 12), DicomElement.FromUInt16(DicomTags.HighBit, 14)];
        Assert.That(Read(2, 2, 16, cells, layout), Is.EqualTo(new float[] { 4095, 1, 2047, 2048 }));
        Assert.That(Read(2, 2, 16, cells, [.. layout, DicomElement.FromUInt16(DicomTags.PixelRepresentation, 1)]), Is.EqualTo(new float[] { -1, 1, 2047, -2048 }));
    }

    [Test]
    public void SingleBitsFollowWithoutAGapBetweenFrames() =>
        Assert.That(Read(3, 1, 1, [0b00101110, 0], [DicomElement.FromText(DicomTags.NumberOfFrames, "2")]), Is.EqualTo(new float[] { 0, 1, 1, 1, 0, 1 }));

    [Test]
    public void ThirtyTwoBitsAreReadInFull() =>
        Assert.That(Read(2, 1, 32, [0, 0, 0, 0x80, 0xFE, 0xFF, 0xFF, 0xFF], [DicomElement.FromUInt16(DicomTags.PixelRepresentation, 1)]), Is.EqualTo(new float[] { -2147483648f, -2 }));

    // PS3.3, C.7.6.24 and C.7.6.25: parametric maps.
    [Test]
    public void FloatingPointPixelsAreReadAsTheyAre()
    {
        var (single, real) = (new byte[8], new byte[16]);
        BinaryPrimitives.WriteSingleLittleEndian(single, -1.25f);
        BinaryPrimitives.WriteSingleLittleEndian(single.AsSpan(4), 3e30f);
        BinaryPrimitives.WriteDoubleLittleEndian(real, 0.1);
        BinaryPrimitives.WriteDoubleLittleEndian(real.AsSpan(8), -7);
        DicomDataset Map(int bits, DicomTag tag, string type, byte[] cells) =>
            DicomSample.Image(2, 1, bits, DicomElement.FromBytes(tag, type, cells)).With(old => old == DicomTags.BitsStored || old == DicomTags.HighBit || old == DicomTags.PixelRepresentation);
        Assert.That(DicomSample.Frames(DicomSample.File(Map(32, DicomTags.FloatPixelData, "OF", single))), Is.EqualTo(new[] { -1.25f, 3e30f }));
        Assert.That(DicomSample.Frames(DicomSample.File(Map(64, DicomTags.DoubleFloatPixelData, "OD", real))), Is.EqualTo(new[] { 0.1f, -7 }));
    }

    [Test]
    public void ColoursByPlaneAndByPixelAreTheSame()
    {
        Assert.That(Read(2, 1, 8, [1, 2, 3, 4, 5, 6], Colour("RGB", 0)), Is.EqualTo(new float[] { 1, 2, 3, 4, 5, 6 }));
        Assert.That(Read(2, 1, 8, [1, 4, 2, 5, 3, 6], Colour("RGB", 1)), Is.EqualTo(new float[] { 1, 2, 3, 4, 5, 6 }));
    }

    // PS3.3, C.7.6.3.1.2: black, white, and red (Y 76, Cb 85, Cr 255).
    [Test]
    public void LuminanceAndColourDifferencesBecomeRgb()
    {
        Assert.That(Read(3, 1, 8, [0, 128, 128, 255, 128, 128, 76, 85, 255, 0], Colour("YBR_FULL", 0)), Is.EqualTo(new float[] { 0, 0, 0, 255, 255, 255, 254, 0, 0 }));
        // Half the colours: Y Y Cb Cr.
        Assert.That(Read(2, 2, 8, [0, 255, 128, 128, 76, 76, 85, 255], Colour("YBR_FULL_422", 0)), Is.EqualTo(new float[] { 0, 0, 0, 255, 255, 255, 254, 0, 0, 254, 0, 0 }));
    }

    [Test]
    public void APaletteBecomesRgb()
    {
        DicomElement[] palette = [.. Palette([10, 20, 30], 0x1201), .. Descriptors(3, first: 5, bits: 16)];
        // Beyond the ends of the table its ends hold.
        Assert.That(Read(2, 2, 8, [4, 5, 6, 9], [DicomElement.FromText(DicomTags.PhotometricInterpretation, "PALETTE COLOR"), .. palette]),
            Is.EqualTo(new float[] { 10, 11, 12, 10, 11, 12, 20, 21, 22, 30, 31, 32 }));
    }

    [Test]
    public void APaletteInSegmentsIsExpanded()
    {
        // Two entries as they are, a line of three to 40, and the line once more from there (C.7.9.2).
        byte[] red = Words(0, 2, 7, 10, 1, 3, 40, 2, 1, 8, 0);
        var palette = Enumerable.Range(0, 3).Select(c => DicomElement.FromBytes(new DicomTag(0x0028, (ushort)(0x1221 + c)), "OW", red));
        var image = Read(4, 2, 8, [0, 1, 2, 3, 4, 5, 6, 7], [DicomElement.FromText(DicomTags.PhotometricInterpretation, "PALETTE COLOR"), .. palette, .. Descriptors(8, first: 0, bits: 16)]);
        Assert.That(image.Where((_, i) => i % 3 == 0), Is.EqualTo(new float[] { 7, 10, 20, 30, 40, 40, 40, 40 }));
    }

    [Test]
    public void ATableOfValuesTakesThePlaceOfTheScale()
    {
        var table = DicomElement.FromItems(DicomTags.ModalityLutSequence, new DicomDataset(
            DicomElement.FromBytes(DicomTags.LutDescriptor, "SS", Words(4, -2, 16)), DicomElement.FromText(DicomTags.ModalityLutType, "OD"),
            DicomElement.FromBytes(DicomTags.LutData, "OW", Words(100, 300, 700, 1500))));
        var file = DicomSample.File(DicomSample.Image(3, 2, 16, DicomSample.Native(Words(-3, -2, -1, 0, 1, 2)),
            table, DicomElement.FromUInt16(DicomTags.PixelRepresentation, 1), DicomElement.FromNumbers(DicomTags.RescaleSlope, 9)));
        var image = ImageFile.Read("a.dcm", file);
        Assert.That(image.Samples.ToArray(), Is.EqualTo(new float[] { 100, 100, 300, 700, 1500, 1500 }));
        Assert.That((image.Unit, image.Stored), Is.EqualTo(("OD", new StoredScale(SampleType.UInt16))));
    }

    [Test]
    public void FramesAreFoundByEitherTableOrByThemselves()
    {
        byte[] one = [.. Rle(1, 2), 0], two = Rle(3, 4);
        byte[][] pieces = [one[..40], one[40..], two[..10], two[10..]];
        var second = 8 + 40 + 8 + one.Length - 40;
        DicomElement Pixels(byte[] table) => DicomElement.FromFragments(DicomTags.PixelData, [table, .. pieces.Select(piece => (ReadOnlyMemory<byte>)piece)]);
        DicomElement frames = DicomElement.FromText(DicomTags.NumberOfFrames, "2"), extended = DicomElement.FromBytes(DicomTags.ExtendedOffsetTable, "OV", Words(0, 0, 0, 0, second, 0, 0, 0));
        var rle = DicomSample.Syntax(".5");
        Assert.That(DicomSample.Frames(DicomSample.File(DicomSample.Image(2, 1, 8, Pixels(Words(0, 0, second, 0)), frames), rle)), Is.EqualTo(new float[] { 1, 2, 3, 4 }));
        Assert.That(DicomSample.Frames(DicomSample.File(DicomSample.Image(2, 1, 8, Pixels([]), frames, extended), rle)), Is.EqualTo(new float[] { 1, 2, 3, 4 }));
        Assert.That(DicomSample.Frames(DicomSample.File(DicomSample.Image(2, 1, 8, DicomSample.Fragments(one, two), frames), rle)), Is.EqualTo(new float[] { 1, 2, 3, 4 }));
        // Without a table the images show where they begin.
        byte[] Jpeg(int value) => LosslessJpeg.Encode([value, value], 2, 1, 8, 1);
        var cut = DicomSample.Fragments(Jpeg(9)[..20], Jpeg(9)[20..], Jpeg(8)[..30], Jpeg(8)[30..]);
        Assert.That(DicomSample.Frames(DicomSample.File(DicomSample.Image(2, 1, 8, cut, frames), DicomSample.Syntax(".4.70"))), Is.EqualTo(new float[] { 9, 9, 8, 8 }));
        var wrong = TestData.Throws(() => DicomSample.Frames(DicomSample.File(DicomSample.Image(2, 1, 8, Pixels(Words(0, 0, second + 2, 0)), frames), rle)));
        Assert.That((wrong.Kind, wrong.Message), Is.EqualTo((ImagingError.Malformed, $"a.dcm: its table of frames puts frame 2 at byte {second + 2}, where none begins; get a sound copy")));
    }

    // G.3.1: bytes as they are, a run, nothing, and what goes beyond the end.
    [Test]
    public void PackedBytesAreUnpacked()
    {
        byte[] Segments(params byte[][] segments)
        {
            var head = new byte[64];
            head[0] = (byte)segments.Length;
            for (int i = 0, at = 64; i < segments.Length; at += segments[i++].Length)
            {
                BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(4 + 4 * i), at);
            }
            return [.. head, .. segments.SelectMany(segment => segment)];
        }
        // High bytes: a run of four 1; low bytes: 5 and 6 as they are, -128 skipped, then a run of 3 of which two are needed.
        var frame = Segments([unchecked((byte)-3), 1], [1, 5, 6, 0x80, unchecked((byte)-2), 7]);
        Assert.That(DicomSample.Frames(DicomSample.File(DicomSample.Image(2, 2, 16, DicomSample.Fragments(frame)), DicomSample.Syntax(".5"))), Is.EqualTo(new float[] { 261, 262, 263, 263 }));
    }

    // PS3.3, C.7.6.3.1.2: the lowest value is to be shown white; the values are what was measured.
    [Test]
    public void Monochrome1InvertsThePictureAndNoValue()
    {
        var image = ImageFile.Read("a.dcm", DicomSample.File(DicomSample.Image(2, 1, 8, DicomSample.Native([0, 100]), [DicomElement.FromText(DicomTags.PhotometricInterpretation, "MONOCHROME1")])));
        Assert.That(image.Samples.ToArray(), Is.EqualTo(new float[] { 0, 100 }));
        Assert.That(Preview.Render(image, new DisplayWindow(0, 100)).Pixels, Is.EqualTo(new byte[] { 255, 0 }));
        Assert.That(image.Warnings, Has.One.Contains("MONOCHROME1"));
        Assert.That(new DerivedDicom("a", image, new WriteOptions(), [])[0].GetString(DicomTags.PhotometricInterpretation), Is.EqualTo("MONOCHROME1"));
    }

    [TestCase("HSV", 3)]
    [TestCase("RGB", 1)]
    [TestCase("MONOCHROME2", 3)]
    [TestCase("CMYK", 4)]
    public void OtherColoursAreNamed(string photometric, int channels)
    {
        DicomElement[] colour = [DicomElement.FromUInt16(DicomTags.SamplesPerPixel, channels), DicomElement.FromText(DicomTags.PhotometricInterpretation, photometric)];
        var error = TestData.Throws(() => Read(1, 1, 8, [1, 2, 3, 4], colour));
        Assert.That((error.Kind, error.Message.Contains(photometric, StringComparison.Ordinal)), Is.EqualTo((ImagingError.Unsupported, true)));
    }

    [Test]
    public void PaddingKeepsItsValueAndItsMarkAndIsNoPartOfThePicture()
    {
        DicomElement[] marks =
        [
            DicomElement.FromUInt16(DicomTags.PixelRepresentation, 1), DicomElement.FromNumbers(DicomTags.RescaleSlope, 2), DicomElement.FromNumbers(DicomTags.RescaleIntercept, -10),
            DicomElement.FromBytes(DicomTags.PixelPaddingValue, "SS", Words(-2000)), DicomElement.FromBytes(DicomTags.PixelPaddingRangeLimit, "SS", Words(-1990)),
        ];
        var image = ImageFile.Read("a.dcm", DicomSample.File(DicomSample.Image(2, 3, 16, DicomSample.Native(Words(-2000, -1995, -1990, 0, 50, 100)), marks)));
        Assert.That(image.Samples.ToArray(), Is.EqualTo(new float[] { -4010, -4000, -3990, -10, 90, 190 }));
        Assert.That(DisplayWindow.Percentile(image), Is.EqualTo(new DisplayWindow(-10, 190)));
        DicomDataset Derived(Image from, double? lossy = null) => new DerivedDicom("a", from, new WriteOptions { LossyRatio = lossy }, [])[0];
        Assert.That(Derived(image).GetBytes(DicomTags.PixelPaddingValue).ToArray(), Is.EqualTo(Words(-2000)));
        Assert.That(Derived(image, lossy: 2).Contains(DicomTags.PixelPaddingValue), Is.False);
        Assert.That(new DerivedDicom("a", image, new WriteOptions { Stored = new StoredScale(SampleType.Int16) }, [])[0].Contains(DicomTags.PixelPaddingValue), Is.False);
    }

    internal static byte[] Rle(params byte[] pixels) => [1, 0, 0, 0, 64, .. new byte[59], (byte)(pixels.Length - 1), .. pixels];

    private static float[] Read(int columns, int rows, int bits, byte[] pixels, params IEnumerable<DicomElement> others) =>
        DicomSample.Frames(DicomSample.File(DicomSample.Image(columns, rows, bits, DicomSample.Native(pixels), others)));

    private static DicomElement[] Colour(string photometric, int planar) =>
        [DicomElement.FromUInt16(DicomTags.SamplesPerPixel, 3), DicomElement.FromText(DicomTags.PhotometricInterpretation, photometric), DicomElement.FromUInt16(PlanarConfiguration, planar)];

    // Three tables, each one more than the one before.
    private static IEnumerable<DicomElement> Palette(int[] red, ushort element) =>
        Enumerable.Range(0, 3).Select(c => DicomElement.FromBytes(new DicomTag(0x0028, (ushort)(element + c)), "OW", Words([.. red.Select(value => value + c)])));

    private static IEnumerable<DicomElement> Descriptors(int count, int first, int bits) =>
        Enumerable.Range(0, 3).Select(c => DicomElement.FromBytes(new DicomTag(0x0028, (ushort)(0x1101 + c)), "US", Words(count, first, bits)));

    private static byte[] Words(params int[] values) => [.. values.SelectMany(value => BitConverter.GetBytes((short)value))];
}
