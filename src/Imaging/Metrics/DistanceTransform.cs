namespace InrFast.Imaging;

/// <summary>
/// Exact Euclidean distances to a set of voxels (Felzenszwalb and Huttenlocher, Theory of Computing 8, 2012): along each axis in turn, the lower envelope of parabolas.
/// </summary>
internal static class DistanceTransform
{
    /// <summary>Distance of each voxel, in mm, to the nearest of the set; infinite where that is empty. Axes stand at right angles.</summary>
    public static double[] Distances(ReadOnlySpan<bool> set, GridSize size, Vector3d spacing)
    {
        var squares = new double[set.Length];
        for (var i = 0; i < squares.Length; i++)
        {
            squares[i] = set[i] ? 0 : double.PositiveInfinity;
        }
        var longest = Math.Max(size.X, Math.Max(size.Y, size.Z));
        var (line, sites, borders) = (new double[longest], new int[longest], new double[longest + 1]);
        Along(squares, size.X, 1, spacing.X, line, sites, borders);
        Along(squares, size.Y, size.X, spacing.Y, line, sites, borders);
        Along(squares, size.Z, size.X * size.Y, spacing.Z, line, sites, borders);
        for (var i = 0; i < squares.Length; i++)
        {
            squares[i] = Math.Sqrt(squares[i]);
        }
        return squares;
    }

    private static void Along(double[] squares, int length, int stride, double spacing, double[] line, int[] sites, double[] borders)
    {
        for (var block = 0; block < squares.Length && length > 1; block += length * stride)
        {
            for (var start = block; start < block + stride; start++)
            {
                for (var i = 0; i < length; i++)
                {
                    line[i] = squares[start + i * stride];
                }
                var last = Envelope(line.AsSpan(0, length), spacing, sites, borders);
                for (int i = 0, site = 0; i < length && last >= 0; i++)
                {
                    while (borders[site + 1] < i * spacing)
                    {
                        site++;
                    }
                    var distance = (i - sites[site]) * spacing;
                    squares[start + i * stride] = distance * distance + line[sites[site]];
                }
            }
        }
    }

    // The parabolas that are lowest somewhere, and where each begins to be; the index of the last, -1 where all are infinite.
    private static int Envelope(ReadOnlySpan<double> line, double spacing, int[] sites, double[] borders)
    {
        var last = -1;
        for (var i = 0; i < line.Length; i++)
        {
            if (double.IsInfinity(line[i]))
            {
                continue;
            }
            var begin = double.NegativeInfinity;
            while (last >= 0)
            {
                var (x, other) = (i * spacing, sites[last] * spacing);
                begin = (line[i] + x * x - (line[sites[last]] + other * other)) / (2 * (x - other));
                if (begin > borders[last])
                {
                    break;
                }
                last--;
                begin = double.NegativeInfinity;
            }
            last++;
            (sites[last], borders[last], borders[last + 1]) = (i, begin, double.PositiveInfinity);
        }
        return last;
    }
}
