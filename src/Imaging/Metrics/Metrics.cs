namespace InrFast.Imaging;

/// <summary>
/// How far an image is from a reference. Both are samples of the same size (and unit) in any order that both share; sums are in double precision.
/// </summary>
public static class Metrics
{
    /// <summary>Mean of squared differences.</summary>
    public static double MeanSquaredError(ReadOnlySpan<float> reference, ReadOnlySpan<float> test)
    {
        RequireSameSize(reference, test);
        var sum = 0.0;
        for (var i = 0; i < reference.Length; i++)
        {
            var difference = (double)test[i] - reference[i];
            sum += difference * difference;
        }
        return sum / reference.Length;
    }

    public static double RootMeanSquaredError(ReadOnlySpan<float> reference, ReadOnlySpan<float> test) => Math.Sqrt(MeanSquaredError(reference, test));

    public static double MeanAbsoluteError(ReadOnlySpan<float> reference, ReadOnlySpan<float> test)
    {
        RequireSameSize(reference, test);
        var sum = 0.0;
        for (var i = 0; i < reference.Length; i++)
        {
            sum += Math.Abs((double)test[i] - reference[i]);
        }
        return sum / reference.Length;
    }

    /// <summary>
    /// 10 log10(peak^2 / MSE) in dB. +Infinity where the images are equal; NaN where the peak is zero: a constant reference has no
    /// range to measure against, so that its PSNR is undefined.
    /// </summary>
    /// <param name="peak">Range of values; null takes the reference's maximum less its minimum.</param>
    public static double PeakSignalToNoise(ReadOnlySpan<float> reference, ReadOnlySpan<float> test, double? peak = null)
    {
        var range = peak ?? ValueRange(reference);
        return range > 0 ? 10 * Math.Log10(range * range / MeanSquaredError(reference, test)) : double.NaN;
    }

    /// <summary>RMSE over the reference's root mean square (scikit-image's "euclidean"). NaN where both are zero throughout.</summary>
    public static double NormalizedRootMeanSquaredError(ReadOnlySpan<float> reference, ReadOnlySpan<float> test)
    {
        var squares = 0.0;
        foreach (var value in reference)
        {
            squares += (double)value * value;
        }
        return RootMeanSquaredError(reference, test) / Math.Sqrt(squares / reference.Length);
    }

    /// <summary>
    /// Twice the overlap over the sum of both volumes, of the voxels that hold <paramref name="label"/>, or of all that are not zero.
    /// 1 where neither image has such a voxel, since they agree.
    /// </summary>
    public static double Dice(ReadOnlySpan<float> reference, ReadOnlySpan<float> test, float? label = null)
    {
        RequireSameSize(reference, test);
        var (both, sum) = (0L, 0L);
        for (var i = 0; i < reference.Length; i++)
        {
            var (a, b) = label is { } value ? (reference[i] == value, test[i] == value) : (reference[i] != 0, test[i] != 0);
            both += a && b ? 1 : 0;
            sum += (a ? 1 : 0) + (b ? 1 : 0);
        }
        return sum == 0 ? 1 : 2.0 * both / sum;
    }

    /// <summary>The correlation coefficient: 1 where one is a rising linear function of the other; NaN where either is constant.</summary>
    public static double Correlation(ReadOnlySpan<float> reference, ReadOnlySpan<float> test)
    {
        RequireSameSize(reference, test);
        var (meanA, meanB) = (Mean(reference), Mean(test));
        var (aa, bb, ab) = (0.0, 0.0, 0.0);
        for (var i = 0; i < reference.Length; i++)
        {
            var (a, b) = (reference[i] - meanA, test[i] - meanB);
            (aa, bb, ab) = (aa + a * a, bb + b * b, ab + a * b);
        }
        return ab / Math.Sqrt(aa * bb);
    }

    private static double Mean(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += value;
        }
        return sum / values.Length;
    }

    /// <summary>Maximum less minimum; NaN where a value is NaN.</summary>
    public static double ValueRange(ReadOnlySpan<float> values)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
        {
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }
        return high - low;
    }

    internal static void RequireSameSize(ReadOnlySpan<float> reference, ReadOnlySpan<float> test)
    {
        if (reference.Length != test.Length || reference.Length == 0)
        {
            throw new ImagingException(ImagingError.WrongUse, $"images of {reference.Length} and {test.Length} samples cannot be compared; bring them to one size");
        }
    }
}
