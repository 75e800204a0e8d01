using InrFast.Imaging;

namespace InrFast.Tasks.Registration;

/// <summary>Bounds that values are cut to before images are compared: numbers, or percentiles of each image.</summary>
public readonly record struct Intensities(double Low, double High, bool LowIsPercentile, bool HighIsPercentile)
{
    /// <summary>"LOW,HIGH", each a number or a percentile such as 1%; null for anything else, and where LOW is not below HIGH.</summary>
    public static Intensities? Parse(string text)
    {
        if (text.Split(',') is not [var first, var second] || Part(first) is not var (low, lowIsPercentile) || Part(second) is not var (high, highIsPercentile)) return null;
        return lowIsPercentile != highIsPercentile || low < high ? new(low, high, lowIsPercentile, highIsPercentile) : null;

        static (double Value, bool IsPercentile)? Part(string text)
        {
            bool percentile = text.EndsWith('%');
            return double.TryParse(percentile ? text[..^1] : text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out double value)
                && double.IsFinite(value) && (!percentile || value is >= 0 and <= 100) ? (value, percentile) : null;
        }
    }

    public Image Cut(Image image)
    {
        float[] sorted = LowIsPercentile || HighIsPercentile ? [.. image.Samples.ToArray().Order()] : [];
        float Bound(double value, bool percentile) => percentile ? sorted[(int)Math.Round(value / 100 * (sorted.Length - 1))] : (float)value;
        float low = Bound(Low, LowIsPercentile), high = Bound(High, HighIsPercentile);
        return image.Derive(image.Grid, [.. image.Samples.ToArray().Select(value => Math.Clamp(value, low, Math.Max(low, high)))], image.Times);
    }
}
