using System.Globalization;
using System.Text.RegularExpressions;

namespace InrFast.Imaging;

/// <summary>
/// What the description of the first page says of the others: ImageJ's lines (images, channels, slices, frames, spacing, unit, finterval), or
/// the shape that tifffile writes. Pages run through channels first, then slices, then times.
/// </summary>
internal sealed partial record TiffMetadata(int Channels, int Slices, int Times)
{
    /// <summary>mm between slices; 0 where unknown.</summary>
    public double SliceSpacing { get; private init; }

    /// <summary>mm that one unit of the resolution tags is; 0 where the file does not name one.</summary>
    public double UnitMillimetres { get; private init; }

    /// <summary>Seconds; 0 where unknown.</summary>
    public double TimeSpacing { get; private init; }

    /// <summary>Images that follow one another in the file where it has but one directory, as ImageJ writes large stacks; else 0.</summary>
    public int Images { get; private init; }

    public static TiffMetadata Of(string description, int pages)
    {
        if (!description.StartsWith("ImageJ=", StringComparison.Ordinal))
        {
            return Shape().Match(description) is { Success: true } shape
                && Int(shape.Groups[1].Value) is var times && Int(shape.Groups[2].Value) is var slices && (long)times * slices == pages
                ? new TiffMetadata(1, slices, times)
                : new TiffMetadata(1, pages, 1);
        }
        string? Value(string key) => description.Split('\n').FirstOrDefault(line => line.StartsWith(key + "=", StringComparison.Ordinal))?[(key.Length + 1)..].Trim();
        double Real(string key) => double.TryParse(Value(key), CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) && value > 0 ? value : 0;
        int Count(string key) => Math.Max(1, Int(Value(key) ?? "1"));
        var unit = UnitOf(Value("unit"));
        var images = Math.Max(pages, pages == 1 ? Count("images") : 1);
        var (channels, frames) = (Count("channels"), Count("frames"));
        var given = (long)channels * Count("slices") * frames;
        return new TiffMetadata(given == images ? channels : 1, given == images ? Count("slices") : images, given == images ? frames : 1)
        {
            SliceSpacing = Real("spacing") * unit,
            UnitMillimetres = unit,
            TimeSpacing = Real("finterval"),
            Images = pages == 1 && images > 1 ? images : 0,
        };
    }

    /// <summary>ImageJ's description of an image.</summary>
    public static string Describe(Image image, int channelPages, bool hasSpacing)
    {
        var (size, spacing) = (image.Size, image.Grid.Spacing);
        string Number(double value) => value.ToString("r", CultureInfo.InvariantCulture);
        return $"ImageJ=1.54f\nimages={channelPages * size.Z * image.Times}\n"
            + (channelPages > 1 ? $"channels={channelPages}\n" : "") + (size.Z > 1 ? $"slices={size.Z}\n" : "") + (image.Times > 1 ? $"frames={image.Times}\n" : "")
            + (channelPages > 1 || image.Times > 1 ? "hyperstack=true\nmode=grayscale\n" : "")
            + (hasSpacing ? $"unit=mm\nspacing={Number(spacing.Z)}\n" : "")
            + (image.TimeSpacing > 0 ? $"finterval={Number(image.TimeSpacing)}\n" : "") + "loop=false\n";
    }

    private static double UnitOf(string? unit) => unit switch
    {
        "mm" or "millimeter" => 1,
        "cm" => 10,
        "m" or "meter" => 1000,
        "micron" or "um" or "µm" or "μm" or "\\u00B5m" or "microns" => 1e-3,
        "nm" => 1e-6,
        "inch" or "in" => 25.4,
        _ => 0,
    };

    private static int Int(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;

    [GeneratedRegex("""^\{"shape": \[(\d{1,9}), (\d{1,9}), \d{1,9}, \d{1,9}\]""")]
    private static partial Regex Shape();
}
