using InrFast.Imaging;
using InrFast.Imaging.Dicom;

namespace InrFast.Tests.Formats.Dicom;

/// <summary>A series derived from an image, as this room reads it back.</summary>
internal sealed class DerivedSeriesTests
{
    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = TestData.NewFolder();

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void AChestSeriesComesBackWithItsPatientItsPlaceAndItsSources()
    {
        var source = Chest();
        Assert.That(ImageFile.Write(In("out/"), source), Is.Empty);
        Assert.That(Directory.GetFileSystemEntries(folder), Is.EqualTo(new[] { In("out") }));
        var back = ImageFile.Read(In("out"));
        Assert.That(back.Samples.Span.SequenceEqual(source.Samples.Span), Is.True);
        Assert.That((back.Grid.Matches(source.Grid, 1e-6), back.Unit, back.Stored), Is.EqualTo((true, source.Unit, source.Stored)));
        var (old, derived) = (source.Acquisition!, back.Acquisition!);
        foreach (var kept in new[] { DicomTags.PatientName, DicomTags.PatientId, DicomTags.StudyInstanceUid, DicomTags.FrameOfReferenceUid, DicomTags.SopClassUid, DicomTags.Modality, DicomTags.SliceThickness })
        {
            Assert.That(derived.Common.GetString(kept), Is.EqualTo(old.Common.GetString(kept)), kept.ToString());
        }
        Assert.That(derived.Common.GetString(DicomTags.SeriesInstanceUid), Does.StartWith("2.25.").And.Not.EqualTo(old.Common.GetString(DicomTags.SeriesInstanceUid)));
        Assert.That(derived.Common.GetStrings(DicomTags.ImageType), Is.EqualTo(new[] { "DERIVED", "SECONDARY", "AXIAL" }));
        // The number of the series is moved out of the way of those acquired; who made it is said beside who acquired it.
        Assert.That(derived.Common.GetInteger(DicomTags.SeriesNumber), Is.EqualTo(old.Common.GetInteger(DicomTags.SeriesNumber) + 1000));
        var maker = derived.Common.GetItems(DicomTags.ContributingEquipmentSequence)[0];
        Assert.That((maker.GetString(DicomTags.Manufacturer), maker.GetString(DicomTags.SoftwareVersions)), Is.EqualTo(("InrFast", typeof(Image).Assembly.GetName().Version!.ToString(3))));
        Assert.That(derived.Common.Contains(DicomTags.LossyImageCompression), Is.EqualTo(old.Common.Contains(DicomTags.LossyImageCompression)));
        Assert.That(derived.Common.GetString(DicomTags.DerivationDescription), Is.EqualTo("Converted by InrFast; values in steps of 1 HU, rounded by at most half of one"));
        Assert.That(derived.Frames.Select(frame => frame.Own.GetString(DicomTags.SopInstanceUid)).Distinct().Count(), Is.EqualTo(source.Size.Z));
        for (var z = 0; z < source.Size.Z; z++)
        {
            Assert.That(ReferencesOf(derived.DatasetOf(z)), Is.EqualTo(new[] { old.DatasetOf(z).GetString(DicomTags.SopInstanceUid) }));
        }
        Assert.That(derived.Common.Elements.Any(element => element.Tag.IsPrivate), Is.False);
    }

    // CVE-2026-32711 and its like: a name or an identifier in a file is no path.
    [Test]
    public void NamesOfFilesAreNotTakenFromThePatient()
    {
        DicomElement[] evil =
        [
            DicomElement.FromText(DicomTags.PatientName, "../../evil"), DicomElement.FromText(DicomTags.PatientId, "/tmp/evil"),
            DicomElement.FromText(DicomTags.SeriesInstanceUid, "../1"), DicomElement.FromText(DicomTags.SopInstanceUid, "../2"), DicomElement.FromText(DicomTags.SeriesDescription, "../evil"),
        ];
        Directory.CreateDirectory(In("deep"));
        ImageFile.Write(In("deep/out/"), ImageFile.Read("a.dcm", DicomSample.File(DicomSample.Image(2, 1, 8, DicomSample.Native([0, 100]), evil))));
        Assert.That(Directory.GetFileSystemEntries(folder, "*", SearchOption.AllDirectories), Is.EquivalentTo(new[] { In("deep"), In("deep/out"), In("deep/out/0001.dcm") }));
    }

    [Test]
    public void TheSameImageGivesTheSameBytesAndAnotherNewIdentifiers()
    {
        var source = Chest();
        ImageFile.Write(In("a/"), source);
        ImageFile.Write(In("b/"), source);
        var values = source.Samples.ToArray();
        values[^1]++;
        ImageFile.Write(In("c/"), source.Derive(source.Grid, values));
        foreach (var name in Directory.GetFiles(In("a")).Select(file => Path.GetFileName(file)!))
        {
            Assert.That(File.ReadAllBytes(Path.Combine(In("b"), name)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(In("a"), name))), Is.True);
        }
        var (a, c) = (ImageFile.Read(In("a")).Acquisition!, ImageFile.Read(In("c")).Acquisition!);
        Assert.That(c.Common.GetString(DicomTags.SeriesInstanceUid), Is.Not.EqualTo(a.Common.GetString(DicomTags.SeriesInstanceUid)));
        Assert.That(c.Frames.Select(frame => frame.Own.GetString(DicomTags.SopInstanceUid)).Intersect(a.Frames.Select(frame => frame.Own.GetString(DicomTags.SopInstanceUid))), Is.Empty);
    }

    [Test]
    public void SlicesBetweenThoseOfTheSourceNameBothNeighbours()
    {
        var source = Chest();
        var grid = source.Grid.WithSize(new GridSize(8, 8, 2 * source.Size.Z));
        ImageFile.Write(In("out/"), source.Derive(grid, Enumerable.Range(0, (int)grid.Size.Voxels).Select(i => (float)(i % 1000)).ToArray()));
        var back = ImageFile.Read(In("out"));
        Assert.That(back.Grid.Matches(grid, 1e-4), Is.True);
        string Uid(int z) => source.Acquisition!.DatasetOf(z).GetString(DicomTags.SopInstanceUid)!;
        // Slice 5 lies a quarter of a step behind slice 2 of the source.
        Assert.That(ReferencesOf(back.Acquisition!.DatasetOf(5)), Is.EqualTo(new[] { Uid(2), Uid(3) }));
        Assert.That(ReferencesOf(back.Acquisition!.DatasetOf(0)), Is.EqualTo(new[] { Uid(0) }));
        Assert.That(double.Parse(back.Acquisition!.Common.GetString(DicomTags.SliceThickness)!, System.Globalization.CultureInfo.InvariantCulture), Is.EqualTo(grid.Spacing.Z).Within(1e-6));
    }

    [Test]
    public void AVolumeWithoutASourceBecomesSecondaryCapturesWithAPlace()
    {
        var image = TestData.Oblique(5, 4, 6, stored: new StoredScale(SampleType.Float32));
        image = image.Derive(image.Grid, Array.ConvertAll(image.Samples.ToArray(), MathF.Sqrt));
        Assert.That(ImageFile.Write(In("out/"), image), Has.Exactly(1).Contains("rounded to 16 bits"));
        var back = ImageFile.Read(In("out"));
        var (low, high) = image.Range();
        Assert.That(back.Samples.ToArray(), Is.EqualTo(image.Samples.ToArray()).Within((high - low) / 65535 / 2 * 1.01));
        Assert.That((back.Grid.Matches(image.Grid, 1e-6), back.Acquisition!.Common.GetString(DicomTags.SopClassUid)), Is.EqualTo((true, "1.2.840.10008.5.1.4.1.1.7")));
    }

    [Test]
    public void SlicesWithoutAPlaceGetOne()
    {
        var image = new Image(Grid.Plain(3, 2, 4), [.. Enumerable.Range(0, 24).Select(i => (float)i)]) { Stored = new StoredScale(SampleType.Int16) };
        ImageFile.Write(In("out/"), image);
        Assert.That(ImageFile.Read(In("out")).Samples.ToArray(), Is.EqualTo(image.Samples.ToArray()));
    }

    [Test]
    public void TimesComeBackInTheirOrder()
    {
        var image = TestData.Oblique(5, 4, 3, times: 12);
        ImageFile.Write(In("out/"), image);
        var back = ImageFile.Read(In("out"));
        Assert.That((back.Size, back.Times), Is.EqualTo((image.Size, 12)));
        Assert.That(back.Samples.ToArray(), Is.EqualTo(image.Samples.ToArray()));
    }

    [Test]
    public void FramesOfAnEnhancedFileAreNamedByNumber()
    {
        var source = ImageFile.Read(TestData.Shared("ct-dicom/pydicom/eCT_Supplemental.dcm"));
        ImageFile.Write(In("out/"), source, new WriteOptions());
        // The second frame of the file lies below the first.
        Assert.That(source.Acquisition!.Frames.Select(frame => frame.Number), Is.EqualTo(new[] { 2, 1 }));
        var item = ImageFile.Read(Path.Combine(In("out"), "0002.dcm")).Acquisition!.Common.GetItems(DicomTags.SourceImageSequence)[0];
        Assert.That((item.GetString(DicomTags.ReferencedSopClassUid), item.GetString(DicomTags.ReferencedFrameNumber)), Is.EqualTo(("1.2.840.10008.5.1.4.1.1.2.1", "1")));
    }

    [TestCase("ct-dicom/pydicom/eCT_Supplemental.dcm", "1.2.840.10008.5.1.4.1.1.2", "DERIVED\\SECONDARY\\AXIAL\\RCBF", null, null)]
    [TestCase("ct-dicom/pydicom/emri_small.dcm", "1.2.840.10008.5.1.4.1.1.4", "DERIVED\\SECONDARY\\OTHER\\T1\\NONE", "GR", "SK\\SS\\SP")]
    public void AnEnhancedFileBecomesClassicImages(string name, string storage, string type, string? sequence, string? variant)
    {
        var source = ImageFile.Read(TestData.Shared(name));
        ImageFile.Write(In("out/"), source);
        var back = ImageFile.Read(In("out"));
        Assert.That(back.Grid.Matches(source.Grid, 1e-5), Is.True);
        Assert.That(back.Samples.Span.SequenceEqual(source.Samples.Span), Is.True);
        var derived = back.Acquisition!.DatasetOf(0);
        Assert.That((derived.GetString(DicomTags.SopClassUid), string.Join('\\', derived.GetStrings(DicomTags.ImageType))), Is.EqualTo((storage, type)));
        string? Terms(int element) => derived.GetStrings(new DicomTag(0x0018, (ushort)element)) is { Length: > 0 } terms ? string.Join('\\', terms) : null;
        Assert.That((Terms(0x20), Terms(0x21)), Is.EqualTo((sequence, variant)));
        // Nothing is left that only enhanced images have, nor the real-world values of the old numbers.
        Assert.That(derived.Elements.Where(element => element.Tag.Group is 0x5200 or 0x0018 or 0x0040 && element.Tag.Element is >= 0x9000 and < 0xA000 && element.Tag != DicomTags.DiffusionBValue), Is.Empty);
    }

    [Test]
    public void WhatFunctionalGroupsSayOfAnMrFrameIsSaidAsClassicImagesDo()
    {
        static DicomElement Text(int element, string value) => DicomElement.FromText(new DicomTag(0x0018, (ushort)element), value);
        static DicomElement Double(int element, double value) => DicomElement.FromBytes(new DicomTag(0x0018, (ushort)element), "FD", BitConverter.GetBytes(value));
        var enhanced = MultiFrameTests.FourFrames();
        DicomElement[] groups =
        [
            DicomElement.FromItems(new DicomTag(0x0018, 0x9114), new DicomDataset(Double(0x9082, 3.5))),
            DicomElement.FromItems(new DicomTag(0x0018, 0x9112), new DicomDataset(DicomElement.FromNumbers(new DicomTag(0x0018, 0x0080), 9.5))),
            DicomElement.FromItems(new DicomTag(0x0018, 0x9115), new DicomDataset(Text(0x9009, "YES"), Double(0x9079, 450), Text(0x9020, "NONE"), Text(0x9016, "NONE"))),
        ];
        enhanced = enhanced.With(_ => false, DicomElement.FromText(DicomTags.FrameOfReferenceUid, "1.2.3"), DicomElement.FromText(DicomTags.ImageType, "ORIGINAL", "PRIMARY", "T1", "NONE"), Text(0x9008, "SPIN"), Text(0x9018, "YES"), Text(0x9033, "PARTIAL"),
            DicomElement.FromItems(DicomTags.SharedFunctionalGroupsSequence, enhanced.GetItems(DicomTags.SharedFunctionalGroupsSequence)[0].With(_ => false, groups)));
        var source = ImageFile.Read("a.dcm", TestDicom.Bytes(enhanced));
        ImageFile.Write(In("out/"), source);
        var back = ImageFile.Read(In("out"));
        Assert.That((back.Times, back.Grid.Matches(source.Grid, 1e-6)), Is.EqualTo((2, true)));
        // Each frame had a scale of its own, so they were rounded to 16 bits.
        Assert.That(back.Samples.ToArray(), Is.EqualTo(source.Samples.ToArray()).Within(2e-4));
        var derived = back.Acquisition!.DatasetOf(3);
        string Said(int element) => string.Join('\\', derived.GetStrings(new DicomTag(0x0018, (ushort)element)));
        Assert.That((derived.GetString(DicomTags.SopClassUid), Said(0x20), Said(0x21), Said(0x80), Said(0x81), Said(0x82)), Is.EqualTo(("1.2.840.10008.5.1.4.1.1.4", "SE\\IR\\EP", "SK", "9.5", "3.5", "450")));
    }

    [Test]
    public void ALossyRepresentationIsMarked()
    {
        ImageFile.Write(In("a.dcm"), TestData.Oblique(5, 4, 1), new WriteOptions { LossyRatio = 12.345 });
        var common = ImageFile.Read(In("a.dcm")).Acquisition!.Common;
        Assert.That((common.GetString(DicomTags.LossyImageCompression), common.GetString(DicomTags.LossyImageCompressionRatio), common.GetString(DicomTags.LossyImageCompressionMethod)), Is.EqualTo(("01", "12.35", "INRFAST")).Or.EqualTo(("01", "12.34", "INRFAST")));
        var code = common.GetItems(DicomTags.DerivationCodeSequence)[0];
        // PS3.16, CID 7203.
        Assert.That((code.GetString(DicomTags.CodeValue), code.GetString(DicomTags.CodeMeaning)), Is.EqualTo(("113040", "Lossy Compression")));
    }

    [Test]
    public void OnlyAFolderThatThisProgramWroteIsReplaced()
    {
        var image = TestData.Oblique(5, 4, 3);
        ImageFile.Write(In("out/"), image);
        Assert.That(TestData.Throws(() => ImageFile.Write(In("out"), image)).Kind, Is.EqualTo(ImagingError.Exists));
        ImageFile.Write(In("out"), TestData.Oblique(5, 4, 2), new WriteOptions { Force = true });
        Assert.That(Directory.GetFiles(In("out")), Has.Length.EqualTo(2));
        File.WriteAllText(In("out/notes.txt"), "mine");
        var error = TestData.Throws(() => ImageFile.Write(In("out"), image, new WriteOptions { Force = true }));
        Assert.That((error.Kind, error.Message.Contains("notes.txt", StringComparison.Ordinal)), Is.EqualTo((ImagingError.Exists, true)));
        Assert.That(Directory.GetFiles(In("out")), Has.Length.EqualTo(3));
        Assert.That(TestData.Throws(() => ImageFile.CheckOutput(In("missing/out/"), force: true)).Kind, Is.EqualTo(ImagingError.CannotCreate));
        Directory.CreateDirectory(In("empty"));
        ImageFile.Write(In("empty"), image);
        Assert.That(Directory.GetFiles(In("empty")), Has.Length.EqualTo(3));
    }

    [Test]
    public void AFailureLeavesTheOldFolderAndNothingElse()
    {
        ImageFile.Write(In("out/"), TestData.Oblique(5, 4, 3));
        Assert.Throws<ImagingException>(() => AtomicFolder.Write(In("out"), force: true, _ => true, 3, index => $"{index}", (index, stream) =>
        {
            stream.Write("half"u8);
            if (index == 2)
            {
                throw new IOException("No space left on device");
            }
        }));
        Assert.That(Directory.GetFileSystemEntries(folder), Is.EqualTo(new[] { In("out") }));
        Assert.That(Directory.GetFiles(In("out")), Has.Length.EqualTo(3));
    }

    private static Image Chest() => ImageFile.Read(Path.GetDirectoryName(TestData.Shared("ct-dicom/chest_series/IMG0001.dcm"))!);

    private static IEnumerable<string?> ReferencesOf(DicomDataset dataset) => dataset.GetItems(DicomTags.SourceImageSequence).Select(item => item.GetString(DicomTags.ReferencedSopInstanceUid));

    private string In(string name) => Path.Combine(folder, name);
}
