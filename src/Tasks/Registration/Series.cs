using InrFast.Imaging;

namespace InrFast.Tasks.Registration;

/// <summary>Times of a series as images, and back.</summary>
public static class Series
{
    public static Image At(this Image series, int time)
    {
        int count = series.Samples.Length / series.Times;
        return series.Times == 1 ? series : series.Derive(series.Grid, series.Samples.Slice(time * count, count).ToArray());
    }

    /// <summary>Images of one grid, in the terms of the first.</summary>
    /// <param name="spacing">Between two times.</param>
    public static Image Join(IReadOnlyList<Image> images, double spacing) => images.Count == 1 ? images[0]
        : new Image(images[0].Grid, [.. images.SelectMany(image => image.Samples.ToArray())], images[0].Channels, images.Count)
        {
            TimeSpacing = spacing, Unit = images[0].Unit, Stored = images[0].Stored, Acquisition = images[0].Acquisition,
        };
}
