using System.Globalization;

namespace InrFast.Imaging.Dicom;

/// <summary>The order in time of slices that lie at one place.</summary>
internal static class DicomTimes
{
    // Attributes that may tell times apart, with seconds per unit where they measure time, surest first.
    private static readonly (DicomTag Tag, double Seconds)[] Clocks =
    [
        (DicomTags.TemporalPositionTimeOffset, 1), (DicomTags.TemporalPositionIndex, 0), (DicomTags.TemporalPositionIdentifier, 0), (DicomTags.TriggerTime, 1e-3),
        (DicomTags.FrameReferenceTime, 1e-3), (DicomTags.AcquisitionNumber, 0), (DicomTags.FrameAcquisitionDateTime, 1), (DicomTags.AcquisitionDateTime, 1),
        (DicomTags.AcquisitionTime, 1), (DicomTags.ContentTime, 1),
    ];

    /// <summary>A stack of several times from the slices of each place; its fault where places have different numbers of slices, or nothing tells them apart.</summary>
    public static DicomStack Order(IReadOnlyList<IReadOnlyList<DicomSlice>> places)
    {
        var times = places[0].Count;
        if (places.FirstOrDefault(place => place.Count != times) is { } other)
        {
            var (most, least) = times > other.Count ? (places[0], other) : (other, places[0]);
            return new([.. places.SelectMany(place => place)], Fault: $"it has {most.Count} slices where {most[0].Name} lies and {least.Count} where {least[0].Name} lies");
        }
        foreach (var (clock, seconds) in Clocks)
        {
            if (places.All(place => place.Select(slice => Read(slice, clock)).Distinct().Count(time => !double.IsNaN(time)) == times))
            {
                var sorted = places.Select(place => place.OrderBy(slice => Read(slice, clock)).ToArray()).ToArray();
                var slices = Enumerable.Range(0, times).SelectMany(time => sorted.Select(place => place[time])).ToArray();
                return new(slices, times, seconds > 0 ? EvenStep([.. sorted[0].Select(slice => Read(slice, clock) * seconds)]) : StatedStep(slices[0].Attributes));
            }
        }
        return new([.. places.SelectMany(place => place)], Fault: $"it has {times} slices at each place ({places[0][0].Name}, {places[0][1].Name}) and no time or other mark that orders them");
    }

    // Milliseconds between frames or time points, where the file says so outright.
    private static double StatedStep(DicomDataset dataset) =>
        (dataset.GetNumbers(DicomTags.FrameTime), dataset.GetNumbers(DicomTags.TemporalResolution)) switch
        {
            ([> 0 and var frame, ..], _) => frame * 1e-3,
            (_, [> 0 and var resolution, ..]) => resolution * 1e-3,
            _ => 0,
        };

    // The mean step where all are within 5 % of it.
    private static double EvenStep(double[] times)
    {
        var step = (times[^1] - times[0]) / (times.Length - 1);
        return times.Zip(times.Skip(1)).All(pair => Math.Abs(pair.Second - pair.First - step) <= 0.05 * step) ? step : 0;
    }

    private static double Read(DicomSlice slice, DicomTag clock)
    {
        var text = slice.Attributes.GetString(clock) ?? "";
        return clock.Group != 0x0008 && clock != DicomTags.FrameAcquisitionDateTime ? slice.Attributes.GetNumbers(clock) is [var number, ..] ? number : double.NaN
            : clock == DicomTags.AcquisitionTime || clock == DicomTags.ContentTime ? OfDay(text)
            : text.Length >= 8 && DateTime.TryParseExact(text[..8], "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
                ? (day - DateTime.UnixEpoch).TotalSeconds + OfDay(text[8..].Split('+', '-')[0]) : double.NaN;
    }

    // HHMMSS.FFFFFF, as seconds after midnight.
    private static double OfDay(string text) =>
        text.Length >= 6 && int.TryParse(text[..4], NumberStyles.None, CultureInfo.InvariantCulture, out var clock)
            && double.TryParse(text[4..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            ? clock / 100 * 3600 + clock % 100 * 60 + seconds : double.NaN;
}
