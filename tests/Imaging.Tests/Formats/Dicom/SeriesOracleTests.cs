using System.Globalization;
using InrFast.Imaging;

namespace InrFast.Tests.Formats;

/// <summary>Real series against the NRRD file that was made of one, against dcm2niix and against pydicom, where these are installed.</summary>
internal sealed class SeriesOracleTests
{
    private const string Chest = "ct-dicom/chest_series/IMG0001.dcm", Brain = "brain-mr/dicom_t1_studyforrest/N2D_0190.dcm";

    [Test]
    public void TheChestSeriesIsItsNrrdFile()
    {
        var (series, nrrd) = (ImageFile.Read(FolderOf(Chest)), ImageFile.Read(TestData.Shared("ct-dicom/chest_series_as_nrrd.nrrd")));
        Assert.That(series.Grid.Matches(nrrd.Grid, 1e-3), Is.True, $"{series.Grid} {nrrd.Grid}");
        Assert.That(series.Samples.Span.SequenceEqual(nrrd.Samples.Span), Is.True);
        Assert.That((series.Unit, series.Warnings.Count, series.Acquisition!.Frames.Count), Is.EqualTo(("HU", 0, 79)));
    }

    [TestCase(Chest)]
    [TestCase(Brain)]
    public void Dcm2niixPutsTheSameValuesAtTheSamePlaces(string name)
    {
        var folder = TestData.NewFolder();
        try
        {
            Oracle.Program("dcm2niix", "-z", "n", "-b", "n", "-f", "out", "-o", folder, FolderOf(name));
            AssertSameField(ImageFile.Read(FolderOf(name)), ImageFile.Read(Path.Combine(folder, "out.nii")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestCase(Chest)]
    [TestCase(Brain)]
    public void PydicomStacksTheSameSlices(string name)
    {
        const string Script = """
            slices = [pydicom.dcmread(path) for path in glob.glob(sys.argv[1] + "/*")]
            row, column = numpy.array(slices[0].ImageOrientationPatient, float).reshape(2, 3)
            normal = numpy.cross(row, column)
            slices.sort(key=lambda s: numpy.dot(normal, numpy.array(s.ImagePositionPatient, float)))
            volume = numpy.stack([s.pixel_array * float(s.get("RescaleSlope", 1)) + float(s.get("RescaleIntercept", 0)) for s in slices])
            first, last = (numpy.array(s.ImagePositionPatient, float) for s in (slices[0], slices[-1]))
            weights = numpy.arange(volume.size) % 1009
            print(*volume.shape, *row * float(slices[0].PixelSpacing[1]), *column * float(slices[0].PixelSpacing[0]), *(last - first) / (len(slices) - 1), *first, (volume.ravel() * weights).sum())
            """;
        var numbers = Array.ConvertAll(Oracle.Python("glob, numpy, pydicom", Script, FolderOf(name)).Split(), text => double.Parse(text, CultureInfo.InvariantCulture));
        var image = ImageFile.Read(FolderOf(name));
        Assert.That(image.Size, Is.EqualTo(new GridSize((int)numbers[2], (int)numbers[1], (int)numbers[0])));
        var map = image.Grid.IndexToWorld;
        Assert.That(new[] { map.StepX, map.StepY, map.StepZ, map.Origin }.SelectMany(v => new[] { v.X, v.Y, v.Z }), Is.EqualTo(numbers[3..15]).Within(1e-9));
        var sum = 0.0;
        for (var i = 0; i < image.Samples.Length; i++)
        {
            sum += image.Samples.Span[i] * (i % 1009);
        }
        Assert.That(sum, Is.EqualTo(numbers[15]).Within(1e-9 * Math.Abs(numbers[15])));
    }

    // Each voxel of one is a voxel of the other, at the same place in the world and of the same value.
    private static void AssertSameField(Image a, Image b)
    {
        Assert.That(a.Samples.Length, Is.EqualTo(b.Samples.Length));
        var (toIndex, size, worst) = (b.Grid.IndexToWorld.Inverse(), a.Size, 0.0);
        for (var i = 0; i < a.Samples.Length; i += 17)
        {
            var at = toIndex.Apply(a.Grid.ToWorld(new(i % size.X, i / size.X % size.Y, i / size.X / size.Y)));
            var (x, y, z) = ((int)Math.Round(at.X), (int)Math.Round(at.Y), (int)Math.Round(at.Z));
            worst = Math.Max(worst, (at - new Vector3d(x, y, z)).Length);
            Assert.That(b.Samples.Span[x + b.Size.X * (y + b.Size.Y * z)], Is.EqualTo(a.Samples.Span[i]));
        }
        // dcm2niix takes the slice distance from the first two positions, which the chest series rounds to a micrometre; over 79 slices that adds up to 0.03 mm.
        Assert.That(worst, Is.LessThan(0.01), "voxels");
    }

    private static string FolderOf(string name) => Path.GetDirectoryName(TestData.Shared(name))!;
}
