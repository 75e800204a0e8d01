namespace InrFast.Kernels.Projection;

/// <summary>
/// A piece of a phantom whose line integrals are known exactly: a value inside an ellipsoid, turned about z. With C infinite it is a cylinder, an ellipse in every slice.
/// </summary>
/// <param name="Value">Added inside.</param>
/// <param name="A">Half axis along x before turning; B along y, C along z.</param>
/// <param name="Degrees">From x towards y.</param>
public readonly record struct Ellipsoid(double Value, double A, double B, double C, double X, double Y, double Z, double Degrees)
{
    /// <summary>Shepp and Logan's head with Toft's contrast (The Radon transform, 1996), in the square from -1 to 1.</summary>
    public static Ellipsoid[] SheppLogan { get; } =
    [
        new(1, .69, .92, double.PositiveInfinity, 0, 0, 0, 0), new(-.8, .6624, .874, double.PositiveInfinity, 0, -.0184, 0, 0),
        new(-.2, .11, .31, double.PositiveInfinity, .22, 0, 0, -18), new(-.2, .16, .41, double.PositiveInfinity, -.22, 0, 0, 18),
        new(.1, .21, .25, double.PositiveInfinity, 0, .35, 0, 0), new(.1, .046, .046, double.PositiveInfinity, 0, .1, 0, 0),
        new(.1, .046, .046, double.PositiveInfinity, 0, -.1, 0, 0), new(.1, .046, .023, double.PositiveInfinity, -.08, -.605, 0, 0),
        new(.1, .023, .023, double.PositiveInfinity, 0, -.606, 0, 0), new(.1, .023, .046, double.PositiveInfinity, .06, -.605, 0, 0),
    ];

    /// <summary>The same in the cube from -1 to 1.</summary>
    public static Ellipsoid[] SheppLogan3 { get; } =
        [.. SheppLogan.Zip<Ellipsoid, (double C, double Z), Ellipsoid>([(.81, 0), (.78, 0), (.22, 0), (.28, 0), (.41, -.15), (.05, .25), (.05, .25), (.05, 0), (.02, 0), (.02, 0)],
            (flat, along) => flat with { C = along.C, Z = along.Z })];

    /// <summary>In the frame where the ellipsoid is the unit sphere.</summary>
    Point3 ToSphere(Point3 direction)
    {
        var (sine, cosine) = Math.SinCos(Degrees * Math.PI / 180);
        return new((direction.X * cosine + direction.Y * sine) / A, (direction.Y * cosine - direction.X * sine) / B, direction.Z / C);
    }

    public double At(Point3 point) => ToSphere(point - new Point3(X, Y, double.IsInfinity(C) ? point.Z : Z)) is var p && Point3.Dot(p, p) <= 1 ? Value : 0;

    /// <summary>Along a whole line; the direction's length means nothing.</summary>
    public double Integral(Point3 origin, Point3 direction)
    {
        Point3 o = ToSphere(origin - new Point3(X, Y, double.IsInfinity(C) ? origin.Z : Z)), d = ToSphere(direction / direction.Length);
        double a = Point3.Dot(d, d), b = Point3.Dot(o, d), c = Point3.Dot(o, o) - 1, discriminant = b * b - a * c;
        return discriminant > 0 ? 2 * Value * Math.Sqrt(discriminant) / a : 0;
    }

    /// <summary>The mean over <paramref name="subsamples"/> points along each axis (z in volumes alone) of every voxel; lengths in units of <paramref name="unit"/>.</summary>
    public static float[] Draw(IReadOnlyList<Ellipsoid> phantom, in ScanVolume volume, int subsamples, double unit = 1)
    {
        var image = new float[volume.Count];
        int alongZ = volume.IsFlat ? 1 : subsamples;
        for (int z = 0, voxel = 0; z < volume.Z; z++)
            for (int y = 0; y < volume.Y; y++)
                for (int x = 0; x < volume.X; x++, voxel++)
                {
                    double sum = 0;
                    for (int i = 0; i < subsamples * subsamples * alongZ; i++)
                    {
                        double Offset(int number, int count) => (number % count + 0.5) / count - 0.5;
                        var at = new Point3(volume.Origin.X + (x + Offset(i, subsamples)) * volume.Spacing.X, volume.Origin.Y + (y + Offset(i / subsamples, subsamples)) * volume.Spacing.Y,
                            volume.Origin.Z + (z + Offset(i / subsamples / subsamples, alongZ)) * volume.Spacing.Z) / unit;
                        foreach (var part in phantom) sum += part.At(at);
                    }
                    image[voxel] = (float)(sum / (subsamples * subsamples * alongZ));
                }
        return image;
    }

    /// <summary>The mean of exact integrals along <paramref name="subsamples"/> rays across each pixel (and along its rows where there are several), in units of <paramref name="unit"/>.</summary>
    public static float[] Scan(IReadOnlyList<Ellipsoid> phantom, ProjectionGeometry geometry, int subsamples, double unit = 1)
    {
        var projections = new float[geometry.Count];
        int down = geometry.Rows == 1 ? 1 : subsamples;
        for (int view = 0, pixel = 0; view < geometry.Views.Length; view++)
            for (int row = 0; row < geometry.Rows; row++)
                for (int column = 0; column < geometry.Columns; column++, pixel++)
                {
                    double sum = 0;
                    for (int i = 0; i < subsamples * down; i++)
                    {
                        var (origin, direction) = geometry.Ray(view, column + (i % subsamples + 0.5) / subsamples - 0.5, row + (i / subsamples + 0.5) / down - 0.5);
                        foreach (var part in phantom) sum += part.Integral(origin / unit, direction);
                    }
                    projections[pixel] = (float)(sum / (subsamples * down));
                }
        return projections;
    }
}
