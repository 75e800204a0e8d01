using InrFast.Imaging;

namespace InrFast.Tests.Formats;

/// <summary>Tests that write images to a folder of their own and read them again.</summary>
internal abstract class FormatTests
{
    protected string Folder { get; private set; } = "";

    [SetUp]
    public void MakeFolder() => Folder = TestData.NewFolder();

    [TearDown]
    public void RemoveFolder() => Directory.Delete(Folder, recursive: true);

    protected string In(string name) => Path.Combine(Folder, name);

    protected (Image Image, IReadOnlyList<string> Warnings) WriteAndRead(string name, Image image, WriteOptions? options = null)
    {
        var warnings = ImageFile.Write(In(name), image, (options ?? new WriteOptions()) with { Force = true });
        return (ImageFile.Read(In(name)), warnings);
    }

    /// <summary>Values, size, type, scale and place.</summary>
    protected static void AssertSame(Image expected, Image actual, double tolerance = 1e-5)
    {
        Assert.That((actual.Size, actual.Channels, actual.Times), Is.EqualTo((expected.Size, expected.Channels, expected.Times)));
        Assert.That(actual.Samples.Span.SequenceEqual(expected.Samples.Span), Is.True);
        Assert.That(actual.Stored, Is.EqualTo(expected.Stored));
        Assert.That(actual.Grid.Matches(expected.Grid, tolerance), Is.True);
    }
}
