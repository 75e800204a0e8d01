namespace InrFast.Imaging;

/// <summary>Number of voxels along x, y and z, each at least 1.</summary>
public readonly record struct GridSize
{
    public int X { get; }

    public int Y { get; }

    public int Z { get; }

    /// <exception cref="ArgumentOutOfRangeException">An axis is empty or negative.</exception>
    public GridSize(int x, int y, int z = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(x, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(y, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(z, 1);
        (X, Y, Z) = (x, y, z);
    }

    /// <summary>Number of voxels. Overflow throws rather than wraps.</summary>
    public long Voxels => checked((long)X * Y * Z);

    /// <summary>Whether an index lies in a voxel; of a picture the third number does not count.</summary>
    public bool Contains(Vector3d index) =>
        index.X >= -0.5 && index.Y >= -0.5 && index.X <= X - 0.5 && index.Y <= Y - 0.5 && (Z == 1 || index.Z >= -0.5 && index.Z <= Z - 0.5);

    public override string ToString() => Z == 1 ? $"{X}x{Y}" : $"{X}x{Y}x{Z}";
}
