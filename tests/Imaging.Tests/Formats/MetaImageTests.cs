using System.Text;
using InrFast.Imaging;

namespace InrFast.Tests.Formats;

internal sealed class MetaImageTests : FormatTests
{
    [TestCase("a.mha")]
    [TestCase("a.mhd")]
    public void WhatIsWrittenComesBack(string name)
    {
        foreach (var type in Enum.GetValues<SampleType>())
        {
            foreach (var (channels, times) in new[] { (1, 1), (3, 1), (1, 4), (2, 3) })
            {
                var image = TestData.Oblique(5, 6, 7, channels, times, new StoredScale(type));
                var samples = Array.ConvertAll(image.Samples.ToArray(), v => type == SampleType.Int8 ? v - 125 : v);
                image = new Image(image.Grid, samples, channels, times) { Stored = image.Stored, TimeSpacing = times > 1 ? 0.125 : 0 };
                var (back, warnings) = WriteAndRead(name, image);
                AssertSame(image, back, 1e-9);
                Assert.That((back.TimeSpacing, warnings.Count + back.Warnings.Count), Is.EqualTo((image.TimeSpacing, 0)));
            }
        }
    }

    [Test]
    public void ARowOfTheMatrixIsTheDirectionOfAnAxis()
    {
        var map = Read("NDims = 3\nDimSize = 2 1 1\nRotation = 0 1 0 -1 0 0 0 0 1\nOrigin = 5 6 7\nElementSpacing = 2 3 4\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n\u0001\u0002").Grid.IndexToWorld;
        Assert.That((map.StepX, map.StepY, map.StepZ, map.Origin), Is.EqualTo((new Vector3d(0, 2, 0), new Vector3d(-3, 0, 0), new Vector3d(0, 0, 4), new Vector3d(5, 6, 7))));
    }

    [Test]
    public void APictureHasTwoDimensionsAndTextIsRead()
    {
        var image = Read("ObjectType = Image\nNDims = 2\nDimSize = 3 2\nBinaryData = False\nElementSpacing = 2 3\nOffset = 5 6\nElementType = MET_FLOAT\nElementNumberOfChannels = 2\nElementDataFile = LOCAL\n1 2 3 4\n5 6.5 7 8 9 1e1 -11 12");
        Assert.That((image.Size, image.Channels, image.Grid.IndexToWorld.Origin, image.Grid.Spacing), Is.EqualTo((new GridSize(3, 2), 2, new Vector3d(5, 6, 0), new Vector3d(2, 3, 1))));
        Assert.That(image.Samples.ToArray(), Is.EqualTo(new[] { 1, 2, 3, 4, 5, 6.5f, 7, 8, 9, 10, -11, 12 }));
    }

    [Test]
    public void VoxelsLieInFilesThatTheHeaderNames()
    {
        File.WriteAllBytes(In("s1.raw"), [9, 0, 1, 0, 2]);
        File.WriteAllBytes(In("s2.raw"), [9, 0, 3, 0, 4]);
        const string Header = "ObjectType = Image\nNDims = 3\nDimSize = 2 1 2\nElementType = MET_SHORT\nElementByteOrderMSB = True\nHeaderSize = 1\nElementDataFile = ";
        foreach (var files in new[] { "s%d.raw 1 2 1\n", "LIST\ns1.raw\ns2.raw\n" })
        {
            File.WriteAllText(In("a.mhd"), Header + files);
            Assert.That(ImageFile.Read(In("a.mhd")).Samples.ToArray(), Is.EqualTo(new float[] { 1, 2, 3, 4 }), files);
        }
    }

    [TestCase("NDims = 9", ImagingError.Unsupported)]
    [TestCase("DimSize = 2 x", ImagingError.Malformed)]
    [TestCase("DimSize = 200000 200000", ImagingError.LimitExceeded)]
    [TestCase("DimSize = 2000 2000", ImagingError.Malformed)]
    [TestCase("ElementType = MET_STRING", ImagingError.Unsupported)]
    [TestCase("ElementDataFile = s%999999d.raw 1 2 1", ImagingError.Malformed)]
    [TestCase("ElementDataFile = s%d.raw 1 99999999999 1", ImagingError.Malformed)]
    [TestCase("HeaderSize = -5", ImagingError.Malformed)]
    public void LyingHeadersAreRefused(string line, ImagingError kind)
    {
        var key = line.Split(' ')[0];
        string[] lines = ["ObjectType = Image", "NDims = 2", "DimSize = 2 1", "ElementType = MET_UCHAR", "HeaderSize = 0", "ElementDataFile = LOCAL"];
        var text = string.Join('\n', lines.Select(l => l.StartsWith(key, StringComparison.Ordinal) ? line : l)) + "\n12";
        File.WriteAllText(In("a.mhd"), text);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(TestData.Throws(() => ImageFile.Read(In("a.mhd"), new ReadLimits(1L << 30))).Kind, Is.EqualTo(kind));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
    }

    private static Image Read(string text) => ImageFile.Read("a.mha", Encoding.Latin1.GetBytes(text));
}
