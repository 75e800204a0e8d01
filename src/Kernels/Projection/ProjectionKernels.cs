namespace InrFast.Kernels.Projection;

/// <summary>
/// Line integrals of an image of voxels, and the adjoint. A ray is followed from plane to plane of voxel centres along the axis that it
/// is most nearly parallel to; in each plane the image is interpolated linearly (bilinearly in a volume), zero outside, and every value counts for the length of
/// ray between two planes (Joseph: An improved algorithm for reprojecting rays through pixel images, IEEE Trans. Medical Imaging 1, 1982).
/// The image is float [z][y][x], projections are float [view][row][column].
/// </summary>
public abstract class ProjectionKernels(ProjectionGeometry geometry)
{
    public ProjectionGeometry Geometry { get; } = geometry;

    /// <summary>Writes lines of projections, line = view * rows + row, each for itself.</summary>
    public abstract void Forward(nint image, nint projections, long firstLine, long lines);

    /// <summary>
    /// Adds the transpose of <see cref="Forward"/> to some planes across an axis: what rays most nearly parallel to it, of some lines, add there. Parts that
    /// share no plane may run at once; all planes of all three axes make up the adjoint, in any order of the axes and in the same sequence of additions for each voxel.
    /// </summary>
    public abstract void Adjoint(nint projections, nint image, long firstLine, long lines, int axis, int firstPlane, int planes);
}

/// <summary>
/// The voxel-driven backprojection of filtered projections: image(x) += sum over views of weight(x) p(u(x), v(x)), p interpolated linearly and zero
/// beyond the detector, weights and places of <see cref="ViewMap"/>.
/// </summary>
public abstract class BackprojectionKernels(ProjectionGeometry geometry)
{
    public ProjectionGeometry Geometry { get; } = geometry;

    /// <summary>Adds some views to rows along x of the image, row = y + size y * z.</summary>
    public abstract void Add(nint projections, nint image, int firstView, int views, long firstRow, long rows);
}

/// <summary>One ray in voxels: at plane i across its axis it passes (A + (i - centre) SlopeA, B + (i - centre) SlopeB), centre the middle of all planes.</summary>
struct RayPlanes
{
    /// <summary>0, 1, 2: x, y, z. The other two, in this order, are a and b.</summary>
    public int Axis;
    public double A, SlopeA, B, SlopeB;

    /// <summary>Length of ray from plane to plane.</summary>
    public double Weight;

    /// <summary>Planes in which it passes voxels: First .. End - 1, none where End is not above First.</summary>
    public int First, End;

    public static int AxisOf(in ScanVolume volume, Point3 direction)
    {
        double x = Math.Abs(direction.X / volume.Spacing.X), y = Math.Abs(direction.Y / volume.Spacing.Y), z = volume.IsFlat ? 0 : Math.Abs(direction.Z / volume.Spacing.Z);
        return z > x && z > y ? 2 : x > y ? 0 : 1;
    }

    public static RayPlanes Of(in ScanVolume volume, int axis, Point3 origin, Point3 direction)
    {
        var (axisA, axisB) = Across(axis);
        double step = volume.Spacing[axis] / direction[axis], centre = (volume[axis] - 1) / 2.0;
        double along = (volume.Origin[axis] + centre * volume.Spacing[axis] - origin[axis]) / direction[axis];
        var ray = new RayPlanes
        {
            Axis = axis,
            Weight = Math.Abs(step) * direction.Length,
            SlopeA = direction[axisA] * step / volume.Spacing[axisA],
            A = (origin[axisA] + along * direction[axisA] - volume.Origin[axisA]) / volume.Spacing[axisA],
        };
        double first = 0, end = volume[axis];
        Clip(ray.A, ray.SlopeA, volume[axisA], centre, ref first, ref end);
        if (!volume.IsFlat)
        {
            ray.SlopeB = direction[axisB] * step / volume.Spacing[axisB];
            ray.B = (origin[axisB] + along * direction[axisB] - volume.Origin[axisB]) / volume.Spacing[axisB];
            Clip(ray.B, ray.SlopeB, volume[axisB], centre, ref first, ref end);
        }
        (ray.First, ray.End) = (Math.Max(0, (int)Math.Floor(first)), Math.Min(volume[axis], (int)Math.Ceiling(end) + 1));
        return ray;
    }

    public static (int A, int B) Across(int axis) => axis switch { 0 => (1, 2), 1 => (0, 2), _ => (0, 1) };

    /// <summary>Planes where -1 &lt; at + (i - centre) slope &lt; count.</summary>
    static void Clip(double at, double slope, int count, double centre, ref double first, ref double end)
    {
        if (Math.Abs(slope) < 1e-12)
        {
            if (at <= -1 || at >= count) end = first - 2;
            return;
        }
        double one = centre + (-1 - at) / slope, other = centre + (count - at) / slope;
        (first, end) = (Math.Max(first, Math.Min(one, other)), Math.Min(end, Math.Max(one, other)));
        if (end < first) end = first - 2;
    }
}
