namespace InrFast.Imaging;

/// <summary>Luminance and colour differences as JFIF 1.02 and DICOM's YBR_FULL have them: full-range ITU-R BT.601.</summary>
internal static class YCbCr
{
    /// <summary>In place, three samples a pixel of so many bits, rounded to whole numbers as decoders do.</summary>
    public static void ToRgb(Span<float> samples, int precision)
    {
        var (top, middle) = ((1 << precision) - 1, 1 << (precision - 1));
        for (var i = 0; i < samples.Length; i += 3)
        {
            var (luminance, blue, red) = (samples[i], samples[i + 1] - middle, samples[i + 2] - middle);
            samples[i] = Math.Clamp(MathF.Round(luminance + 1.402f * red), 0, top);
            samples[i + 1] = Math.Clamp(MathF.Round(luminance - 0.344136286f * blue - 0.714136286f * red), 0, top);
            samples[i + 2] = Math.Clamp(MathF.Round(luminance + 1.772f * blue), 0, top);
        }
    }
}
