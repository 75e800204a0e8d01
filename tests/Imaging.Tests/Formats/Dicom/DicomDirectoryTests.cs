using InrFast.Imaging;
using InrFast.Imaging.Dicom;
using static InrFast.Tests.Formats.TestDicom;

namespace InrFast.Tests.Formats;

/// <summary>DICOMDIRs: the images they name are read, and nothing outside their folder is.</summary>
internal sealed class DicomDirectoryTests
{
    private string folder = "";

    [SetUp]
    public void MakeFolder()
    {
        folder = TestData.NewFolder();
        Write(Path.Combine(folder, "medium", "IMAGES"), Slice(3, 1), Slice(0, 0), Slice(6, 2));
    }

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void TheImagesItNamesAreReadAndNoOthers()
    {
        var image = ImageFile.Read(WriteDirectory("IMAGES\\0001", "IMAGES\\0000"));
        Assert.That(SliceValues(image), Is.EqualTo(new[] { 0, 1 }));
        Assert.That(image.Warnings, Is.Empty);
    }

    [Test]
    public void NamesMayHaveBecomeLowerCase()
    {
        Directory.Move(Path.Combine(folder, "medium", "IMAGES"), Path.Combine(folder, "medium", "images"));
        Assert.That(SliceValues(ImageFile.Read(WriteDirectory("IMAGES\\0001", "IMAGES\\0000"))), Is.EqualTo(new[] { 0, 1 }));
    }

    [Test]
    public void MissingImagesAreCounted() =>
        Assert.That(ImageFile.Read(WriteDirectory("IMAGES\\0001", "IMAGES\\0000", "IMAGES\\0009")).Warnings, Has.Exactly(1).Contains("1 of the 3 images it names are not there (IMAGES/0009)"));

    [TestCase("..\\secret")]
    [TestCase("IMAGES\\..\\..\\secret")]
    [TestCase("/etc/passwd")]
    [TestCase("IMAGES\\.\\0000")]
    [TestCase("C:\\secret")]
    [TestCase("\\secret")]
    public void NamesThatLeadOutOfTheFolderAreRefused(string name)
    {
        Write(folder, Slice(0, 5));
        File.Move(Path.Combine(folder, "0000"), Path.Combine(folder, "secret"));
        var error = TestData.Throws(() => ImageFile.Read(WriteDirectory("IMAGES\\0001", name)));
        Assert.That((error.Kind, error.Message.Contains("no plain name", StringComparison.Ordinal)), Is.EqualTo((ImagingError.Malformed, true)), error.Message);
    }

    [TestCase("secret", "LINK")]
    [TestCase(".", "LINK\\secret")]
    public void LinksAreNotFollowed(string target, string name)
    {
        File.WriteAllBytes(Path.Combine(folder, "secret"), Bytes(Slice(0, 5)));
        File.CreateSymbolicLink(Path.Combine(folder, "medium", "LINK"), Path.GetFullPath(Path.Combine(folder, target)));
        Assert.That(TestData.Throws(() => ImageFile.Read(WriteDirectory(name))).Message, Does.Contain("may not lead through links"));
    }

    [Test]
    public void InMemoryNothingIsFollowed()
    {
        var error = TestData.Throws(() => ImageFile.Read(Path.Combine(folder, "medium", "a"), File.ReadAllBytes(WriteDirectory("IMAGES\\0000"))));
        Assert.That(error.Kind, Is.EqualTo(ImagingError.Malformed));
    }

    private string WriteDirectory(params string[] names)
    {
        var path = Path.Combine(folder, "medium", "DICOMDIR");
        var records = names.Select(name => new DicomDataset(Text(DicomTags.DirectoryRecordType, "IMAGE"), Text(DicomTags.ReferencedFileId, name)));
        File.WriteAllBytes(path, Bytes(new DicomDataset(Text(DicomTags.SopClassUid, "1.2.840.10008.1.3.10"),
            DicomElement.FromItems(DicomTags.DirectoryRecordSequence, [new DicomDataset(Text(DicomTags.DirectoryRecordType, "PATIENT")), .. records]))));
        return path;
    }
}
