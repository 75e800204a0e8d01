namespace InrFast.Imaging.Dicom;

/// <summary>Brings unevenly spaced slices onto an even grid.</summary>
internal static class EvenSlices
{
    /// <summary>Slices at the median distance from the first to the last, each linear between its neighbours.</summary>
    /// <param name="samples">The slices as they were read: one time after another.</param>
    /// <exception cref="ImagingException">LimitExceeded.</exception>
    public static (Grid Grid, float[] Samples) Interpolate(DicomStack stack, Grid grid, float[] samples, ReadLimits limits, string name)
    {
        var sorted = stack.Slices.Take(stack.Depth).ToArray();
        var (normal, origin) = (sorted[0].Normal, sorted[0].Place.Origin);
        var along = Array.ConvertAll(sorted, slice => Vector3d.Dot(slice.Place.Origin - origin, normal));
        var count = Math.Round(along[^1] / SlicePositions.MedianGap(sorted)) + 1;
        var sliceSamples = samples.Length / stack.Slices.Count;
        var even = new float[limits.CountSamples(name, sliceSamples, (long)Math.Min(count, int.MaxValue), stack.Times)];
        for (var z = 0; z < (int)count; z++)
        {
            var at = along[^1] * z / (count - 1);
            var below = Math.Clamp(Array.FindLastIndex(along, place => place <= at), 0, along.Length - 2);
            var weight = (float)Math.Clamp((at - along[below]) / (along[below + 1] - along[below]), 0, 1);
            for (var time = 0; time < stack.Times; time++)
            {
                var low = samples.AsSpan((time * stack.Depth + below) * sliceSamples, sliceSamples);
                var high = samples.AsSpan((time * stack.Depth + below + 1) * sliceSamples, sliceSamples);
                var target = even.AsSpan((time * (int)count + z) * sliceSamples, sliceSamples);
                for (var i = 0; i < target.Length; i++)
                {
                    target[i] = low[i] + weight * (high[i] - low[i]);
                }
            }
        }
        var map = grid.IndexToWorld with { StepZ = (sorted[^1].Place.Origin - origin) / (count - 1) };
        return (new Grid(new GridSize(grid.Size.X, grid.Size.Y, (int)count), map), even);
    }
}
