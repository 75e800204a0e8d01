using System.Globalization;
using InrFast.Imaging;

namespace InrFast.Tests.Formats;

internal sealed class NpzTests : FormatTests
{
    [TestCase("brain-mr/vxm_test_scan.npz", "vol", 224, 192, 160)]
    [TestCase("brain-mr/vxm_test_scan.npz", "seg", 224, 192, 160)]
    [TestCase("ct-sinogram/tooth.npz", "white", 640, 2, 10)]
    [TestCase("lung-4dct/rodent_4gates_lowdose_sinogram.npz", "measured", 360, 4, 1)]
    public void AnArrayIsChosenByItsName(string name, string array, int x, int y, int z)
    {
        var path = TestData.Shared(name);
        var image = ImageFile.Read([path], new ReadOptions { Series = array });
        Assert.That(image.Size, Is.EqualTo(new GridSize(x, y, z)));
        var sum = 0.0;
        foreach (var value in image.Samples.Span)
        {
            sum += value;
        }
        var expected = double.Parse(Oracle.Python("numpy", "print(numpy.load(sys.argv[1])[sys.argv[2]].astype(float).sum())", path, array), CultureInfo.InvariantCulture);
        Assert.That(sum, Is.EqualTo(expected).Within(1e-6 * expected));
    }

    [Test]
    public void SeveralArraysAreListed()
    {
        var path = TestData.Shared("brain-mr/vxm_test_scan.npz");
        Assert.That(TestData.Throws(() => ImageFile.Read(path)).Message, Does.Contain("vol, seg").And.Contain("--series"));
        Assert.That(TestData.Throws(() => ImageFile.Read([path], new ReadOptions { Series = "no" })).Kind, Is.EqualTo(ImagingError.WrongUse));
        Assert.That(ImageFile.Read(TestData.Shared("endoscopy/stereo-nonmedical/motorcycle_disp.npz")).Size, Is.EqualTo(new GridSize(741, 500)));
    }

    [Test]
    public void WhatIsWrittenComesBackToUsAndToNumPy()
    {
        var image = new Image(Grid.Plain(5, 6, 7), TestData.Oblique(5, 6, 7).Samples.ToArray()) { Stored = new StoredScale(SampleType.UInt16) };
        AssertSame(image, WriteAndRead("a.npz", image).Image);
        Assert.That(Oracle.Python("numpy", "a = numpy.load(sys.argv[1])['arr_0']; print(a.shape, a.dtype, a[3, 2, 1])", In("a.npz")), Is.EqualTo($"(7, 6, 5) uint16 {(3 * 30 + 2 * 5 + 1) * 37 % 251}"));
    }

    [Test]
    public void AZipFileThatLiesIsRefused()
    {
        WriteAndRead("a.npz", TestData.Oblique(5, 6, 7));
        var bytes = File.ReadAllBytes(In("a.npz"));
        var shape = bytes.AsSpan().IndexOf("PK\u0001\u0002"u8);
        // The uncompressed size in the central directory: no matter, for the array's own header counts.
        BitConverter.TryWriteBytes(bytes.AsSpan(shape + 24), 0x7FFFFFF0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            ImageFile.Read("a.npz", bytes);
        }
        catch (ImagingException e)
        {
            Assert.That(e.Kind, Is.EqualTo(ImagingError.Malformed));
        }
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 21));
    }
}
