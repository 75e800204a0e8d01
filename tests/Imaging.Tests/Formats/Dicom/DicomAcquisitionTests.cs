using InrFast.Imaging;
using InrFast.Imaging.Dicom;

namespace InrFast.Tests.Formats;

/// <summary>What travels with an image for a series derived from it.</summary>
internal sealed class DicomAcquisitionTests
{
    [Test]
    public void SharedAttributesAreKeptOnceAndEachFramesOwnWithIt()
    {
        DicomDataset Frame(string instance, double z) => new(
            DicomElement.FromText(DicomTags.PatientName, "A^B"), DicomElement.FromText(DicomTags.SopInstanceUid, instance),
            DicomElement.FromNumbers(DicomTags.ImagePositionPatient, 0, 0, z), DicomElement.FromBytes(DicomTags.PixelData, "OW", new byte[] { 1, 2 }),
            DicomElement.FromItems(DicomTags.SourceImageSequence, new DicomDataset(DicomElement.FromText(DicomTags.ReferencedSopInstanceUid, "9.9"))));
        var acquisition = DicomAcquisition.Of(new DicomFrame(Frame("1.2.1", 0), null, default), new DicomFrame(Frame("1.2.2", 3), null, new(0, 0, 3)));
        Assert.That(acquisition.Common.Elements.Select(element => element.Tag), Is.EqualTo(new[] { DicomTags.SourceImageSequence, DicomTags.PatientName }));
        Assert.That(acquisition.Frames[1].Own.Elements.Select(element => element.Tag), Is.EqualTo(new[] { DicomTags.SopInstanceUid, DicomTags.ImagePositionPatient }));
        var whole = acquisition.DatasetOf(1);
        Assert.That((whole.GetString(DicomTags.PatientName), whole.GetString(DicomTags.SopInstanceUid), whole.Contains(DicomTags.PixelData)), Is.EqualTo(("A^B", "1.2.2", false)));
    }

    [Test]
    public void ASingleFilesAttributesAreAllCommon()
    {
        var acquisition = ImageFile.Read(TestData.Sample("ct.dcm")).Acquisition!;
        Assert.That((acquisition.Frames.Count, acquisition.Frames[0].Own.Elements.Count, acquisition.Frames[0].Number), Is.EqualTo((1, 0, default(int?))));
        Assert.That(acquisition.Common.Contains(DicomTags.SopInstanceUid), Is.True);
        Assert.That(acquisition.Common.Contains(DicomTags.PixelData), Is.False);
    }

    [Test]
    public void DatasetsAreSortedAndTheLaterOfTwoEqualTagsHolds()
    {
        DicomElement Text(DicomTag tag, string value) => DicomElement.FromText(tag, value);
        var dataset = new DicomDataset(Text(DicomTags.PatientId, "1"), Text(DicomTags.Modality, "CT"), Text(DicomTags.PatientId, "2"), Text(DicomTags.Modality, "MR"));
        Assert.That(dataset.Elements.Select(element => element.Tag), Is.EqualTo(new[] { DicomTags.Modality, DicomTags.PatientId }));
        Assert.That((dataset.GetString(DicomTags.PatientId), dataset.GetString(DicomTags.Modality)), Is.EqualTo(("2", "MR")));
        Assert.That(dataset.With(tag => tag == DicomTags.Modality, Text(DicomTags.PatientId, "3")).GetString(DicomTags.PatientId), Is.EqualTo("3"));
    }
}
