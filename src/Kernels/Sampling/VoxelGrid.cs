using System.Runtime.CompilerServices;
using InrFast.Kernels.Random;

namespace InrFast.Kernels.Sampling;

/// <summary>
/// Where the voxels of an image lie in the engine's coordinates: the longest side of the field of view spans [-1, 1], all axes share that
/// scale, and voxel i of n lies at its centre, (2 i + 1 - n) spacing / longest extent. Up to four axes; voxels are numbered with x fastest.
/// </summary>
public readonly struct VoxelGrid
{
    public const int MaxAxes = 4;

    public readonly int Axes;

    /// <summary>Voxels.</summary>
    public readonly long Count;

    readonly VoxelAxis x, y, z, t;

    /// <param name="size">Voxels along each axis, x first: 1 .. 2^23 each, at most 2^40 in all.</param>
    /// <param name="spacing">Distance of voxel centres along each axis, in any one unit; empty: the same along all.</param>
    public VoxelGrid(ReadOnlySpan<int> size, ReadOnlySpan<double> spacing = default)
    {
        if (size.Length is < 1 or > MaxAxes) throw new ArgumentException($"An image has 1 to {MaxAxes} axes, not {size.Length}.", nameof(size));
        if (spacing.Length != 0 && spacing.Length != size.Length)
            throw new ArgumentException($"An image of {size.Length} axes needs as many spacings, not {spacing.Length}.", nameof(spacing));
        Axes = size.Length;
        Count = 1;
        double longest = 0;
        for (int i = 0; i < size.Length; i++)
        {
            double step = spacing.IsEmpty ? 1 : spacing[i];
            if (size[i] < 1 || size[i] > Divider.MaxDivisor)
                throw new ArgumentException($"Axis {i} has {size[i]} voxels; 1 to {Divider.MaxDivisor} are possible.", nameof(size));
            if (!double.IsFinite(step) || step <= 0) throw new ArgumentException($"Axis {i} has a spacing of {step}; it must be above 0.", nameof(spacing));
            Count *= size[i];
            if (Count > (long)Permutation.MaxCount) throw new ArgumentException($"An image has at most {Permutation.MaxCount} voxels.", nameof(size));
            longest = Math.Max(longest, size[i] * step);
        }
        x = Axis(0, size, spacing);
        y = Axis(1, size, spacing);
        z = Axis(2, size, spacing);
        t = Axis(3, size, spacing);

        VoxelAxis Axis(int i, ReadOnlySpan<int> size, ReadOnlySpan<double> spacing) =>
            i >= size.Length ? new(1, 0) : new(size[i], (spacing.IsEmpty ? 1 : spacing[i]) / longest);
    }

    VoxelGrid(int axes, VoxelAxis x, VoxelAxis y, VoxelAxis z, VoxelAxis t)
    {
        (Axes, this.x, this.y, this.z, this.t) = (axes, x, y, z, t);
        Count = (long)x.Size * y.Size * z.Size * t.Size;
    }

    /// <summary>The same voxels at so many times, one more axis, whose times span [-1, 1].</summary>
    public VoxelGrid AtTimes(int times)
    {
        VoxelAxis time = new(times, 1.0 / times), none = new(1, 0);
        return Axes switch
        {
            1 => new(2, x, time, none, none),
            2 => new(3, x, y, time, none),
            3 => new(4, x, y, z, time),
            _ => throw new InvalidOperationException($"a grid of {Axes} axes has no room for times"),
        };
    }

    /// <summary>Of a grid of four axes: without the last.</summary>
    public VoxelGrid AtOneTime => new(3, x, y, z, new(1, 0));

    public VoxelAxis this[int axis]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => axis switch { 0 => x, 1 => y, 2 => z, _ => t };
    }

    /// <summary>Writes the coordinates of a voxel's centre, <see cref="Axes"/> floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Place(long voxel, float* coordinates)
    {
        ulong rest = (ulong)voxel;
        if (Axes > 1) rest = x.Split(rest, coordinates++);
        if (Axes > 2) rest = y.Split(rest, coordinates++);
        if (Axes > 3) rest = z.Split(rest, coordinates++);
        *coordinates = Axes switch { 1 => x.Coordinate((int)rest), 2 => y.Coordinate((int)rest), 3 => z.Coordinate((int)rest), _ => t.Coordinate((int)rest) };
    }
}

/// <summary>One axis of a grid.</summary>
/// <param name="size">Voxels.</param>
/// <param name="halfStep">Half the distance of two voxels, in coordinates.</param>
public readonly struct VoxelAxis(int size, double halfStep)
{
    readonly Divider divider = new((uint)size);

    public readonly int Size = size;

    /// <summary>Half the distance of two voxels, in coordinates.</summary>
    public readonly float HalfStep = (float)halfStep;

    /// <summary>Voxels per unit of the coordinate.</summary>
    public readonly float Density = (float)(0.5 / halfStep);

    /// <summary>The centre of a voxel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Coordinate(int index) => (2 * index + 1 - Size) * HalfStep;

    /// <summary>The inverse: 0 at the first voxel's centre, Size - 1 at the last one's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Index(float coordinate) => coordinate * Density + 0.5f * (Size - 1);

    /// <summary>Writes the coordinate of a number's part along this axis; returns the number's parts along the axes after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal unsafe ulong Split(ulong number, float* coordinate)
    {
        ulong quotient = Split(number, out int index);
        *coordinate = Coordinate(index);
        return quotient;
    }

    /// <summary>A number's part along this axis; returns its parts along the axes after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong Split(ulong number, out int index)
    {
        ulong quotient = divider.Divide(number);
        index = (int)(number - quotient * (uint)Size);
        return quotient;
    }
}
