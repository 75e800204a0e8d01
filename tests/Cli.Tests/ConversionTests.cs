using InrFast.Imaging;

namespace InrFast.Tests;

/// <summary>convert from every format to every other: what it does unasked loses nothing, what it refuses it does when told.</summary>
internal sealed class ConversionTests : CommandTests
{
    private static readonly Affine Oblique = new(new(0.6, 0.8, 0), new(-0.8, 0.6, 0), new(0, 0, 2), new(-10, 20, 30));

    // Endings; the last is that of a series' folder.
    private static IEnumerable<string> Names => ImageFile.WritableEndings.Select(ending => ending).Append("/").Distinct();

    // A picture, a volume, volumes in time, a displacement field.
    [TestCase(1, 1, 1, SampleType.UInt8)]
    [TestCase(4, 1, 1, SampleType.Int16)]
    [TestCase(4, 1, 3, SampleType.Int16)]
    [TestCase(4, 3, 1, SampleType.Float32)]
    public void Any_goes_to_any(int slices, int channels, int times, SampleType type)
    {
        var samples = Enumerable.Range(0, 6 * 5 * slices * channels * times).Select(i => (float)(i * 37 % 251)).ToArray();
        var image = new Image(new Grid(new GridSize(6, 5, slices), slices == 1 ? Affine.Identity : Oblique), samples, channels, times) { Stored = new StoredScale(type), TimeSpacing = times > 1 ? 0.5 : 0 };
        var (kept, lost) = (0, 0);
        foreach (var (number, from) in Names.Index())
        {
            Directory.CreateDirectory(In($"{number}"));
            var source = In($"{number}/a{from}");
            if (!CanHold(source, image))
            {
                continue;
            }
            var read = ImageFile.Read(Path.TrimEndingDirectorySeparator(source));
            foreach (var (other, to) in Names.Index())
            {
                var target = In($"{number}/{other}{to}");
                var run = CommandRun.Of("convert", source, "-o", target);
                if (run.ExitCode == 0)
                {
                    Assert.That(run.ErrorLines, Has.Length.EqualTo(read.Warnings.Count), $"{from} to {to}: {run.Error}");
                    AssertSame(read, ImageFile.Read(Path.TrimEndingDirectorySeparator(target)), $"{from} to {to}");
                    kept++;
                    continue;
                }
                Assert.That(run.ExitCode, Is.EqualTo(64), $"{from} to {to}: {run.Error}");
                if (run.Error.Contains("--lossy", StringComparison.Ordinal))
                {
                    var told = CommandRun.Of("convert", source, "-o", target, "--lossy");
                    Assert.That((told.ExitCode, told.ErrorLines.Length > 0), Is.EqualTo((0, true)), $"{from} to {to}: {told.Error}");
                    Assert.That(ImageFile.Read(Path.TrimEndingDirectorySeparator(target)).Samples.Length, Is.EqualTo(read.Samples.Length));
                    lost++;
                }
            }
        }
        TestContext.Out.WriteLine($"{kept} without loss, {lost} with");
        Assert.That((kept > 100, lost > 20), Is.EqualTo((true, true)));
    }

    private static bool CanHold(string path, Image image)
    {
        try
        {
            ImageFile.Write(path, image);
            return true;
        }
        catch (ImagingException e) when (e.Kind == ImagingError.WrongUse)
        {
            return false;
        }
    }

    private static void AssertSame(Image expected, Image actual, string way)
    {
        Assert.That((actual.Size, actual.Channels, actual.Times), Is.EqualTo((expected.Size, expected.Channels, expected.Times)), way);
        // MetaImage has no word for an unknown one.
        Assert.That(actual.TimeSpacing, Is.EqualTo(expected.TimeSpacing).Or.EqualTo(expected.TimeSpacing == 0 ? 1 : expected.TimeSpacing), way);
        Assert.That(actual.Samples.Span.SequenceEqual(expected.Samples.Span), Is.True, way);
        Assert.That(actual.Grid.Matches(expected.Grid), Is.True, $"{way}: {expected.Grid} {actual.Grid}");
    }
}
