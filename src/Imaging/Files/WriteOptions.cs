namespace InrFast.Imaging;

/// <summary>How to write an image.</summary>
public sealed record WriteOptions
{
    /// <summary>Overwrite an existing file.</summary>
    public bool Force { get; init; }

    /// <summary>Write nothing where the format cannot keep everything.</summary>
    public bool RefuseLoss { get; init; }

    /// <summary>Type and scale to store the values in; null keeps the image's own (<see cref="Image.Stored"/>).</summary>
    public StoredScale? Stored { get; init; }

    /// <summary>How the values came about, one line; DICOM files carry it as DerivationDescription.</summary>
    public string Derivation { get; init; } = "Converted by InrFast";

    /// <summary>
    /// How many times smaller than the stored image the lossy representation is that the values come from; null where they come from none. DICOM files say so
    /// (PS3.3, C.7.6.1.1.5).
    /// </summary>
    public double? LossyRatio { get; init; }

    internal StoredScale ScaleFor(Image image) => Stored ?? image.Stored;
}
