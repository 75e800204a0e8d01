namespace InrFast.Kernels.Projection;

/// <summary>A point or a direction in space.</summary>
public readonly record struct Point3(double X, double Y, double Z = 0)
{
    public double this[int axis] => axis switch { 0 => X, 1 => Y, _ => Z };
    public double Length => Math.Sqrt(Dot(this, this));
    public static double Dot(Point3 a, Point3 b) => a.X * b.X + a.Y * b.Y + a.Z * b.Z;
    public static Point3 Cross(Point3 a, Point3 b) => new(a.Y * b.Z - a.Z * b.Y, a.Z * b.X - a.X * b.Z, a.X * b.Y - a.Y * b.X);
    public static Point3 operator +(Point3 a, Point3 b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);
    public static Point3 operator -(Point3 a, Point3 b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);
    public static Point3 operator *(Point3 a, double s) => new(a.X * s, a.Y * s, a.Z * s);
    public static Point3 operator /(Point3 a, double s) => a * (1 / s);
}
