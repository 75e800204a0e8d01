namespace InrFast.Imaging.Dicom;

/// <summary>
/// What the DICOM files behind an image say beside its pixels, for a series derived from it: patient, study, equipment, and for each slice
/// the instance it came from. Immutable; it holds no memory of the files.
/// </summary>
/// <param name="Common">Attributes that all frames share; of a single file, all but the pixels.</param>
/// <param name="Frames">One for each slice of the image as it was read: slice z at time t stands at z + SizeZ t. An image derived on another grid keeps them.</param>
public sealed record DicomAcquisition(DicomDataset Common, IReadOnlyList<DicomFrame> Frames)
{
    private const ushort PixelGroup = 0x7FE0;

    /// <summary>The attributes of the instance that one frame came from, without pixels.</summary>
    public DicomDataset DatasetOf(int frame) => Common.With(_ => false, Frames[frame].Own.Elements);

    /// <summary>Splits the datasets of frames into what they share and what each has of its own; pixels are left out.</summary>
    internal static DicomAcquisition Of(params IReadOnlyList<DicomFrame> frames)
    {
        var shared = frames[0].Own.Elements.Where(element => element.Tag.Group != PixelGroup
            && frames.All(frame => frame.Own.Find(element.Tag) is { } other && (ReferenceEquals(other, element) || other.HasValueOf(element))));
        var common = new DicomDataset(shared.Select(element => element.Copy()));
        return new(common, [.. frames.Select(frame => frame with
        {
            Own = new DicomDataset(frame.Own.Elements.Where(element => element.Tag.Group != PixelGroup && !common.Contains(element.Tag)).Select(element => element.Copy())),
        })]);
    }
}

/// <summary>Source of one slice.</summary>
/// <param name="Own">Attributes in which this frame differs from the others; of a frame of an enhanced multi-frame file, its functional groups.</param>
/// <param name="Number">Number of the frame in its file, from 1; null where the file holds one frame.</param>
/// <param name="Position">Centre of the first voxel, LPS mm; null where the file names none.</param>
public sealed record DicomFrame(DicomDataset Own, int? Number, Vector3d? Position);
