using InrFast.Imaging;

namespace InrFast.Tests;

/// <summary>Where tests find images, and a folder of their own to write to.</summary>
internal static class TestData
{
    /// <summary>A file of the test data that lies beside the repository; the test is skipped where it is absent.</summary>
    public static string Shared(string name)
    {
        var path = Path.Combine(FindUp("shared/data") ?? "", name);
        if (!File.Exists(path))
        {
            Assert.Ignore($"shared/data/{name} is not there");
        }
        return path;
    }

    /// <summary>An image that the repository ships.</summary>
    public static string Sample(string name) => Path.Combine(FindUp("samples") ?? throw new FileNotFoundException("samples"), name);

    public static string NewFolder() => Directory.CreateTempSubdirectory("inrfast-test-").FullName;

    public static ImagingException Throws(Action action) => Assert.Throws<ImagingException>(action)!;

    /// <summary>A small image with values that differ everywhere, on an oblique grid.</summary>
    public static Image Oblique(int x, int y, int z, int channels = 1, int times = 1, StoredScale? stored = null)
    {
        var samples = new float[x * y * z * channels * times];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = i * 37 % 251;
        }
        var (c, s) = (Math.Cos(0.3), Math.Sin(0.3));
        var map = new Affine(new(0.8 * c, 0.8 * s, 0), new(-1.25 * s, 1.25 * c, 0), new(0, 0, 2.5), new(-12.5, 30.25, 7));
        return new Image(new Grid(new GridSize(x, y, z), map), samples, channels, times) { Stored = stored ?? new StoredScale(SampleType.Int16) };
    }

    private static string? FindUp(string name)
    {
        for (var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, name);
            if (Directory.Exists(path))
            {
                return path;
            }
        }
        return null;
    }
}
