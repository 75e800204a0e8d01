using InrFast.Imaging;

namespace InrFast.Tests.Registration;

/// <summary>
/// An analytic pair with a known field: blobs on a grid of 48³, fixed(x) = moving(x + u(x)), in coordinates from -1 to 1 at the outermost voxels' centres; the
/// world's unit is a voxel.
/// </summary>
static class Phantom48
{
    public const int Side = 48;
    const double Half = (Side - 1) / 2.0;

    static readonly (Vector3d Centre, double Deviation, double Height)[] blobs = [.. Enumerable.Range(1, 60).Select(Large), .. Enumerable.Range(1, 400).Select(Small)];

    static readonly Lazy<(Image Fixed, Image Moving)> pair = new(() => (Sampled(p => Moving(p + Displacement(p))), Sampled(Moving)));

    public static Image FixedImage => pair.Value.Fixed;
    public static Image MovingImage => pair.Value.Moving;

    static double Frac(double x) => x - Math.Floor(x);

    static (Vector3d, double, double) Large(int k) => (new(1.7 * Frac(.7548777 * k) - .85, 1.7 * Frac(.5698403 * k) - .85, 1.7 * Frac(.4301597 * k) - .85),
        .10 + .10 * Frac(.6180340 * k), (.5 + .5 * Frac(.3247180 * k)) * (k % 3 == 0 ? -1 : 1));

    static (Vector3d, double, double) Small(int k) => (new(1.8 * Frac(.8566749 * k) - .9, 1.8 * Frac(.7338919 * k) - .9, 1.8 * Frac(.6287067 * k) - .9),
        .05 + .03 * Frac(.6180340 * k), k % 2 == 0 ? -.6 : .6);

    static double Moving(Vector3d p) => blobs.Sum(blob => blob.Height * Math.Exp(-Vector3d.Dot(p - blob.Centre, p - blob.Centre) / (2 * blob.Deviation * blob.Deviation)));

    static Vector3d Displacement(Vector3d p)
    {
        double w = (1 - p.X * p.X) * (1 - p.Y * p.Y) * (1 - p.Z * p.Z);
        double Wave(double a, double b) => .15 * w * Math.Sin(Math.PI * a) * Math.Cos(Math.PI * b / 2);
        return new(Wave(p.Y, p.Z), Wave(p.Z, p.X), Wave(p.X, p.Y) + .04 * w);
    }

    /// <summary>Points and where they truly come to lie, in voxels.</summary>
    public static (Vector3d[] Points, Vector3d[] Truth) Landmarks
    {
        get
        {
            Vector3d[] points = [.. Enumerable.Range(1, 300).Select(k => new Vector3d(1.6 * Frac(.8191725 * k) - .8, 1.6 * Frac(.6710436 * k) - .8, 1.6 * Frac(.5497005 * k) - .8))];
            return ([.. points.Select(ToVoxels)], [.. points.Select(p => ToVoxels(p + Displacement(p)))]);
        }
    }

    static Vector3d ToVoxels(Vector3d p) => new((p.X + 1) * Half, (p.Y + 1) * Half, (p.Z + 1) * Half);

    static Image Sampled(Func<Vector3d, double> function)
    {
        var values = new float[Side * Side * Side];
        Parallel.For(0, values.Length, i => values[i] = (float)function(new(i % Side / Half - 1, i / Side % Side / Half - 1, i / Side / Side / Half - 1)));
        return new Image(Grid.Plain(Side, Side, Side), values);
    }
}
