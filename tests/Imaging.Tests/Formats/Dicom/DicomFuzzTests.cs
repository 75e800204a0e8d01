using System.Diagnostics;
using InrFast.Imaging;
using InrFast.Imaging.Dicom;
using InrFast.Tests.Files;
using static InrFast.Tests.Formats.TestDicom;

namespace InrFast.Tests.Formats;

/// <summary>Damaged multi-frame files, series and DICOMDIRs: read, or refused with the room's own exception, in a second.</summary>
internal sealed class DicomFuzzTests
{
    private readonly Random random = new(3);
    private TimeSpan slowest;

    [Test]
    public void DamagedMultiFrameFilesGiveTypedErrorsOnly()
    {
        foreach (var seed in new[] { Bytes(MultiFrameTests.FourFrames()), Bytes(MultiFrameTests.Mosaic(1)) })
        {
            for (var i = 0; i < 2000; i++)
            {
                var mutant = FuzzTests.Mutate(seed, random);
                ReadOrRefuse(() => ImageFile.Read("a.dcm", mutant, new ReadLimits(64 << 20)));
            }
        }
        Assert.That(slowest, Is.LessThan(TimeSpan.FromSeconds(1)));
    }

    [Test]
    public void DamagedSeriesGiveTypedErrorsOnly()
    {
        var folder = TestData.NewFolder();
        var slices = new[] { Bytes(Slice(0, 0)), Bytes(Slice(3, 1)), Bytes(Slice(6, 2)) };
        for (var i = 0; i < 500; i++)
        {
            for (var file = 0; file < slices.Length; file++)
            {
                File.WriteAllBytes(Path.Combine(folder, $"{file}"), file == i % 4 ? slices[file] : FuzzTests.Mutate(slices[file], random));
            }
            ReadOrRefuse(() => ImageFile.Read([folder], new ReadOptions { Limits = new ReadLimits(64 << 20), AllowGaps = i % 2 == 0 }));
        }
        Directory.Delete(folder, recursive: true);
        Assert.That(slowest, Is.LessThan(TimeSpan.FromSeconds(1)));
    }

    [Test]
    public void AHeaderAloneIsWhatTheWholeFileSays()
    {
        // Long enough that the header is read in several steps.
        var dataset = Slice(0, 1, DicomElement.FromBytes(DicomTags.PatientName, "UN", new byte[100_000]), Text(DicomTags.SeriesDescription, "after it"));
        using var file = InputFile.FromBytes("a.dcm", Bytes(dataset), ReadLimits.Default);
        var (header, whole) = (DicomReader.ReadHeader(file), DicomReader.Read(file));
        Assert.That(header.Dataset.HasValuesOf(whole.Dataset.With(tag => tag == DicomTags.PixelData)), Is.True);
        Assert.That((header.Syntax, header.BytesLeft), Is.EqualTo((whole.Syntax, whole.BytesLeft)));
        Assert.That(header.Dataset.GetString(DicomTags.SeriesDescription), Is.EqualTo("after it"));
    }

    private void ReadOrRefuse(Action read)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            read();
        }
        catch (ImagingException e)
        {
            Assert.That(e.Message, Does.Not.Contain("\n"));
        }
        var elapsed = Stopwatch.GetElapsedTime(start);
        slowest = elapsed > slowest ? elapsed : slowest;
    }
}
