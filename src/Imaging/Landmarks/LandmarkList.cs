namespace InrFast.Imaging;

/// <summary>Points of an image, in the order of their file.</summary>
/// <param name="Points">In the world (LPS mm), or numbers of voxels.</param>
public sealed record LandmarkList(IReadOnlyList<Vector3d> Points)
{
    /// <summary>What the file calls them; null where it gives no names.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>The number of the first voxel where points are numbers of voxels (0: elastix, 1: DIR-LAB); null where they are places in the world.</summary>
    public int? FirstVoxel { get; init; }

    /// <summary>Points in the world; numbers of voxels are those of <paramref name="grid"/>.</summary>
    public LandmarkList InWorld(Grid grid) => FirstVoxel is not { } first
        ? this
        : this with { Points = [.. Points.Select(point => grid.ToWorld(point - new Vector3d(first, first, first)))], FirstVoxel = null };

    /// <summary>Target registration error: the distance, in mm, of each point from the one at the same place in the other list.</summary>
    /// <exception cref="ImagingException">WrongUse: the lists differ in length, or one of them counts voxels.</exception>
    public double[] DistancesTo(LandmarkList other)
    {
        if (Points.Count != other.Points.Count || Points.Count == 0)
        {
            throw new ImagingException(ImagingError.WrongUse, $"lists of {Points.Count} and {other.Points.Count} landmarks cannot be compared; give as many in each, in the same order");
        }
        if (FirstVoxel is not null || other.FirstVoxel is not null)
        {
            throw new ImagingException(ImagingError.WrongUse, "landmarks that are numbers of voxels have no distance in mm; give the image they belong to");
        }
        return [.. Points.Zip(other.Points, (a, b) => (a - b).Length)];
    }
}
