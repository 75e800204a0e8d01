using InrFast.Kernels.Projection;

namespace InrFast.Kernels.Gpu;

/// <summary>Doubles of a card, three of them a point.</summary>
static class GpuPoints
{
    public static Point3 Point(this Doubles from, long index) => new(from[index], from[index + 1], from[index + 2]);
}

/// <summary>
/// The rays of a scan as kernels make them: where a column meets the middle row, in tables made on the host (an arc's sines are taken there), and the step from row to row. Places [view][column][3];
/// views [view][6]: the source, or the direction of parallel rays, and the row step.
/// </summary>
struct GpuScan
{
    public ScanVolume Volume;
    public Doubles Places, Views;
    public double CentreRow;
    public int Columns, Rows, IsParallel;

    public static GpuScan Of(GpuDevice device, ProjectionGeometry geometry)
    {
        double[] places = new double[3L * geometry.Views.Length * geometry.Columns], views = new double[6L * geometry.Views.Length];
        bool isParallel = geometry.Shape == DetectorShape.Parallel;
        for (int view = 0, at = 0; view < geometry.Views.Length; view++)
        {
            Write(views, 6 * view, geometry.Views[view].Source);
            Write(views, 6 * view + 3, geometry.Views[view].RowStep);
            for (int column = 0; column < geometry.Columns; column++, at += 3)
            {
                var (origin, direction) = geometry.Ray(view, column, geometry.CentreRow);
                Write(places, at, isParallel ? origin : direction);
            }
        }
        return new()
        {
            Volume = geometry.Volume, Places = new(device.Keep<double>(places)), Views = new(device.Keep<double>(views)), CentreRow = geometry.CentreRow, Columns = geometry.Columns, Rows = geometry.Rows,
            IsParallel = isParallel ? 1 : 0,
        };

        static void Write(double[] to, int at, Point3 point) => (to[at], to[at + 1], to[at + 2]) = (point.X, point.Y, point.Z);
    }

    /// <summary>The ray of a pixel [view][row][column].</summary>
    public readonly void Ray(long pixel, out Point3 origin, out Point3 direction)
    {
        long line = pixel / Columns, view = line / Rows, column = pixel - line * Columns, row = line - view * Rows;
        var place = Places.Point(3 * (view * Columns + column)) + Views.Point(6 * view + 3) * (row - CentreRow);
        var given = Views.Point(6 * view);
        origin = IsParallel != 0 ? place : given;
        direction = IsParallel != 0 ? given : place;
    }
}
