using System.Globalization;
using System.IO.Compression;
using InrFast.Imaging;

namespace InrFast.Tests.Formats;

internal sealed class NiftiTests : FormatTests
{
    [TestCase("a.hdr", "a.hdr", "a.img")]
    [TestCase("a.img", "a.hdr", "a.img")]
    [TestCase("a.img.gz", "a.hdr.gz", "a.img.gz")]
    public void APairIsWrittenAndReadUnderEitherName(string name, string header, string voxels)
    {
        var image = TestData.Oblique(5, 6, 7, times: 2);
        var (back, warnings) = WriteAndRead(name, image);
        AssertSame(image, back);
        Assert.That(warnings, Is.Empty);
        AssertSame(image, ImageFile.Read(In(header)));
        AssertSame(image, ImageFile.Read(In(voxels)));
        Assert.That(Directory.GetFileSystemEntries(Folder), Has.Length.EqualTo(2));
    }

    [Test]
    public void NeitherFileOfAPairIsOverwrittenUnasked()
    {
        File.WriteAllText(In("a.img"), "old");
        Assert.That(TestData.Throws(() => ImageFile.Write(In("a.hdr"), TestData.Oblique(2, 2, 2))).Kind, Is.EqualTo(ImagingError.Exists));
        Assert.That(TestData.Throws(() => ImageFile.CheckOutput(In("a.hdr"), force: false)).Kind, Is.EqualTo(ImagingError.Exists));
        Assert.That((File.ReadAllText(In("a.img")), Directory.GetFileSystemEntries(Folder).Length), Is.EqualTo(("old", 1)));
    }

    [TestCase("a.nii")]
    [TestCase("a.hdr")]
    public void AnAxisTooLongForVersion1MakesAVersion2File(string name)
    {
        var image = TestData.Oblique(40000, 2, 3, stored: new StoredScale(SampleType.UInt8, 0.1, 3));
        image = image.Derive(image.Grid, Array.ConvertAll(image.Samples.ToArray(), v => (float)(v * 0.1 + 3)));
        var (back, warnings) = WriteAndRead(name, image);
        AssertSame(image, back);
        Assert.That((warnings.Count, File.ReadAllBytes(In(name))[..2]), Is.EqualTo((0, new byte[] { 540 & 255, 540 >> 8 })));
    }

    [TestCase("a.nii", 1, 1, SampleType.Int16)]
    [TestCase("a.nii.gz", 1, 3, SampleType.Float32)]
    [TestCase("a.img.gz", 3, 2, SampleType.Float32)]
    [TestCase("a.hdr", 3, 1, SampleType.UInt8)]
    [TestCase("long.nii", 1, 1, SampleType.UInt16)]
    public void NibabelReadsWhatIsWritten(string name, int channels, int times, SampleType type)
    {
        var image = TestData.Oblique(name == "long.nii" ? 33000 : 5, 4, 3, channels, times, new StoredScale(type));
        WriteAndRead(name, image);
        var printed = Oracle.Python("nibabel, numpy", """
            image = nibabel.load(sys.argv[1])
            data = numpy.asarray(image.dataobj)
            if data.dtype.names: data = numpy.stack([data[n] for n in data.dtype.names], axis=3)[:, :, :, None, :]
            while data.ndim < 5: data = data[..., None]
            # channel first, then x, y, z, t: as the samples of an image lie
            flat = numpy.moveaxis(data, 4, 0).flatten(order='F').astype(float)
            print(data.shape[4], data.shape[3], flat.size, (flat * (1 + numpy.arange(flat.size) % 977)).sum(), *image.affine[:3].flatten(), *image.get_qform()[:3].flatten())
            """, In(name)).Split(' ');
        var numbers = Array.ConvertAll(printed, text => double.Parse(text, CultureInfo.InvariantCulture));
        var sum = 0.0;
        for (var i = 0; i < image.Samples.Length; i++)
        {
            sum += image.Samples.Span[i] * (1 + i % 977);
        }
        var form = NiftiGeometry.ToSform(image.Grid.IndexToWorld);
        Assert.That(numbers, Is.EqualTo((double[])[channels, times, image.Samples.Length, sum, .. form, .. form]).Within(1e-5));
    }

    [Test]
    public void NibabelsBigEndianAndVersion2FilesAreRead()
    {
        Oracle.Python("nibabel, numpy", """
            data = (numpy.arange(4 * 5 * 6 * 2 * 3).reshape(4, 5, 6, 2, 3) % 113 - 50)
            affine = numpy.array([[0, -2, 0.5, 10], [1.5, 0, 0, 20], [0, 0.25, 3, -30], [0, 0, 0, 1]])
            folder = sys.argv[1]
            for name, kind in (('a.nii', nibabel.Nifti1Image), ('a.hdr', nibabel.Nifti1Pair), ('b.nii.gz', nibabel.Nifti2Image), ('b.img', nibabel.Nifti2Pair)):
                header = kind.header_class(endianness='>')
                header.set_data_dtype('>i2' if name[0] == 'a' else '>f8')
                header.set_xyzt_units('mm', 'msec')
                header.set_intent(1007)
                image = kind(data.astype('>i2' if name[0] == 'a' else '>f8'), affine, header)
                image.header.set_zooms((1.5, 2, 3, 250, 1))
                image.to_filename(folder + '/' + name)
            """, Folder);
        foreach (var name in new[] { "a.nii", "a.hdr", "a.img", "b.nii.gz", "b.img" })
        {
            var image = ImageFile.Read(In(name));
            Assert.That((image.Size, image.Times, image.Channels, image.TimeSpacing), Is.EqualTo((new GridSize(4, 5, 6), 2, 3, 0.25)), name);
            // [x, y, z, t, c] of the array, C order: element (3, 1, 2, 1, 2)
            Assert.That(image.Samples.Span[2 + 3 * (3 + 4 * (1 + 5 * (2 + 6 * 1)))], Is.EqualTo(((((3 * 5 + 1) * 6 + 2) * 2 + 1) * 3 + 2) % 113 - 50), name);
            Assert.That(NiftiGeometry.ToSform(image.Grid.IndexToWorld), Is.EqualTo(new[] { 0, -2, 0.5, 10, 1.5, 0, 0, 20, 0, 0.25, 3, -30 }).Within(1e-6), name);
        }
    }

    [Test]
    public void DisplacementsUnderTheirOwnIntentAreTurnedFromRasToLps()
    {
        var field = new Image(Grid.Plain(2, 1), [1, 2, 3, -4, 5, 6], channels: 3);
        WriteAndRead("a.nii", field);
        var bytes = File.ReadAllBytes(In("a.nii"));
        // intent_code: 1007, any vector, as ITK writes displacement fields (LPS); 1006: displacements
        Assert.That(bytes[68] | bytes[69] << 8, Is.EqualTo(1007));
        (bytes[68], bytes[69]) = (1006 & 255, 1006 >> 8);
        Assert.That(ImageFile.Read("a.nii", bytes).Samples.ToArray(), Is.EqualTo(new float[] { -1, -2, 3, 4, -5, 6 }));
    }

    [Test]
    public void LargeIntegersThatFloatRoundsAreCounted()
    {
        var (back, _) = WriteAndRead("a.nii", new Image(Grid.Plain(2, 1), [1 << 24, 1 << 25]) { Stored = new StoredScale(SampleType.Int32) });
        Assert.That(back.Warnings, Has.Exactly(1).Contains("1 integers beyond 2^24"));
    }

    // Long enough for several pieces, with a last one that is not full, and of lengths at the borders.
    [TestCase(0)]
    [TestCase(1)]
    [TestCase((1 << 20) - 1)]
    [TestCase(1 << 20)]
    [TestCase((9 << 20) + 12345)]
    public void PackedPiecesAreOneGzipMember(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content.AsSpan(length / 2));
        using var packed = new MemoryStream();
        using (var gzip = new GzipWriter(packed))
        {
            gzip.Write(content.AsSpan(0, length / 3));
            gzip.Write(content.AsSpan(length / 3));
        }
        packed.Position = 0;
        using var unpacked = new MemoryStream();
        // The system's reader checks the checksum and the length.
        using (var gzip = new GZipStream(packed, CompressionMode.Decompress))
        {
            gzip.CopyTo(unpacked);
        }
        Assert.That(unpacked.ToArray().AsSpan().SequenceEqual(content), Is.True);
    }

    [Test]
    public void ZlibAcceptsThePackedPieces()
    {
        var image = TestData.Oblique(300, 300, 20);
        WriteAndRead("a.nii.gz", image);
        Assert.That(Oracle.Python("zlib", """
            d = zlib.decompressobj(31); data = d.decompress(open(sys.argv[1], 'rb').read()); print(d.eof, len(d.unused_data), len(data))
            """, In("a.nii.gz")), Is.EqualTo($"True 0 {352 + 2 * 300 * 300 * 20}"));
    }
}
