using InrFast.Imaging.Dicom;

namespace InrFast.Imaging;

/// <summary>
/// Pictures of images for a quick look. A 2-D image is drawn as it is stored. A volume is drawn as its three central planes, axial, coronal
/// and sagittal, turned as radiologists look at them (patient's right at the left, front and head up) with true proportions.
/// Of a time series the first time is drawn.
/// </summary>
public static class Preview
{
    public static Raster Render(Image image, DisplayWindow? window = null)
    {
        var shown = window ?? DisplayWindow.Percentile(image);
        return Render(image, shown, image.Acquisition?.Common.GetString(DicomTags.PhotometricInterpretation) == "MONOCHROME1");
    }

    /// <summary>
    /// Input, result and (where both have one grid) their difference, middle grey where they agree, black and white at the greatest
    /// difference but for half a percent. One window for input and result.
    /// </summary>
    public static Raster Compare(Image input, Image result, DisplayWindow? window = null)
    {
        var shown = window ?? DisplayWindow.Percentile(input);
        var pictures = new List<Raster> { Render(input, shown), Render(result, shown) };
        if (input.Size == result.Size && input.Channels == result.Channels)
        {
            var difference = new float[input.Samples.Length / input.Times];
            for (var i = 0; i < difference.Length; i++)
            {
                difference[i] = result.Samples.Span[i] - input.Samples.Span[i];
            }
            var image = new Image(input.Grid, difference, input.Channels);
            var (low, high) = DisplayWindow.Percentile(image);
            var reach = Math.Max(Math.Max(-low, high), float.Epsilon);
            pictures.Add(Render(image, new DisplayWindow(-reach, reach)));
        }
        return Raster.SideBySide(pictures);
    }

    private static Raster Render(Image image, DisplayWindow window, bool inverted)
    {
        if (image.Dimensions == 2)
        {
            var flat = new Raster(image.Size.X, image.Size.Y, image.Channels >= 3 ? 3 : 1);
            for (var y = 0; y < flat.Height; y++)
            {
                for (var x = 0; x < flat.Width; x++)
                {
                    Draw(image, x, y, 0, window, inverted, flat[x, y]);
                }
            }
            return flat;
        }
        var axes = PatientAxes.Of(image.Grid);
        return Raster.SideBySide(
            DrawPlane(image, axes.LeftRight, axes.FrontBack, axes.FootHead, window, inverted),
            DrawPlane(image, axes.LeftRight, axes.FootHead.Reversed, axes.FrontBack, window, inverted),
            DrawPlane(image, axes.FrontBack, axes.FootHead.Reversed, axes.LeftRight, window, inverted));
    }

    // Nearest voxels on square pixels as small as the finer of the two spacings.
    private static Raster DrawPlane(Image image, IndexAxis across, IndexAxis down, IndexAxis through, DisplayWindow window, bool inverted)
    {
        const int MaxSide = 2048;
        var pixel = Math.Max(Math.Min(across.Spacing, down.Spacing), Math.Max(across.Extent, down.Extent) / MaxSide);
        var plane = new Raster(Math.Max(1, (int)Math.Round(across.Extent / pixel)), Math.Max(1, (int)Math.Round(down.Extent / pixel)), image.Channels >= 3 ? 3 : 1);
        Span<int> index = stackalloc int[3];
        index[through.Axis] = through.Count / 2;
        for (var y = 0; y < plane.Height; y++)
        {
            index[down.Axis] = down.Nearest((y + 0.5) / plane.Height);
            for (var x = 0; x < plane.Width; x++)
            {
                index[across.Axis] = across.Nearest((x + 0.5) / plane.Width);
                Draw(image, index[0], index[1], index[2], window, inverted, plane[x, y]);
            }
        }
        return plane;
    }

    private static void Draw(Image image, int x, int y, int z, DisplayWindow window, bool inverted, Span<byte> pixel)
    {
        var voxel = x + (long)image.Size.X * (y + (long)image.Size.Y * z);
        var samples = image.Samples.Span.Slice((int)(voxel * image.Channels), pixel.Length);
        for (var channel = 0; channel < pixel.Length; channel++)
        {
            var shade = window.Apply(samples[channel]);
            pixel[channel] = inverted ? (byte)(255 - shade) : shade;
        }
    }
}
