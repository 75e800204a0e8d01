using System.CommandLine;
using InrFast.Cli.Output;
using InrFast.Imaging;
using InrFast.Tasks.Reconstruction;

namespace InrFast.Cli.Commands;

/// <summary>Makes the measurement that a scanner would give of an image.</summary>
internal static class SimulateCommand
{
    private static readonly Argument<string[]> Input = new("IMAGE") { Description = "A slice or a volume, attenuation per mm or HU; its middle lies on the gantry's axis. A time series moves while the gantry turns", Arity = ArgumentArity.OneOrMore };

    private static readonly Option<string?> Geometry = OptionTypes.File("--geometry", "Take the scan from this geometry (its volume is the image's) instead of the options below");
    private static readonly Option<string> Kind = OptionTypes.Choice("--kind", "The beam", CtGeometry.Parallel, CtGeometry.Parallel, CtGeometry.Fan, CtGeometry.Cone);
    private static readonly Option<int?> Views = OptionTypes.Number("--views", "N", "Views at equal steps (180 unless told)", 1, 1 << 20);
    private static readonly Option<double?> Range = OptionTypes.Number("--range", "DEGREES", "From the first view to one step after the last (180 for a parallel beam, else 360)", 1e-3, 3600.0);
    private static readonly Option<double?> Start = OptionTypes.Number("--start", "DEGREES", "Angle of the first view", -3600.0, 3600.0);
    private static readonly Option<double?> SourceToAxis = OptionTypes.Number("--source-to-axis", "MM", "1000 unless told", 1e-3, 1e6);
    private static readonly Option<double?> SourceToDetector = OptionTypes.Number("--source-to-detector", "MM", "1500 unless told", 1e-3, 1e6);
    private static readonly Option<int?> Columns = OptionTypes.Number("--columns", "N", "Detector columns; as many as the image's diagonal needs unless told", 2, 1 << 16);
    private static readonly Option<int?> Rows = OptionTypes.Number("--rows", "N", "Detector rows of a volume; as many as its slices need unless told", 2, 1 << 16);
    private static readonly Option<double?> Spacing = OptionTypes.Number("--detector-spacing", "MM", "Of columns and rows; as the image's voxels appear there unless told", 1e-6, 1e6);
    private static readonly Option<double?> Offset = OptionTypes.Number("--detector-offset", "MM", "Moves the detector along its columns", -1e6, 1e6);
    private static readonly Option<string> Shape = OptionTypes.Choice("--detector-shape", "flat, or an arc about the source", "flat", "flat", "arc");
    private static readonly Option<double?> Noise = OptionTypes.Number("--noise", "DB", "White noise so many dB below the line integrals; or --photons", -100.0, 300.0);
    private static readonly Option<double?> Photons = OptionTypes.Number("--photons", "N", "Photons of each ray where nothing is in the way: Poisson noise", 1.0, 1e12);
    private static readonly Option<double?> Electronic = OptionTypes.Number("--electronic-noise", "N", "Standard deviation of the detector's own noise, counts (with --photons)", 0.0, 1e12);
    private static readonly Option<double?> AngleError = OptionTypes.Number("--angle-error", "DEGREES", "Standard deviation of each view's angle from the one that the geometry says", 0.0, 360.0);
    private static readonly Option<double?> GainError = OptionTypes.Number("--gain-error", "SHARE", "Standard deviation of each pixel's sensitivity: rings", 0.0, 0.3);
    private static readonly Option<int[]?> Missing = CtOptionTypes.ViewList("--missing", "Views that are not taken, from 0: 3,10-20");
    private static readonly Option<bool> Counts = OptionTypes.Flag("--counts", "Write counts instead of line integrals (with --photons)");

    private static readonly Option<string?> Flat = OptionTypes.File("--flat", $"Write {FlatExposures} exposures with nothing in the way there, for reconstruct ct --flat (with --counts)");

    private const int FlatExposures = 10;

    public static Command Create()
    {
        var ct = new Command("ct", "Project an image as a CT scanner does; NAME.geometry.json says how.")
        {
            Input, Options.ImageOutput, Geometry, Kind, Views, Range, Start, SourceToAxis, SourceToDetector, Columns, Rows, Spacing, Offset, Shape, Noise, Photons, Electronic, AngleError, GainError, Missing, Counts, Flat,
            CtOptionTypes.Water, Options.Seed, Options.Preview, Options.Device, Options.Precision, Options.Threads,
        };
        Options.OfInputs.ToList().ForEach(ct.Add);
        ct.Validators.Add(result =>
        {
            if (result.GetResult(Photons) is null && (result.GetResult(Electronic) is not null || result.GetResult(Counts) is not null))
            {
                result.AddError("--electronic-noise and --counts need --photons, the counts where nothing is in the way");
            }
            if (result.GetResult(Noise) is not null && result.GetResult(Photons) is not null)
            {
                result.AddError("--noise and --photons are each a noise of its own; give one");
            }
            if (result.GetResult(Flat) is not null && result.GetResult(Counts) is null)
            {
                result.AddError("--flat needs --counts: line integrals have no flat field");
            }
        });
        ct.SetAction(parsed => Run(new Session(parsed)));
        return new Command("simulate", "Make the measurement that a scanner would give.") { ct };
    }

    private static int Run(Session session)
    {
        var (output, force) = (session.Get(Options.ImageOutput)!, session.Get(Options.Force));
        var geometryPath = CtOptionTypes.GeometryBeside(output);
        session.CheckOutput("the geometry", geometryPath, AtomicFile.Check);
        var flat = session.Get(Flat);
        session.CheckOutput(Flat.Name, flat, ImageFile.CheckOutput);
        var device = session.OpenDevice();
        var image = session.ReadFiniteImage(session.Get(Input));
        if (image.Channels != 1)
        {
            throw new CommandException(ExitCode.BadInput, $"the image has {image.Channels} channels; give one of plain numbers");
        }
        var geometry = GeometryOf(session, image);
        geometry.Check(session.Get(Geometry) ?? "this scan");
        if (image.Unit != "HU" && image.Range().Minimum < 0)
        {
            session.Warn("the image has negative values, which as attenuation make no sense; are they HU? Give an image that says so (DICOM)");
        }
        if (image.Unit != "HU" && LargestRow(image) is > CtScan.LargestLineIntegral and var largest)
        {
            session.Warn($"a row of the image has a line integral of {largest:g2}, and of {CtScan.LargestLineIntegral} nothing comes through; is it attenuation per mm (water: {Hounsfield.Water})? Scale it, or give an image that says HU (DICOM)");
        }
        var simulation = new CtSimulation
        {
            NoiseDecibels = session.Get(Noise), Photons = session.Get(Photons), ElectronicNoise = session.Get(Electronic) ?? 0, AngleErrorDegrees = session.Get(AngleError) ?? 0, GainError = session.Get(GainError) ?? 0,
            MissingViews = session.Get(Missing) ?? [], AsCounts = session.Get(Counts), FlatExposures = flat is null ? 0 : FlatExposures, Seed = session.Seed(),
        };
        if (simulation.MissingViews.FirstOrDefault(view => view >= geometry.Views, -1) is var none and >= 0)
        {
            throw new CommandException(ExitCode.WrongUse, $"--missing {none}: there are {geometry.Views} views, 0 to {geometry.Views - 1}");
        }
        session.RequireMemory((Int128)geometry.Views * geometry.Detector.Rows * geometry.Detector.Columns * sizeof(float) * 3, "these projections");
        using var workers = session.StartWorkers();
        var begin = session.Elapsed;
        var (projections, told, flats) = simulation.Run(image, geometry, session.Get(CtOptionTypes.Water) ?? Hounsfield.Water, device, workers);
        session.Result.Seconds.Render = session.Elapsed - begin;
        begin = session.Elapsed;
        var measured = CtOptionTypes.ToImage(projections, told);
        var warnings = ImageFile.Write(output, measured, new WriteOptions { Force = force });
        if (flat is not null)
        {
            var exposures = CtOptionTypes.ToImage(flats, told with { AnglesDegrees = new double[FlatExposures] });
            warnings = [.. warnings, .. ImageFile.Write(flat, exposures, new WriteOptions { Force = force })];
        }
        warnings.ToList().ForEach(session.Warn);
        AtomicFile.Write(geometryPath, force, told.Save);
        if (session.WantsPicture)
        {
            session.Picture = Imaging.Preview.Render(CtOptionTypes.MiddleOf(projections, told));
        }
        if (session.Get(Options.Preview) is { } preview)
        {
            session.Picture!.WritePng(preview, force);
        }
        session.Result.Seconds.Write = session.Elapsed - begin;
        (session.Result.Device, session.Result.Output) = (device.Name, output);
        session.Say($"{told.Views} views of {told.Detector.Columns} x {told.Detector.Rows} pixels; the geometry is in {geometryPath}");
        return session.Finish();
    }

    // Along x, what a ray there meets.
    private static double LargestRow(Image image)
    {
        var largest = 0.0;
        for (var samples = image.Samples.Span; samples.Length > 0; samples = samples[image.Size.X..])
        {
            var sum = 0.0;
            foreach (var value in samples[..image.Size.X]) sum += value;
            largest = Math.Max(largest, sum);
        }
        return largest * image.Grid.Spacing.X;
    }

    private static CtGeometry GeometryOf(Session session, Image image)
    {
        var volume = CtSimulation.VolumeOf(image);
        if (session.Get(Geometry) is { } path)
        {
            using var stream = InputStream.Open(path);
            var given = CtGeometry.Load(path, stream);
            return given.AnglesDegrees is null ? throw new CommandException(ExitCode.WrongUse, $"{path}: a simulated scan has angles, not poses") : given with { Volume = volume, TimesSeconds = null };
        }
        var (kind, isFlat) = (session.Get(Kind)!, image.Size.Z == 1);
        bool isParallel = kind == CtGeometry.Parallel;
        var views = session.Get(Views) ?? 180;
        var (range, start) = (session.Get(Range) ?? (isParallel ? 180 : 360), session.Get(Start) ?? 0);
        var (toAxis, toDetector) = (session.Get(SourceToAxis) ?? 1000, session.Get(SourceToDetector) ?? 1500);
        var magnification = isParallel ? 1 : toDetector / toAxis;
        var spacing = session.Get(Spacing) ?? Math.Min(volume.SpacingMm[0], volume.SpacingMm[1]) * magnification;
        // The circle about the image, and the fan's widening; half a percent to spare.
        var radius = Math.Sqrt(Math.Pow(volume.Size[0] * volume.SpacingMm[0], 2) + Math.Pow(volume.Size[1] * volume.SpacingMm[1], 2)) / 2;
        var near = isParallel ? radius : radius < toAxis ? toDetector * radius / Math.Sqrt(toAxis * toAxis - radius * radius)
            : throw new CommandException(ExitCode.WrongUse, $"--source-to-axis {toAxis}: the image reaches {radius:g4} mm from the axis, so that the source passes through it; give more");
        var columns = session.Get(Columns) ?? (int)Math.Min(1 << 16, Math.Ceiling(2.01 * near / spacing));
        var rows = isFlat ? 1 : session.Get(Rows) ?? (isParallel ? volume.Size[2] : (int)Math.Min(1 << 16, Math.Ceiling(volume.Size[2] * volume.SpacingMm[2] * toDetector / (toAxis - radius) / spacing)));
        return new()
        {
            Kind = kind,
            AnglesDegrees = [.. Enumerable.Range(0, views).Select(i => Math.Round(start + range * i / views, 9))],
            SourceToAxisMm = isParallel ? null : toAxis,
            SourceToDetectorMm = isParallel ? null : toDetector,
            Detector = new()
            {
                Columns = columns, Rows = rows, ColumnSpacingMm = spacing, RowSpacingMm = isParallel && !isFlat ? volume.SpacingMm[2] : null,
                ColumnOffsetMm = session.Get(Offset) ?? 0, Shape = session.Get(Shape)!,
            },
            Volume = volume,
        };
    }
}
