using System.CommandLine;
using InrFast.Imaging;
using InrFast.Tasks.Reconstruction;

namespace InrFast.Cli.Commands;

/// <summary>What reconstruct ct reads of a scan: projections, their geometry, and what the detector shows without an object.</summary>
internal static class CtInput
{
    // A scan in one HDF5 file as synchrotrons write it: De Carlo et al., Scientific data exchange, Journal of Synchrotron Radiation 21, 2014.
    private const string Data = "exchange/data", White = "exchange/data_white", Darkness = "exchange/data_dark", Theta = "exchange/theta";

    public static Option<string?> Geometry { get; } = OptionTypes.File("--geometry", "The scan's geometry: JSON, or RTK's geometry.xml; NAME.geometry.json beside the projections unless told");
    private static readonly Option<string?> Flat = OptionTypes.File("--flat", "Exposures with nothing in the way [exposure][row][column]: the projections are raw counts. A Data Exchange file has its own");
    private static readonly Option<string?> Dark = OptionTypes.File("--dark", "Exposures without a beam (with --flat)");
    private static readonly Option<double?> AxisColumn = OptionTypes.Number("--axis-column", "C", "The column, from 0, that the axis of rotation is seen on, instead of what the geometry says", -1e6, 1e6);
    private static readonly Option<int[]?> Views = CtOptionTypes.ViewList("--views", "Views that are taken, from 0: 3,10-20 or 0-180:4; all that are not 0 throughout unless told");

    public static void AddTo(Command command)
    {
        foreach (var option in (Option[])[Geometry, Flat, Dark, AxisColumn, Views])
        {
            command.Add(option);
        }
        command.Validators.Add(result =>
        {
            if (result.GetResult(Dark) is not null && result.GetResult(Flat) is null)
            {
                result.AddError("--dark needs --flat, exposures with nothing in the way");
            }
        });
    }

    public static CtScan Read(Session session, string[] input)
    {
        var isExchange = input.Length == 1 && session.Get(Options.Series) is null && IsExchange(input[0]);
        var geometryPath = session.Get(Geometry) ?? CtOptionTypes.GeometryBeside(input[0]);
        var isGeometryThere = session.Get(Geometry) is not null || File.Exists(geometryPath);
        if (!isGeometryThere && !isExchange)
        {
            throw new CommandException(ExitCode.NoInput, $"{input[0]}: there is no geometry beside it ({Path.GetFileName(geometryPath)}); name it with --geometry");
        }
        var projections = isExchange ? session.ReadArray(input[0], Data) : session.ReadImage(input);
        var geometry = isGeometryThere ? Load(geometryPath, projections) : OfExchange(session, input[0], projections);
        if (session.Get(AxisColumn) is { } column)
        {
            geometry = geometry with { Detector = geometry.Detector with { ColumnOffsetMm = ((geometry.Detector.Columns - 1) / 2.0 - column) * geometry.Detector.ColumnSpacingMm } };
        }
        var fields = session.Get(Flat) is { } flat ? new CtFields(session.ReadImage(flat), session.Get(Dark) is { } dark ? session.ReadImage(dark) : null)
            : isExchange ? new CtFields(session.ReadArray(input[0], White), session.ReadArray(input[0], Darkness))
            : null;
        var scan = CtScan.Of(input[0], projections, geometry, fields, session.Get(Views) is { Length: > 0 } views ? views : null);
        scan.Warnings.ToList().ForEach(session.Warn);
        return scan;
    }

    private static bool IsExchange(string path) => File.Exists(path) && ArrayFile.List(path).Select(array => array.Name).ToHashSet() is var names && names.Contains(Data) && names.Contains(White) && names.Contains(Darkness);

    // A parallel beam, which such files are of; the size of a pixel stands elsewhere in them, under names of each beamline.
    private static CtGeometry OfExchange(Session session, string path, Image projections)
    {
        session.Warn($"{path}: a parallel beam with pixels of 1 mm is assumed, as no geometry is beside it; give one with --geometry for a true scale");
        var geometry = new CtGeometry
        {
            Kind = CtGeometry.Parallel, AnglesDegrees = [.. session.ReadArray(path, Theta).Samples.Span.ToArray().Select(angle => (double)angle)],
            Detector = new() { Columns = projections.Size.X, Rows = projections.Size.Y, ColumnSpacingMm = 1 },
        };
        geometry.Check(path);
        return geometry;
    }

    private static CtGeometry Load(string path, Image projections)
    {
        using var stream = InputStream.Open(path);
        return path.EndsWith(".xml", StringComparison.OrdinalIgnoreCase) ? RtkGeometry.Load(path, stream, projections.Grid) : CtGeometry.Load(path, stream);
    }
}
