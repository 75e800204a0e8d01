using System.Globalization;

namespace InrFast.Imaging.Dicom;

/// <summary>Where parallel slices lie along their normal, and the step from one to the next.</summary>
internal static class SlicePositions
{
    /// <summary>The slices sorted along their normal, those of one place together.</summary>
    public static List<List<DicomSlice>> Group(IReadOnlyList<DicomSlice> slices)
    {
        var normal = slices[0].Normal;
        var same = Math.Min(0.01, 0.01 * Math.Min(slices[0].Place.Spacing.X, slices[0].Place.Spacing.Y));
        var places = new List<List<DicomSlice>>();
        var last = double.NegativeInfinity;
        // The sort is stable: slices of one place stay in the order in which they were given.
        foreach (var (slice, along) in slices.Select(slice => (slice, Along: Vector3d.Dot(slice.Place.Origin, normal))).OrderBy(pair => pair.Along))
        {
            if (along - last > same)
            {
                places.Add([]);
                last = along;
            }
            places[^1].Add(slice);
        }
        return places;
    }

    /// <summary>
    /// The step from slice to slice: the mean, so that the last slice lies where its file says. It leaves the normal where the gantry was
    /// tilted, and the image's grid keeps that shear.
    /// </summary>
    public static Vector3d Step(IReadOnlyList<DicomSlice> sorted) => (sorted[^1].Place.Origin - sorted[0].Place.Origin) / (sorted.Count - 1);

    /// <summary>Median distance along the normal from slice to slice, mm.</summary>
    public static double MedianGap(IReadOnlyList<DicomSlice> sorted)
    {
        var gaps = Gaps(sorted);
        Array.Sort(gaps);
        return gaps[gaps.Length / 2];
    }

    /// <summary>What keeps sorted slices from being a grid, or null: each gap within 0.5 % or 0.01 mm of the median, all on one straight line.</summary>
    public static string? WhatIsUneven(IReadOnlyList<DicomSlice> sorted)
    {
        var (gaps, median, step) = (Gaps(sorted), MedianGap(sorted), Step(sorted));
        var tolerance = Math.Max(0.005 * median, 0.01);
        for (var i = 0; i < gaps.Length; i++)
        {
            if (Math.Abs(gaps[i] - median) > tolerance)
            {
                var missing = Math.Round(gaps[i] / median) - 1;
                return string.Create(CultureInfo.InvariantCulture, $"the gap between {sorted[i].Name} and {sorted[i + 1].Name} is {gaps[i]:g6} mm and the others are {median:g6} mm")
                    + (missing >= 1 && Math.Abs(gaps[i] - (missing + 1) * median) <= tolerance ? $" ({missing} missing)" : "");
            }
        }
        for (var i = 1; i < sorted.Count; i++)
        {
            // Small deviations of the gaps may add up; the place across the normal may not wander at all.
            var off = sorted[i].Place.Origin - sorted[0].Place.Origin - step * i;
            if ((off - sorted[0].Normal * Vector3d.Dot(off, sorted[0].Normal)).Length > tolerance)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{sorted[i].Name} lies {off.Length:g3} mm beside the line of the others");
            }
        }
        return null;
    }

    private static double[] Gaps(IReadOnlyList<DicomSlice> sorted)
    {
        var (normal, gaps) = (sorted[0].Normal, new double[sorted.Count - 1]);
        for (var i = 0; i < gaps.Length; i++)
        {
            gaps[i] = Vector3d.Dot(sorted[i + 1].Place.Origin - sorted[i].Place.Origin, normal);
        }
        return gaps;
    }
}
