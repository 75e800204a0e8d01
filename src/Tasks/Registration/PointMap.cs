using InrFast.Imaging;

namespace InrFast.Tasks.Registration;

/// <summary>Where points of the world (mm) come to lie.</summary>
public delegate Vector3d[] PointMap(IReadOnlyList<Vector3d> points);

/// <summary>What can be done with any map of the world: drawn as a field, undone.</summary>
public static class PointMaps
{
    /// <summary>Points that are taken at once, which in double take their room.</summary>
    const int Chunk = 1 << 18;

    /// <summary>What <see cref="Invert"/> needs besides its result for a field of so many voxels (<see cref="Displacement"/>): some twenty vectors a point.</summary>
    public static long BytesToInvert(long voxels) => Math.Min(voxels, Chunk) * 480;

    /// <summary>The displacement at a grid's voxels, world millimetres, as ITK has it: channels are the vector's components (two of a picture).</summary>
    public static Image Displacement(this PointMap map, Grid grid, CancellationToken cancel = default)
    {
        int axes = grid.Dimensions;
        var field = new float[grid.Size.Voxels * axes];
        for (long first = 0; first < grid.Size.Voxels; first += Chunk)
        {
            cancel.ThrowIfCancellationRequested();
            var points = new Vector3d[Math.Min(Chunk, grid.Size.Voxels - first)];
            for (int i = 0; i < points.Length; i++) points[i] = grid.ToWorld(IndexOf(grid, first + i));
            var moved = map(points);
            for (int i = 0; i < points.Length; i++)
                for (int k = 0; k < axes; k++) field[(first + i) * axes + k] = (float)(Frame.Component(moved[i], k) - Frame.Component(points[i], k));
        }
        return new Image(grid, field, axes) { Unit = "mm" };
    }

    /// <summary>
    /// Where the map takes each point from, by Newton's method with derivatives by differences, at half the step where the last one led away. Points that no point is taken to stay as near as it came.
    /// </summary>
    /// <param name="starts">Points that the map takes near these.</param>
    /// <param name="scale">Over which the map is nearly straight, mm.</param>
    /// <returns>The points, and how far the worst of them is carried from where it should be, in mm.</returns>
    public static (Vector3d[] Points, double Worst) Invert(this PointMap map, IReadOnlyList<Vector3d> points, IReadOnlyList<Vector3d> starts, double scale)
    {
        const double Tolerance = 1e-3;
        const int Most = 30;
        Vector3d[] found = [.. starts], errors = Errors(Enumerable.Range(0, points.Count), found), moves = new Vector3d[points.Count];
        var steps = new double[points.Count]; // of the move tried; 0: one is to be found
        for (int round = 0; round < Most; round++)
        {
            int[] open = [.. Enumerable.Range(0, points.Count).Where(i => errors[i].Length > Tolerance)], turning = [.. open.Where(i => steps[i] == 0)];
            if (open.Length == 0) break;
            var (x, y, z) = (Derivative(turning, new(scale, 0, 0)), Derivative(turning, new(0, scale, 0)), Derivative(turning, new(0, 0, scale)));
            for (int k = 0; k < turning.Length; k++)
            {
                var slope = new Affine(x[k], y[k], z[k], default);
                (moves[turning[k]], steps[turning[k]]) = (slope.IsInvertible ? slope.Inverse().ApplyToDirection(errors[turning[k]]) : errors[turning[k]], 1);
            }
            Vector3d[] next = [.. open.Select(i => found[i] - moves[i] * steps[i])], nextErrors = Errors(open, next);
            for (int k = 0; k < open.Length; k++)
            {
                int i = open[k];
                if (nextErrors[k].Length < errors[i].Length) (found[i], errors[i], steps[i]) = (next[k], nextErrors[k], 0);
                else steps[i] /= 2;
            }
        }
        return (found, errors.Length == 0 ? 0 : errors.Max(error => error.Length));

        Vector3d[] Errors(IEnumerable<int> which, Vector3d[] at) => [.. map(at).Zip(which, (moved, i) => moved - points[i])];

        Vector3d[] Derivative(int[] which, Vector3d step) => [.. Errors(which, [.. which.Select(i => found[i] + step)]).Zip(which, (moved, i) => (moved - errors[i]) * (1 / scale))];
    }

    /// <summary>A voxel's index, x fastest.</summary>
    public static Vector3d IndexOf(Grid grid, long voxel) => new(voxel % grid.Size.X, voxel / grid.Size.X % grid.Size.Y, voxel / grid.Size.X / grid.Size.Y);
}
