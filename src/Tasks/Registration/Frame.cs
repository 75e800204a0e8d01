using InrFast.Imaging;
using InrFast.Kernels.Sampling;

namespace InrFast.Tasks.Registration;

/// <summary>An image's grid as the engine sees it: its longest side spans [-1, 1], in millimetres the same along all axes.</summary>
sealed class Frame
{
    public Frame(Grid grid)
    {
        Grid = grid;
        Axes = grid.Dimensions == 2 ? [grid.Size.X, grid.Size.Y] : [grid.Size.X, grid.Size.Y, grid.Size.Z];
        var step = grid.Spacing;
        Voxels = new VoxelGrid(Axes, grid.Dimensions == 2 ? [step.X, step.Y] : [step.X, step.Y, step.Z]);
        // index = x * density + (n - 1) / 2 along each axis; a picture's third axis is its slice.
        var map = grid.IndexToWorld;
        ToWorld = new(map.StepX * Voxels[0].Density, map.StepY * Voxels[1].Density, Axes.Length == 3 ? map.StepZ * Voxels[2].Density : map.StepZ,
            map.Apply(new((grid.Size.X - 1) / 2.0, (grid.Size.Y - 1) / 2.0, (grid.Size.Z - 1) / 2.0)));
    }

    public Grid Grid { get; }
    public int[] Axes { get; }
    public VoxelGrid Voxels { get; }

    /// <summary>From the engine's coordinates to the world's millimetres.</summary>
    public Affine ToWorld { get; }

    /// <summary>Rows [weights | offset] that take this frame's coordinates by a map of the world to another's.</summary>
    public float[][] RowsTo(Frame other, Affine world)
    {
        var map = other.ToWorld.Inverse().After(world).After(ToWorld);
        Vector3d[] steps = [map.StepX, map.StepY, map.StepZ];
        return [.. Enumerable.Range(0, Axes.Length).Select(row => (float[])[.. Axes.Select((_, column) => (float)Component(steps[column], row)), (float)Component(map.Origin, row)])];
    }

    public static double Component(Vector3d v, int axis) => axis switch { 0 => v.X, 1 => v.Y, _ => v.Z };
}
