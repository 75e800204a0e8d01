using System.Globalization;

namespace InrFast.Imaging.Dicom;

/// <summary>Makes the image of a stack: its grid from the slices' positions, its values from their pixels.</summary>
internal static class DicomVolume
{
    public static Image Load(DicomStack stack, string name, ReadOptions options, IReadOnlyList<string> warningsBefore)
    {
        if (stack.Fault is { } fault)
        {
            throw new ImagingException(ImagingError.Malformed, $"{name}: its series makes no image: {fault}; give the files of one complete volume");
        }
        var (first, depth) = (stack.First, stack.Depth);
        var unevenness = depth > 1 ? SlicePositions.WhatIsUneven([.. stack.Slices.Take(depth)]) : null;
        if (unevenness is not null && !options.AllowGaps)
        {
            throw new ImagingException(ImagingError.Malformed, $"{name}: its slices are uneven: {unevenness}; add what is missing, or interpolate with --allow-gaps");
        }
        options.Limits.CountSamples(name, first.Columns, first.Rows, first.Channels, depth, stack.Times);
        var (samples, scales, tableUnit) = Decode(stack);
        var map = depth > 1 ? first.Place with { StepZ = SlicePositions.Step([.. stack.Slices.Take(depth)]) } : first.Place;
        var warnings = new List<string>([.. warningsBefore, .. first.Warnings, .. DicomScale.Warnings(first.Attributes, name)]);
        var grid = new Grid(new GridSize(first.Columns, first.Rows, depth), map);
        if (stack.Times > 1 && !first.HasPlace && !first.Attributes.Contains(DicomTags.FrameTime))
        {
            warnings.Add($"{name}: nothing says what its {stack.Times} frames are; they were taken as time points");
        }
        if (unevenness is not null)
        {
            warnings.Add($"{name}: {unevenness}; slices were interpolated onto an even grid");
            (grid, samples) = EvenSlices.Interpolate(stack, grid, samples, options.Limits, name);
        }
        return new Image(grid, samples, first.Channels, stack.Times)
        {
            TimeSpacing = stack.TimeSpacing,
            Unit = DicomScale.UnitOf(first.Attributes, tableUnit),
            // Where slices have scales of their own, no single one of them holds the image.
            Stored = Array.TrueForAll(scales, scale => scale == scales[0]) ? scales[0] : new StoredScale(SampleType.Float32),
            Acquisition = DicomAcquisition.Of([.. stack.Slices.Select(FrameOf)]),
            Warnings = warnings,
        };
    }

    private static DicomFrame FrameOf(DicomSlice slice) => new(slice.Attributes,
        slice.Instance.Dataset.Contains(DicomTags.NumberOfFrames) ? slice.Frame + 1 : null, slice.HasPlace ? slice.Place.Origin : null);

    private static (float[] Samples, StoredScale[] Scales, string? TableUnit) Decode(DicomStack stack)
    {
        var (slices, first) = (stack.Slices, stack.First);
        var sliceSamples = first.Columns * first.Rows * first.Channels;
        // Every value is written below.
        var samples = LargeArray.Allocate<float>(sliceSamples * slices.Count);
        var scales = new StoredScale[slices.Count];
        string? tableUnit = null;
        var files = slices.Select((slice, index) => (slice, index)).GroupBy(pair => pair.slice.Instance).ToArray();
        Concurrently.For(files.Length, file => files[file].Key.WithPixels(pixels =>
        {
            var frames = files[file].ToArray();
            tableUnit ??= pixels.Unit;
            Concurrently.For(frames.Length, i =>
            {
                var (slice, index) = frames[i];
                scales[index] = DicomScale.Of(slice.Attributes, pixels);
                DecodeSlice(slice, pixels, scales[index], samples.AsSpan(index * sliceSamples, sliceSamples));
            });
        }));
        return (samples, scales, tableUnit);
    }

    private static void DecodeSlice(DicomSlice slice, DicomPixels pixels, StoredScale scale, Span<float> values)
    {
        if (slice.Tile is not { } tile)
        {
            if (pixels.FrameSamples != values.Length || slice.Frame >= pixels.Frames)
            {
                throw new ImagingException(ImagingError.Malformed, string.Create(CultureInfo.InvariantCulture, $"{slice.Name}: the size of its pixels is not that of its header; get a sound copy"));
            }
            pixels.Decode(slice.Frame, scale, values);
            return;
        }
        var mosaic = new float[pixels.FrameSamples];
        pixels.Decode(0, scale, mosaic);
        for (var row = 0; row < slice.Rows; row++)
        {
            mosaic.AsSpan((tile.Row * slice.Rows + row) * pixels.Columns + tile.Column * slice.Columns, slice.Columns).CopyTo(values[(row * slice.Columns)..]);
        }
    }
}
