using CsCheck;
using InrFast.Imaging;
using InrFast.Imaging.Dicom;

namespace InrFast.Tests.Formats;

/// <summary>What is written comes back: values, type, scale and place, as far as the format keeps them.</summary>
internal sealed class RoundTripTests : FormatTests
{
    [TestCase("a.png", SampleType.UInt8, 1)]
    [TestCase("a.png", SampleType.UInt16, 1)]
    [TestCase("a.png", SampleType.UInt8, 2)]
    [TestCase("a.png", SampleType.UInt8, 3)]
    [TestCase("a.png", SampleType.UInt16, 4)]
    [TestCase("a.npy", SampleType.UInt8, 3)]
    [TestCase("a.npy", SampleType.Int16, 1)]
    [TestCase("a.npy", SampleType.Float32, 1)]
    [TestCase("a.npy", SampleType.Float64, 1)]
    [TestCase("a.npy", SampleType.UInt64, 1)]
    public void PicturesAndArraysKeepValuesAndType(string name, SampleType type, int channels)
    {
        var image = TestData.Oblique(13, 11, 1, channels, stored: new StoredScale(type));
        var (back, warnings) = WriteAndRead(name, image);
        Assert.That((back.Size, back.Channels, back.Stored), Is.EqualTo((image.Size, channels, image.Stored)));
        Assert.That(back.Samples.ToArray(), Is.EqualTo(image.Samples.ToArray()));
        Assert.That(warnings, Has.Exactly(1).Contains("place in the world"));
    }

    [TestCase(SampleType.UInt8, 1, 1)]
    [TestCase(SampleType.Int8, 2, -100)]
    [TestCase(SampleType.UInt16, 1, 0)]
    [TestCase(SampleType.Int16, 0.25, -30)]
    [TestCase(SampleType.UInt32, 1, 0)]
    [TestCase(SampleType.Int32, 0.5, 0)]
    [TestCase(SampleType.UInt64, 1, 0)]
    [TestCase(SampleType.Int64, 1, 0)]
    [TestCase(SampleType.Float32, 1, 0)]
    [TestCase(SampleType.Float64, 1, 0)]
    public void NiftiKeepsValuesTypeScaleAndPlace(SampleType type, double slope, double intercept)
    {
        var image = TestData.Oblique(5, 6, 7, stored: new StoredScale(type, slope, intercept));
        image = image.Derive(image.Grid, Array.ConvertAll(image.Samples.ToArray(), v => (float)(Math.Floor(v / 2) * slope + intercept)));
        foreach (var name in new[] { "a.nii", "a.nii.gz" })
        {
            var (back, warnings) = WriteAndRead(name, image);
            Assert.That(back.Samples.ToArray(), Is.EqualTo(image.Samples.ToArray()));
            Assert.That(back.Stored, Is.EqualTo(image.Stored));
            Assert.That(back.Grid.Matches(image.Grid, 1e-5), Is.True);
            Assert.That(warnings.Concat(back.Warnings), Is.Empty);
        }
    }

    [TestCase(3, SampleType.UInt8)]
    [TestCase(4, SampleType.UInt8)]
    [TestCase(3, SampleType.Float32)]
    public void NiftiKeepsColoursVectorsAndTimes(int channels, SampleType type)
    {
        var image = TestData.Oblique(3, 4, 5, channels, times: 2, stored: new StoredScale(type));
        var (back, _) = WriteAndRead("a.nii", image);
        Assert.That((back.Channels, back.Times), Is.EqualTo((channels, 2)));
        Assert.That(back.Samples.ToArray(), Is.EqualTo(image.Samples.ToArray()));
    }

    [Test]
    public void QformAndSformOfAnyGridAgree() =>
        Gen.Select(Gen.Double[-1, 1].Array[4], Gen.Double[0.3, 4].Array[3], Gen.Double[-300, 300].Array[3], Gen.Bool).Sample((q, spacing, origin, mirrored) =>
        {
            var norm = Math.Sqrt(q.Sum(v => v * v));
            if (norm < 0.1)
            {
                return true;
            }
            var (a, b, c, d) = (q[0] / norm, q[1] / norm, q[2] / norm, q[3] / norm);
            var map = new Affine(
                new Vector3d(a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c)) * spacing[0],
                new Vector3d(2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b)) * spacing[1],
                new Vector3d(2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - b * b - c * c) * spacing[2] * (mirrored ? -1 : 1),
                new(origin[0], origin[1], origin[2]));
            var form = NiftiGeometry.ToQform(map)!.Value;
            var ras = map.BetweenLpsAndRas().Origin;
            var header = new NiftiHeader
            {
                QformCode = 1, PixDim = [form.Sign, .. spacing, 0, 0, 0, 0], Qform = [form.B, form.C, form.D, ras.X, ras.Y, ras.Z],
            };
            var warnings = new List<string>();
            var back = NiftiGeometry.Read(header, "a", warnings);
            // The reader takes a^2 < 1e-7 as zero, as nifti1_io does: up to 2 sqrt(1e-7) in direction.
            bool Close(Vector3d u, Vector3d v) => (u - v).Length < 1e-3 * u.Length;
            return Close(map.StepX, back.StepX) && Close(map.StepY, back.StepY) && Close(map.StepZ, back.StepZ) && (back.Origin - map.Origin).Length < 1e-9 && warnings.Count == 0;
        });

    [Test]
    public void ATiltedGantryIsKeptInTheSformAlone()
    {
        var image = TestData.Oblique(4, 4, 4);
        var tilted = image.Derive(image.Grid with { IndexToWorld = image.Grid.IndexToWorld with { StepZ = new(0, 0.5, 2.5) } }, image.Samples.ToArray());
        var (back, _) = WriteAndRead("a.nii", tilted);
        Assert.That(back.Grid.Matches(tilted.Grid, 1e-5), Is.True);
        // qform_code
        Assert.That(File.ReadAllBytes(In("a.nii"))[252], Is.Zero);
    }

    // nifti1.h: method 3 (sform) before method 2 (qform). A file may hold both, of different spaces.
    [Test]
    public void TheSformHoldsWhereItsCodeIsSetAndElseTheQform()
    {
        var (written, _) = WriteAndRead("a.nii", TestData.Oblique(4, 5, 6));
        var bytes = File.ReadAllBytes(In("a.nii"));
        const int QoffsetZ = 276, SformCode = 254;
        BitConverter.TryWriteBytes(bytes.AsSpan(QoffsetZ), BitConverter.ToSingle(bytes, QoffsetZ) + 100);
        Assert.That(ImageFile.Read("a.nii", bytes).Grid.Matches(written.Grid, 1e-5), Is.True);
        bytes[SformCode] = 0;
        Assert.That((ImageFile.Read("a.nii", bytes).Grid.IndexToWorld.Origin - written.Grid.IndexToWorld.Origin - new Vector3d(0, 0, 100)).Length, Is.LessThan(1e-3));
    }

    [Test]
    public void AFileWithoutOrientationSaysSo()
    {
        var (_, _) = WriteAndRead("a.nii", TestData.Oblique(4, 5, 6));
        var bytes = File.ReadAllBytes(In("a.nii"));
        (bytes[252], bytes[254]) = (0, 0);
        var image = ImageFile.Read("a.nii", bytes);
        Assert.That(image.Warnings, Has.Exactly(1).Contains("no orientation"));
        Assert.That(image.Grid.Spacing.Z, Is.EqualTo(2.5));
    }

    [Test]
    public void ValuesOutsideTheStoredRangeAreClippedWithAWarning()
    {
        var image = new Image(Grid.Plain(2, 2), [-3, 0.4f, 254.6f, 300]) { Stored = new StoredScale(SampleType.UInt8) };
        foreach (var name in new[] { "a.png", "a.npy", "a.nii" })
        {
            var (back, warnings) = WriteAndRead(name, image);
            Assert.That(back.Samples.ToArray(), Is.EqualTo(new float[] { 0, 0, 255, 255 }));
            Assert.That(warnings, Has.Exactly(1).Contains("2 values outside the range of UInt8"));
        }
    }

    [Test]
    public void HounsfieldUnitsAreSpreadOverAPictureWithAWarning()
    {
        var image = new Image(Grid.Plain(3, 1), [-1000, 0, 1000]) { Stored = new StoredScale(SampleType.Int16) };
        var (back, warnings) = WriteAndRead("a.png", image);
        Assert.That(back.Samples.ToArray(), Is.EqualTo(new float[] { 0, 32768, 65535 }));
        Assert.That(warnings, Has.Exactly(1).Contains("-1000 to 1000"));
    }

    [TestCase(1)]
    [TestCase(3)]
    public void JpegKeepsAPictureWithinItsError(int channels)
    {
        var samples = new float[64 * 40 * channels];
        for (var i = 0; i < samples.Length; i++)
        {
            var (pixel, channel) = (i / channels, i % channels);
            samples[i] = MathF.Round(127 + 100 * MathF.Sin(pixel % 64 * 0.07f + channel) * MathF.Cos(pixel / 64 * 0.09f));
        }
        var image = new Image(Grid.Plain(64, 40), samples, channels) { Stored = new StoredScale(SampleType.UInt8) };
        var (back, warnings) = WriteAndRead("a.jpg", image);
        Assert.That((back.Size, back.Channels), Is.EqualTo((image.Size, channels)));
        Assert.That(Metrics.PeakSignalToNoise(samples, back.Samples.Span, 255), Is.GreaterThan(40));
        Assert.That(warnings, Has.Exactly(1).Contains("JPEG changes values"));
    }

    [Test]
    public void ACtSliceComesBackAsADerivedCtWithItsScaleAndPlace()
    {
        var source = ImageFile.Read(TestData.Sample("ct.dcm"));
        var (back, warnings) = WriteAndRead("a.dcm", source);
        Assert.That(back.Samples.Span.SequenceEqual(source.Samples.Span), Is.True);
        Assert.That((back.Unit, back.Stored), Is.EqualTo(("HU", source.Stored)));
        Assert.That(back.Grid.Matches(source.Grid, 1e-6), Is.True);
        Assert.That(warnings, Is.Empty);
        var (old, derived) = (source.Acquisition!.DatasetOf(0), back.Acquisition!.DatasetOf(0));
        foreach (var kept in new[] { DicomTags.PatientName, DicomTags.PatientId, DicomTags.StudyInstanceUid, DicomTags.SopClassUid, DicomTags.Modality })
        {
            Assert.That(derived.GetString(kept), Is.EqualTo(old.GetString(kept)), kept.ToString());
        }
        Assert.That(derived.GetString(DicomTags.SeriesInstanceUid), Is.Not.EqualTo(old.GetString(DicomTags.SeriesInstanceUid)).And.StartsWith("2.25."));
        Assert.That(derived.GetString(DicomTags.SopInstanceUid), Is.Not.EqualTo(old.GetString(DicomTags.SopInstanceUid)).And.StartsWith("2.25."));
        Assert.That(derived.GetStrings(DicomTags.ImageType)[..2], Is.EqualTo(new[] { "DERIVED", "SECONDARY" }));
        Assert.That(derived.GetItems(DicomTags.SourceImageSequence)[0].GetString(DicomTags.ReferencedSopInstanceUid), Is.EqualTo(old.GetString(DicomTags.SopInstanceUid)));
        Assert.That(derived.Elements.Any(element => element.Tag.IsPrivate), Is.False);
    }

    [Test]
    public void TheSameContentGivesTheSameDicomFile()
    {
        var image = TestData.Oblique(8, 9, 1);
        WriteAndRead("a.dcm", image);
        WriteAndRead("b.dcm", image);
        var other = image.Samples.ToArray();
        other[5]++;
        WriteAndRead("c.dcm", image.Derive(image.Grid, other));
        Assert.That(File.ReadAllBytes(In("a.dcm")), Is.EqualTo(File.ReadAllBytes(In("b.dcm"))));
        Assert.That(Uid("c.dcm"), Is.Not.EqualTo(Uid("a.dcm")));
    }

    private string Uid(string name) => ImageFile.Read(In(name)).Acquisition!.DatasetOf(0).GetString(DicomTags.SopInstanceUid)!;

    [Test]
    public void FloatsAreRoundedToSixteenBitsInDicomWithTheErrorStated()
    {
        var image = TestData.Oblique(8, 9, 1, stored: new StoredScale(SampleType.Float32));
        image = image.Derive(image.Grid, Array.ConvertAll(image.Samples.ToArray(), MathF.Sqrt));
        var (back, warnings) = WriteAndRead("a.dcm", image);
        var (low, high) = image.Range();
        Assert.That(back.Samples.ToArray(), Is.EqualTo(image.Samples.ToArray()).Within((high - low) / 65535 / 2 * 1.01));
        Assert.That(back.Grid.Matches(image.Grid, 1e-6), Is.True);
        Assert.That(warnings, Has.Exactly(1).Contains("rounded to 16 bits"));
    }

    [TestCase("a.png")]
    [TestCase("a.jpg")]
    [TestCase("a.dcm")]
    public void AVolumeDoesNotFitASlice(string name)
    {
        var error = TestData.Throws(() => ImageFile.Write(In(name), TestData.Oblique(3, 3, 3)));
        Assert.That(error.Kind, Is.EqualTo(ImagingError.WrongUse));
        Assert.That(Directory.GetFileSystemEntries(Folder), Is.Empty);
    }

    [Test]
    public void ArraysOfEveryRankComeBack()
    {
        foreach (var image in new[] { TestData.Oblique(4, 5, 1), TestData.Oblique(8, 5, 6), TestData.Oblique(5, 4, 6, times: 2), TestData.Oblique(6, 5, 7, channels: 3), TestData.Oblique(4, 5, 6, channels: 4, times: 2) })
        {
            var (back, _) = WriteAndRead("a.npy", image);
            Assert.That((back.Size, back.Channels, back.Times), Is.EqualTo((image.Size, image.Channels, image.Times)));
            Assert.That(back.Samples.ToArray(), Is.EqualTo(image.Samples.ToArray()));
        }
    }
}
