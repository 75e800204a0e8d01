using InrFast.Imaging;
using InrFast.Tasks.Fitting;

namespace InrFast.Cli.Output;

/// <summary>
/// The picture of a fit: drawn once early on, so that one sees at once what is coming, and again at the end. A fit that fails takes it away again.
/// </summary>
/// <param name="path">Null: it is drawn for the report alone, at the end.</param>
internal sealed class LivePreview(string? path, bool force, Func<Raster> draw) : IDisposable
{
    /// <summary>When the first picture is drawn; a shorter fit has the last one only.</summary>
    private const double EarlySeconds = 0.25;

    private bool written;
    private bool kept;

    public void ShowEarly(in FitProgress now)
    {
        if (path is not null && !written && now.Seconds >= EarlySeconds && now.Iteration < now.Iterations / 2)
        {
            Show();
        }
    }

    public void Show()
    {
        var picture = draw();
        if (path is not null)
        {
            picture.WritePng(path, force || written);
            written = true;
        }
    }

    public void Keep() => kept = true;

    public void Dispose()
    {
        if (written && !kept)
        {
            File.Delete(path!);
        }
    }
}
