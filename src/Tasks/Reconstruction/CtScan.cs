using System.Globalization;
using InrFast.Imaging;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Reconstruction;

/// <summary>Projections that fit their geometry, as line integrals.</summary>
public sealed class CtScan
{
    /// <summary>No object lets so little through that a detector still counts: e^-30.</summary>
    public const double LargestLineIntegral = 30;

    /// <summary>Of the largest line integral; more at a detector's edge is an object that goes on beyond it.</summary>
    const double EdgeShare = 0.05;

    CtScan(CtGeometry geometry, float[] projections, List<string> warnings) => (Geometry, Projections, Warnings) = (geometry, projections, warnings);

    public CtGeometry Geometry { get; }

    /// <summary>[view][row][column].</summary>
    public float[] Projections { get; }
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Views of nothing but zeros were not taken, and are left out with a warning.</summary>
    /// <param name="name">Of the projections' file, for messages.</param>
    /// <param name="image">x: columns; y: rows, z: views; or, of one row, y: views.</param>
    /// <param name="fields">Then the image holds raw counts, whatever units the geometry says.</param>
    /// <param name="chosen">Of all views, from 0, those that are taken; null: all.</param>
    /// <exception cref="FitException">Input: the array and the geometry do not fit, or the values are not what it says.</exception>
    public static CtScan Of(string name, Image image, CtGeometry geometry, CtFields? fields = null, IReadOnlyList<int>? chosen = null)
    {
        var (size, detector) = (image.Size, geometry.Detector);
        if (image.Channels != 1 || image.Times != 1) throw Wrong($"projections are an array [angle][row][column], and this has {image.Channels} channels and {image.Times} times; save plain numbers");
        var (views, rows) = size.Z == 1 && detector.Rows == 1 ? (size.Y, 1) : (size.Z, size.Y);
        if (size.X != detector.Columns) throw Wrong($"the array has {size.X} columns and the geometry {detector.Columns}; correct detector.columns, or give the array as [angle][row][column]");
        if (rows != detector.Rows) throw Wrong($"the array has {rows} detector rows and the geometry {detector.Rows}; correct detector.rows");
        if (views != geometry.Views) throw Wrong($"the array has {views} views and the geometry {geometry.Views}; give one angle for each view");
        float[] values = [.. image.Samples.Span];
        int pixels = rows * detector.Columns;
        var warnings = new List<string>();
        if (chosen is not null) Keep([.. chosen]);
        if (values.Count(value => !float.IsFinite(value)) is var broken and > 0) throw Wrong($"{broken} of {values.Length} values are NaN or infinite; leave out the views that hold them, with their angles");
        int[] taken = [.. Enumerable.Range(0, geometry.Views).Where(view => values.AsSpan(view * pixels, pixels).ContainsAnyExcept(0f))];
        if (taken.Length > 0 && taken.Length < geometry.Views)
        {
            warnings.Add($"{name}: {geometry.Views - taken.Length} of {geometry.Views} views are nothing but 0, as if they had not been taken; they are left out");
            Keep(taken);
        }
        var (least, most) = (values.Min(), values.Max());
        if (fields is not null)
        {
            values = fields.LineIntegrals(name, values, detector, warnings);
            geometry = geometry with { Units = CtGeometry.LineIntegral, AirCounts = null };
            most = values.Max();
        }
        else if (geometry.Units == CtGeometry.Counts)
        {
            double air = geometry.AirCounts!.Value;
            if (values.Count(value => value < 0) is var negative and > 0) throw Wrong($"{negative} of {values.Length} counts are negative, down to {Text(least)}; subtract the dark image no further than 0, or correct units");
            if (most <= LargestLineIntegral && air > 100 * LargestLineIntegral) throw Wrong($"values up to {Text(most)} are hardly counts where air has {Text(air)}; are they line integrals? correct units");
            if (values.Count(value => value < PhotonNoise.LeastCount) is var dark and > 0) warnings.Add($"{name}: {dark} of {values.Length} counts are below {PhotonNoise.LeastCount} and are taken as that: too few photons came through");
            values = PhotonNoise.LineIntegrals(values, air);
            most = values.Max();
        }
        else if (most > LargestLineIntegral) throw Wrong($"values up to {Text(most)} are no line integrals (at most {LargestLineIntegral}); are they counts? set units to counts and give airCounts");
        else if (least < -0.2 * Math.Max(most, 0)) warnings.Add($"{name}: line integrals down to {Text(least)}, which no object has; check the air calibration");
        if (most <= 0) throw Wrong("no ray is weakened by anything; there is nothing to reconstruct");
        WarnOfTruncation(values, most);
        if (geometry.ToProjection(1) is var projection && !SeesVolume(projection)) throw Wrong("no ray of the geometry meets the volume; correct the detector's offsets or the volume's origin");
        return new(geometry, values, warnings);

        FitException Wrong(string what) => new(FitError.Input, $"{name}: {what}");

        void Keep(int[] kept)
        {
            if (kept.Length == 0 || kept.Any(view => view < 0 || view >= geometry.Views)) throw new FitException(FitError.WrongUse, $"{name}: there are {geometry.Views} views, 0 to {geometry.Views - 1}; choose some of these");
            values = [.. kept.SelectMany(view => new ArraySegment<float>(values, view * pixels, pixels))];
            geometry = geometry.OfViews(kept);
        }

        void WarnOfTruncation(float[] values, float most)
        {
            int lines = values.Length / detector.Columns, cut = 0;
            for (int line = 0; line < lines; line++)
                if (Math.Max(values[line * detector.Columns], values[(line + 1) * detector.Columns - 1]) > EdgeShare * most) cut++;
            if (cut > 0) warnings.Add(string.Create(CultureInfo.InvariantCulture, $"{name}: the object reaches the detector's edge in {100.0 * cut / lines:g3} % of its lines, so that the outer part of the image is not right"));
        }
    }

    static bool SeesVolume(Kernels.Projection.ProjectionGeometry geometry)
    {
        var volume = geometry.Volume;
        double x = volume.X / 2.0, y = volume.Y / 2.0, z = volume.Z / 2.0;
        for (int view = 0; view < geometry.Views.Length; view++)
            for (int corner = 0; corner < 27; corner++)
            {
                // Corners, edges, faces and the middle of the box.
                var (column, row, _) = geometry.Project(view, volume.Centre(0, 0, 0) + new Kernels.Projection.Point3(
                    (x * (corner % 3) - 0.5) * volume.Spacing.X, (y * (corner / 3 % 3) - 0.5) * volume.Spacing.Y, volume.IsFlat ? 0 : (z * (corner / 9) - 0.5) * volume.Spacing.Z));
                if (column > -0.5 && column < geometry.Columns - 0.5 && (volume.IsFlat || row > -0.5 && row < geometry.Rows - 0.5)) return true;
            }
        return false;
    }

    static string Text(double value) => value.ToString("g4", CultureInfo.InvariantCulture);
}
