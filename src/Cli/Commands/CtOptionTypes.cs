using System.CommandLine;
using InrFast.Imaging;
using InrFast.Tasks.Reconstruction;

namespace InrFast.Cli.Commands;

/// <summary>What simulate ct and reconstruct ct share.</summary>
internal static class CtOptionTypes
{
    public static Option<double?> Water { get; } = OptionTypes.Number("--water", "PER_MM", $"Attenuation of water, for HU ({Hounsfield.Water} unless told)", 1e-6, 1e3);

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
}
