using InrFast.Imaging.Dicom;

namespace InrFast.Cli.Output;

/// <summary>A DICOM series of a folder for --json; <paramref name="Name"/> is what --series takes.</summary>
internal sealed record SeriesDescription(string Name, string Uid, string Modality, string Description, int[] Shape, int Times)
{
    /// <summary>Why it is not taken unless asked for: "localizer" or "secondary capture".</summary>
    public string? Exclusion { get; init; }

    public static SeriesDescription Of(DicomSeries series) =>
        new(series.Name, series.Uid, series.Modality, series.Description, [series.Columns, series.Rows, series.Slices], series.Times) { Exclusion = series.Exclusion };
}
