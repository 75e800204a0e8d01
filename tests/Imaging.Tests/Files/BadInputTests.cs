using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using InrFast.Imaging;

namespace InrFast.Tests.Files;

/// <summary>Missing, cut, lying and oversized inputs end in one line that names the file, with the right kind.</summary>
internal sealed class BadInputTests
{
    [Test]
    public void MissingFilesAndFoldersAreNamed()
    {
        var missing = TestData.Throws(() => ImageFile.Read("/no/such/image.png"));
        Assert.That((missing.Kind, missing.Message), Is.EqualTo((ImagingError.Missing, "/no/such/image.png: there is no such file; check the name")));
        var empty = TestData.NewFolder();
        Assert.That(TestData.Throws(() => ImageFile.Read(empty)).Message, Is.EqualTo($"{empty}: there is no DICOM image; give the folder of a series"));
        Directory.Delete(empty);
    }

    [Test]
    public void UnknownContentIsRefusedWhateverTheName()
    {
        Assert.That(TestData.Throws(() => ImageFile.Read("a.png", "just text"u8.ToArray())).Kind, Is.EqualTo(ImagingError.Malformed));
        Assert.That(TestData.Throws(() => ImageFile.Read("a.png", ReadOnlyMemory<byte>.Empty)).Message, Does.Contain("empty"));
    }

    [Test]
    public void ContentDecidesNotTheName() =>
        Assert.That(ImageFile.Read("a.dcm", File.ReadAllBytes(TestData.Sample("camera.png"))).Size, Is.EqualTo(new GridSize(512, 512)));

    [TestCase("ct.dcm")]
    [TestCase("brain-t1.nii.gz")]
    [TestCase("camera.png")]
    public void ACutFileIsMalformedWhereverItIsCut(string name)
    {
        var whole = File.ReadAllBytes(TestData.Sample(name));
        for (var part = 1; part < 20; part++)
        {
            var error = TestData.Throws(() => ImageFile.Read(name, whole.AsMemory(0, whole.Length * part / 20)));
            Assert.That(error.Kind, Is.EqualTo(ImagingError.Malformed), error.Message);
            Assert.That(error.Message, Does.StartWith(name + ": ").And.Not.Contain("\n"));
        }
    }

    [TestCase("ct.dcm")]
    [TestCase("brain-t1.nii.gz")]
    [TestCase("camera.png")]
    public void AnImageBeyondTheLimitIsRefusedBeforeItIsRead(string name)
    {
        var path = TestData.Sample(name);
        var error = TestData.Throws(() => ImageFile.Read(path, new ReadLimits(1000)));
        Assert.That(error.Kind, Is.EqualTo(ImagingError.LimitExceeded));
    }

    [Test]
    public void ANiftiThatDeclaresMoreThanItHoldsIsRefusedBeforeAnythingIsAllocated()
    {
        var nifti = Nifti(30000, 30000, 1000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(TestData.Throws(() => ImageFile.Read("a.nii", nifti)).Kind, Is.AnyOf(ImagingError.LimitExceeded, ImagingError.Malformed));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
        Assert.That(TestData.Throws(() => ImageFile.Read("a.nii", Nifti(1000, 1000, 100))).Kind, Is.EqualTo(ImagingError.Malformed));
        Assert.That(TestData.Throws(() => ImageFile.Read("a.nii", Nifti(10, 0, 10))).Message, Does.Contain("empty"));
        Assert.That(TestData.Throws(() => ImageFile.Read("a.nii", Nifti(10, -3, 10))).Kind, Is.EqualTo(ImagingError.Malformed));
    }

    [Test]
    public void APngThatDeclaresMoreThanItHoldsIsRefusedBeforeAnythingIsAllocated()
    {
        // 60000 x 60000, RGBA of 16 bits, with ten bytes of data.
        using var stream = new MemoryStream();
        PngWriter.Write(stream, 1, 1, 4, 16, new byte[8]);
        var png = stream.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 20000);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 20000);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc32.Compute(png.AsSpan(12, 17)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(TestData.Throws(() => ImageFile.Read("a.png", png)).Kind, Is.AnyOf(ImagingError.Malformed, ImagingError.LimitExceeded));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
    }

    [Test]
    public void AWrongChecksumIsFound()
    {
        var png = File.ReadAllBytes(TestData.Sample("camera.png"));
        png[60000] ^= 1;
        Assert.That(TestData.Throws(() => ImageFile.Read("a.png", png)).Message, Does.Contain("checksum"));
        var nifti = File.ReadAllBytes(TestData.Sample("brain-t1.nii.gz"));
        nifti[^6] ^= 1;
        Assert.That(TestData.Throws(() => ImageFile.Read("a.nii.gz", nifti)).Kind, Is.EqualTo(ImagingError.Malformed));
    }

    [Test]
    public void AGzipBombIsNotUnpacked()
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(Nifti(1000, 1000, 100));
            gzip.Write(new byte[20_000_000]);
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(TestData.Throws(() => ImageFile.Read("a.nii.gz", stream.ToArray(), new ReadLimits(50_000_000))).Kind, Is.EqualTo(ImagingError.LimitExceeded));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(4 << 20));
    }

    // 2 MB of zeros in a few KB: the limit counts what they unpack to, and nothing is allocated for it.
    [TestCase("a.nii.gz")]
    [TestCase("a.img.gz")]
    [TestCase("a.nrrd")]
    [TestCase("a.mha")]
    [TestCase("a.tif")]
    [TestCase("a.npz")]
    [TestCase("a.npy")]
    public void APackedVolumeIsCountedByWhatItUnpacksTo(string name)
    {
        var folder = TestData.NewFolder();
        ImageFile.Write(Path.Combine(folder, name), new Image(Grid.Plain(100, 100, 100), new float[1_000_000]) { Stored = new StoredScale(SampleType.Int16) });
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = TestData.Throws(() => ImageFile.Read(Path.Combine(folder, name), new ReadLimits(3_900_000)));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Directory.Delete(folder, recursive: true);
        Assert.That((error.Kind, allocated < 1 << 20), Is.EqualTo((ImagingError.LimitExceeded, true)), $"{error.Message}; {allocated} bytes");
    }

    // Headers that declare far more than the file could unpack to.
    [TestCase("NRRD0004\ntype: short\ndimension: 3\nsizes: 5000 5000 40\nencoding: gzip\n\nabc")]
    [TestCase("NRRD0004\ntype: short\ndimension: 3\nsizes: 5000 5000 40\nencoding: raw\nendian: little\n\nabc")]
    [TestCase("NRRD0004\ntype: short\ndimension: 3\nsizes: 5000 5000 40\nencoding: text\n\n1 2 3")]
    [TestCase("ObjectType = Image\nNDims = 3\nDimSize = 5000 5000 40\nCompressedData = True\nElementType = MET_SHORT\nElementDataFile = LOCAL\nabc")]
    public void ATextHeaderThatDeclaresMoreThanTheFileHoldsIsRefusedBeforeAnythingIsAllocated(string text)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = TestData.Throws(() => ImageFile.Read("a", Encoding.ASCII.GetBytes(text), new ReadLimits(1L << 40)));
        Assert.That((error.Kind, error.Message.Contains("declares", StringComparison.Ordinal)), Is.EqualTo((ImagingError.Malformed, true)));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
    }

    [Test]
    public void ADeepNestOfSequencesIsRefused()
    {
        using var stream = new MemoryStream();
        stream.Write(new byte[128]);
        stream.Write("DICM"u8);
        for (var i = 0; i < 100_000; i++)
        {
            // A sequence of undefined length in an item of undefined length.
            stream.Write([0x08, 0x00, 0x40, 0x11, (byte)'S', (byte)'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF]);
        }
        var error = TestData.Throws(() => ImageFile.Read("a.dcm", stream.ToArray()));
        Assert.That((error.Kind, error.Message.Contains("nested", StringComparison.Ordinal)), Is.EqualTo((ImagingError.Malformed, true)));
    }

    [Test]
    public void NonFiniteVoxelsCanBeReadAndCounted()
    {
        var folder = TestData.NewFolder();
        var path = Path.Combine(folder, "a.npy");
        ImageFile.Write(path, new Image(Grid.Plain(2, 2), [1, float.NaN, float.PositiveInfinity, -2]));
        var image = ImageFile.Read(path);
        Directory.Delete(folder, recursive: true);
        Assert.That((image.NonFiniteCount(), image.Range()), Is.EqualTo((2L, (-2f, 1f))));
    }

    [Test]
    public void AnUnknownEndingIsRefusedBeforeWriting()
    {
        var error = TestData.Throws(() => ImageFile.Write("/tmp/a.xyz", TestData.Oblique(2, 2, 1)));
        Assert.That((error.Kind, error.Message.Contains(".nii.gz", StringComparison.Ordinal)), Is.EqualTo((ImagingError.WrongUse, true)));
        Assert.That(TestData.Throws(() => ImageFile.CheckOutput("/no/such/folder/a.png", force: true)).Kind, Is.EqualTo(ImagingError.CannotCreate));
    }

    private static byte[] Nifti(short x, short y, short z)
    {
        var header = new byte[360];
        BinaryPrimitives.WriteInt32LittleEndian(header, 348);
        short[] dim = [3, x, y, z];
        for (var i = 0; i < dim.Length; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(40 + 2 * i), dim[i]);
        }
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(70), 2);
        BinaryPrimitives.WriteSingleLittleEndian(header.AsSpan(108), 352);
        Encoding.ASCII.GetBytes("n+1\0", header.AsSpan(344));
        return header;
    }
}
