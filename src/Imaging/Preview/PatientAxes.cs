namespace InrFast.Imaging;

/// <summary>One index axis of an image, walked up or down.</summary>
internal readonly record struct IndexAxis(int Axis, int Count, double Spacing, bool IsReversed)
{
    public double Extent => Count * Spacing;

    public IndexAxis Reversed => this with { IsReversed = !IsReversed };

    /// <summary>Index of the voxel at a place from 0 (where the walk begins) to 1.</summary>
    public int Nearest(double place)
    {
        var step = Math.Clamp((int)(place * Count), 0, Count - 1);
        return IsReversed ? Count - 1 - step : step;
    }
}

/// <summary>Which index axis runs most nearly along each patient axis, walked towards the patient's left, back and head.</summary>
internal readonly record struct PatientAxes(IndexAxis LeftRight, IndexAxis FrontBack, IndexAxis FootHead)
{
    public static PatientAxes Of(Grid grid)
    {
        var map = grid.IndexToWorld;
        var (x, y, z) = (map.StepX / map.StepX.Length, map.StepY / map.StepY.Length, map.StepZ / map.StepZ.Length);
        double[,] cosines = { { x.X, x.Y, x.Z }, { y.X, y.Y, y.Z }, { z.X, z.Y, z.Z } };
        int[] counts = [grid.Size.X, grid.Size.Y, grid.Size.Z];
        double[] spacing = [map.Spacing.X, map.Spacing.Y, map.Spacing.Z];
        // Of the six ways to pair index and world axes, the one whose cosines are largest in sum.
        int[][] pairings = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        var best = pairings.MaxBy(p => Math.Abs(cosines[p[0], 0]) + Math.Abs(cosines[p[1], 1]) + Math.Abs(cosines[p[2], 2]))!;
        IndexAxis Along(int world) => new(best[world], counts[best[world]], spacing[best[world]], cosines[best[world], world] < 0);
        return new(Along(0), Along(1), Along(2));
    }
}
