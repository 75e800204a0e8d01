namespace InrFast.Imaging.Dicom;

/// <summary>A DICOM file whose header has been read.</summary>
/// <param name="withPixels">Gives its pixels to whom it is called with, and lets go of them afterwards.</param>
internal sealed class DicomInstance(string name, DicomFile header, Action<Action<DicomPixels>> withPixels)
{
    public string Name => name;

    public DicomFile Header => header;

    public DicomDataset Dataset => header.Dataset;

    public void WithPixels(Action<DicomPixels> action) => withPixels(action);
}

/// <summary>One frame of one file, and where it lies.</summary>
internal sealed class DicomSlice
{
    /// <param name="instance">The file.</param>
    /// <param name="frame">The frame in it, from 0.</param>
    /// <param name="attributes">What holds for this frame, as a file of one frame would say it.</param>
    /// <param name="tile">The tile of the frame (column, row) where a frame is a mosaic of slices.</param>
    public DicomSlice(DicomInstance instance, int frame, DicomDataset attributes, (int Column, int Row)? tile = null)
    {
        (Instance, Frame, Attributes, Tile) = (instance, frame, attributes, tile);
        Place = DicomGeometry.Read(attributes, instance.Name, Warnings);
        (Columns, Rows, Channels) = (attributes.GetInteger(DicomTags.Columns) ?? 0, attributes.GetInteger(DicomTags.Rows) ?? 0, ChannelsOf(attributes));
    }

    private static int ChannelsOf(DicomDataset attributes) =>
        attributes.GetString(DicomTags.PhotometricInterpretation) == "PALETTE COLOR" ? 3 : attributes.GetInteger(DicomTags.SamplesPerPixel) ?? 1;

    public DicomInstance Instance { get; }

    public int Frame { get; }

    public DicomDataset Attributes { get; }

    public (int Column, int Row)? Tile { get; }

    public int Columns { get; }

    public int Rows { get; }

    public int Channels { get; }

    /// <summary>Index to world within this slice; the third step is its normal with its thickness.</summary>
    public Affine Place { get; }

    public bool HasPlace => DicomGeometry.HasPlace(Attributes);

    public Vector3d Normal => Place.StepZ / Place.StepZ.Length;

    public List<string> Warnings { get; } = [];

    public string Name => Instance.Dataset.GetInteger(DicomTags.NumberOfFrames) is > 1 ? $"frame {Frame + 1} of {Instance.Name}" : Instance.Name;

    /// <summary>
    /// Whether both lie in one grid but for their position: same size, spacing within 0.1 %, and axes within a milliradian.
    /// </summary>
    public bool IsParallelTo(DicomSlice other)
    {
        return (Columns, Rows, Channels, HasPlace) == (other.Columns, other.Rows, other.Channels, other.HasPlace)
            && Agree(Place.StepX, other.Place.StepX) && Agree(Place.StepY, other.Place.StepY);

        static bool Agree(Vector3d a, Vector3d b) => (a - b).Length <= 1e-3 * a.Length;
    }
}
