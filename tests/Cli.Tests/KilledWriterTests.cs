using System.Diagnostics;
using InrFast.Imaging;

namespace InrFast.Tests;

/// <summary>A process that is killed while it writes leaves the old output, the new one, or none under the final name, and nothing torn.</summary>
internal sealed class KilledWriterTests : CommandTests
{
    private const int Kills = 50, Slices = 60;

    [TestCase("series/")]
    [TestCase("volume.nii")]
    public void Nothing_torn_bears_the_final_name(string output)
    {
        var grid = Grid.Plain(256, 256, Slices);
        var source = WriteImage("source.nii", new Image(grid, new float[grid.Size.Voxels]) { Stored = new StoredScale(SampleType.Int16) });
        var random = new Random(1);
        var (killed, longest) = (0, TimeOf(source, output));
        for (var i = 0; i < Kills; i++)
        {
            using var process = CommandRun.Start("convert", source, "-o", In(output), "-f", "-q");
            // Start-up takes a good part of the time, and writes nothing.
            if (!process.WaitForExit(longest * (0.4 + 0.6 * random.NextDouble())))
            {
                process.Kill();
                process.WaitForExit();
                killed++;
            }
            if (File.Exists(In(output)) || Directory.Exists(In(output)))
            {
                Assert.That(ImageFile.Read(In(output)).Size, Is.EqualTo(grid.Size));
            }
        }
        Assert.That(killed, Is.Positive);
        Assert.That(CommandRun.Of("convert", source, "-o", In(output), "-f", "-q").ExitCode, Is.Zero, "what a killed process left is in no one's way");
    }

    private TimeSpan TimeOf(string source, string output)
    {
        var start = Stopwatch.GetTimestamp();
        Assert.That(CommandRun.OfProcess("convert", source, "-o", In(output), "-f", "-q").ExitCode, Is.Zero);
        return Stopwatch.GetElapsedTime(start);
    }
}
