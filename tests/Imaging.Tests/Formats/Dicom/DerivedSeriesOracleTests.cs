using System.Globalization;
using InrFast.Imaging;

namespace InrFast.Tests.Formats.Dicom;

/// <summary>Derived series as other programs see them: dicom3tools' validator, pydicom, DCMTK and dcm2niix.</summary>
internal sealed class DerivedSeriesOracleTests
{
    private const string Chest = "ct-dicom/chest_series/IMG0001.dcm", Brain = "brain-mr/dicom_t1_studyforrest/N2D_0183.dcm", EnhancedCt = "ct-dicom/pydicom/eCT_Supplemental.dcm", EnhancedMr = "ct-dicom/pydicom/emri_small.dcm";

    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = TestData.NewFolder();

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [TestCase(Chest)]
    [TestCase(Brain)]
    [TestCase(EnhancedMr)]
    [TestCase(EnhancedCt)]
    [TestCase("ct-dicom/pydicom/CT_small.dcm")]
    [TestCase("ct-dicom/pydicom/MR_small_RLE.dcm")]
    [TestCase("xray/chest_mono1_10bit.dcm")]
    [TestCase("heart-ct/heart_ct.nii.gz")]
    [TestCase("natural-images/astronaut.png")]
    public void TheValidatorFindsNoErrorThatTheSourceHadNot(string name)
    {
        Oracle.Need("dciodvfy");
        var path = TestData.Shared(name);
        var image = Folder(name);
        ImageFile.Write(Path.Combine(folder, "out/"), image);
        var sources = name is Chest or Brain ? Directory.GetFiles(Path.GetDirectoryName(path)!) : [path];
        var before = path.EndsWith(".dcm", StringComparison.Ordinal) ? sources.SelectMany(Errors).ToHashSet() : [];
        foreach (var file in Directory.GetFiles(Path.Combine(folder, "out")).Take(3))
        {
            Assert.That(Errors(file).Except(before), Is.Empty);
        }
    }

    [TestCase(Chest)]
    [TestCase(Brain)]
    [TestCase(EnhancedMr)]
    [TestCase(EnhancedCt)]
    public void PydicomReadsTheSameValuesAndPlaces(string name)
    {
        var image = Folder(name);
        ImageFile.Write(Path.Combine(folder, "out/"), image);
        var text = Oracle.Python("pydicom, numpy", """
            import glob, pydicom, numpy
            for f in sorted(glob.glob(sys.argv[1] + '/*')):
                d = pydicom.dcmread(f)
                a = d.pixel_array * float(d.get('RescaleSlope', 1)) + float(d.get('RescaleIntercept', 0))
                print(*d.ImagePositionPatient, *d.PixelSpacing, a.sum(), a[a.shape[0] // 3, a.shape[1] // 3], a.std())
            """, Path.Combine(folder, "out"));
        var lines = text.Split('\n');
        Assert.That(lines, Has.Length.EqualTo(image.Size.Z * image.Times));
        for (var z = 0; z < lines.Length; z++)
        {
            var numbers = Array.ConvertAll(lines[z].Split(' '), number => double.Parse(number, CultureInfo.InvariantCulture));
            var slice = image.Samples.Slice(z * image.Size.X * image.Size.Y, image.Size.X * image.Size.Y).ToArray();
            var (origin, spacing) = (image.Grid.ToWorld(new(0, 0, z % image.Size.Z)), image.Grid.Spacing);
            Assert.That(numbers[..5], Is.EqualTo(new[] { origin.X, origin.Y, origin.Z, spacing.Y, spacing.X }).Within(1e-4));
            Assert.That(numbers[5], Is.EqualTo(slice.Sum(value => (double)value)).Within(1e-3));
            Assert.That(numbers[6], Is.EqualTo(slice[image.Size.X * (image.Size.Y / 3) + image.Size.X / 3]).Within(1e-4));
        }
    }

    // dcm2niix turns rows around, so voxels are compared by where they lie in the world.
    [TestCase(Chest)]
    [TestCase(Brain)]
    [TestCase(EnhancedMr)]
    [TestCase(EnhancedCt)]
    public void Dcm2niixMakesTheSameVolume(string name)
    {
        var image = Folder(name);
        ImageFile.Write(Path.Combine(folder, "out/"), image);
        Oracle.Program("dcm2niix", "-b", "n", "-f", "volume", "-o", folder, Path.Combine(folder, "out"));
        var converted = ImageFile.Read(Path.Combine(folder, "volume.nii"));
        Assert.That(converted.Size, Is.EqualTo(image.Size));
        var (size, toIndex) = (image.Size, image.Grid.IndexToWorld.Inverse());
        for (var voxel = 0; voxel < converted.Samples.Length; voxel += 97)
        {
            var index = toIndex.Apply(converted.Grid.ToWorld(new(voxel % size.X, voxel / size.X % size.Y, voxel / size.X / size.Y)));
            var (x, y, z) = ((int)Math.Round(index.X), (int)Math.Round(index.Y), (int)Math.Round(index.Z));
            Assert.That(new[] { index.X, index.Y, index.Z }, Is.EqualTo(new double[] { x, y, z }).Within(1e-2));
            Assert.That(converted.Samples.Span[voxel], Is.EqualTo(image.Samples.Span[x + size.X * (y + size.Y * z)]).Within(1e-3));
        }
    }

    [Test]
    public void DcmtkReadsAndRewritesIt()
    {
        var image = Folder(Chest);
        ImageFile.Write(Path.Combine(folder, "out/"), image);
        var copy = Path.Combine(folder, "copy.dcm");
        Oracle.Program("dcmconv", "+ti", Path.Combine(folder, "out", "0003.dcm"), copy);
        Assert.That(ImageFile.Read(copy).Samples.Span.SequenceEqual(ImageFile.Read(Path.Combine(folder, "out", "0003.dcm")).Samples.Span), Is.True);
        var dump = Oracle.Program("dcmdump", "+P", "0008,2111", "+P", "0020,000e", copy);
        Assert.That(dump, Does.Contain("Converted by InrFast").And.Contain("2.25."));
    }

    private static Image Folder(string name) => ImageFile.Read(name is Chest or Brain ? Path.GetDirectoryName(TestData.Shared(name))! : TestData.Shared(name));

    // The validator ends with 1 where it finds errors.
    private static string[] Errors(string path) => [.. Oracle.Report("dciodvfy", path).Split('\n').Where(line => line.StartsWith("Error", StringComparison.Ordinal))];
}
