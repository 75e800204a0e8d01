using System.Globalization;
using InrFast.Imaging;
using InrFast.Imaging.Dicom;

namespace InrFast.Cli.Output;

/// <summary>What an image is: for --json and as lines for people.</summary>
internal sealed record ImageDescription(string Path)
{
    public required string? Format { get; init; }

    /// <summary>Of DICOM images: CT, MR, ...</summary>
    public string? Modality { get; init; }

    public string? SeriesDescription { get; init; }

    /// <summary>Voxels along x, y and, in volumes, z.</summary>
    public required int[] Shape { get; init; }

    public required int Channels { get; init; }

    public required int Times { get; init; }

    /// <summary>Seconds; left out where unknown.</summary>
    public double? TimeSpacing { get; init; }

    /// <summary>mm along x, y, z; left out, with origin and orientation, where the file gives the image no place in the world.</summary>
    public double[]? Spacing { get; init; }

    /// <summary>Centre of the first voxel in LPS mm.</summary>
    public double[]? Origin { get; init; }

    /// <summary>Where x, y and z lead most nearly, a letter each: L or R, P or A, S or I.</summary>
    public string? Orientation { get; init; }

    /// <summary>The kind of number the file keeps, and value = slope * number + intercept.</summary>
    public required string Type { get; init; }

    public required double Slope { get; init; }

    public required double Intercept { get; init; }

    /// <summary>Least and greatest finite value; left out where none is finite.</summary>
    public float[]? Range { get; init; }

    public string? Unit { get; init; }

    public static ImageDescription Of(string path, Image image)
    {
        var (size, map, range) = (image.Size, image.Grid.IndexToWorld, image.Range());
        var hasPlace = map != Affine.Identity;
        return new(path)
        {
            Format = image.Acquisition is null ? ImageFile.FormatOf(path) : "DICOM",
            Modality = image.Acquisition?.Common.GetString(DicomTags.Modality),
            SeriesDescription = image.Acquisition?.Common.GetString(DicomTags.SeriesDescription),
            Shape = image.Dimensions == 2 ? [size.X, size.Y] : [size.X, size.Y, size.Z],
            Channels = image.Channels,
            Times = image.Times,
            TimeSpacing = image.TimeSpacing > 0 ? image.TimeSpacing : null,
            Spacing = hasPlace ? [map.Spacing.X, map.Spacing.Y, map.Spacing.Z] : null,
            Origin = hasPlace ? [map.Origin.X, map.Origin.Y, map.Origin.Z] : null,
            Orientation = hasPlace ? image.Grid.Orientation : null,
            Type = image.Stored.Type.ToString().ToLowerInvariant(),
            Slope = image.Stored.Slope,
            Intercept = image.Stored.Intercept,
            Range = float.IsNaN(range.Minimum) ? null : [range.Minimum, range.Maximum],
            Unit = image.Unit.Length > 0 ? image.Unit : null,
        };
    }

    public IEnumerable<string> Lines()
    {
        yield return Path;
        yield return Line("format", string.Join(", ", new[] { Format ?? "unknown", Modality, SeriesDescription }.OfType<string>()));
        yield return Line("size", string.Join(" x ", Shape) + (Times > 1 ? $", {Times} times" : "") + (Channels > 1 ? $", {Channels} channels" : ""));
        if (TimeSpacing is { } seconds)
        {
            yield return Line("time step", $"{Number(seconds)} s");
        }
        yield return Line("spacing", Spacing is null ? "none: the file gives the image no place in the world" : $"{string.Join(" x ", Spacing.Select(Number))} mm");
        if (Origin is not null)
        {
            yield return Line("origin", $"{string.Join(", ", Origin.Select(Number))} mm (LPS)");
            yield return Line("orientation", Orientation!);
        }
        yield return Line("type", Type + (Slope == 1 && Intercept == 0 ? "" : $" x {Number(Slope)} {(Intercept < 0 ? '-' : '+')} {Number(Math.Abs(Intercept))}"));
        yield return Line("range", (Range is null ? "no finite value" : $"{Number(Range[0])} to {Number(Range[1])}") + (Unit is null ? "" : $" {Unit}"));
    }

    private static string Line(string name, string value) => $"  {name,-12}{value}";

    private static string Number(double value) => value.ToString("g6", CultureInfo.InvariantCulture);
}
