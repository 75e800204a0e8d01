using System.Globalization;

namespace InrFast.Imaging.Dicom;

/// <summary>Parallel slices of one size that make an image: sorted by their position along the normal, times after one another.</summary>
/// <param name="Slices">Slice z at time t stands at z + Slices.Count / Times t.</param>
/// <param name="TimeSpacing">Seconds; 0 where unknown or uneven.</param>
/// <param name="Fault">Why these slices make no image, where they make none.</param>
internal sealed record DicomStack(IReadOnlyList<DicomSlice> Slices, int Times = 1, double TimeSpacing = 0, string? Fault = null)
{
    private const int MaxStacks = 1000;

    /// <summary>What tells images of one place apart that are no time series: kind of image, echo, diffusion weight, segment.</summary>
    private static readonly DicomTag[] Kinds =
    [
        DicomTags.ImageType, DicomTags.FrameType, DicomTags.EchoTime, DicomTags.EffectiveEchoTime, DicomTags.DiffusionBValue, DicomTags.ReferencedSegmentNumber,
    ];

    public DicomSlice First => Slices[0];

    public int Depth => Slices.Count / Times;

    /// <summary>The stacks that the slices of one series make, in the order in which the files were given.</summary>
    public static IEnumerable<DicomStack> Of(IReadOnlyList<DicomSlice> slices)
    {
        var parallel = new List<List<DicomSlice>>();
        foreach (var slice in slices)
        {
            if (parallel.Find(stack => stack[0].IsParallelTo(slice)) is { } stack)
            {
                stack.Add(slice);
                continue;
            }
            parallel.Add([slice]);
            if (parallel.Count > MaxStacks)
            {
                throw new ImagingException(ImagingError.Malformed, $"{slice.Name}: its series has slices of more than {MaxStacks} orientations or sizes; this is no volume");
            }
        }
        return parallel.SelectMany(stack => Split(stack, Kinds));
    }

    private static DicomStack[] Split(List<DicomSlice> slices, ReadOnlySpan<DicomTag> kinds)
    {
        if (slices.Count == 1)
        {
            return [new DicomStack(slices)];
        }
        if (!slices[0].HasPlace)
        {
            // Frames of one file without a place are a film.
            return [slices.All(slice => slice.Instance == slices[0].Instance)
                ? DicomTimes.Order([slices])
                : new DicomStack(slices, Fault: "its files have no position (ImagePositionPatient and ImageOrientationPatient) to sort them by")];
        }
        var places = SlicePositions.Group(slices);
        var hasRepeats = places.Count < slices.Count;
        foreach (var kind in hasRepeats ? kinds : [])
        {
            if (places.Exists(place => place.Select(slice => Value(slice, kind)).Distinct().Count() > 1))
            {
                var rest = kinds[(kinds.IndexOf(kind) + 1)..].ToArray();
                return [.. slices.GroupBy(slice => Value(slice, kind)).SelectMany(group => Split([.. group], rest))];
            }
        }
        return hasRepeats ? [DicomTimes.Order(places)]
            : SlicePositions.WhatIsUneven([.. places.Select(place => place[0])]) is null ? [new DicomStack([.. places.Select(place => place[0])])]
            : SplitByAcquisition([.. places.Select(place => place[0])]);
    }

    // Several even scans that are uneven together are stacks of their own.
    private static DicomStack[] SplitByAcquisition(IReadOnlyList<DicomSlice> sorted)
    {
        var scans = sorted.GroupBy(slice => slice.Attributes.GetInteger(DicomTags.AcquisitionNumber)).Select(scan => new DicomStack([.. scan])).ToArray();
        return scans.Length > 1 && Array.TrueForAll(scans, scan => scan.Depth > 1 && SlicePositions.WhatIsUneven(scan.Slices) is null) ? scans : [new DicomStack(sorted)];
    }

    private static string Value(DicomSlice slice, DicomTag tag) => tag.Group == 0x0008
        ? string.Join('\\', slice.Attributes.GetStrings(tag))
        : slice.Attributes.GetNumbers(tag) is [var number, ..] ? number.ToString(CultureInfo.InvariantCulture) : "";
}
