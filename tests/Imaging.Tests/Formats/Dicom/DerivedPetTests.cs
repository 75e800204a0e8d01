using InrFast.Imaging;
using InrFast.Imaging.Dicom;
using static InrFast.Tests.Formats.TestDicom;

namespace InrFast.Tests.Formats.Dicom;

/// <summary>A series derived from PET slices, each with a value scale of its own, stays PET (PS3.3, A.21).</summary>
internal sealed class DerivedPetTests
{
    private const string PetStorage = "1.2.840.10008.5.1.4.1.1.128";
    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = TestData.NewFolder();

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [TestCase(100, SampleType.UInt16)]
    [TestCase(-100, SampleType.Int16)]
    public void ItHasNoInterceptAndCountsItsSlices(int least, SampleType type)
    {
        var source = Derived(least);
        var back = ImageFile.Read(Out);
        var common = back.Acquisition!.Common;
        Assert.That((common.GetString(DicomTags.SopClassUid), common.GetString(DicomTags.Units), back.Unit), Is.EqualTo((PetStorage, "BQML", "Bq/mL")));
        Assert.That((back.Stored.Type, back.Stored.Intercept), Is.EqualTo((type, 0.0)));
        Assert.That(back.Samples.ToArray(), Is.EqualTo(source.Samples.ToArray()).Within(back.Stored.Slope / 2 * 1.01));
        Assert.That(common.GetStrings(DicomTags.ImageType), Is.EqualTo(new[] { "DERIVED", "PRIMARY" }));
        Assert.That(common.GetInteger(DicomTags.NumberOfSlices), Is.EqualTo(3));
        Assert.That(back.Acquisition.Frames.Select(frame => frame.Own.GetInteger(DicomTags.ImageIndex)), Is.EqualTo(new int?[] { 1, 2, 3 }));
        Assert.That(back.Acquisition.Frames.Select(frame => frame.Own.GetNumbers(DicomTags.FrameReferenceTime)[0]), Is.EqualTo(new[] { 1000.0, 2000, 3000 }));
    }

    [Test]
    public void TheValidatorFindsNoErrorThatTheSourceHadNot()
    {
        Oracle.Need("dciodvfy");
        Derived(100);
        var before = Directory.GetFiles(Path.Combine(folder, "in")).SelectMany(Errors).ToHashSet();
        Assert.That(Directory.GetFiles(Out).SelectMany(Errors).Except(before), Is.Empty);
    }

    private string Out => Path.Combine(folder, "out");

    private Image Derived(int least)
    {
        var image = ImageFile.Read(Write(Path.Combine(folder, "in"), [.. Enumerable.Range(0, 3).Select(z => Pet(z, least))]));
        ImageFile.Write(Out + "/", image);
        return image;
    }

    private static DicomDataset Pet(int z, int least) => Slice(z * 2, least + 300 * z,
        Text(DicomTags.SopClassUid, PetStorage), Text(DicomTags.Modality, "PT"), Text(DicomTags.ImageType, "ORIGINAL\\PRIMARY"), Text(DicomTags.FrameOfReferenceUid, "1.2.3.5"),
        Text(DicomTags.Units, "BQML"), Text(DicomTags.SeriesType, "STATIC\\IMAGE"), DicomElement.FromUInt16(DicomTags.NumberOfSlices, 3), DicomElement.FromUInt16(DicomTags.ImageIndex, z + 1),
        DicomElement.FromNumbers(DicomTags.FrameReferenceTime, 1000 * (z + 1)), DicomElement.FromNumbers(DicomTags.RescaleSlope, 1 + z / 8.0), DicomElement.FromNumbers(DicomTags.RescaleIntercept, 0));

    private static string[] Errors(string path) => [.. Oracle.Report("dciodvfy", path).Split('\n').Where(line => line.StartsWith("Error", StringComparison.Ordinal))];
}
