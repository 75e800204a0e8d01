namespace InrFast.Imaging.Dicom;

/// <summary>Which frames of the source a slice of an image derived from it was made of.</summary>
internal sealed class SourceFrames
{
    // In mm: nearer than this, two slices lie at the same place.
    private const double SamePlace = 1e-2;

    private readonly Image image;
    private readonly IReadOnlyList<DicomFrame> frames;
    private readonly Vector3d normal;
    private readonly int framesPerTime;
    private readonly bool isParallel;

    public SourceFrames(Image image)
    {
        this.image = image;
        frames = image.Acquisition?.Frames ?? [];
        framesPerTime = frames.Count % image.Times == 0 ? frames.Count / image.Times : frames.Count;
        normal = Vector3d.Cross(image.Grid.IndexToWorld.StepX, image.Grid.IndexToWorld.StepY);
        normal /= normal.Length;
        if (frames.Count == 0)
        {
            return;
        }
        First = image.Acquisition!.DatasetOf(0);
        isParallel = frames.All(frame => frame.Position is not null) && First.GetNumbers(DicomTags.ImageOrientationPatient) is [var a, var b, var c, var d, var e, var f]
            && Math.Abs(Vector3d.Dot(Vector3d.Cross(new(a, b, c), new(d, e, f)), normal)) > 0.9999;
        if (isParallel && framesPerTime > 1)
        {
            Spacing = Math.Abs(Vector3d.Dot(frames[1].Position!.Value - frames[0].Position!.Value, normal));
        }
    }

    /// <summary>Attributes of the first frame; null where the image has no source.</summary>
    public DicomDataset? First { get; }

    /// <summary>Mm between slices of the source; null where it has one, or lies across.</summary>
    public double? Spacing { get; }

    /// <summary>Attributes of the frame that lies nearest to a slice, at its time; null where the image has no source.</summary>
    public DicomDataset? NearestTo(int index) => frames.Count == 0 ? null : image.Acquisition!.DatasetOf(Around(index)[0]);

    /// <summary>The sequence of source images (PS3.3, C.7.6.1.1.4): the frame at the slice's place, or those on both sides of it, or all of its time where they lie across.</summary>
    public IEnumerable<DicomElement> References(int index)
    {
        var items = Around(index).Select(frame => (Dataset: image.Acquisition!.DatasetOf(frame), frames[frame].Number))
            .Where(source => source.Dataset.GetString(DicomTags.SopInstanceUid) is not null && source.Dataset.GetString(DicomTags.SopClassUid) is not null)
            .GroupBy(source => source.Dataset.GetString(DicomTags.SopInstanceUid)!).Select(instance => new DicomDataset(
            [
                DicomElement.FromText(DicomTags.ReferencedSopClassUid, instance.First().Dataset.GetString(DicomTags.SopClassUid)!), DicomElement.FromText(DicomTags.ReferencedSopInstanceUid, instance.Key),
                .. instance.First().Dataset.GetInteger(DicomTags.NumberOfFrames) is null or 1 ? Array.Empty<DicomElement>() : [DicomElement.FromText(DicomTags.ReferencedFrameNumber, [.. instance.Select(source => $"{source.Number}")])],
                DicomCode.Item(DicomTags.PurposeOfReferenceCodeSequence, "121322", "Source image for image processing operation"),
            ])).ToArray();
        return items.Length > 0 ? [DicomElement.FromItems(DicomTags.SourceImageSequence, items)] : [];
    }

    // The nearest first.
    private int[] Around(int index)
    {
        var (z, first) = (index % image.Size.Z, frames.Count == framesPerTime ? 0 : index / image.Size.Z * framesPerTime);
        if (frames.Count == 0)
        {
            return [];
        }
        if (!isParallel)
        {
            return framesPerTime == image.Size.Z ? [first + z] : [.. Enumerable.Range(first, framesPerTime)];
        }
        var place = image.Grid.IndexToWorld.Apply(new(0, 0, z));
        double Distance(int frame) => Vector3d.Dot(frames[frame].Position!.Value - place, normal);
        var nearest = Enumerable.Range(first, framesPerTime).MinBy(frame => Math.Abs(Distance(frame)));
        var offset = Distance(nearest);
        var opposite = Enumerable.Range(first, framesPerTime).Where(frame => Distance(frame) * offset < 0).DefaultIfEmpty(nearest).MinBy(frame => Math.Abs(Distance(frame)));
        return Math.Abs(offset) < SamePlace || opposite == nearest ? [nearest] : [nearest, opposite];
    }
}
