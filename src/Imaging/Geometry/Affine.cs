namespace InrFast.Imaging;

/// <summary>
/// A map from voxel indices to world millimetres: world = Origin + i StepX + j StepY + k StepZ. The steps are the columns of the usual
/// 4 x 4 matrix; they hold direction and spacing together, and shear where the scanner's gantry was tilted.
/// </summary>
public readonly record struct Affine(Vector3d StepX, Vector3d StepY, Vector3d StepZ, Vector3d Origin)
{
    public static Affine Identity { get; } = new(new(1, 0, 0), new(0, 1, 0), new(0, 0, 1), default);

    /// <summary>Axes along the world's, first voxel at the world's origin.</summary>
    public static Affine FromSpacing(double x, double y, double z) => new(new(x, 0, 0), new(0, y, 0), new(0, 0, z), default);

    /// <summary>Distance in mm between neighbours along each index axis.</summary>
    public Vector3d Spacing => new(StepX.Length, StepY.Length, StepZ.Length);

    /// <summary>Signed volume of a voxel in mm^3; zero for a map that cannot be inverted.</summary>
    public double Determinant => Vector3d.Dot(StepX, Vector3d.Cross(StepY, StepZ));

    /// <summary>All entries finite, and the three steps span space.</summary>
    public bool IsInvertible => StepX.IsFinite && StepY.IsFinite && StepZ.IsFinite && Origin.IsFinite && double.IsNormal(Determinant)
        && Math.Abs(Determinant) > 1e-6 * StepX.Length * StepY.Length * StepZ.Length;

    /// <summary>The cosine between two steps that differs most from a right angle's: 0 for a plain grid, sin(tilt) for a tilted gantry.</summary>
    public double Shear
    {
        get
        {
            var (x, y, z) = (StepX / StepX.Length, StepY / StepY.Length, StepZ / StepZ.Length);
            return Math.Max(Math.Abs(Vector3d.Dot(x, y)), Math.Max(Math.Abs(Vector3d.Dot(x, z)), Math.Abs(Vector3d.Dot(y, z))));
        }
    }

    public Vector3d Apply(Vector3d index) => Origin + ApplyToDirection(index);

    public Vector3d ApplyToDirection(Vector3d index) => StepX * index.X + StepY * index.Y + StepZ * index.Z;

    /// <summary>This map of what another gives.</summary>
    public Affine After(Affine first) => new(ApplyToDirection(first.StepX), ApplyToDirection(first.StepY), ApplyToDirection(first.StepZ), Apply(first.Origin));

    /// <summary>The map from world to index, by Cramer's rule.</summary>
    public Affine Inverse()
    {
        var d = Determinant;
        var (rowX, rowY, rowZ) = (Vector3d.Cross(StepY, StepZ) / d, Vector3d.Cross(StepZ, StepX) / d, Vector3d.Cross(StepX, StepY) / d);
        var linear = new Affine(new(rowX.X, rowY.X, rowZ.X), new(rowX.Y, rowY.Y, rowZ.Y), new(rowX.Z, rowY.Z, rowZ.Z), default);
        return linear with { Origin = linear.ApplyToDirection(Origin) * -1 };
    }

    /// <summary>
    /// Changes between the patient axes of DICOM and ITK (left, posterior, superior) and those of NIfTI (right, anterior, superior), which
    /// differ in the sign of world x and y. The same function goes both ways.
    /// </summary>
    public Affine BetweenLpsAndRas() => Mirrored(true, true);

    /// <summary>The same map into a world whose x axis, y axis, or both, point the other way; nothing else in the project changes these signs.</summary>
    public Affine Mirrored(bool x, bool y)
    {
        return new(Mirror(StepX), Mirror(StepY), Mirror(StepZ), Mirror(Origin));

        Vector3d Mirror(Vector3d v) => new(x ? -v.X : v.X, y ? -v.Y : v.Y, v.Z);
    }

    /// <summary>All lengths times a factor, from another unit to mm.</summary>
    public Affine Times(double factor) => new(StepX * factor, StepY * factor, StepZ * factor, Origin * factor);
}
