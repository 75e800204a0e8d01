namespace InrFast.Imaging;

/// <summary>How far the surfaces of two masks lie apart. The surface of a mask is those of its voxels that have a neighbour (of six) outside it, or lie at the image's border.</summary>
public static class SurfaceDistance
{
    /// <summary>
    /// The 95th percentile, in mm, of the distances from each surface voxel of either mask to the nearest of the other, both ways taken together (as MedPy does;
    /// linear between ranks). NaN where a mask is empty.
    /// </summary>
    /// <param name="label">Voxels of this value; null takes all that are not zero.</param>
    /// <exception cref="ImagingException">WrongUse: the masks have different sizes.</exception>
    public static double Hausdorff95(Image reference, Image test, float? label = null)
    {
        Metrics.RequireSameSize(reference.Samples.Span, test.Samples.Span);
        var (size, spacing) = (reference.Size, reference.Grid.Spacing);
        var (a, b) = (Surface(reference, label), Surface(test, label));
        var (toA, toB) = (DistanceTransform.Distances(a, size, spacing), DistanceTransform.Distances(b, size, spacing));
        var distances = new List<double>();
        for (var i = 0; i < a.Length; i++)
        {
            if (a[i])
            {
                distances.Add(toB[i]);
            }
            if (b[i])
            {
                distances.Add(toA[i]);
            }
        }
        return distances.Count == 0 || distances.Exists(double.IsInfinity) ? double.NaN : Percentile(distances, 0.95);
    }

    internal static double Percentile(List<double> values, double share)
    {
        values.Sort();
        var rank = share * (values.Count - 1);
        var (below, above) = (values[(int)rank], values[Math.Min((int)rank + 1, values.Count - 1)]);
        return below + (rank - Math.Floor(rank)) * (above - below);
    }

    private static bool[] Surface(Image image, float? label)
    {
        var values = image.Samples.Span;
        var size = image.Size;
        var (row, plane) = (size.X, size.X * size.Y);
        var surface = new bool[values.Length];
        bool Inside(ReadOnlySpan<float> values, int i) => label is { } wanted ? values[i] == wanted : values[i] != 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (!Inside(values, i))
            {
                continue;
            }
            var (x, y, z) = (i % row, i / row % size.Y, i / plane);
            surface[i] = x == 0 || x == size.X - 1 || y == 0 || y == size.Y - 1 || size.Z > 1 && (z == 0 || z == size.Z - 1)
                || !Inside(values, i - 1) || !Inside(values, i + 1) || !Inside(values, i - row) || !Inside(values, i + row)
                || size.Z > 1 && (!Inside(values, i - plane) || !Inside(values, i + plane));
        }
        return surface;
    }
}
