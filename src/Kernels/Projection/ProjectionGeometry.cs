namespace InrFast.Kernels.Projection;

/// <summary>A box of voxels, axes along the scanner's, x fastest.</summary>
/// <param name="X">Voxels along x; Y and Z likewise. Z = 1: a picture, and all rays lie in its plane.</param>
/// <param name="Spacing">Distance of voxel centres.</param>
/// <param name="Origin">Centre of the first voxel. The origin of space is where the gantry's axis meets the plane of the source.</param>
public readonly record struct ScanVolume(int X, int Y, int Z, Point3 Spacing, Point3 Origin)
{
    public int this[int axis] => axis switch { 0 => X, 1 => Y, _ => Z };
    public bool IsFlat => Z == 1;
    public long Count => (long)X * Y * Z;
    public Point3 Centre(int x, int y, int z) => new(Origin.X + x * Spacing.X, Origin.Y + y * Spacing.Y, Origin.Z + z * Spacing.Z);
}

public enum DetectorShape
{
    /// <summary>Rays of a view are parallel; a plane of pixels.</summary>
    Parallel,

    /// <summary>Rays from a point; a plane of pixels.</summary>
    Flat,

    /// <summary>Rays from a point; columns at equal angles on a circle about it, rows along its axis.</summary>
    Arc,
}

/// <summary>One view. All in one unit of length, the volume's.</summary>
/// <param name="Source">Where the rays start; of parallel rays, their direction.</param>
/// <param name="Detector">The place whose column and row numbers are the geometry's centre.</param>
/// <param name="ColumnStep">To the next column; on an arc the tangent at Detector, as long as a column's part of the arc, at right angles to Detector - Source.</param>
/// <param name="RowStep">To the next row.</param>
public readonly record struct View(Point3 Source, Point3 Detector, Point3 ColumnStep, Point3 RowStep)
{
    /// <summary>
    /// A view of a gantry that turns about z from +x towards +y: at angle 0 rays run along +y, columns along +x and rows along +z.
    /// </summary>
    /// <param name="angle">Radians.</param>
    /// <param name="sourceToAxis">Of parallel rays without meaning, as the next.</param>
    public static View Circular(DetectorShape shape, double angle, double sourceToAxis, double sourceToDetector, double columnSpacing, double rowSpacing)
    {
        var (sine, cosine) = Math.SinCos(angle);
        Point3 along = new(-sine, cosine), columnStep = new Point3(cosine, sine) * columnSpacing, rowStep = new(0, 0, rowSpacing);
        return shape == DetectorShape.Parallel ? new(along, default, columnStep, rowStep) : new(along * -sourceToAxis, along * (sourceToDetector - sourceToAxis), columnStep, rowStep);
    }
}

/// <summary>Where the rays of a scan run, and the volume that they cross. Projections are float [view][row][column].</summary>
public sealed class ProjectionGeometry
{
    public ProjectionGeometry(ScanVolume volume, DetectorShape shape, int columns, int rows, double centreColumn, double centreRow, View[] views)
    {
        (Volume, Shape, Columns, Rows, CentreColumn, CentreRow, Views) = (volume, shape, columns, rows, centreColumn, centreRow, views);
        if (volume.X < 2 || volume.Y < 2 || volume.Z < 1) throw new ArgumentException($"a volume of {volume.X} x {volume.Y} x {volume.Z} voxels: at least 2 x 2 x 1 are needed");
        if (volume.IsFlat != (rows == 1)) throw new ArgumentException($"one detector row sees one slice, and several rows several: not {rows} rows {volume.Z} slices");
        if (columns < 2 || rows < 1 || views.Length < 1) throw new ArgumentException($"{views.Length} views of {columns} x {rows} pixels: at least one view of 2 x 1 is needed");
        if (volume.Count > int.MaxValue || (long)columns * rows * views.Length > int.MaxValue) throw new ArgumentException("a volume and its projections have at most 2^31 - 1 numbers each");
    }

    public ScanVolume Volume { get; }
    public DetectorShape Shape { get; }
    public int Columns { get; }
    public int Rows { get; }

    /// <summary>Column and row, whole numbers at the pixels' centres, of <see cref="View.Detector"/>.</summary>
    public double CentreColumn { get; }
    public double CentreRow { get; }
    public View[] Views { get; }
    public long Count => (long)Views.Length * Rows * Columns;

    public ProjectionGeometry WithViews(View[] views) => new(Volume, Shape, Columns, Rows, CentreColumn, CentreRow, views);

    /// <summary>The same scan with so many voxels for each along every axis, and so many rays for each pixel along columns and, where there are several, rows.</summary>
    public ProjectionGeometry Finer(int factor)
    {
        var v = Volume;
        int slices = v.IsFlat ? 1 : factor;
        double shift = (1 - 1.0 / factor) / 2;
        double Centre(double centre) => (centre + 0.5) * factor - 0.5;
        return new(new(v.X * factor, v.Y * factor, v.Z * slices, new(v.Spacing.X / factor, v.Spacing.Y / factor, v.Spacing.Z / slices),
                new(v.Origin.X - shift * v.Spacing.X, v.Origin.Y - shift * v.Spacing.Y, v.IsFlat ? v.Origin.Z : v.Origin.Z - shift * v.Spacing.Z)),
            Shape, Columns * factor, Rows * slices, Centre(CentreColumn), v.IsFlat ? CentreRow : Centre(CentreRow), [.. Views.Select(view => view with { ColumnStep = view.ColumnStep / factor, RowStep = view.RowStep / slices })]);
    }

    /// <summary>The ray to a place of the detector. The direction's length means nothing.</summary>
    public (Point3 Origin, Point3 Direction) Ray(int view, double column, double row)
    {
        ref readonly var v = ref Views[view];
        var along = v.RowStep * (row - CentreRow);
        if (Shape == DetectorShape.Arc)
        {
            Point3 central = v.Detector - v.Source;
            double radius = central.Length, step = v.ColumnStep.Length;
            var (sine, cosine) = Math.SinCos((column - CentreColumn) * step / radius);
            return (v.Source, central * cosine + v.ColumnStep * (sine * radius / step) + along);
        }
        var pixel = v.Detector + v.ColumnStep * (column - CentreColumn) + along;
        return Shape == DetectorShape.Parallel ? (pixel, v.Source) : (v.Source, pixel - v.Source);
    }

    /// <summary>Where a point is seen in a view, and the weight of the view there in filtered backprojection (<see cref="ViewMap"/>).</summary>
    public (double Column, double Row, double Weight) Project(int view, Point3 point)
    {
        var map = new ViewMap(this, view);
        var from = point - map.Source;
        double depth = Point3.Dot(from, map.Normal), column = Point3.Dot(from, map.Column), row = Point3.Dot(from, map.Row);
        switch (Shape)
        {
            case DetectorShape.Parallel:
                return (map.ColumnOffset + column, map.RowOffset + row, 1);
            case DetectorShape.Flat:
                return (map.ColumnOffset + column / depth, map.RowOffset + row / depth, map.AxisDepth * map.AxisDepth / (depth * depth));
            default:
                // column is the distance from the central ray over a column's angle.
                double distance = Math.Sqrt(depth * depth + column * column * map.Angle * map.Angle);
                return (map.ColumnOffset + Math.Atan2(column * map.Angle, depth) / map.Angle, map.RowOffset + row / distance, map.AxisDepth * map.AxisDepth / (distance * distance));
        }
    }
}

/// <summary>
/// From points to the detector. With r = x - Source: depth = r Normal; of parallel rays column = ColumnOffset + r Column, of a flat detector
/// ColumnOffset + r Column / depth; rows likewise; on an arc the column follows from the angle of (r Column Angle, depth), and rows from the distance. A view weighs
/// (AxisDepth / depth)^2 in filtered backprojection, on an arc (AxisDepth / distance)^2 (Kak and Slaney: Principles of computerized tomographic imaging, 1988, equations 3.103 and 3.139).
/// </summary>
public readonly struct ViewMap
{
    public readonly Point3 Source, Normal, Column, Row;
    public readonly double ColumnOffset, RowOffset, AxisDepth, Angle;

    public ViewMap(ProjectionGeometry geometry, int view)
    {
        ref readonly var v = ref geometry.Views[view];
        bool parallel = geometry.Shape == DetectorShape.Parallel, flat = geometry.Volume.IsFlat;
        var along = parallel ? v.Source : flat ? Left(v.ColumnStep) : Point3.Cross(v.ColumnStep, v.RowStep);
        // Steps may be skew: a column's number is what a point has along the vector that is square to the rows and to the rays (or to the detector's normal).
        var column = flat ? Left(along) : Point3.Cross(v.RowStep, along);
        var row = flat ? default : Point3.Cross(along, v.ColumnStep);
        column /= Point3.Dot(column, v.ColumnStep);
        if (!flat) row /= Point3.Dot(row, v.RowStep);
        (ColumnOffset, RowOffset) = (geometry.CentreColumn, geometry.CentreRow);
        if (parallel)
        {
            (Source, Column, Row) = (v.Detector, column, row);
            return;
        }
        var central = v.Detector - v.Source;
        Normal = along / (Point3.Dot(along, central) < 0 ? -along.Length : along.Length);
        double distance = Point3.Dot(Normal, central);
        (Source, AxisDepth, Angle) = (v.Source, -Point3.Dot(Normal, v.Source), v.ColumnStep.Length / distance);
        (Column, Row) = (column * distance, row * distance);
        // Where the perpendicular from the source meets the detector.
        ColumnOffset -= Point3.Dot(central, column);
        RowOffset -= Point3.Dot(central, row);

        static Point3 Left(Point3 a) => new(-a.Y, a.X);
    }
}
