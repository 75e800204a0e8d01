namespace InrFast.Imaging;

/// <summary>
/// SSIM (Wang et al., IEEE Trans. Image Processing 13(4), 2004) with scikit-image's defaults: a uniform window of 7 voxels along each axis,
/// K1 = 0.01, K2 = 0.03, sample covariance, mean over all windows that lie wholly inside. Windows are squares in 2-D and cubes in 3-D.
/// </summary>
public static class StructuralSimilarity
{
    private const int Window = 7;
    private const double K1 = 0.01, K2 = 0.03;

    // Sums over the window of x, y, x^2, y^2, xy, side by side for each place.
    private const int Kinds = 5;

    /// <summary>
    /// Mean over channels and times. NaN where an axis is shorter than the window, or where the reference is constant and no peak is given.
    /// </summary>
    /// <param name="peak">Range of values; null takes the reference's maximum less its minimum.</param>
    /// <exception cref="ImagingException">WrongUse: the images have different sizes.</exception>
    public static double Mean(Image reference, Image test, double? peak = null)
    {
        if (reference.Size != test.Size || reference.Channels != test.Channels || reference.Times != test.Times)
        {
            throw new ImagingException(ImagingError.WrongUse, $"images of {reference.Size} and {test.Size} voxels cannot be compared; bring them to one grid");
        }
        var range = peak ?? Metrics.ValueRange(reference.Samples.Span);
        var windowZ = reference.Dimensions == 2 ? 1 : Window;
        if (!(range > 0) || reference.Size.X < Window || reference.Size.Y < Window || reference.Size.Z < windowZ)
        {
            return double.NaN;
        }
        var perTime = reference.Samples.Length / reference.Times;
        var sum = 0.0;
        for (var time = 0; time < reference.Times; time++)
        {
            for (var channel = 0; channel < reference.Channels; channel++)
            {
                sum += MeanOfOne(reference.Samples.Span.Slice(time * perTime, perTime)[channel..], test.Samples.Span.Slice(time * perTime, perTime)[channel..],
                    reference.Channels, reference.Size, windowZ, range);
            }
        }
        return sum / (reference.Times * reference.Channels);
    }

    private static double MeanOfOne(ReadOnlySpan<float> x, ReadOnlySpan<float> y, int stride, GridSize size, int windowZ, double range)
    {
        // Running sums: over z for each place of a plane, then over y for each column, then over x.
        var overZ = new double[Kinds * size.X * size.Y];
        var overY = new double[Kinds * size.X];
        var plane = size.X * size.Y;
        var (total, count) = (0.0, 0L);
        for (var z = 0; z < size.Z; z++)
        {
            Add(overZ, x[(z * plane * stride)..], y[(z * plane * stride)..], stride, plane, 1);
            if (z >= windowZ)
            {
                Add(overZ, x[((z - windowZ) * plane * stride)..], y[((z - windowZ) * plane * stride)..], stride, plane, -1);
            }
            if (z < windowZ - 1)
            {
                continue;
            }
            Array.Clear(overY);
            for (var row = 0; row < size.Y; row++)
            {
                var entering = overZ.AsSpan(Kinds * size.X * row, overY.Length);
                var leaving = row >= Window ? overZ.AsSpan(Kinds * size.X * (row - Window), overY.Length) : [];
                for (var i = 0; i < overY.Length; i++)
                {
                    overY[i] += entering[i] - (leaving.Length > 0 ? leaving[i] : 0);
                }
                if (row >= Window - 1)
                {
                    total += SumOfRow(overY, size.X, windowZ * Window * Window, range);
                    count += size.X - Window + 1;
                }
            }
        }
        return total / count;
    }

    private static void Add(double[] sums, ReadOnlySpan<float> x, ReadOnlySpan<float> y, int stride, int plane, double sign)
    {
        for (var i = 0; i < plane; i++)
        {
            double a = x[i * stride], b = y[i * stride];
            var five = sums.AsSpan(Kinds * i, Kinds);
            five[0] += sign * a;
            five[1] += sign * b;
            five[2] += sign * a * a;
            five[3] += sign * b * b;
            five[4] += sign * a * b;
        }
    }

    private static double SumOfRow(double[] columns, int width, int voxels, double range)
    {
        var (c1, c2) = (K1 * range * (K1 * range), K2 * range * (K2 * range));
        // From mean products to sample covariances.
        var unbiased = (double)voxels / (voxels - 1);
        Span<double> sums = stackalloc double[Kinds];
        var total = 0.0;
        for (var column = 0; column < width; column++)
        {
            for (var kind = 0; kind < Kinds; kind++)
            {
                sums[kind] += columns[Kinds * column + kind] - (column >= Window ? columns[Kinds * (column - Window) + kind] : 0);
            }
            if (column < Window - 1)
            {
                continue;
            }
            var (meanX, meanY) = (sums[0] / voxels, sums[1] / voxels);
            var varianceX = unbiased * (sums[2] / voxels - meanX * meanX);
            var varianceY = unbiased * (sums[3] / voxels - meanY * meanY);
            var covariance = unbiased * (sums[4] / voxels - meanX * meanY);
            total += (2 * meanX * meanY + c1) * (2 * covariance + c2) / ((meanX * meanX + meanY * meanY + c1) * (varianceX + varianceY + c2));
        }
        return total;
    }
}
