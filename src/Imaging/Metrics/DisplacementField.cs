namespace InrFast.Imaging;

/// <summary>
/// A displacement field as ITK keeps it: for each voxel of the fixed image the vector (LPS, mm) that leads from its place to the place of the moving image that matches
/// it. Two channels in 2-D, three in 3-D.
/// </summary>
public sealed class DisplacementField
{
    private readonly Image image;

    /// <exception cref="ImagingException">WrongUse: the image is no field.</exception>
    public DisplacementField(Image image) => this.image = IsField(image)
        ? image
        : throw new ImagingException(ImagingError.WrongUse, $"an image of {image.Channels} channels in {image.Dimensions} dimensions is no displacement field; give one vector for each voxel");

    /// <summary>Whether an image has one vector for each voxel, in floats, at one time.</summary>
    public static bool IsField(Image image) =>
        image.Times == 1 && !image.Stored.Type.IsInteger() && (image.Channels == 3 || image is { Channels: 2, Dimensions: 2 });

    /// <summary>
    /// Determinant of the Jacobian of x + u(x) at each voxel: the ratio of volumes. Differences between neighbours on both sides, at the border on one
    /// (numpy.gradient); in 2-D the ratio of areas.
    /// </summary>
    public double[] JacobianDeterminants()
    {
        var (size, map) = (image.Size, image.Grid.IndexToWorld);
        var result = new double[size.Voxels];
        var (row, plane) = (size.X, size.X * size.Y);
        for (var i = 0; i < result.Length; i++)
        {
            var (x, y, z) = (i % row, i / row % size.Y, i / plane);
            // The map's own steps and the change of the displacement along them: the determinants' ratio needs no inverse.
            var moved = new Affine(map.StepX + Difference(i, x, size.X, 1), map.StepY + Difference(i, y, size.Y, row), map.StepZ + Difference(i, z, size.Z, plane), default);
            result[i] = moved.Determinant / map.Determinant;
        }
        return result;
    }

    /// <summary>How many voxels the field turns inside out, or flattens: a determinant that is not positive.</summary>
    public static long Foldings(ReadOnlySpan<double> determinants)
    {
        var count = 0L;
        foreach (var determinant in determinants)
        {
            count += determinant > 0 ? 0 : 1;
        }
        return count;
    }

    /// <summary>Where a point of the fixed image (LPS mm) lies in the moving one; linear between voxels, constant beyond the border.</summary>
    public Vector3d Apply(Vector3d point)
    {
        var (size, index) = (image.Size, image.Grid.ToIndex(point));
        var (x, fx) = Cell(index.X, size.X);
        var (y, fy) = Cell(index.Y, size.Y);
        var (z, fz) = Cell(index.Z, size.Z);
        var sum = point;
        for (var corner = 0; corner < 8; corner++)
        {
            var (dx, dy, dz) = (corner & 1, corner >> 1 & 1, corner >> 2);
            var weight = (dx == 1 ? fx : 1 - fx) * (dy == 1 ? fy : 1 - fy) * (dz == 1 ? fz : 1 - fz);
            if (weight > 0)
            {
                sum += Vector(x + dx + size.X * (y + dy + size.Y * (z + dz))) * weight;
            }
        }
        return sum;
    }

    private static (int Voxel, double Share) Cell(double index, int size)
    {
        var clamped = Math.Clamp(index, 0, size - 1);
        var voxel = Math.Min((int)clamped, Math.Max(size - 2, 0));
        return (voxel, clamped - voxel);
    }

    private Vector3d Difference(int i, int at, int size, int stride)
    {
        if (size == 1)
        {
            return default;
        }
        var (before, after) = (at > 0 ? 1 : 0, at < size - 1 ? 1 : 0);
        return (Vector(i + after * stride) - Vector(i - before * stride)) / (before + after);
    }

    private Vector3d Vector(int voxel)
    {
        var values = image.Samples.Span.Slice(voxel * image.Channels, image.Channels);
        return new(values[0], values[1], values.Length > 2 ? values[2] : 0);
    }
}
