using System.Text.Json;
using InrFast.Cli;
using InrFast.Imaging;

namespace InrFast.Tests;

/// <summary>Folders of DICOM files as inputs: listed, chosen from, converted and fitted.</summary>
internal sealed class SeriesTests : CommandTests
{
    // Each slice written on its own is a series of its own, since a derived series is named after its content.
    private void WriteSlices()
    {
        Directory.CreateDirectory(In("series"));
        for (var z = 0; z < 3; z++)
        {
            var grid = new Grid(new GridSize(8, 6), Affine.FromSpacing(1, 1, 2) with { Origin = new(0, 0, 2 * z) });
            WriteImage($"series/{z}.dcm", new Image(grid, [.. Enumerable.Range(0, 48).Select(i => (float)(i + z * 100))]) { Stored = new StoredScale(SampleType.Int16) });
        }
    }

    [Test]
    public void SeveralSeriesAreAskedForWithCode64()
    {
        WriteSlices();
        AssertRefused(CommandRun.Of("convert", In("series"), "-o", In("a.nii")), ExitCode.WrongUse, "3 series", "--series");
        AssertRefused(CommandRun.Of("convert", In("series"), "-o", In("a.nii"), "--series", "99"), ExitCode.WrongUse, "no series 99");
        Assert.That(FilesThere, Is.EqualTo(new[] { "series" }));
    }

    [Test]
    public void InfoListsThemAndOneOfTheirNamesChooses()
    {
        WriteSlices();
        var list = CommandRun.Of("info", In("series"), "--json", "-");
        Assert.That(list.ExitCode, Is.EqualTo(ExitCode.Done), list.Error);
        var series = JsonDocument.Parse(list.Output).RootElement.GetProperty("series");
        Assert.That(series.GetArrayLength(), Is.EqualTo(3));
        var name = series[1].GetProperty("name").GetString()!;
        Assert.That(CommandRun.Of("info", In("series")).Output, Does.Contain("3 series").And.Contains($"{name} "));
        var run = CommandRun.Of("convert", In("series"), "--series", name, "-o", In("a.nii"), "--lossy");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(ImageFile.Read(In("a.nii")).Size, Is.EqualTo(new GridSize(8, 6)));
    }

    [Test]
    public void ASeriesIsAnInputAsAFolderOrAsItsFiles()
    {
        var folder = Path.GetDirectoryName(SharedFile("ct-dicom/chest_series/IMG0001.dcm"))!;
        var files = Directory.GetFiles(folder).OrderDescending().Take(5).ToArray();
        var info = CommandRun.Of("info", folder);
        Assert.That(info.Output, Does.Contain("64 x 64 x 79").And.Contains("4.17187 x 4.17187 x 3.98734 mm").And.Contains("DICOM, CT"));
        Assert.That(CommandRun.Of(["convert", .. files, "-o", In("a.nii")]).ExitCode, Is.EqualTo(ExitCode.Done));
        Assert.That(ImageFile.Read(In("a.nii")).Size, Is.EqualTo(new GridSize(64, 64, 5)));
        var compare = CommandRun.Of("compare", In("a.nii"), In("a.nii"), "--series", "3");
        Assert.That(compare.Error, Does.Contain("--series was not used"));
        // A gap of one slice.
        var gap = files.Where((_, i) => i != 2).ToArray();
        AssertRefused(CommandRun.Of(["convert", .. gap, "-o", In("b.nii")]), ExitCode.BadInput, "(1 missing)", "--allow-gaps");
        Assert.That(CommandRun.Of(["convert", .. gap, "-o", In("b.nii"), "--allow-gaps"]).ExitCode, Is.EqualTo(ExitCode.Done));
        Assert.That(ImageFile.Read(In("b.nii")).Size, Is.EqualTo(new GridSize(64, 64, 5)));
        var fit = CommandRun.Of(["fit", .. files, "-o", In("m.safetensors"), "--iterations", "2", "-q"]);
        Assert.That(fit.ExitCode, Is.EqualTo(ExitCode.Done), fit.Error);
    }

    [Test]
    public void ASeriesIsNeverWrittenOverTheFolderItIsReadFrom()
    {
        WriteImage("volume.nii", new Image(Grid.Plain(8, 6, 3), new float[8 * 6 * 3]) { Stored = new StoredScale(SampleType.Int16) });
        Assert.That(CommandRun.Of("convert", In("volume.nii"), "-o", In("series/")).ExitCode, Is.EqualTo(ExitCode.Done));
        var before = Directory.GetFiles(In("series")).Order().Select(File.ReadAllBytes).ToArray();
        AssertRefused(CommandRun.Of("convert", In("series"), "-o", In("series"), "-f"), ExitCode.WrongUse, "a folder that is read");
        AssertRefused(CommandRun.Of("convert", In("series/0001.dcm"), "-o", In("series/"), "-f"), ExitCode.WrongUse, "a folder that is read");
        AssertRefused(CommandRun.Of("render", In("a.safetensors"), "--source", In("series"), "-o", In("series/"), "-f"), ExitCode.WrongUse, "a folder that is read");
        Assert.That(Directory.GetFiles(In("series")).Order().Select(File.ReadAllBytes), Is.EqualTo(before));
        // Of a name that only begins alike nothing is read.
        Assert.That(CommandRun.Of("convert", In("series"), "-o", In("series2/")).ExitCode, Is.EqualTo(ExitCode.Done));
    }

    [Test]
    public void AListWithOtherFilesIsRefused()
    {
        WriteImage("a.png", 4, 4, i => i % 4);
        AssertRefused(CommandRun.Of("convert", In("a.png"), In("a.png"), "-o", In("a.nii")), ExitCode.WrongUse, "no DICOM file");
    }
}
