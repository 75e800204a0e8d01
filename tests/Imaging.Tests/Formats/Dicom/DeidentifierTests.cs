using System.Text;
using InrFast.Imaging;
using InrFast.Imaging.Dicom;

namespace InrFast.Tests.Formats.Dicom;

/// <summary>The Basic Application Level Confidentiality Profile (PS3.15 2024b, annex E).</summary>
internal sealed class DeidentifierTests
{
    private static readonly byte[] Key = "sixteen or more secret bytes"u8.ToArray();

    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = TestData.NewFolder();

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    // Rows of table E.1-1; of several actions the last.
    [TestCase("00080050", 'Z', "Accession Number: Z")]
    [TestCase("00080022", 'Z', "Acquisition Date: X/Z")]
    [TestCase("00080021", 'D', "Series Date: X/D")]
    [TestCase("00080080", 'D', "Institution Name: X/Z/D")]
    [TestCase("00080081", 'X', "Institution Address: X")]
    [TestCase("00101010", 'X', "Patient's Age: X")]
    [TestCase("00100020", 'D', "Patient ID: Z/D")]
    [TestCase("00100030", 'Z', "Patient's Birth Date: Z")]
    [TestCase("00104000", 'X', "Patient Comments: X")]
    [TestCase("0020000D", 'U', "Study Instance UID: U")]
    [TestCase("00200052", 'U', "Frame of Reference UID: U")]
    [TestCase("00082112", 'U', "Source Image Sequence: X/Z/U*")]
    [TestCase("00181030", 'D', "Protocol Name: X/D")]
    [TestCase("0040A730", 'D', "Content Sequence: D")]
    [TestCase("FFFAFFFA", 'X', "Digital Signatures Sequence: X")]
    [TestCase("00091001", 'X', "private attributes: X")]
    [TestCase("50003000", 'X', "curve data: X")]
    [TestCase("60023000", 'X', "overlay data: X")]
    [TestCase("60024000", 'X', "overlay comments: X")]
    [TestCase("60020010", 'K', "overlay rows are not in the table")]
    [TestCase("00280010", 'K', "Rows are not in the table")]
    [TestCase("00180050", 'K', "Slice Thickness is not in the table")]
    public void TheActionOfAnAttributeIsThatOfTheTable(string tag, char action, string row) =>
        Assert.That(ConfidentialityProfile.ActionOf(Tag(tag), Retention.None), Is.EqualTo(action switch
        {
            'Z' => ConfidentialityAction.Empty,
            'D' => ConfidentialityAction.Dummy,
            'X' => ConfidentialityAction.Remove,
            'U' => ConfidentialityAction.MapUid,
            _ => ConfidentialityAction.Keep,
        }), row);

    [TestCase("0020000D", Retention.Uids)]
    [TestCase("00080020", Retention.Dates)]
    [TestCase("00080021", Retention.Dates)]
    [TestCase("00100040", Retention.Patient)]
    [TestCase("00101010", Retention.Patient)]
    [TestCase("00181000", Retention.Device)]
    [TestCase("00081010", Retention.Device)]
    [TestCase("00080080", Retention.Institution)]
    public void AnOptionRetainsWhatItsColumnSays(string tag, Retention option)
    {
        Assert.That(ConfidentialityProfile.ActionOf(Tag(tag), Retention.None), Is.Not.EqualTo(ConfidentialityAction.Keep));
        Assert.That(ConfidentialityProfile.ActionOf(Tag(tag), option), Is.EqualTo(ConfidentialityAction.Keep));
        Assert.That(ConfidentialityProfile.ActionOf(Tag(tag), (Retention)31 & ~option), Is.Not.EqualTo(ConfidentialityAction.Keep));
    }

    [Test]
    public void EveryClassOfActionIsCarriedOutAtEveryDepth()
    {
        DicomElement Text(string tag, string kind, string value) => DicomElement.FromBytes(Tag(tag), kind, Encoding.ASCII.GetBytes(value));
        DicomElement[] inner =
        [
            Text("00080050", "SH", "A123"), Text("00080021", "DA", "20240102"), Text("00080031", "TM", "101112"), Text("00080081", "ST", "Main Street"), Text("00081155", "UI", "1.2.3"),
            Text("00081150", "UI", "1.2.840.10008.5.1.4.1.1.2"), Text("00180050", "DS", "5"), Text("00091001", "LO", "secret"),
        ];
        // An anatomic region is not in the table: it stays, and what is in it is cleaned. A verifying observer is replaced by a dummy of the same form.
        var dataset = new DicomDataset(
        [
            .. inner, DicomElement.FromItems(Tag("00082218"), new DicomDataset([.. inner, DicomElement.FromItems(Tag("00082112"), new DicomDataset(inner))])),
            DicomElement.FromItems(Tag("0040A073"), new DicomDataset(Text("0040A075", "PN", "House^Gregory"), Text("00180050", "DS", "5"))),
            DicomElement.FromItems(Tag("00400610"), new DicomDataset(inner)),
        ]);
        var clean = new Deidentifier(Key).Apply(dataset, new HashSet<string>());
        var region = clean.GetItems(Tag("00082218"))[0];
        foreach (var level in new[] { clean, region, region.GetItems(Tag("00082112"))[0] })
        {
            Assert.That((level.Find(Tag("00080050"))!.Value.Length, level.GetString(Tag("00080021")), level.GetString(Tag("00080031"))), Is.EqualTo((0, "19000101", "000000")));
            Assert.That((level.Contains(Tag("00080081")), level.Contains(Tag("00091001")), level.GetString(Tag("00180050"))), Is.EqualTo((false, false, "5")));
            Assert.That(level.GetString(Tag("00081155")), Is.EqualTo(new Deidentifier(Key).MapUid("1.2.3")));
            Assert.That(level.GetString(Tag("00081150")), Is.EqualTo("1.2.840.10008.5.1.4.1.1.2"));
        }
        var observer = clean.GetItems(Tag("0040A073"))[0];
        Assert.That((observer.GetString(Tag("0040A075")), observer.GetString(Tag("00180050"))), Is.EqualTo(("DEIDENTIFIED", "0")));
        Assert.That(clean.Find(Tag("00400610"))!.Items, Is.Empty);
    }

    [Test]
    public void IdentifiersAreMappedAlikeWithOneKeyAndOtherwiseWithAnother()
    {
        var (one, same, other) = (new Deidentifier(Key), new Deidentifier(Key), new Deidentifier());
        Assert.That(one.MapUid("1.2.3"), Is.EqualTo(same.MapUid("1.2.3")).And.StartsWith("2.25.").And.Length.LessThanOrEqualTo(64));
        Assert.That(one.MapUid("1.2.4"), Is.Not.EqualTo(one.MapUid("1.2.3")));
        Assert.That(other.MapUid("1.2.3"), Is.Not.EqualTo(one.MapUid("1.2.3")));
        var dataset = new DicomDataset(DicomElement.FromText(DicomTags.PatientId, "4711"), DicomElement.FromText(DicomTags.PatientName, "Doe^Jane"));
        var (a, b) = (one.Apply(dataset, new HashSet<string>()), same.Apply(dataset, new HashSet<string>()));
        Assert.That((a.GetString(DicomTags.PatientId), a.GetString(DicomTags.PatientName)), Is.EqualTo((b.GetString(DicomTags.PatientId), b.GetString(DicomTags.PatientId))));
        Assert.That(a.GetString(DicomTags.PatientId), Does.Match("^ID[0-9A-F]{12}$"));
    }

    [Test]
    public void TheInstanceSaysWhatWasDone()
    {
        var clean = new Deidentifier(Key, Retention.Dates | Retention.Device).Apply(new DicomDataset(), new HashSet<string>());
        Assert.That((clean.GetString(Tag("00120062")), clean.GetString(Tag("00280303"))), Is.EqualTo(("YES", "UNMODIFIED")));
        Assert.That(clean.GetItems(Tag("00120064")).Select(code => code.GetString(Tag("00080100"))), Is.EqualTo(new[] { "113100", "113106", "113109" }));
        Assert.That(new Deidentifier(Key).Apply(new DicomDataset(), new HashSet<string>()).GetString(Tag("00280303")), Is.EqualTo("REMOVED"));
    }

    [TestCase("YES", "1.2.840.10008.5.1.4.1.1.2", "BurnedInAnnotation YES")]
    [TestCase("", "1.2.840.10008.5.1.4.1.1.7", "may show text")]
    [TestCase("", "1.2.840.10008.5.1.4.1.1.6.1", "may show text")]
    [TestCase("NO", "1.2.840.10008.5.1.4.1.1.7", "")]
    [TestCase("", "1.2.840.10008.5.1.4.1.1.66.4", "")]
    [TestCase("", "1.2.840.10008.5.1.4.1.1.2", "")]
    public void TextBurnedIntoPixelsIsWarnedOf(string burned, string kind, string warning)
    {
        var warnings = new HashSet<string>();
        new Deidentifier(Key).Apply(new DicomDataset(DicomElement.FromText(DicomTags.BurnedInAnnotation, burned), DicomElement.FromText(DicomTags.SopClassUid, kind)), warnings);
        Assert.That(warnings, warning.Length == 0 ? Is.Empty : Has.Exactly(1).Contains(warning).And.Exactly(1).Contains("not cleaned"));
    }

    [Test]
    public void WhatMayBeAnUnknownSequenceGoesWithAWarning()
    {
        var warnings = new HashSet<string>();
        var hidden = DicomElement.FromBytes(Tag("0008F000"), "UN", new byte[] { 0xFE, 0xFF, 0, 0xE0, 0, 0, 0, 0 });
        Assert.That(new Deidentifier(Key).Apply(new DicomDataset(hidden), warnings).Contains(hidden.Tag), Is.False);
        Assert.That(warnings, Has.Exactly(1).Contains("(0008,F000)"));
    }

    [TestCase("ct-dicom/pydicom/CT_small.dcm")]
    [TestCase("ct-dicom/pydicom/MR_small_implicit.dcm")]
    [TestCase("ct-dicom/pydicom/MR_small_RLE.dcm")]
    [TestCase("ct-dicom/pydicom/emri_small_big_endian.dcm")]
    [TestCase("ct-dicom/pydicom/eCT_Supplemental.dcm")]
    [TestCase("ct-dicom/pydicom/rtdose.dcm")]
    [TestCase("ct-dicom/transfer-syntaxes/CTImage_JPEGProcess14_1.2.840.10008.1.2.4.57.dcm")]
    public void NothingThatTheTableNamesIsLeftInTheFileAndPixelsAreTheSame(string name)
    {
        var path = TestData.Shared(name);
        Copy(path, "a.dcm");
        var (before, after) = (Open(path), Open(In("a.dcm")));
        Assert.That(after.Syntax.Compression, Is.EqualTo(before.Syntax.Compression));
        Assert.That(DicomSample.Frames(File.ReadAllBytes(In("a.dcm"))), Is.EqualTo(DicomSample.Frames(File.ReadAllBytes(path))));
        // Seven characters and more: shorter ones occur by chance. A value may stand in an attribute that is kept too, the maker's name for one.
        var kept = string.Join('|', Texts(before.Dataset, isKept: true));
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(In("a.dcm")));
        foreach (var secret in Texts(before.Dataset, isKept: false).Where(secret => secret.Length > 6 && !kept.Contains(secret, StringComparison.Ordinal)).Distinct())
        {
            Assert.That(text.Contains(secret, StringComparison.Ordinal), Is.False, secret);
        }
    }

    [Test]
    public void AFolderKeepsItsReferencesAndComesBackAsTheSameVolume()
    {
        var source = Path.GetDirectoryName(TestData.Shared("ct-dicom/chest_series/IMG0001.dcm"))!;
        var (count, warnings) = DeidentifiedCopies.Write([source], In("out/"), new Deidentifier(Key), new ReadOptions(), force: false);
        var (before, after) = (ImageFile.Read(source), ImageFile.Read(In("out")));
        Assert.That((count, warnings), Is.EqualTo((before.Size.Z, Array.Empty<string>())));
        Assert.That((after.Samples.Span.SequenceEqual(before.Samples.Span), after.Grid.Matches(before.Grid)), Is.EqualTo((true, true)));
        Assert.That(after.Acquisition!.Common.GetString(DicomTags.StudyInstanceUid), Is.EqualTo(new Deidentifier(Key).MapUid(before.Acquisition!.Common.GetString(DicomTags.StudyInstanceUid)!)));
        var error = TestData.Throws(() => DeidentifiedCopies.Write([source], In("a.nii"), new Deidentifier(Key), new ReadOptions(), force: false));
        Assert.That((error.Kind, File.Exists(In("a.nii"))), Is.EqualTo((ImagingError.WrongUse, false)));
    }

    [TestCase("ct-dicom/pydicom/CT_small.dcm")]
    [TestCase("ct-dicom/pydicom/MR_small.dcm")]
    [TestCase("ct-dicom/pydicom/eCT_Supplemental.dcm")]
    [TestCase("ct-dicom/pydicom/emri_small.dcm")]
    [TestCase("ct-dicom/pydicom/liver.dcm")]
    [TestCase("brain-mr/dicom_t1_studyforrest/N2D_0190.dcm")]
    public void TheValidatorFindsNoErrorThatTheSourceHadNot(string name)
    {
        var path = TestData.Shared(name);
        Copy(path, "a.dcm");
        string[] Errors(string file) => [.. Oracle.Report("dciodvfy", file).Split('\n').Where(line => line.StartsWith("Error", StringComparison.Ordinal))];
        Assert.That(Errors(In("a.dcm")).Except(Errors(path)), Is.Empty);
    }

    private void Copy(string path, string name) => DeidentifiedCopies.Write([path], In(name), new Deidentifier(Key), new ReadOptions(), force: false);

    // Text of all attributes that the profile keeps, or does not, at every depth.
    private static IEnumerable<string> Texts(DicomDataset dataset, bool isKept) => dataset.Elements.SelectMany(element =>
        element.Items is { } items ? items.SelectMany(item => Texts(item, isKept))
        : ConfidentialityProfile.ActionOf(element.Tag, Retention.None) == ConfidentialityAction.Keep != isKept || element.Representation is "OB" or "OW" or "UN" or "US" or "SS" or "UL" or "SL" or "FD" or "FL" ? []
        : dataset.GetStrings(element.Tag));

    private static DicomFile Open(string path)
    {
        using var file = InputFile.Open(path, ReadLimits.Default);
        return DicomReader.Read(file);
    }

    private string In(string name) => Path.Combine(folder, name);

    private static DicomTag Tag(string number) => new(Convert.ToUInt16(number[..4], 16), Convert.ToUInt16(number[4..], 16));
}
