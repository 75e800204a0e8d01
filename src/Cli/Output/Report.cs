using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text;
using InrFast.Imaging;

namespace InrFast.Cli.Output;

/// <summary>One self-contained page about a run (--report): what was found, the picture, the course of the fit, the options, the whole JSON result.</summary>
internal static class Report
{
    private const int Width = 720, Height = 240, Margin = 48;

    public static void Write(Stream stream, ParseResult parsed, CommandResult result, Raster? picture)
    {
        var page = new StringBuilder();
        var title = $"inrfast {result.Command}";
        page.AppendLine(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>{title}</title>
            <style>body {"{"} font: 15px system-ui, sans-serif; max-width: 1600px; margin: 2em auto; padding: 0 1em {"}"} img {"{"} max-width: 100%; image-rendering: pixelated {"}"}
            table {"{"} border-collapse: collapse {"}"} td {"{"} padding: .2em 1em .2em 0 {"}"} pre {"{"} background: #f4f4f4; padding: 1em; overflow: auto {"}"} svg text {"{"} font: 12px sans-serif {"}"}</style></head><body>
            <h1>{title}</h1>
            """);
        Table(page, result);
        foreach (var warning in result.Warnings)
        {
            page.AppendLine(CultureInfo.InvariantCulture, $"<p><b>Warning:</b> {WebUtility.HtmlEncode(warning)}</p>");
        }
        if (picture is not null)
        {
            using var png = new MemoryStream();
            picture.WritePng(png);
            page.AppendLine(CultureInfo.InvariantCulture, $"<p><img alt=\"the result, beside its input and the difference where there are such\" src=\"data:image/png;base64,{Convert.ToBase64String(png.GetBuffer(), 0, (int)png.Length)}\"></p>");
        }
        if (result.History is { Seconds.Count: > 1 } history)
        {
            Curve(page, "Loss (logarithmic) over seconds", history.Seconds, [.. history.Loss.Select(loss => (double?)Math.Log10(loss))], value => $"1e{value:0.#}");
            Curve(page, "PSNR in dB over seconds, of the whole image", history.Seconds, history.Psnr, value => value.ToString("0.#", CultureInfo.InvariantCulture));
        }
        using var options = new MemoryStream();
        Configuration.Save(options, parsed, result);
        Text(page, "Options in force", Encoding.UTF8.GetString(options.GetBuffer(), 0, (int)options.Length));
        Text(page, "Result", result.ToJson());
        page.AppendLine("</body></html>");
        stream.Write(Encoding.UTF8.GetBytes(page.ToString()));
    }

    private static void Table(StringBuilder page, CommandResult result)
    {
        page.AppendLine("<table>");
        Row("version", result.Version);
        Row("device", result.Device);
        Row("input", string.Join(", ", result.Input.Select(input => input.Path)));
        Row("output", result.Output);
        Row("method", result.Method);
        Row("parameters", result.Parameters?.ToString(CultureInfo.InvariantCulture));
        Row("iterations", result.Iterations?.ToString(CultureInfo.InvariantCulture));
        foreach (var (name, value) in result.Metrics ?? [])
        {
            Row(name, value.ToString("g6", CultureInfo.InvariantCulture));
        }
        Row("seconds of fitting", result.Seconds.Fit?.ToString("g3", CultureInfo.InvariantCulture));
        Row("seconds in all", result.Seconds.Total.ToString("g3", CultureInfo.InvariantCulture));
        page.AppendLine("</table>");

        void Row(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                page.AppendLine(CultureInfo.InvariantCulture, $"<tr><td>{name}</td><td>{WebUtility.HtmlEncode(value)}</td></tr>");
            }
        }
    }

    private static void Curve(StringBuilder page, string title, IReadOnlyList<double> x, IReadOnlyList<double?> y, Func<double, string> label)
    {
        var points = x.Zip(y).Where(pair => pair.Second is { } value && double.IsFinite(value)).Select(pair => (X: pair.First, Y: pair.Second!.Value)).ToArray();
        if (points.Length == 0)
        {
            return;
        }
        double right = Math.Max(x[^1], 1e-9), low = points.Min(p => p.Y), high = Math.Max(points.Max(p => p.Y), low + 1e-9);
        var line = string.Join(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture,
            $"{Margin + p.X / right * (Width - 2 * Margin):f1},{Height - Margin / 2 - (p.Y - low) / (high - low) * (Height - Margin):f1}")));
        var shape = points.Length == 1 ? $"<circle cx=\"{line.Split(',')[0]}\" cy=\"{line.Split(',')[1]}\" r=\"3\"/>" : $"<polyline points=\"{line}\" fill=\"none\" stroke=\"#06c\" stroke-width=\"1.5\"/>";
        page.AppendLine(CultureInfo.InvariantCulture, $"""
            <h2>{title}</h2>
            <svg width="{Width}" height="{Height}" role="img"><path d="M{Margin} {Margin / 2}V{Height - Margin / 2}H{Width - Margin}" fill="none" stroke="#888"/>{shape}
            <text x="2" y="{Margin / 2 + 4}">{label(high)}</text><text x="2" y="{Height - Margin / 2}">{label(low)}</text><text x="{Width - Margin}" y="{Height - 6}">{right:g3} s</text></svg>
            """);
    }

    private static void Text(StringBuilder page, string title, string text) =>
        page.AppendLine(CultureInfo.InvariantCulture, $"<h2>{title}</h2><pre>{WebUtility.HtmlEncode(text)}</pre>");
}
