using InrFast.Imaging;
using InrFast.Imaging.Dicom;

namespace InrFast.Tests;

internal sealed class DicomSeriesTests : CommandTests
{
    [Test]
    public void A_model_is_rendered_as_a_DICOM_series_of_the_patient_it_was_fitted_to()
    {
        Assert.That(CommandRun.Of("fit", Sample("ct.dcm"), "-o", In("ct.safetensors"), "--iterations", "3", "-q").ExitCode, Is.Zero);
        var run = CommandRun.Of("render", In("ct.safetensors"), "-o", In("out/"), "--size", "32x32", "--source", Sample("ct.dcm"), "-q");
        Assert.That(run, Is.EqualTo(new CommandRun(0, "", "")));
        var (source, derived) = (ImageFile.Read(Sample("ct.dcm")).Acquisition!.Common, ImageFile.Read(In("out")).Acquisition!.Common);
        Assert.That(derived.GetString(DicomTags.StudyInstanceUid), Is.EqualTo(source.GetString(DicomTags.StudyInstanceUid)));
        Assert.That(derived.GetItems(DicomTags.SourceImageSequence)[0].GetString(DicomTags.ReferencedSopInstanceUid), Is.EqualTo(source.GetString(DicomTags.SopInstanceUid)));
        Assert.That((derived.GetString(DicomTags.LossyImageCompression), derived.GetString(DicomTags.DerivationDescription)!.StartsWith("Rendered from a neural representation", StringComparison.Ordinal)), Is.EqualTo(("01", true)));
        AssertRefused(CommandRun.Of("render", In("ct.safetensors"), "-o", In("out/"), "--size", "32x32"), 73, "out/", "--force");
        AssertRefused(CommandRun.Of("render", In("ct.safetensors"), "-o", In("b/"), "--size", "32x32", "--source", Sample("camera.png")), 65, "camera.png");
        Assert.That(FilesThere, Is.EqualTo(new[] { "ct.safetensors", "out" }));
    }

    [Test]
    public void A_folder_is_no_place_for_a_model()
    {
        Directory.CreateDirectory(In("folder"));
        AssertRefused(CommandRun.Of("fit", Sample("ct.dcm"), "-o", In("folder"), "--iterations", "3"), 73, "this is a folder");
        AssertRefused(CommandRun.Of("convert", Sample("ct.dcm"), "-o", In("no/where/")), 73, "create it first");
    }

    // Of patient "MISTER^CT", number 2178309.
    [Test]
    public void Nothing_that_is_said_names_the_patient()
    {
        var source = Sample("ct.dcm");
        File.WriteAllBytes(In("cut.dcm"), File.ReadAllBytes(source)[..^1000]);
        CommandRun[] runs =
        [
            CommandRun.Of("info", source), CommandRun.Of("info", source, "--json", "-"), CommandRun.Of("info", In("cut.dcm")), CommandRun.Of("convert", source, "-o", In("a.npy"), "--lossy", "--json", In("a.json")),
            CommandRun.Of("compare", source, In("a.npy")), CommandRun.Of("fit", source, "-o", In("a.safetensors"), "--iterations", "2", "--report", In("a.html")),
        ];
        Assert.That(runs.Select(run => run.ExitCode), Is.EqualTo(new[] { 0, 0, 65, 0, 0, 0 }));
        foreach (var said in runs.SelectMany(run => new[] { run.Output, run.Error }).Append(File.ReadAllText(In("a.json"))).Append(File.ReadAllText(In("a.html"))))
        {
            Assert.That(said, Does.Not.Contain("MISTER").And.Not.Contain("2178309"));
        }
    }

    [Test]
    public void Convert_copies_an_image_without_its_patient()
    {
        var key = WriteText("key", "sixteen or more secret bytes");
        Assert.That(CommandRun.Of("convert", Sample("ct.dcm"), "-o", In("a.dcm"), "--deidentify", "--key", key, "-q"), Is.EqualTo(new CommandRun(0, "", "")));
        Assert.That(CommandRun.Of("convert", Sample("ct.dcm"), "-o", In("b.dcm"), "--deidentify", "--key", key, "--retain", "uids,dates").ErrorLines, Is.EqualTo(new[] { "1 image de-identified" }));
        var (source, clean, partly) = (ImageFile.Read(Sample("ct.dcm")), ImageFile.Read(In("a.dcm")), ImageFile.Read(In("b.dcm")));
        Assert.That(clean.Samples.Span.SequenceEqual(source.Samples.Span), Is.True);
        Assert.That(clean.Acquisition!.Common.GetString(DicomTags.PatientId), Does.StartWith("ID").And.EqualTo(partly.Acquisition!.Common.GetString(DicomTags.PatientId)));
        string? Study(Image image) => image.Acquisition!.Common.GetString(DicomTags.StudyInstanceUid);
        Assert.That((Study(partly), Study(clean)!.StartsWith("2.25.", StringComparison.Ordinal)), Is.EqualTo((Study(source), true)));
        AssertRefused(CommandRun.Of("convert", Sample("ct.dcm"), "-o", In("c.nii"), "--deidentify"), 64, "c.nii", "no patient data");
        AssertRefused(CommandRun.Of("convert", Sample("ct.dcm"), "-o", In("c.dcm"), "--deidentify", "--key", WriteText("short", "abc")), 65, "short");
        Assert.That(CommandRun.Of("convert", Sample("ct.dcm"), "-o", In("c.dcm"), "--retain", "uids").ExitCode, Is.EqualTo(64));
        Assert.That(CommandRun.Of("convert", Sample("ct.dcm"), "-o", In("c.dcm"), "--deidentify", "--retain", "names").ExitCode, Is.EqualTo(64));
        Assert.That(FilesThere, Is.EqualTo(new[] { "a.dcm", "b.dcm", "key", "short" }));
    }
}
