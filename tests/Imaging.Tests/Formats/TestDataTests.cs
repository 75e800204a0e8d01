using InrFast.Imaging;

namespace InrFast.Tests.Formats;

/// <summary>Every file of the test data that lies beside the repository, as what it is.</summary>
internal sealed class TestDataTests
{
    // MATLAB's arrays, beside which most lie as NumPy's, and formats of the web and of meshes.
    private static readonly string[] Foreign = [".mat", ".gif", ".bmp", ".ply"], Words = [".md", ".json", ".yaml", ""];

    [Test]
    public void EveryFileOpens()
    {
        var root = Path.GetDirectoryName(TestData.Shared("README.md"))!;
        var files = Directory.GetFiles(root, "*", SearchOption.AllDirectories).Where(file => !file.Contains("/licences/", StringComparison.Ordinal) && !Words.Contains(Path.GetExtension(file))).ToList();
        Assert.That(files, Has.Count.GreaterThan(250));
        Assert.Multiple(() => files.ForEach(Open));
    }

    private static void Open(string file)
    {
        if (Foreign.Contains(Path.GetExtension(file)))
        {
            Assert.That(TestData.Throws(() => ImageFile.Read(file)).Message, Does.Contain("no format that can be read"), file);
            return;
        }
        try
        {
            Assert.That(Numbers(file), Is.Positive, file);
        }
        catch (ImagingException e) when (e.Kind == ImagingError.Unsupported && e.Message.Contains("apt install", StringComparison.Ordinal))
        {
            // Codecs that are programs of the system may be missing; the refusal then names the package.
        }
        catch (ImagingException e)
        {
            Assert.Fail(e.Message);
        }
    }

    private static long Numbers(string file) =>
        LandmarkFile.HasEnding(file) ? LandmarkFile.Read(file).Points.Count
        : KSpaceFile.IsKSpace(file) ? KSpaceFile.Read(file).Samples.Length
        : ArrayFile.List(file) is { Count: > 1 } arrays ? arrays.Min(array => (long)ImageFile.Read([file], new ReadOptions { Series = array.Name }).Samples.Length)
        : ImageFile.Read(file).Samples.Length;
}
