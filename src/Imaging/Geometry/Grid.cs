namespace InrFast.Imaging;

/// <summary>
/// Where the voxels of an image lie: how many there are and a map from index to world (LPS mm, of the voxel's centre). Voxel (0, 0, 0) has its
/// centre at <see cref="Affine.Origin"/>; the field of view reaches half a voxel further on every side.
/// </summary>
public sealed record Grid(GridSize Size, Affine IndexToWorld)
{
    /// <summary>A grid without a place in the world: 1 mm steps from the origin.</summary>
    public static Grid Plain(int x, int y, int z = 1) => new(new GridSize(x, y, z), Affine.Identity);

    /// <summary>2 where there is one slice only, else 3.</summary>
    public int Dimensions => Size.Z == 1 ? 2 : 3;

    public Vector3d Spacing => IndexToWorld.Spacing;

    /// <summary>Where x, y and z lead most nearly in the patient, a letter each: L or R, P or A, S or I.</summary>
    public string Orientation
    {
        get
        {
            var axes = PatientAxes.Of(this);
            Span<char> letters = stackalloc char[3];
            letters[axes.LeftRight.Axis] = axes.LeftRight.IsReversed ? 'R' : 'L';
            letters[axes.FrontBack.Axis] = axes.FrontBack.IsReversed ? 'A' : 'P';
            letters[axes.FootHead.Axis] = axes.FootHead.IsReversed ? 'I' : 'S';
            return new string(letters);
        }
    }

    /// <summary>Whether a place of the world lies in the field of view, half a voxel beyond the outermost centres; of a picture, above or below it too.</summary>
    public bool Contains(Vector3d world) => Size.Contains(ToIndex(world));

    public Vector3d ToWorld(Vector3d index) => IndexToWorld.Apply(index);

    public Vector3d ToIndex(Vector3d world) => IndexToWorld.Inverse().Apply(world);

    /// <summary>The same field of view cut into another number of voxels; spacing and origin follow.</summary>
    public Grid WithSize(GridSize size) => Divide(size,
        (double)Size.X / size.X, (double)Size.Y / size.Y, (double)Size.Z / size.Z);

    /// <summary>The same field of view with <paramref name="factor"/> times as many voxels along each axis (rounded), z left alone in 2-D.</summary>
    public Grid Scaled(double factor) => WithSize(new GridSize(
        Count(Size.X * factor), Count(Size.Y * factor), Dimensions == 2 ? 1 : Count(Size.Z * factor)));

    /// <summary>
    /// Voxels of exactly this spacing (mm, per axis), as many as come nearest to the field of view, about the same centre. In 2-D the
    /// slice keeps its thickness.
    /// </summary>
    public Grid WithSpacing(Vector3d spacing)
    {
        var old = Spacing;
        var (x, y, z) = (spacing.X / old.X, spacing.Y / old.Y, Dimensions == 2 ? 1 : spacing.Z / old.Z);
        return Divide(new GridSize(Count(Size.X / x), Count(Size.Y / y), Count(Size.Z / z)), x, y, z);
    }

    /// <summary>Whether both grids have the same size and put each corner within <paramref name="tolerance"/> of a voxel of the same place.</summary>
    public bool Matches(Grid other, double tolerance = 1e-3)
    {
        if (Size != other.Size)
        {
            return false;
        }
        var slack = tolerance * Math.Min(Spacing.X, Math.Min(Spacing.Y, Spacing.Z));
        for (var corner = 0; corner < 8; corner++)
        {
            var index = new Vector3d((corner & 1) * (Size.X - 1), (corner >> 1 & 1) * (Size.Y - 1), (corner >> 2) * (Size.Z - 1));
            if ((ToWorld(index) - other.ToWorld(index)).Length > slack)
            {
                return false;
            }
        }
        return true;
    }

    // Steps grow by the given ratios; the centre of the field of view stays where it is.
    private Grid Divide(GridSize size, double ratioX, double ratioY, double ratioZ)
    {
        var map = IndexToWorld;
        var centre = map.Apply(new((Size.X - 1) / 2.0, (Size.Y - 1) / 2.0, (Size.Z - 1) / 2.0));
        var steps = new Affine(map.StepX * ratioX, map.StepY * ratioY, map.StepZ * ratioZ, default);
        return new(size, steps with { Origin = centre - steps.Apply(new((size.X - 1) / 2.0, (size.Y - 1) / 2.0, (size.Z - 1) / 2.0)) });
    }

    private static int Count(double voxels) => voxels <= int.MaxValue
        ? Math.Max(1, (int)Math.Round(voxels))
        : throw new ImagingException(ImagingError.LimitExceeded, $"a grid of {voxels:g3} voxels along one axis is too large; ask for a coarser one");
}
