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
}
