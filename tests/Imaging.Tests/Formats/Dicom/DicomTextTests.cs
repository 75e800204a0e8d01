using System.Text;
using InrFast.Imaging;
using InrFast.Imaging.Dicom;

namespace InrFast.Tests.Formats;

/// <summary>The examples of PS3.5, annexes H, I, J and K, in their bytes.</summary>
internal sealed class DicomTextTests
{
    [TestCase("ISO_IR 100", "4275 63 5E 4A E9 72 F4 6D 65", "Buc^Jérôme")]
    [TestCase("ISO_IR 144", "BB EE DA 63 65 DC D1 79 70 D3", "Люкceмбypг")]
    [TestCase("ISO_IR 192", "57616E675E5869616F446F6E673DE78E8B5EE5B08FE69DB13D", "Wang^XiaoDong=王^小東=")]
    [TestCase("GB18030", "57616E675E5869616F446F6E673DCDF55ED0A1B6AB3D", "Wang^XiaoDong=王^小东=")]
    [TestCase("\\ISO 2022 IR 87", "59616D6164615E5461726F753D1B2442 3B3345441B2842 5E 1B2442 4240 4F3A 1B2842 3D1B2442 2464 245E 2440 1B2842 5E 1B2442 243F 246D 2426 1B2842", "Yamada^Tarou=山田^太郎=やまだ^たろう")]
    [TestCase("ISO 2022 IR 13\\ISO 2022 IR 87", "D4CFC0DE5EC0DBB33D1B2442 3B334544 1B284A 5E 1B2442 42404F3A 1B284A", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎")]
    [TestCase("\\ISO 2022 IR 149", "486F6E675E47696C646F6E673D1B242943FBF35E1B242943D1CED4D73D1B242943C8AB5E1B242943B1E6B5BF", "Hong^Gildong=洪^吉洞=홍^길동")]
    public void TextIsReadInItsCharacterSets(string sets, string bytes, string text)
    {
        var dataset = new DicomDataset(DicomElement.FromText(DicomTags.SpecificCharacterSet, sets.Split('\\')),
            DicomElement.FromBytes(DicomTags.PatientName, "PN", Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal))));
        Assert.That(dataset.GetString(DicomTags.PatientName), Is.EqualTo(text));
    }

    [Test]
    public void OnlyTextIsReadSoAndItemsInheritTheSet()
    {
        using var file = InputFile.FromBytes("a.dcm", TestDicom.Bytes(new DicomDataset(
            DicomElement.FromText(DicomTags.SpecificCharacterSet, "ISO_IR 192"),
            DicomElement.FromBytes(DicomTags.Modality, "CS", Encoding.UTF8.GetBytes("é")),
            DicomElement.FromItems(DicomTags.SourceImageSequence, new DicomDataset(DicomElement.FromBytes(DicomTags.SeriesDescription, "LO", Encoding.UTF8.GetBytes("é")))))), ReadLimits.Default);
        var dataset = DicomReader.ReadHeader(file).Dataset;
        Assert.That(dataset.GetString(DicomTags.Modality), Has.Length.EqualTo(2));
        Assert.That(dataset.GetItems(DicomTags.SourceImageSequence)[0].GetString(DicomTags.SeriesDescription), Is.EqualTo("é"));
    }
}
