using System.Text.Json;
using System.Text.Json.Serialization;
using InrFast.Imaging;
using InrFast.Kernels.Projection;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Reconstruction;

/// <summary>
/// A scan's geometry as the JSON file beside its projections has it, millimetres and degrees. At angle 0 rays run along +y and the detector's columns along +x; the gantry turns from +x
/// towards +y about z, along which rows run.
/// </summary>
public sealed partial record CtGeometry
{
    public const string Parallel = "parallel", Fan = "fan", Cone = "cone", LineIntegral = "line-integral", Counts = "counts";

    public required string Kind { get; init; }

    /// <summary>One for each view.</summary>
    public double[]? AnglesDegrees { get; init; }

    /// <summary>
    /// Instead of angles, of a cone beam: 12 numbers for each view, x, y, z of the source, of the detector's middle, and of the steps to the next column and the next row.
    /// </summary>
    public double[][]? PosesMm { get; init; }

    public double? SourceToAxisMm { get; init; }
    public double? SourceToDetectorMm { get; init; }
    public required CtDetector Detector { get; init; }

    /// <summary>What is reconstructed; null: what every view sees, with pixels as large as the detector's are there.</summary>
    public CtVolume? Volume { get; init; }

    /// <summary>When each view was taken.</summary>
    public double[]? TimesSeconds { get; init; }

    // set, not init: where a file leaves such a property out, the JSON reader would overwrite its standard value with null or 0.
    public string Units { get; set; } = LineIntegral;

    /// <summary>Counts where nothing is in the way.</summary>
    public double? AirCounts { get; init; }

    [JsonIgnore]
    public int Views => AnglesDegrees?.Length ?? PosesMm?.Length ?? 0;

    [JsonIgnore]
    public DetectorShape Shape => Kind == Parallel ? DetectorShape.Parallel : Detector.Shape == "arc" ? DetectorShape.Arc : DetectorShape.Flat;

    [JsonIgnore]
    public double[] Radians => [.. (AnglesDegrees ?? []).Select(angle => angle * Math.PI / 180)];

    /// <summary>Reads and checks the file.</summary>
    /// <exception cref="FitException">Input: it is no such JSON, or makes no sense.</exception>
    public static CtGeometry Load(string path, Stream stream)
    {
        CtGeometry? geometry;
        try
        {
            geometry = JsonSerializer.Deserialize(stream, Json.Default.CtGeometry);
        }
        catch (JsonException e)
        {
            throw Wrong(path, $"this is no CT geometry: {e.Message}");
        }
        (geometry ?? throw Wrong(path, "this is no CT geometry: it is empty")).Check(path);
        return geometry;
    }

    public void Save(Stream stream)
    {
        JsonSerializer.Serialize(stream, this, Json.Default.CtGeometry);
        stream.WriteByte((byte)'\n');
    }

    /// <summary>Refuses what makes no sense by itself.</summary>
    public void Check(string path)
    {
        if (Kind is not (Parallel or Fan or Cone)) throw Wrong(path, $"kind is '{Kind}'; it must be {Parallel}, {Fan} or {Cone}");
        if (Units is not (LineIntegral or Counts)) throw Wrong(path, $"units is '{Units}'; it must be {LineIntegral} or {Counts}");
        if (Units == Counts && !(AirCounts > 0)) throw Wrong(path, "units is counts and airCounts is missing; give the counts where nothing is in the way");
        if (AnglesDegrees is null == PosesMm is null) throw Wrong(path, "give one of anglesDegrees and posesMm");
        if (Views == 0) throw Wrong(path, "there are no views; anglesDegrees needs one angle for each");
        var d = Detector;
        if (d.Columns < 2 || d.Rows < 1) throw Wrong(path, $"the detector has {d.Columns} columns and {d.Rows} rows; at least 2 and 1 are needed");
        if (!Positive(d.ColumnSpacingMm) || d.RowSpacingMm is { } rowSpacing && !Positive(rowSpacing)) throw Wrong(path, "the detector's spacings must be above 0");
        if (!double.IsFinite(d.ColumnOffsetMm) || !double.IsFinite(d.RowOffsetMm)) throw Wrong(path, "the detector's offsets must be finite");
        if (d.Shape is not ("flat" or "arc")) throw Wrong(path, $"the detector's shape is '{d.Shape}'; it must be flat or arc");
        if (Kind == Fan && d.Rows != 1) throw Wrong(path, $"a fan beam has one detector row, not {d.Rows}; kind cone has several");
        if (TimesSeconds is { } times && times.Length != Views) throw Wrong(path, $"there are {times.Length} times for {Views} views; give one for each");
        if (AnglesDegrees is { } angles)
        {
            if (angles.Any(angle => !double.IsFinite(angle))) throw Wrong(path, "an angle is not a finite number");
            if (angles.Length > 1 && angles.All(angle => angle == angles[0])) throw Wrong(path, $"all {angles.Length} angles are {angles[0]} degrees; one direction shows no image. Give the angle of each view");
            if (Kind != Parallel && !(Positive(SourceToAxisMm ?? 0) && SourceToDetectorMm >= SourceToAxisMm && double.IsFinite(SourceToDetectorMm.Value)))
                throw Wrong(path, $"a {Kind} beam needs sourceToAxisMm above 0 and sourceToDetectorMm not below it");
        }
        else if (Kind != Cone || PosesMm!.Any(pose => pose is not { Length: 12 } || pose.Any(number => !double.IsFinite(number)))) throw Wrong(path, "posesMm are for cone beams, 12 finite numbers for each view");
        if (PosesMm is not null && Volume is null) throw Wrong(path, "with posesMm nothing says what all views see: give the volume");
        if (Volume is { } v && (v.Size is not { Length: 2 or 3 } || v.SpacingMm.Length != v.Size.Length || v.OriginMm is { } origin && (origin.Length != v.Size.Length || origin.Any(o => !double.IsFinite(o)))
            || v.Size.Any(n => n < 1) || v.SpacingMm.Any(s => !Positive(s)))) throw Wrong(path, "the volume needs size, spacingMm and (or it is centred) originMm with 2 or 3 numbers each, spacings above 0");
        var box = Box;
        if (box.IsFlat != (d.Rows == 1)) throw Wrong(path, $"one detector row sees one slice, and several rows several; there are {d.Rows} rows and {box.Z} slices");
        if (box.X < 2 || box.Y < 2) throw Wrong(path, $"the volume has {box.X} x {box.Y} voxels; at least 2 x 2 are needed");
        if (box.Count > int.MaxValue || (long)Views * d.Rows * d.Columns > int.MaxValue) throw new FitException(FitError.Limit, $"{path}: volume or projections have more than 2^31 numbers; give fewer");
        double reach = Math.Sqrt(Math.Pow(Math.Max(Math.Abs(box.Centre(0, 0, 0).X), Math.Abs(box.Centre(box.X - 1, 0, 0).X)), 2) + Math.Pow(Math.Max(Math.Abs(box.Centre(0, 0, 0).Y), Math.Abs(box.Centre(0, box.Y - 1, 0).Y)), 2));
        if (Kind != Parallel && AnglesDegrees is not null && reach >= SourceToAxisMm) throw Wrong(path, $"the source passes through the volume: it is {SourceToAxisMm} mm from the axis and the volume reaches {reach:g4} mm; make the volume smaller");
    }

    /// <summary>Some of its views, from 0, in this order.</summary>
    public CtGeometry OfViews(IReadOnlyList<int> views)
    {
        T[]? Some<T>(T[]? all) => all is null ? null : [.. views.Select(view => all[view])];
        return this with { AnglesDegrees = Some(AnglesDegrees), PosesMm = Some(PosesMm), TimesSeconds = Some(TimesSeconds) };
    }

    static bool Positive(double x) => x > 0 && double.IsFinite(x);

    static FitException Wrong(string path, string what) => new(FitError.Input, $"{path}: {what}");

    internal ScanVolume Box
    {
        get
        {
            int Size(int axis) => Volume!.Size.Length > axis ? Volume.Size[axis] : 1;
            double Spacing(int axis) => Volume!.SpacingMm.Length > axis ? Volume.SpacingMm[axis] : Detector.RowSpacing;
            if (Volume is { } v)
            {
                double Origin(int axis) => v.OriginMm?.Length > axis ? v.OriginMm[axis] : -(Size(axis) - 1) / 2.0 * Spacing(axis);
                return new(Size(0), Size(1), Size(2), new(Spacing(0), Spacing(1), Spacing(2)), new(Origin(0), Origin(1), Origin(2)));
            }
            // The circle that all views see.
            double half = Detector.Columns * Detector.ColumnSpacingMm / 2, magnification = Kind == Parallel ? 1 : SourceToDetectorMm!.Value / SourceToAxisMm!.Value;
            double radius = Kind == Parallel ? half : SourceToAxisMm!.Value * Math.Sin(Detector.Shape == "arc" ? half / SourceToDetectorMm!.Value : Math.Atan(half / SourceToDetectorMm!.Value));
            int n = Detector.Columns, slices = Detector.Rows;
            double step = 2 * radius / n, rise = Detector.RowSpacing / magnification;
            return new(n, n, slices, new(step, step, rise), new(-(n - 1) / 2.0 * step, -(n - 1) / 2.0 * step, -(slices - 1) / 2.0 * rise));
        }
    }

    /// <summary>Half the longest side of the volume, mm: the unit of length of the methods, in which images of any scanner have values of about 1.</summary>
    public double HalfSide()
    {
        var b = Box;
        return Math.Max(b.X * b.Spacing.X, Math.Max(b.Y * b.Spacing.Y, b.IsFlat ? 0 : b.Z * b.Spacing.Z)) / 2;
    }

    /// <summary>For kernels, lengths in units of so many mm.</summary>
    public ProjectionGeometry ToProjection(double unit)
    {
        var box = Box;
        var d = Detector;
        var volume = box with { Spacing = box.Spacing / unit, Origin = (box.IsFlat ? box.Origin with { Z = 0 } : box.Origin) / unit };
        View[] views = PosesMm is { } poses
            ? [.. poses.Select(p => new View(At(p, 0), At(p, 3), At(p, 6), At(p, 9)))]
            : [.. Radians.Select(angle => View.Circular(Shape, angle, (SourceToAxisMm ?? 1) / unit, (SourceToDetectorMm ?? 1) / unit, d.ColumnSpacingMm / unit, d.RowSpacing / unit))];
        return new(volume, Shape, d.Columns, d.Rows, (d.Columns - 1) / 2.0 - d.ColumnOffsetMm / d.ColumnSpacingMm, (d.Rows - 1) / 2.0 - d.RowOffsetMm / d.RowSpacing, views);

        Point3 At(double[] pose, int first) => new Point3(pose[first], pose[first + 1], pose[first + 2]) / unit;
    }

    /// <summary>The volume's place in the world.</summary>
    public Grid ToGrid()
    {
        var b = Box;
        return new(new GridSize(b.X, b.Y, b.Z), new(new(b.Spacing.X, 0, 0), new(0, b.Spacing.Y, 0), new(0, 0, b.Spacing.Z), new(b.Origin.X, b.Origin.Y, b.Origin.Z)));
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
    [JsonSerializable(typeof(CtGeometry))]
    sealed partial class Json : JsonSerializerContext;
}

/// <summary>A detector of equal pixels.</summary>
public sealed record CtDetector
{
    public required int Columns { get; init; }
    public int Rows { get; set; } = 1;

    /// <summary>On the detector, not in the plane of the axis; on an arc along it.</summary>
    public required double ColumnSpacingMm { get; init; }

    /// <summary>Null: that of columns.</summary>
    public double? RowSpacingMm { get; init; }

    /// <summary>How far the detector's middle lies from the central ray, along its columns.</summary>
    public double ColumnOffsetMm { get; init; }
    public double RowOffsetMm { get; init; }

    /// <summary>"flat", or "arc" about the source.</summary>
    public string Shape { get; set; } = "flat";

    [JsonIgnore]
    public double RowSpacing => RowSpacingMm ?? ColumnSpacingMm;
}

/// <summary>The box of voxels that is reconstructed, 2 or 3 numbers each.</summary>
public sealed record CtVolume
{
    public required int[] Size { get; init; }
    public required double[] SpacingMm { get; init; }

    /// <summary>Centre of the first voxel; null: the box is centred on the axis.</summary>
    public double[]? OriginMm { get; init; }
}
