using System.CommandLine;
using System.Globalization;
using InrFast.Imaging;
using InrFast.Tasks.Reconstruction;

namespace InrFast.Cli.Commands;

/// <summary>What simulate ct and reconstruct ct share.</summary>
internal static class CtOptionTypes
{
    public static Option<double?> Water { get; } = OptionTypes.Number("--water", "PER_MM", $"Attenuation of water, for HU ({Hounsfield.Water} unless told)", 1e-6, 1e3);

    /// <summary>Numbers of views in any order; FIRST-LAST:STEP is every STEPth of a range.</summary>
    public static Option<int[]?> ViewList(string name, string description) => new(name)
    {
        Description = description, HelpName = "VIEWS", CustomParser = result =>
        {
            if (ParseViews(result.Tokens[0].Value) is { } views)
            {
                return views;
            }
            result.AddError($"{name}: '{result.Tokens[0].Value}' is no list of views such as 3,10-20 or 0-180:4");
            return null;
        },
    };

    /// <summary>NAME.geometry.json of NAME.npy.</summary>
    public static string GeometryBeside(string path)
    {
        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return Path.ChangeExtension(name.TrimEnd('/'), ".geometry.json");
    }

    /// <summary>The array [view][row][column], [view][column] where there is one row.</summary>
    public static Image ToImage(float[] projections, CtGeometry geometry)
    {
        var d = geometry.Detector;
        return new(d.Rows == 1 ? Grid.Plain(d.Columns, geometry.Views) : Grid.Plain(d.Columns, d.Rows, geometry.Views), projections);
    }

    /// <summary>The sinogram of the middle row, a picture.</summary>
    public static Image MiddleOf(float[] projections, CtGeometry geometry)
    {
        var d = geometry.Detector;
        var middle = new float[geometry.Views * d.Columns];
        for (var view = 0; view < geometry.Views; view++)
        {
            projections.AsSpan((view * d.Rows + d.Rows / 2) * d.Columns, d.Columns).CopyTo(middle.AsSpan(view * d.Columns));
        }
        return new(Grid.Plain(d.Columns, geometry.Views), middle);
    }

    private static int[]? ParseViews(string text)
    {
        static bool IsNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < 1 << 20;
        var views = new SortedSet<int>();
        foreach (var part in text.Split(','))
        {
            var (range, step) = part.Split(':') switch { [var all] => (all, 1), [var some, var by] when IsNumber(by, out var number) && number > 0 => (some, number), _ => ("", 1) };
            var ends = range.Split('-');
            if (ends.Length > 2 || !IsNumber(ends[0], out var first) || !IsNumber(ends[^1], out var last) || last < first)
            {
                return null;
            }
            for (var view = first; view <= last; view += step)
            {
                views.Add(view);
            }
        }
        return [.. views];
    }
}
