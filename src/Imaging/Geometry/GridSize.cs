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

    public override string ToString() => Z == 1 ? $"{X}x{Y}" : $"{X}x{Y}x{Z}";
}
