using System.Text;
using InrFast.Imaging;

namespace InrFast.Tests.Formats;

internal sealed class NrrdTests : FormatTests
{
    private const string Start = "NRRD0004\ntype: short\ndimension: 3\nsizes: 2 2 2\nencoding: text\n";
    private const string Values = "\n1 2 3 4 5 6 7 8\n";

    [TestCase("right-anterior-superior", -1, -1)]
    [TestCase("RAS", -1, -1)]
    [TestCase("LAS", 1, -1)]
    [TestCase("left-posterior-superior", 1, 1)]
    public void AnatomicalSpacesAreTurnedToLps(string space, int x, int y)
    {
        var image = Read(Start + $"space: {space}\nspace directions: (2,0,0) (0,0,3) (0,4,0)\nspace origin: (10,20,30)\n" + Values);
        var map = image.Grid.IndexToWorld;
        Assert.That((map.StepX, map.StepY, map.StepZ, map.Origin), Is.EqualTo((new Vector3d(2 * x, 0, 0), new Vector3d(0, 0, 3), new Vector3d(0, 4 * y, 0), new Vector3d(10 * x, 20 * y, 30))));
        Assert.That(image.Warnings, Is.Empty);
        Assert.That(image.Samples.ToArray(), Is.EqualTo(new float[] { 1, 2, 3, 4, 5, 6, 7, 8 }));
    }

    [TestCase("space: scanner-xyz\nspace directions: (2,0,0) (0,3,0) (0,0,4)\nspace origin: (1,2,3)\n", "anatomical space", 2)]
    [TestCase("space: LPS\nspace directions: (2,0,0) (0,3,0) (0,0,4)\n", "no origin", 2)]
    [TestCase("space: LPS\nspace directions: (2,0,0) (2,0,0) (0,0,4)\nspace origin: (1,2,3)\n", "do not span", 1)]
    [TestCase("spacings: 2 3 4\n", "no orientation", 2)]
    public void WhatIsAssumedIsSaid(string fields, string warning, double spacing)
    {
        var image = Read(Start + fields + Values);
        Assert.That(image.Warnings, Has.Exactly(1).Contains(warning));
        Assert.That(image.Grid.Spacing.X, Is.EqualTo(spacing));
    }

    [TestCase("kinds: vector space space\nspace directions: none (2,0) (0,3)", 2, 1, new float[] { 1, 2, 3, 4, 5, 6, 7, 8 })]
    [TestCase("kinds: space space list\nspace directions: (2,0) (0,3) none", 2, 1, new float[] { 1, 5, 2, 6, 3, 7, 4, 8 })]
    [TestCase("kinds: space space time\nspace directions: (2,0) (0,3) none", 1, 2, new float[] { 1, 2, 3, 4, 5, 6, 7, 8 })]
    [TestCase("kinds: time space space\nspace directions: none (2,0) (0,3)", 1, 2, new float[] { 1, 3, 5, 7, 2, 4, 6, 8 })]
    public void ChannelsAndTimesStandOnAnyAxis(string fields, int channels, int times, float[] samples)
    {
        var image = Read(Start + "space dimension: 2\nspace origin: (0,0)\n" + fields + "\n" + Values);
        Assert.That((image.Channels, image.Times, image.Size), Is.EqualTo((channels, times, new GridSize(2, 2))));
        Assert.That(image.Samples.ToArray(), Is.EqualTo(samples));
        Assert.That(image.Grid.Spacing, Is.EqualTo(new Vector3d(2, 3, 1)));
    }

    [TestCase("a.nrrd")]
    [TestCase("a.nhdr")]
    public void WhatIsWrittenComesBack(string name)
    {
        foreach (var type in Enum.GetValues<SampleType>())
        {
            foreach (var (channels, times) in new[] { (1, 1), (3, 1), (1, 4), (2, 3) })
            {
                var image = TestData.Oblique(5, 6, 7, channels, times, new StoredScale(type));
                image = new Image(image.Grid, image.Samples.ToArray(), channels, times) { Stored = image.Stored, TimeSpacing = times > 1 ? 0.125 : 0, Unit = "HU" };
                var clipped = type == SampleType.Int8 ? image.Derive(image.Grid, Array.ConvertAll(image.Samples.ToArray(), v => v - 125), times) : image;
                var (back, warnings) = WriteAndRead(name, clipped);
                AssertSame(clipped, back, 1e-9);
                Assert.That((back.TimeSpacing, back.Unit, warnings.Count + back.Warnings.Count), Is.EqualTo((image.TimeSpacing, "HU", 0)));
            }
        }
    }

    [Test]
    public void ScaledIntegersBecomeTheTypeThatHoldsTheirValues()
    {
        var hounsfield = new Image(Grid.Plain(2, 1), [-1024, 3000]) { Stored = new StoredScale(SampleType.UInt16, 1, -1024) };
        Assert.That(WriteAndRead("a.nrrd", hounsfield).Image.Stored.Type, Is.EqualTo(SampleType.Int16));
        var fractions = new Image(Grid.Plain(2, 1), [-0.5f, 3]) { Stored = new StoredScale(SampleType.UInt16, 0.5, -1024) };
        var (back, warnings) = WriteAndRead("a.nrrd", fractions);
        Assert.That((back.Stored.Type, back.Samples.Span[0], warnings.Count), Is.EqualTo((SampleType.Float32, -0.5f, 0)));
    }

    [Test]
    public void VoxelsLieInFilesThatTheHeaderNames()
    {
        Directory.CreateDirectory(In("slices"));
        for (var slice = 1; slice <= 2; slice++)
        {
            File.WriteAllBytes(In($"slices/s{slice:d3}.raw"), [9, 9, 0, (byte)slice, 0, 2, 0, 3, 0, 4]);
        }
        const string Header = "NRRD0004\ntype: short\ndimension: 3\nsizes: 2 2 2\nencoding: raw\nendian: big\nbyte skip: 2\n";
        foreach (var files in new[] { "data file: slices/s%03d.raw 1 2 1\n", "data file: LIST\nslices/s001.raw\nslices/s002.raw\n", "byteskip: -1\ndatafile: slices/s%03d.raw 1 2 1 2\n" })
        {
            File.WriteAllText(In("a.nhdr"), Header + files);
            Assert.That(ImageFile.Read(In("a.nhdr")).Samples.ToArray(), Is.EqualTo(new float[] { 1, 2, 3, 4, 2, 2, 3, 4 }), files);
        }
    }

    [TestCase("../secret.raw")]
    [TestCase("/etc/passwd")]
    [TestCase("sub/../../secret.raw")]
    [TestCase("link.raw")]
    [TestCase("linked/secret.raw")]
    public void FilesElsewhereAreNotRead(string name)
    {
        Directory.CreateDirectory(In("here"));
        File.WriteAllBytes(In("secret.raw"), new byte[16]);
        File.CreateSymbolicLink(In("here/link.raw"), "../secret.raw");
        File.CreateSymbolicLink(In("here/linked"), Folder);
        File.WriteAllText(In("here/a.nhdr"), Start.Replace("text", "raw", StringComparison.Ordinal) + $"endian: little\ndata file: {name}\n");
        Assert.That(TestData.Throws(() => ImageFile.Read(In("here/a.nhdr"))).Kind, Is.EqualTo(ImagingError.Malformed));
        File.WriteAllText(In("here/a.mhd"), $"ObjectType = Image\nNDims = 3\nDimSize = 2 2 2\nElementType = MET_SHORT\nElementDataFile = {name}\n");
        Assert.That(TestData.Throws(() => ImageFile.Read(In("here/a.mhd"))).Kind, Is.EqualTo(ImagingError.Malformed));
    }

    [TestCase("a.nrrd")]
    [TestCase("a.nhdr")]
    [TestCase("a.mha")]
    [TestCase("a.mhd")]
    public void PlastimatchReadsWhatIsWritten(string name)
    {
        // plastimatch reads with ITK and writes single precision.
        var image = TestData.Oblique(5, 6, 7, stored: new StoredScale(SampleType.UInt16));
        WriteAndRead(name, image);
        Oracle.Program("plastimatch", "convert", "--input", In(name), "--output-img", In("theirs.nii"));
        var theirs = ImageFile.Read(In("theirs.nii"));
        Assert.That(theirs.Samples.ToArray(), Is.EqualTo(image.Samples.ToArray()));
        Assert.That(theirs.Grid.Matches(image.Grid, 1e-4), Is.True);
    }

    [TestCase("a.nrrd")]
    [TestCase("a.mha")]
    [TestCase("a.nii.gz")]
    public void ItkReadsDisplacementFields(string name)
    {
        var field = TestData.Oblique(5, 6, 7, channels: 3, stored: new StoredScale(SampleType.Float32));
        WriteAndRead(name, field);
        ImageFile.Write(In("fixed.mha"), TestData.Oblique(5, 6, 7));
        Oracle.Program("plastimatch", "convert", "--xf", In(name), "--fixed", In("fixed.mha"), "--input", In("fixed.mha"), "--output-img", In("warped.mha"), "--output-vf", In("theirs.mha"));
        var theirs = ImageFile.Read(In("theirs.mha"));
        Assert.That(theirs.Channels, Is.EqualTo(3));
        // plastimatch interpolates the field at its own voxels, in single precision.
        Assert.That(theirs.Samples.ToArray(), Is.EqualTo(field.Samples.ToArray()).Within(1e-3));
        Assert.That(theirs.Grid.Matches(field.Grid, 1e-4), Is.True);
    }

    private static Image Read(string text) => ImageFile.Read("a.nrrd", Encoding.ASCII.GetBytes(text));
}
