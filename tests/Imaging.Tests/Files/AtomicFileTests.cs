using InrFast.Imaging;

namespace InrFast.Tests.Files;

internal sealed class AtomicFileTests
{
    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = TestData.NewFolder();

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void WritesTheContentAndNothingElse()
    {
        AtomicFile.Write(Path.Combine(folder, "a"), force: false, stream => stream.Write("hello"u8));
        Assert.That(File.ReadAllText(Path.Combine(folder, "a")), Is.EqualTo("hello"));
        Assert.That(Directory.GetFileSystemEntries(folder), Has.Length.EqualTo(1));
    }

    [Test]
    public void AnExistingFileIsKeptUnlessForced()
    {
        var path = Path.Combine(folder, "a");
        File.WriteAllText(path, "old");
        Assert.That(TestData.Throws(() => AtomicFile.Write(path, force: false, stream => stream.Write("new"u8))).Kind, Is.EqualTo(ImagingError.Exists));
        Assert.That(File.ReadAllText(path), Is.EqualTo("old"));
        AtomicFile.Write(path, force: true, stream => stream.Write("new"u8));
        Assert.That(File.ReadAllText(path), Is.EqualTo("new"));
    }

    [Test]
    public void AFileThatAppearsWhileWritingIsKept()
    {
        var path = Path.Combine(folder, "a");
        var error = TestData.Throws(() => AtomicFile.Write(path, force: false, _ => File.WriteAllText(path, "other")));
        Assert.That(error.Kind, Is.EqualTo(ImagingError.Exists));
        Assert.That(File.ReadAllText(path), Is.EqualTo("other"));
        Assert.That(Directory.GetFileSystemEntries(folder), Has.Length.EqualTo(1));
    }

    [Test]
    public void AFailureLeavesNothingBehindAndTheOldFileAlone()
    {
        var path = Path.Combine(folder, "a");
        File.WriteAllText(path, "old");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, force: true, stream =>
        {
            stream.Write("half"u8);
            throw new InvalidOperationException();
        }));
        Assert.That(File.ReadAllText(path), Is.EqualTo("old"));
        var full = TestData.Throws(() => AtomicFile.Write(path, force: true, _ => throw new IOException("No space left on device")));
        Assert.That((full.Kind, full.Message.Contains("No space left", StringComparison.Ordinal)), Is.EqualTo((ImagingError.WriteFailed, true)));
        Assert.That(Directory.GetFileSystemEntries(folder), Has.Length.EqualTo(1));
    }

    [Test]
    public void ASymbolicLinkIsFollowed()
    {
        File.WriteAllText(Path.Combine(folder, "real"), "old");
        File.CreateSymbolicLink(Path.Combine(folder, "link"), "real");
        AtomicFile.Write(Path.Combine(folder, "link"), force: true, stream => stream.Write("new"u8));
        Assert.That(File.ReadAllText(Path.Combine(folder, "real")), Is.EqualTo("new"));
        Assert.That(new FileInfo(Path.Combine(folder, "link")).LinkTarget, Is.EqualTo("real"));
    }

    [TestCase("missing/a")]
    [TestCase("")]
    [TestCase(".")]
    public void APlaceThatCannotHoldItIsRefused(string name) =>
        Assert.That(TestData.Throws(() => AtomicFile.Write(name.Length == 0 ? "" : Path.Combine(folder, name), force: true, _ => { })).Kind, Is.EqualTo(ImagingError.CannotCreate));

    [Test]
    public void DevicesAreNotReplaced()
    {
        Assert.That(TestData.Throws(() => AtomicFile.Write("/dev/null", force: true, _ => { })).Kind, Is.EqualTo(ImagingError.CannotCreate));
    }
}
