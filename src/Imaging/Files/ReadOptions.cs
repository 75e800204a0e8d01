using InrFast.Imaging.Dicom;

namespace InrFast.Imaging;

/// <summary>How to read an image.</summary>
public sealed record ReadOptions
{
    public ReadLimits Limits { get; init; } = ReadLimits.Default;

    /// <summary>Which series of a folder, a DICOMDIR or a list of files: its UID, its number, or its name in <see cref="DicomSeries"/>.</summary>
    public string? Series { get; init; }

    /// <summary>Bring slices that are missing or unevenly spaced onto an even grid by linear interpolation, with a warning, instead of refusing them.</summary>
    public bool AllowGaps { get; init; }
}
