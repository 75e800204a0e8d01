using System.Globalization;
using InrFast.Imaging;

namespace InrFast.Cli.Output;

/// <summary>What k-space is: for --json and as lines for people. What the file does not say is left out.</summary>
internal sealed record KSpaceDescription(string Path)
{
    /// <summary>Samples along a readout, readouts or phase encodings, partitions.</summary>
    public required int[] Shape { get; init; }

    public required int Coils { get; init; }

    public required int Slices { get; init; }

    public required int Times { get; init; }

    public required string Trajectory { get; init; }

    /// <summary>Share of a Cartesian grid that is not zero.</summary>
    public double? Sampled { get; init; }

    public int[]? EncodedMatrix { get; init; }

    /// <summary>mm.</summary>
    public double[]? EncodedFieldOfView { get; init; }

    public int[]? ReconMatrix { get; init; }

    /// <summary>mm.</summary>
    public double[]? ReconFieldOfView { get; init; }

    public string? Protocol { get; init; }

    /// <summary>Tesla.</summary>
    public double? FieldStrength { get; init; }

    /// <summary>Seconds.</summary>
    public double? RepetitionTime { get; init; }

    /// <summary>Seconds.</summary>
    public double? EchoTime { get; init; }

    public static KSpaceDescription Of(string path, KSpace data)
    {
        int[]? Matrix(GridSize? size) => size is { } s ? [s.X, s.Y, s.Z] : null;
        double[]? Field(Vector3d? field) => field is { } f ? [f.X, f.Y, f.Z] : null;
        var header = data.Header;
        return new(path)
        {
            Shape = [data.Size.X, data.Size.Y, data.Size.Z], Coils = data.Coils, Slices = data.Slices, Times = data.Times,
            Trajectory = header.Trajectory ?? (data.Trajectory is null ? "cartesian" : "other"),
            Sampled = data.Trajectory is null ? data.SampledShare() : null,
            EncodedMatrix = Matrix(header.EncodedMatrix), EncodedFieldOfView = Field(header.EncodedFieldOfView), ReconMatrix = Matrix(header.ReconMatrix), ReconFieldOfView = Field(header.ReconFieldOfView),
            Protocol = header.Protocol, FieldStrength = header.FieldStrength, RepetitionTime = header.RepetitionTime, EchoTime = header.EchoTime,
        };
    }

    public IEnumerable<string> Lines()
    {
        yield return Path;
        yield return Line("format", "k-space");
        yield return Line("size", string.Join(" x ", Shape) + $", {Coils} coils" + (Slices > 1 ? $", {Slices} slices" : "") + (Times > 1 ? $", {Times} times" : ""));
        yield return Line("trajectory", Trajectory + (Sampled is { } share ? $", {Number(100 * share)} % sampled" : ""));
        if (EncodedMatrix is not null)
        {
            yield return Line("encoded", Space(EncodedMatrix, EncodedFieldOfView));
        }
        if (ReconMatrix is not null)
        {
            yield return Line("image", Space(ReconMatrix, ReconFieldOfView));
        }
        string?[] scan = [Protocol, FieldStrength is { } tesla ? $"{Number(tesla)} T" : null, RepetitionTime is { } tr ? $"TR {Number(1000 * tr)} ms" : null, EchoTime is { } te ? $"TE {Number(1000 * te)} ms" : null];
        if (Array.Exists(scan, part => part is not null))
        {
            yield return Line("scan", string.Join(", ", scan.OfType<string>()));
        }
    }

    private static string Space(int[] matrix, double[]? field) => string.Join(" x ", matrix) + (field is null ? "" : $" in {string.Join(" x ", field.Select(Number))} mm");

    private static string Line(string name, string value) => $"  {name,-12}{value}";

    private static string Number(double value) => value.ToString("g6", CultureInfo.InvariantCulture);
}
