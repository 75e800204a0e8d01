using System.Buffers.Binary;
using System.Text;
using InrFast.Imaging;
using InrFast.Imaging.Dicom;
using static InrFast.Tests.Formats.TestDicom;

namespace InrFast.Tests.Formats;

/// <summary>Several frames in one file: enhanced files with functional groups, and mosaics.</summary>
internal sealed class MultiFrameTests
{
    private static readonly DicomTag
        PlanePosition = new(0x0020, 0x9113), PlaneOrientation = new(0x0020, 0x9116), PixelMeasures = new(0x0028, 0x9110),
        PixelValueTransformation = new(0x0028, 0x9145), FrameContent = new(0x0020, 0x9111), CsaHeader = new(0x0029, 0x1010);

    /// <summary>Two slices at two times. Frame order is neither that of places nor that of times; each frame has its own scale.</summary>
    public static DicomDataset FourFrames()
    {
        DicomDataset Frame(double z, int time, double slope) => new(
            Group(PlanePosition, DicomElement.FromNumbers(DicomTags.ImagePositionPatient, 1, 2, z)),
            Group(FrameContent, DicomElement.FromBytes(DicomTags.TemporalPositionIndex, "UL", new byte[] { (byte)time, 0, 0, 0 })),
            Group(PixelValueTransformation, DicomElement.FromNumbers(DicomTags.RescaleSlope, slope), DicomElement.FromNumbers(DicomTags.RescaleIntercept, 0)));
        return Enhanced([.. Shared], [Frame(4, 2, 10), Frame(0, 1, 1), Frame(4, 1, 2), Frame(0, 2, 5)], 1, 2, 3, 4);
    }

    /// <summary>Three slices of 2 x 2 in the four tiles of a 4 x 4 picture.</summary>
    public static DicomDataset Mosaic(int direction) => Slice(new Vector3d(0, 0, 30), 0,
    [
        Text(DicomTags.ImageType, "ORIGINAL\\PRIMARY\\M\\MOSAIC"), DicomElement.FromNumbers(DicomTags.SpacingBetweenSlices, 5),
        DicomElement.FromBytes(CsaHeader, "OB", Csa(("NumberOfImagesInMosaic", ["3"]), ("SliceNormalVector", ["0", "0", $"{direction}"]))),
        .. Pixels(4, 4, 1, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 9, 9, 2, 2, 9, 9),
    ]);

    [Test]
    public void FramesGoWhereTheirFunctionalGroupsSay()
    {
        var image = Read(FourFrames());
        Assert.That((image.Size, image.Times), Is.EqualTo((new GridSize(2, 1, 2), 2)));
        Assert.That(SliceValues(image), Is.EqualTo(new[] { 2, 6, 20, 10 }));
        Assert.That(image.Grid.IndexToWorld, Is.EqualTo(new Affine(new(0.75, 0, 0), new(0, 0.5, 0), new(0, 0, 4), new(1, 2, 0))));
        Assert.That(image.Acquisition!.Frames.Select(frame => frame.Number), Is.EqualTo(new int?[] { 2, 3, 4, 1 }));
        // Functional groups stand flattened, as in files of one frame each.
        Assert.That(image.Acquisition.Common.GetNumbers(DicomTags.PixelSpacing), Is.EqualTo(new[] { 0.5, 0.75 }));
        Assert.That(image.Acquisition.DatasetOf(1).GetNumbers(DicomTags.ImagePositionPatient), Is.EqualTo(new[] { 1, 2, 4 }));
        Assert.That(image.Acquisition.Common.Contains(DicomTags.PerFrameFunctionalGroupsSequence), Is.False);
    }

    [Test]
    public void AFramesOwnGroupsWinOverSharedOnes()
    {
        DicomDataset Frame(double z) => new(Group(PlanePosition, DicomElement.FromNumbers(DicomTags.ImagePositionPatient, 0, 0, z)),
            Group(PixelMeasures, DicomElement.FromNumbers(DicomTags.PixelSpacing, 2, 3)));
        Assert.That(Read(Enhanced([.. Shared], [Frame(0), Frame(4)], 1, 2)).Grid.Spacing, Is.EqualTo(new Vector3d(3, 2, 4)));
    }

    [Test]
    public void FramesWithoutADescriptionAreRefused()
    {
        var error = TestData.Throws(() => Read(Enhanced([.. Shared], [new DicomDataset(), new DicomDataset()], 1, 2, 3)));
        Assert.That((error.Kind, error.Message), Is.EqualTo((ImagingError.Malformed, "a.dcm: it has 3 frames and describes 2 of them; get a sound copy")));
    }

    [Test]
    public void ALyingNumberOfFramesMakesNothing()
    {
        var dataset = Slice(0, 1, Text(DicomTags.NumberOfFrames, "2000000000"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(TestData.Throws(() => Read(dataset)).Kind, Is.EqualTo(ImagingError.Malformed));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
    }

    [TestCase(1, new[] { 0, 1, 2 })]
    [TestCase(-1, new[] { 2, 1, 0 })]
    public void AMosaicIsTakenApart(int direction, int[] order)
    {
        var image = Read(Mosaic(direction));
        Assert.That(SliceValues(image), Is.EqualTo(order));
        // The position is that of the picture's corner if all of it were one slice about the same centre; nibabel's formula: position + row step (4 - 2) / 2 + column step (4 - 2) / 2.
        Assert.That(image.Grid.IndexToWorld, Is.EqualTo(new Affine(new(0.75, 0, 0), new(0, 0.5, 0), new(0, 0, 5), new(0.75, 0.5, direction > 0 ? 30 : 20))));
    }

    [Test]
    public void AMosaicWithoutItsHeaderIsRefused() =>
        Assert.That(TestData.Throws(() => Read(Slice(0, 0, Text(DicomTags.ImageType, "ORIGINAL\\PRIMARY\\M\\MOSAIC")))).Message, Does.Contain("mosaic").And.Contains("dcm2niix"));

    private static IEnumerable<DicomElement> Shared =>
    [
        Group(PlaneOrientation, DicomElement.FromNumbers(DicomTags.ImageOrientationPatient, 1, 0, 0, 0, 1, 0)),
        Group(PixelMeasures, DicomElement.FromNumbers(DicomTags.PixelSpacing, 0.5, 0.75), DicomElement.FromNumbers(DicomTags.SliceThickness, 4)),
    ];

    private static DicomElement Group(DicomTag tag, params DicomElement[] content) => DicomElement.FromItems(tag, new DicomDataset(content));

    // Frames of 2 x 1 pixels, each of one value.
    private static DicomDataset Enhanced(DicomElement[] shared, DicomDataset[] frames, params int[] values) => new(
    [
        Text(DicomTags.SopClassUid, "1.2.840.10008.5.1.4.1.1.4.1"), Text(DicomTags.Modality, "MR"),
        DicomElement.FromItems(DicomTags.SharedFunctionalGroupsSequence, new DicomDataset(shared)), DicomElement.FromItems(DicomTags.PerFrameFunctionalGroupsSequence, frames),
        .. Pixels(2, 1, values.Length, [.. values.SelectMany(value => new[] { value, value })]),
    ]);

    private static Image Read(DicomDataset dataset) => ImageFile.Read("a.dcm", Bytes(dataset));

    // The second kind of Siemens' header, with its entries' names in 64 bytes and four numbers before each text.
    private static byte[] Csa(params (string Name, string[] Values)[] entries)
    {
        var bytes = new List<byte>([.. "SV10"u8, 4, 3, 2, 1]);
        void Add(int number)
        {
            var four = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(four, number);
            bytes.AddRange(four);
        }
        Add(entries.Length);
        Add(77);
        foreach (var (name, values) in entries)
        {
            bytes.AddRange(Encoding.ASCII.GetBytes(name.PadRight(64, '\0')));
            Add(values.Length);
            bytes.AddRange("FD\0\0"u8);
            Add(4);
            Add(values.Length);
            Add(77);
            foreach (var value in values)
            {
                var text = Encoding.ASCII.GetBytes(value.PadRight((value.Length + 3) / 4 * 4, '\0'));
                Array.ForEach([77, value.Length, 77, 77], Add);
                bytes.AddRange(text);
            }
        }
        return [.. bytes];
    }
}
