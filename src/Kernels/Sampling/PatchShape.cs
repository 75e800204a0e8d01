namespace InrFast.Kernels.Sampling;

/// <summary>A box of points on a voxel grid: so many along each axis, <paramref name="Step"/> voxels apart.</summary>
public readonly record struct PatchShape(int X, int Y, int Z, int Step = 1)
{
    public int Count => X * Y * Z;

    /// <summary>A cube of so many points a side, cut where an image has fewer.</summary>
    public static PatchShape Within(in VoxelGrid grid, int side, int step)
    {
        int Along(int size) => Math.Min(side, (size - 1) / step + 1);
        return new(Along(grid[0].Size), Along(grid[1].Size), Along(grid[2].Size), step);
    }

    /// <summary>Places of a box of these points within a box of those.</summary>
    public int PlacesIn(in PatchShape other) => (other.X - X + 1) * (other.Y - Y + 1) * (other.Z - Z + 1);
}
