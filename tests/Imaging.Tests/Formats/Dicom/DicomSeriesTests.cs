using InrFast.Imaging;
using InrFast.Imaging.Dicom;
using static InrFast.Tests.Formats.TestDicom;

namespace InrFast.Tests.Formats;

/// <summary>How files become an image: order, spacing, stacks, times and what is refused. Expected places come from the positions written.</summary>
internal sealed class DicomSeriesTests
{
    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = TestData.NewFolder();

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void SlicesAreSortedByPlaceWhateverNamesAndNumbersSay()
    {
        // Values follow the place; file names, instance numbers and slice locations do not.
        DicomDataset At(double z, int value, int number) => Slice(z, value, Text(DicomTags.InstanceNumber, $"{number}"), Text(DicomTags.SliceLocation, $"{number}"));
        var image = Read(At(12, 4, 1), At(3, 1, 4), At(9, 3, 2), At(6, 2, 3));
        Assert.That(SliceValues(image), Is.EqualTo(new[] { 1, 2, 3, 4 }));
        var map = image.Grid.IndexToWorld;
        // PixelSpacing is (between rows, between columns), so x steps by the second; z by the positions and not by SliceThickness, 9.
        Assert.That(map, Is.EqualTo(new Affine(new(0.75, 0, 0), new(0, 0.5, 0), new(0, 0, 3), new(-10, 20, 3))));
        Assert.That(image.Size, Is.EqualTo(new GridSize(Columns, Rows, 4)));
    }

    [Test]
    public void EverySlicesSourceTravelsWithTheImage()
    {
        var acquisition = Read(Slice(6, 2), Slice(3, 1), Slice(0, 0)).Acquisition!;
        Assert.That(acquisition.Frames.Select(frame => frame.Position!.Value.Z), Is.EqualTo(new[] { 0, 3, 6 }));
        Assert.That(acquisition.DatasetOf(2).GetString(DicomTags.SopInstanceUid), Is.EqualTo("1.2.3.3.6000"));
        Assert.That(acquisition.Common.GetString(DicomTags.SeriesInstanceUid), Is.EqualTo("1.2.3.4"));
        Assert.That(acquisition.Common.Contains(DicomTags.SopInstanceUid), Is.False);
    }

    [Test]
    public void AnObliqueStackRunsAlongItsNormal()
    {
        // Rows lead backwards, columns downwards: the normal, backwards x downwards, leads to the patient's right.
        var sagittal = DicomElement.FromNumbers(DicomTags.ImageOrientationPatient, 0, 1, 0, 0, 0, -1);
        var image = Read([.. Enumerable.Range(0, 3).Select(i => Slice(new Vector3d(2.0 * i, 5, 7), i, sagittal))]);
        Assert.That(SliceValues(image), Is.EqualTo(new[] { 2, 1, 0 }));
        Assert.That(image.Grid.IndexToWorld, Is.EqualTo(new Affine(new(0, 0.75, 0), new(0, 0, -0.5), new(-2, 0, 0), new(4, 5, 7))));
        Assert.That(image.Grid.IndexToWorld.Determinant, Is.Positive);
    }

    [Test]
    public void AMissingSliceIsNamed()
    {
        var error = Refused(Slice(0, 0), Slice(3, 1), Slice(9, 3), Slice(12, 4));
        Assert.That(error.Kind, Is.EqualTo(ImagingError.Malformed));
        Assert.That(error.Message, Does.Contain("0001").And.Contains("0002").And.Contains("is 6 mm and the others are 3 mm (1 missing)").And.Contains("--allow-gaps"));
    }

    [TestCase(3, 3.014, true)]
    [TestCase(3, 3.016, false)]
    [TestCase(3, 2.986, true)]
    [TestCase(3, 2.984, false)]
    [TestCase(0.5, 0.509, true)]
    [TestCase(0.5, 0.511, false)]
    public void GapsMayDifferByHalfAPercentOrAHundredthOfAMillimetre(double step, double gap, bool isEven)
    {
        DicomDataset[] slices = [Slice(0, 0), Slice(step, 1), Slice(step + gap, 2), Slice(2 * step + gap, 3)];
        if (!isEven)
        {
            Assert.That(Refused(slices).Message, Does.Contain("uneven"));
            return;
        }
        // The last slice stays where it is.
        Assert.That(Read(slices).Grid.ToWorld(new(0, 0, 3)).Z, Is.EqualTo(2 * step + gap).Within(1e-9));
    }

    [Test]
    public void GapsAreInterpolatedOnRequestWithAWarning()
    {
        Write(folder, Slice(0, 0), Slice(3, 30), Slice(9, 90), Slice(12, 120));
        var image = ImageFile.Read([folder], new ReadOptions { AllowGaps = true });
        Assert.That(SliceValues(image), Is.EqualTo(new[] { 0, 30, 60, 90, 120 }));
        Assert.That(image.Grid.Spacing.Z, Is.EqualTo(3));
        Assert.That(image.Warnings, Has.Exactly(1).Contains("interpolated"));
    }

    [Test]
    public void ATiltedGantryBecomesShear()
    {
        var image = Read([.. Enumerable.Range(0, 4).Select(i => Slice(new Vector3d(-10, 20 + 1.5 * i, 3 * i), i))]);
        Assert.That(image.Grid.IndexToWorld.StepZ, Is.EqualTo(new Vector3d(0, 1.5, 3)));
        // atan(1.5 / 3) = 26.57 degrees of tilt; its sine is the cosine between the steps.
        Assert.That(image.Grid.IndexToWorld.Shear, Is.EqualTo(0.4472135955).Within(1e-9));
    }

    [Test]
    public void SlicesBesideTheLineAreRefused()
    {
        var error = Refused(Slice(0, 0), Slice(new Vector3d(-9, 20, 3), 1), Slice(6, 2));
        Assert.That(error.Message, Does.Contain("0001").And.Contains("1 mm beside the line"));
    }

    [Test]
    public void EachSliceHasItsOwnScale()
    {
        DicomDataset Scaled(double z, double slope, double intercept) =>
            Slice(z, 10, DicomElement.FromNumbers(DicomTags.RescaleSlope, slope), DicomElement.FromNumbers(DicomTags.RescaleIntercept, intercept));
        var image = Read(Scaled(0, 2, 1), Scaled(3, 0.5, 0), Scaled(6, 1, -1000));
        Assert.That(SliceValues(image), Is.EqualTo(new[] { 21, 5, -990 }));
        Assert.That(image.Stored, Is.EqualTo(new StoredScale(SampleType.Float32)));
        Assert.That(Read(Scaled(0, 2, 1), Scaled(3, 2, 1)).Stored, Is.EqualTo(new StoredScale(SampleType.Int16, 2, 1)));
    }

    [Test]
    public void ACopiedFileIsNoSecondSlice()
    {
        var image = Read(Slice(0, 0), Slice(3, 1), Slice(3, 1));
        Assert.That(SliceValues(image), Is.EqualTo(new[] { 0, 1 }));
        Assert.That(image.Warnings, Has.Exactly(1).Contains("1 files are copies"));
    }

    [TestCase("0020,0100", "1", "2", 0.0)]
    [TestCase("0018,1060", "0", "250", 0.25)]
    [TestCase("0020,0012", "1", "2", 0.0)]
    [TestCase("0008,0032", "235959.5", "235959.75", 0.25)]
    [TestCase("0008,002A", "20240101235959.5+0100", "20240102000000.5+0100", 1.0)]
    public void SlicesOfOnePlaceAreTimePoints(string tag, string early, string late, double seconds)
    {
        DicomTag clock = new(Convert.ToUInt16(tag[..4], 16), Convert.ToUInt16(tag[5..], 16));
        var image = Read(Slice(3, 3, Text(clock, late)), Slice(0, 0, Text(clock, early)), Slice(0, 2, Text(clock, late)), Slice(3, 1, Text(clock, early)));
        Assert.That((image.Times, image.Size.Z, image.TimeSpacing), Is.EqualTo((2, 2, seconds)));
        Assert.That(SliceValues(image), Is.EqualTo(new[] { 0, 1, 2, 3 }));
    }

    [Test]
    public void SlicesOfOnePlaceThatNothingTellsApartAreRefused() =>
        Assert.That(Refused(Slice(0, 0), Slice(0, 1), Slice(3, 2), Slice(3, 3)).Message, Does.Contain("2 slices at each place").And.Contains("no time"));

    [Test]
    public void PlacesWithDifferentNumbersOfSlicesAreRefused()
    {
        DicomElement Time(int time) => Text(DicomTags.TemporalPositionIdentifier, $"{time}");
        Assert.That(Refused(Slice(0, 0, Time(1)), Slice(0, 1, Time(2)), Slice(3, 2, Time(1))).Message, Does.Contain("2 slices where").And.Contains("1 where"));
    }

    [TestCase("0018,0081", "10", "20")]
    [TestCase("0008,0008", "ORIGINAL\\PRIMARY\\M", "ORIGINAL\\PRIMARY\\P")]
    public void EchoesAndKindsAreStacksOfTheirOwn(string tag, string first, string second)
    {
        DicomTag kind = new(Convert.ToUInt16(tag[..4], 16), Convert.ToUInt16(tag[5..], 16));
        Write(folder, Slice(0, 0, Text(kind, first)), Slice(3, 1, Text(kind, first)), Slice(0, 10, Text(kind, second)), Slice(3, 11, Text(kind, second)));
        AssertAsksFor("7/1", "7/2");
        Assert.That(SliceValues(Choose("7/2")), Is.EqualTo(new[] { 10, 11 }));
    }

    // b-values and echoes as enhanced images state them, and segments.
    [TestCase(0x0018, 0x9087, "FD")]
    [TestCase(0x0018, 0x9082, "FD")]
    [TestCase(0x0062, 0x000B, "US")]
    public void WeightsEchoesAndSegmentsInBinaryAreStacksOfTheirOwn(int group, int element, string type)
    {
        DicomElement Kind(int value) => DicomElement.FromBytes(new DicomTag((ushort)group, (ushort)element), type, type == "FD" ? BitConverter.GetBytes((double)value) : BitConverter.GetBytes((ushort)value));
        Write(folder, Slice(0, 0, Kind(50)), Slice(3, 1, Kind(50)), Slice(0, 10, Kind(800)), Slice(3, 11, Kind(800)));
        AssertAsksFor("7/1", "7/2");
        Assert.That(SliceValues(Choose("7/1")), Is.EqualTo(new[] { 0, 1 }));
        Assert.That(SliceValues(Choose("7/2")), Is.EqualTo(new[] { 10, 11 }));
    }

    [Test]
    public void TwoScansThatAreEvenEachAreStacksOfTheirOwn()
    {
        DicomElement Scan(int number) => Text(DicomTags.AcquisitionNumber, $"{number}");
        Write(folder, Slice(0, 0, Scan(1)), Slice(3, 1, Scan(1)), Slice(4, 2, Scan(2)), Slice(7, 3, Scan(2)));
        AssertAsksFor("7/1", "7/2");
        Assert.That(SliceValues(Choose("7/2")), Is.EqualTo(new[] { 2, 3 }));
    }

    [Test]
    public void OrientationsAndSizesAreStacksOfTheirOwn()
    {
        var coronal = DicomElement.FromNumbers(DicomTags.ImageOrientationPatient, 1, 0, 0, 0, 0, -1);
        Write(folder, Slice(0, 0), Slice(3, 1), Slice(new Vector3d(0, 0, 0), 5, coronal), Slice(new Vector3d(0, 3, 0), 6, coronal),
            Slice(0, 8, Pixels(2, 2, 1, 8, 8, 8, 8)), Slice(3, 9, DicomElement.FromNumbers(DicomTags.PixelSpacing, 1, 1)));
        AssertAsksFor("7/1", "7/2", "7/3", "7/4");
        Assert.That(Choose("7/1").Size, Is.EqualTo(new GridSize(Columns, Rows, 2)));
        Assert.That(Choose("7/2").Grid.IndexToWorld.StepZ, Is.EqualTo(new Vector3d(0, 3, 0)));
    }

    [Test]
    public void TinyDifferencesOfOrientationAndSpacingAreRounding()
    {
        var image = Read(Slice(0, 0), Slice(3, 1, DicomElement.FromNumbers(DicomTags.ImageOrientationPatient, 1, 1e-5, 0, 0, 1, 0), DicomElement.FromNumbers(DicomTags.PixelSpacing, 0.500001, 0.75)));
        Assert.That(image.Size.Z, Is.EqualTo(2));
    }

    [Test]
    public void SeveralSeriesAreListedAndAskedFor()
    {
        var other = new[] { Text(DicomTags.SeriesInstanceUid, "1.2.3.5"), Text(DicomTags.SeriesNumber, "8"), Text(DicomTags.SeriesDescription, "Lung") };
        Write(folder, Slice(0, 0), Slice(3, 1), Slice(0, 5, other), Slice(3, 6, other), Slice(6, 7, other));
        AssertAsksFor("7 (CT, 4x3, 2 slices)", "8 (CT, 4x3, 3 slices, Lung)");
        Assert.That(SliceValues(Choose("8")), Is.EqualTo(new[] { 5, 6, 7 }));
        Assert.That(SliceValues(Choose("1.2.3.4")), Is.EqualTo(new[] { 0, 1 }));
        Assert.That(TestData.Throws(() => Choose("9")).Message, Does.Contain("no series 9").And.Contains("8 (CT"));
    }

    [Test]
    public void SeriesOfOneNumberAreNamedByTheirUid()
    {
        Write(folder, Slice(0, 0), Slice(0, 5, Text(DicomTags.SeriesInstanceUid, "1.2.3.5")));
        AssertAsksFor("1.2.3.4 (", "1.2.3.5 (");
    }

    [TestCase("ImageType")]
    [TestCase("SopClass")]
    public void LocalizersAndSecondaryCapturesAreLeftAsideUnlessAskedFor(string by)
    {
        var odd = new[]
        {
            Text(DicomTags.SeriesInstanceUid, "1.2.3.5"), Text(DicomTags.SeriesNumber, "1"),
            by == "ImageType" ? Text(DicomTags.ImageType, "ORIGINAL\\PRIMARY\\LOCALIZER") : Text(DicomTags.SopClassUid, "1.2.840.10008.5.1.4.1.1.7"),
        };
        Write(folder, Slice(0, 0), Slice(3, 1), Slice(50, 9, odd));
        Assert.That(SliceValues(ImageFile.Read(folder)), Is.EqualTo(new[] { 0, 1 }));
        Assert.That(SliceValues(Choose("1")), Is.EqualTo(new[] { 9 }));
    }

    [Test]
    public void OtherFilesOfAFolderArePassedOverAndBrokenOnesNamed()
    {
        Write(Path.Combine(folder, "deep", "er"), Slice(0, 0), Slice(3, 1));
        File.WriteAllText(Path.Combine(folder, "notes.txt"), "no image, and longer than sixteen bytes");
        File.WriteAllBytes(Path.Combine(folder, "broken.dcm"), Bytes(Slice(6, 2))[..200]);
        // A report: DICOM without pixels.
        File.WriteAllBytes(Path.Combine(folder, "report.dcm"), Bytes(new DicomDataset(Text(DicomTags.Modality, "SR"))));
        var image = ImageFile.Read(folder);
        Assert.That(SliceValues(image), Is.EqualTo(new[] { 0, 1 }));
        Assert.That(image.Warnings, Has.Exactly(1).Items.And.Exactly(1).Contains("broken.dcm"));
    }

    [Test]
    public void ATruncatedSliceOfTheSeriesIsRefused()
    {
        Write(folder, Slice(0, 0), Slice(3, 1));
        var path = Path.Combine(folder, "0001");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^4]);
        Assert.That(TestData.Throws(() => ImageFile.Read(folder)).Message, Does.Contain("0001").And.Contains("get a whole copy"));
    }

    [Test]
    public void FilesWithoutAPlaceAreNoVolume()
    {
        DicomDataset Placeless(int value) => Slice(0, value).With(tag => tag == DicomTags.ImagePositionPatient);
        var error = Refused(Placeless(0), Placeless(1));
        Assert.That((error.Kind, error.Message.Contains("no position", StringComparison.Ordinal)), Is.EqualTo((ImagingError.Malformed, true)));
        Assert.That(TestData.Throws(() => ImageFile.Read(Directory.CreateDirectory(Path.Combine(folder, "empty")).FullName)).Message, Does.Contain("no DICOM image"));
    }

    [Test]
    public void AMissingPixelSpacingIsAssumedAndSaid()
    {
        var image = Read(Slice(0, 0).With(tag => tag == DicomTags.PixelSpacing), Slice(2, 1).With(tag => tag == DicomTags.PixelSpacing));
        Assert.That(image.Grid.Spacing, Is.EqualTo(new Vector3d(1, 1, 2)));
        Assert.That(image.Warnings, Has.Exactly(1).Contains("PixelSpacing"));
    }

    [Test]
    public void AListOfFilesIsASeries()
    {
        Write(folder, Slice(3, 1), Slice(0, 0));
        string[] files = [Path.Combine(folder, "0000"), Path.Combine(folder, "0001")];
        Assert.That(SliceValues(ImageFile.Read(files, new ReadOptions())), Is.EqualTo(new[] { 0, 1 }));
        var text = Path.Combine(folder, "a.txt");
        File.WriteAllText(text, "no image, and longer than sixteen bytes");
        Assert.That(TestData.Throws(() => ImageFile.Read([.. files, text], new ReadOptions())).Kind, Is.EqualTo(ImagingError.WrongUse));
        Assert.That(TestData.Throws(() => ImageFile.Read([.. files, "/no/such/file"], new ReadOptions())).Kind, Is.EqualTo(ImagingError.Missing));
    }

    [Test]
    public void AVolumeBeyondTheLimitIsRefusedBeforeItIsMade()
    {
        Write(folder, [.. Enumerable.Range(0, 50).Select(i => Slice(i, i))]);
        var error = TestData.Throws(() => ImageFile.Read(folder, new ReadLimits(2000)));
        Assert.That((error.Kind, error.Message.Contains("raise the limit", StringComparison.Ordinal)), Is.EqualTo((ImagingError.LimitExceeded, true)));
    }

    private Image Read(params IReadOnlyList<DicomDataset> files)
    {
        Directory.Delete(folder, recursive: true);
        return ImageFile.Read(Write(folder, files));
    }

    private ImagingException Refused(params IReadOnlyList<DicomDataset> files)
    {
        var error = TestData.Throws(() => Read(files));
        Assert.That(error.Message, Does.Not.Contain("\n"));
        return error;
    }

    private Image Choose(string series) => ImageFile.Read([folder], new ReadOptions { Series = series });

    private void AssertAsksFor(params string[] series)
    {
        var error = TestData.Throws(() => ImageFile.Read(folder));
        Assert.That(error.Kind, Is.EqualTo(ImagingError.WrongUse));
        Assert.That(error.Message, Does.Contain("--series").And.Not.Contains("\n"));
        foreach (var name in series)
        {
            Assert.That(error.Message, Does.Contain(name));
        }
    }
}
