using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using InrFast.Imaging;
using InrFast.Imaging.Dicom;
using static InrFast.Tests.Formats.TestDicom;

namespace InrFast.Tests.Formats;

/// <summary>Datasets as they are met, byte for byte after PS3.5, chapter 7: sequences, private attributes, lengths that are odd or wrong, numbers as text.</summary>
internal sealed class DicomReaderTests
{
    private const uint Undefined = uint.MaxValue;

    private static readonly DicomTag Private = new(0x2005, 0x1402), Sequence = DicomTags.SourceImageSequence, Description = DicomTags.SeriesDescription;

    [Test]
    public void SequencesAndItemsOfAnyLengthAreRead([Values] bool sequenceHasLength, [Values] bool itemHasLength)
    {
        var inner = Explicit(Description, "LO", "inside"u8);
        byte[] item = itemHasLength ? [.. Head(0xE000, inner.Length), .. inner] : [.. Head(0xE000, -1), .. inner, .. Head(0xE00D, 0)];
        byte[] items = [.. item, .. item];
        byte[] sequence = sequenceHasLength ? Explicit(Sequence, "SQ", items) : [.. Explicit(Sequence, "SQ", items, Undefined), .. Head(0xE0DD, 0)];
        var dataset = Read([.. sequence, .. Explicit(DicomTags.PatientId, "LO", "after "u8)]);
        Assert.That(dataset.GetItems(Sequence).Select(each => each.GetString(Description)), Is.EqualTo(new[] { "inside", "inside" }));
        Assert.That(dataset.GetString(DicomTags.PatientId), Is.EqualTo("after"));
    }

    [Test]
    public void APrivateUnknownSequenceOfUndefinedLengthIsImplicitInside()
    {
        // PS3.5, 6.2.2, note 2.
        byte[] content = [.. Head(0xE000, -1), .. Implicit(Description, "inside"u8), .. Head(0xE00D, 0), .. Head(0xE0DD, 0)];
        var dataset = Read([.. Explicit(Private, "UN", content, Undefined), .. Explicit(new(0x2010, 0x0010), "ST", "after "u8)]);
        Assert.That(dataset.GetItems(Private)[0].GetString(Description), Is.EqualTo("inside"));
        Assert.That(dataset.GetString(new(0x2010, 0x0010)), Is.EqualTo("after"));
    }

    [Test]
    public void OddAndEmptyValuesAreRead()
    {
        var dataset = Read([.. Explicit(DicomTags.Modality, "CS", "CT "u8, 3), .. Explicit(Description, "LO", "abc"u8), .. Explicit(DicomTags.PatientName, "PN", ""u8)]);
        Assert.That((dataset.GetString(DicomTags.Modality), dataset.GetString(Description), dataset.GetString(DicomTags.PatientName)), Is.EqualTo(("CT", "abc", default(string))));
    }

    [Test]
    public void WrongGroupLengthsDoNotMatter()
    {
        var dataset = Read([.. Explicit(new(0x0008, 0x0000), "UL", [99, 99, 0, 0]), .. Explicit(DicomTags.Modality, "CS", "MR"u8)]);
        Assert.That((dataset.GetString(DicomTags.Modality), dataset.Elements.Count), Is.EqualTo(("MR", 1)));
    }

    [Test]
    public void WhatFollowsThePixelsIsLeftAlone()
    {
        byte[] rest = [.. Explicit(new(0xFFFC, 0xFFFC), "OB", new byte[10]), 1, 2, 3];
        Assert.That(Read([.. Explicit(DicomTags.PixelData, "OW", [1, 2, 3, 4]), .. rest]).Find(DicomTags.PixelData)!.Value.Length, Is.EqualTo(4));
    }

    [Test]
    public void AFileWithoutPreambleShowsItsEncodingItself()
    {
        var explicitBytes = Explicit(DicomTags.Modality, "CS", "CT"u8);
        var implicitBytes = Implicit(DicomTags.Modality, "CT"u8);
        byte[] bigEndian = [0, 8, 0, 0x60, (byte)'C', (byte)'S', 0, 2, (byte)'C', (byte)'T'];
        foreach (var bytes in new[] { explicitBytes, implicitBytes, bigEndian })
        {
            using var file = InputFile.FromBytes("a", bytes, ReadLimits.Default);
            Assert.That(DicomReader.Read(file).Dataset.GetString(DicomTags.Modality), Is.EqualTo("CT"));
        }
    }

    [Test]
    public void TheFirstAttributeShowsTheSyntaxWhereTheFileNamesAnother()
    {
        Assert.That(Read(Implicit(DicomTags.Modality, "CT"u8)).GetString(DicomTags.Modality), Is.EqualTo("CT"));
        Assert.That(Read(Explicit(DicomTags.Modality, "CS", "CT"u8), "1.2.840.10008.1.2").GetString(DicomTags.Modality), Is.EqualTo("CT"));
    }

    [TestCase("1.5\\-2 \\ 3e2", new[] { 1.5, -2, 300 })]
    [TestCase("-0", new[] { 0.0 })]
    [TestCase("+1.25E-3 ", new[] { 0.00125 })]
    [TestCase("", new double[0])]
    [TestCase("1\\\\2", new double[0])]
    [TestCase("1,5", new double[0])]
    [TestCase("nan", new double[0])]
    [TestCase("1e999", new double[0])]
    public void DecimalStringsAreReadInEveryCulture(string text, double[] numbers)
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            (comma.NumberFormat.NumberDecimalSeparator, comma.NumberFormat.NumberGroupSeparator) = (",", ".");
            CultureInfo.CurrentCulture = comma;
            Assert.That(Read(Explicit(DicomTags.PixelSpacing, "DS", Encoding.ASCII.GetBytes(text))).GetNumbers(DicomTags.PixelSpacing), Is.EqualTo(numbers));
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [TestCase(1.0 / 3)]
    [TestCase(-123456.789012345678)]
    [TestCase(-1.23456789012345e-10)]
    [TestCase(12345678901234567890.0)]
    public void DecimalStringsHaveAtMostSixteenCharacters(double value)
    {
        var element = DicomElement.FromNumbers(DicomTags.PixelSpacing, value);
        Assert.That(element.Value.Length, Is.LessThanOrEqualTo(16));
        Assert.That(new DicomDataset(element).GetNumbers(DicomTags.PixelSpacing)[0], Is.EqualTo(value).Within(1e-9 * Math.Abs(value)));
    }

    // CVE-2019-11687.
    [TestCase("MZ")]
    [TestCase("\u007fELF")]
    [TestCase("#!")]
    public void APreambleThatIsAProgramIsSaidAndNotCopied(string start)
    {
        var bytes = TestDicom.Bytes(TestDicom.Slice(0, 1));
        Encoding.ASCII.GetBytes(start, bytes);
        var image = ImageFile.Read("a.dcm", bytes);
        Assert.That(image.Warnings, Has.Exactly(1).Contains("begins like a program"));
        Assert.That(Bytes(new DerivedDicom("a", image, new WriteOptions(), [])[0])[..128], Is.All.Zero);
        Assert.That(ImageFile.Read("a.dcm", TestDicom.Bytes(TestDicom.Slice(0, 1))).Warnings, Is.Empty);
    }

    [Test]
    public void RealWorldValuesHoldWhereThereIsNoRescale()
    {
        var map = DicomElement.FromItems(DicomTags.RealWorldValueMappingSequence, new DicomDataset(Double(DicomTags.RealWorldValueSlope, 0.5), Double(DicomTags.RealWorldValueIntercept, -3)));
        Assert.That(ImageFile.Read("a.dcm", TestDicom.Bytes(TestDicom.Slice(0, 10, map))).Range(), Is.EqualTo((2f, 2f)));
        Assert.That(ImageFile.Read("a.dcm", TestDicom.Bytes(TestDicom.Slice(0, 10, map, DicomElement.FromNumbers(DicomTags.RescaleSlope, 2)))).Range(), Is.EqualTo((20f, 20f)));
    }

    [TestCase(32, true)]
    [TestCase(33, false)]
    public void SequencesAreNestedThirtyTwoDeepAtMost(int depth, bool isRead)
    {
        byte[] nest = Explicit(Description, "LO", "inside"u8);
        for (var i = 0; i < depth; i++)
        {
            nest = Explicit(Sequence, "SQ", (byte[])[.. Head(0xE000, nest.Length), .. nest]);
        }
        if (!isRead)
        {
            Assert.That(TestData.Throws(() => Read(nest)).Message, Does.Contain("nested more than 32 deep"));
            return;
        }
        var dataset = Read(nest);
        for (var i = 0; i < depth; i++)
        {
            dataset = dataset.GetItems(Sequence)[0];
        }
        Assert.That(dataset.GetString(Description), Is.EqualTo("inside"));
    }

    [Test]
    public void MillionsOfAttributesAreNoImage()
    {
        // 34 MB of empty attributes, and of empty items.
        var attributes = new byte[(1 << 22) * 8 + 8];
        for (var i = 0; i < attributes.Length; i += 8)
        {
            Explicit(DicomTags.Modality, "CS", []).CopyTo(attributes, i);
        }
        var items = new byte[attributes.Length];
        for (var i = 0; i < items.Length; i += 8)
        {
            Head(0xE000, 0).CopyTo(items, i);
        }
        Assert.That(TestData.Throws(() => Read(attributes)).Message, Does.Contain("attributes; this is no image"));
        Assert.That(TestData.Throws(() => Read(Explicit(Sequence, "SQ", items))).Message, Does.Contain("attributes; this is no image"));
    }

    private static DicomElement Double(DicomTag tag, double value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        return DicomElement.FromBytes(tag, "FD", bytes);
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

    private static DicomDataset Read(byte[] dataset, string syntax = "1.2.840.10008.1.2.1")
    {
        var meta = Explicit(DicomTags.TransferSyntaxUid, "UI", Encoding.ASCII.GetBytes(syntax.Length % 2 == 0 ? syntax : syntax + "\0"));
        using var file = InputFile.FromBytes("a.dcm", (byte[])[.. new byte[128], .. "DICM"u8, .. meta, .. dataset], ReadLimits.Default);
        return DicomReader.Read(file).Dataset;
    }

    private static byte[] Explicit(DicomTag tag, string representation, ReadOnlySpan<byte> value, uint? length = null)
    {
        var isLong = representation is "SQ" or "UN" or "OB" or "OW";
        var size = length ?? (uint)value.Length;
        return [.. Tag(tag), .. Encoding.ASCII.GetBytes(representation), .. isLong ? [0, 0] : Array.Empty<byte>(), .. isLong ? BitConverter.GetBytes(size) : BitConverter.GetBytes((ushort)size), .. value];
    }

    private static byte[] Implicit(DicomTag tag, ReadOnlySpan<byte> value) => [.. Tag(tag), .. BitConverter.GetBytes(value.Length), .. value];

    // Of an item or a delimiter.
    private static byte[] Head(ushort element, int length) => [.. Tag(new(0xFFFE, element)), .. BitConverter.GetBytes(length)];

    private static byte[] Tag(DicomTag tag) => [.. BitConverter.GetBytes(tag.Group), .. BitConverter.GetBytes(tag.Element)];
}
