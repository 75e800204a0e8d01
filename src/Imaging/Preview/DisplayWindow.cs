using InrFast.Imaging.Dicom;

namespace InrFast.Imaging;

/// <summary>Values shown black and white; what lies between is shown in proportion.</summary>
public readonly record struct DisplayWindow(float Low, float High)
{
    /// <summary>From the least to the greatest finite value.</summary>
    public static DisplayWindow Full(Image image) => new(image.Range().Minimum, image.Range().Maximum);

    /// <summary>
    /// Leaves out so many percent of the finite values at either end, so that a few bright ones do not darken the rest, and what a DICOM source marks as lying outside of
    /// what was imaged. Taken from at most about a hundred thousand samples, evenly spread.
    /// </summary>
    public static DisplayWindow Percentile(Image image, double percent = 0.5)
    {
        const int MaxSamples = 100_000;
        var samples = image.Samples.Span;
        var step = Math.Max(1, samples.Length / MaxSamples);
        var (low, high) = PixelPadding.ValuesOf(image) ?? (float.NaN, float.NaN);
        var values = new List<float>(samples.Length / step + 1);
        for (var i = 0; i < samples.Length; i += step)
        {
            if (float.IsFinite(samples[i]) && !(samples[i] >= low && samples[i] <= high))
            {
                values.Add(samples[i]);
            }
        }
        if (values.Count == 0)
        {
            return Full(image);
        }
        values.Sort();
        var cut = (int)(values.Count * percent / 100);
        return new(values[cut], values[^(cut + 1)]);
    }

    public byte Apply(float value)
    {
        var share = High > Low ? (value - Low) / (High - Low) : value >= High ? 1 : 0;
        return (byte)Math.Clamp(MathF.Round(255 * share), 0, 255);
    }
}
