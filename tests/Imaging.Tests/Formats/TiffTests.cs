using System.Globalization;
using InrFast.Imaging;

namespace InrFast.Tests.Formats;

internal sealed class TiffTests : FormatTests
{
    private static readonly SampleType[] Types = Enum.GetValues<SampleType>();

    [TestCaseSource(nameof(Types))]
    public void WhatIsWrittenComesBack(SampleType type)
    {
        foreach (var (channels, times, slices) in new[] { (1, 1, 1), (3, 1, 1), (1, 1, 6), (3, 2, 4), (2, 1, 3), (1, 5, 1) })
        {
            var source = TestData.Oblique(7, 5, slices, channels, times);
            var samples = Array.ConvertAll(source.Samples.ToArray(), v => type is SampleType.Int8 ? v - 125 : v);
            var grid = new Grid(source.Size, Affine.FromSpacing(0.7, 0.35, slices > 1 ? 2.5 : 1));
            var image = new Image(grid, samples, channels, times) { Stored = new StoredScale(type), TimeSpacing = times > 1 ? 0.25 : 0 };
            var (back, warnings) = WriteAndRead("a.tif", image);
            AssertSame(image, back);
            Assert.That((back.TimeSpacing, warnings.Count + back.Warnings.Count), Is.EqualTo((image.TimeSpacing, 0)));
        }
    }

    [Test]
    public void NoiseIsWrittenPlainAndPlacesAreNotKept()
    {
        var noise = new byte[64 * 64];
        new Random(1).NextBytes(noise);
        var image = new Image(TestData.Oblique(64, 64, 1).Grid, Array.ConvertAll(noise, v => (float)v)) { Stored = new StoredScale(SampleType.UInt8) };
        var (back, warnings) = WriteAndRead("a.tiff", image);
        Assert.That(back.Samples.Span.SequenceEqual(image.Samples.Span), Is.True);
        Assert.That(warnings, Has.Exactly(1).Contains("orientation"));
        Assert.That(File.ReadAllBytes(In("a.tiff")).AsSpan().IndexOf(noise), Is.Positive);
    }

    // Every layout that libtiff writes.
    [TestCase(SampleType.UInt8, 1, "-c", "lzw")]
    [TestCase(SampleType.UInt16, 1, "-c", "lzw:2", "-B")]
    [TestCase(SampleType.UInt16, 3, "-c", "lzw:2", "-r", "1")]
    [TestCase(SampleType.UInt32, 1, "-c", "lzw", "-t", "-w", "32", "-l", "16")]
    [TestCase(SampleType.UInt16, 1, "-c", "zip:2", "-L")]
    [TestCase(SampleType.Int16, 1, "-c", "packbits", "-r", "9")]
    [TestCase(SampleType.Int32, 1, "-c", "none", "-B")]
    [TestCase(SampleType.UInt8, 3, "-c", "zip:2", "-t", "-w", "16", "-l", "48")]
    [TestCase(SampleType.UInt8, 4, "-c", "packbits", "-p", "separate")]
    [TestCase(SampleType.UInt8, 3, "-c", "lzw", "-p", "separate", "-r", "20")]
    [TestCase(SampleType.Float32, 1, "-c", "zip:3", "-r", "5")]
    [TestCase(SampleType.Float32, 1, "-c", "zip:3", "-t", "-w", "16", "-l", "48")]
    [TestCase(SampleType.Float64, 1, "-c", "lzw:3")]
    [TestCase(SampleType.Float64, 1, "-c", "none", "-8", "-r", "7")]
    public void LibtiffsLayoutsAreRead(SampleType type, int channels, params string[] options)
    {
        // Rows of runs and of noise, long enough for LZW's table to fill up and start anew.
        var samples = new float[3 * 210 * 137 * channels];
        var random = new Random(5);
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = i % 4000 < 1500 ? 7 : random.Next(type == SampleType.UInt8 ? 256 : 30000);
        }
        var image = new Image(Grid.Plain(137, 210, 3), samples, channels) { Stored = new StoredScale(type) };
        ImageFile.Write(In("ours.tif"), image);
        Oracle.Program("tiffcp", [.. options, In("ours.tif"), In("theirs.tif")]);
        AssertSame(image, ImageFile.Read(In("theirs.tif")));
    }

    [Test]
    public void AnImageJHyperstackHasChannelsSlicesTimesAndSpacing()
    {
        WriteWithTifffile("f4", "imagej=True, resolution=(2, 4), metadata={'axes': 'TZCYX', 'spacing': 3.0, 'unit': 'um', 'finterval': 0.5}", "(2, 3, 4, 5, 6)");
        var image = ImageFile.Read(In("a.tif"));
        Assert.That((image.Size, image.Channels, image.Times, image.TimeSpacing), Is.EqualTo((new GridSize(6, 5, 3), 4, 2, 0.5)));
        var spacing = image.Grid.Spacing;
        Assert.That(new[] { spacing.X, spacing.Y, spacing.Z }, Is.EqualTo(new[] { 0.0005, 0.00025, 0.003 }).Within(1e-9));
        // [t, z, c, y, x] = (1, 2, 3, 4, 5)
        Assert.That(image.Samples.Span[3 + 4 * (5 + 6 * (4 + 5 * (2 + 3 * 1)))], Is.EqualTo((((1 * 3 + 2) * 4 + 3) * 5 + 4) * 6 + 5 is var index ? index * 37 % 101 : -1));
    }

    [Test]
    public void ImageJsLargeStacksHaveOneDirectory()
    {
        WriteWithTifffile("u2", "imagej=True, metadata={'axes': 'ZYX'}", "(4, 5, 6)");
        var bytes = File.ReadAllBytes(In("a.tif"));
        // The first directory's pointer to the next, which follows its entries.
        var at = BitConverter.ToInt32(bytes, 4);
        bytes.AsSpan(at + 2 + 12 * BitConverter.ToUInt16(bytes, at), 4).Clear();
        AssertFormula(ImageFile.Read("a.tif", bytes), new GridSize(6, 5, 4), 1, 1);
    }

    [Test]
    public void BitsAreReadAsZeroAndOne()
    {
        Oracle.Python("numpy, PIL.Image", """
            PIL.Image.fromarray((numpy.arange(19 * 11).reshape(11, 19) % 3 == 0)).save(sys.argv[1])
            """, In("a.tif"));
        var image = ImageFile.Read(In("a.tif"));
        Assert.That(image.Samples.ToArray(), Is.EqualTo(Enumerable.Range(0, 19 * 11).Select(i => i % 3 == 0 ? 1f : 0f)));
    }

    [TestCase(SampleType.UInt8, 3, 1, 1)]
    [TestCase(SampleType.UInt8, 1, 1, 5)]
    [TestCase(SampleType.UInt16, 1, 1, 5)]
    [TestCase(SampleType.Float32, 2, 3, 4)]
    [TestCase(SampleType.Float32, 1, 1, 1)]
    public void TifffileReadsWhatIsWritten(SampleType type, int channels, int times, int slices)
    {
        var source = TestData.Oblique(7, 5, slices, channels, times, new StoredScale(type));
        var image = source.Derive(new Grid(source.Size, Affine.FromSpacing(0.5, 0.25, 3)), source.Samples.ToArray(), times);
        WriteAndRead("a.tif", image);
        var printed = Oracle.Python("tifffile, numpy", """
            file = tifffile.TiffFile(sys.argv[1]); data = file.asarray(); axes = file.series[0].axes.replace('S', 'C')
            order = [axes.index(a) for a in 'TZYXC' if a in axes]
            flat = data.transpose(order).flatten().astype(float)
            page = file.pages[0]
            print(data.size, (flat * (1 + numpy.arange(flat.size) % 977)).sum(), file.imagej_metadata.get('spacing', 0), page.tags['XResolution'].value[0] / page.tags['XResolution'].value[1])
            """, In("a.tif")).Split(' ');
        var sum = 0.0;
        for (var i = 0; i < image.Samples.Length; i++)
        {
            sum += image.Samples.Span[i] * (1 + i % 977);
        }
        Assert.That(Array.ConvertAll(printed, text => double.Parse(text, CultureInfo.InvariantCulture)), Is.EqualTo(new[] { image.Samples.Length, sum, 3, 2 }).Within(1e-6));
    }

    [Test]
    public void DirectoriesThatRunInACircleAreRefused()
    {
        WriteAndRead("a.tif", TestData.Oblique(7, 5, 2));
        var bytes = File.ReadAllBytes(In("a.tif"));
        var at = 8 + 2 + 12 * bytes[8];
        BitConverter.TryWriteBytes(bytes.AsSpan(at), 8);
        Assert.That(TestData.Throws(() => ImageFile.Read("a.tif", bytes)).Message, Does.Contain("circle"));
    }

    [Test]
    public void MoreImagesThanTheFileHoldsAreRefused()
    {
        var noise = new byte[16 * 16];
        new Random(1).NextBytes(noise);
        WriteAndRead("a.tif", new Image(Grid.Plain(16, 16), Array.ConvertAll(noise, v => (float)v)) { Stored = new StoredScale(SampleType.UInt8) });
        var bytes = File.ReadAllBytes(In("a.tif"));
        bytes[bytes.AsSpan().IndexOf("images=1"u8) + 7] = (byte)'9';
        Assert.That(TestData.Throws(() => ImageFile.Read("a.tif", bytes)).Kind, Is.EqualTo(ImagingError.Malformed));
        // BitsPerSample, one SHORT: found by mutation, when nine images of single bits fitted.
        bytes[bytes.AsSpan().IndexOf(new byte[] { 2, 1, 3, 0, 1, 0, 0, 0, 8, 0 }) + 8] = 1;
        Assert.That(TestData.Throws(() => ImageFile.Read("a.tif", bytes)).Kind, Is.EqualTo(ImagingError.Malformed));
    }

    private void WriteWithTifffile(string type, string options, string shape) => Oracle.Python("tifffile, numpy", $"""
        shape = {shape}
        tifffile.imwrite(sys.argv[1], (numpy.arange(numpy.prod(shape)) * 37 % 101).reshape(shape).astype('{type.Trim()}'), {options})
        """, In("a.tif"));

    private static void AssertFormula(Image image, GridSize size, int channels, int times)
    {
        Assert.That((image.Size, image.Channels, image.Times), Is.EqualTo((size, channels, times)));
        Assert.That(image.Samples.ToArray(), Is.EqualTo(Enumerable.Range(0, image.Samples.Length).Select(i => (float)(i * 37 % 101))));
    }
}
