using InrFast.Cli.Output;
using InrFast.Imaging;
using InrFast.Tasks.Fitting;

namespace InrFast.Tests;

/// <summary>When the picture of a fit is drawn, and when it stays.</summary>
internal sealed class LivePreviewTests : CommandTests
{
    private int pictures;

    [SetUp]
    public void NoneDrawn() => pictures = 0;

    [TestCase(0.2, 10, false)]
    [TestCase(0.3, 10, true)]
    [TestCase(0.3, 60, false)]
    public void TheFirstPictureComesEarlyInAFitThatGoesOn(double seconds, int iteration, bool isDrawn)
    {
        using var preview = Preview();
        preview.ShowEarly(At(seconds, iteration));
        Assert.That(File.Exists(In("p.png")), Is.EqualTo(isDrawn));
    }

    [Test]
    public void ItIsDrawnOnceEarlyAndAgainAtTheEnd()
    {
        using var preview = Preview();
        preview.ShowEarly(At(0.3, 10));
        preview.ShowEarly(At(0.4, 12));
        Assert.That(pictures, Is.EqualTo(1));
        preview.Show();
        Assert.That(pictures, Is.EqualTo(2));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void ItStaysWithAFitThatSucceedsAlone(bool keeps)
    {
        using (var preview = Preview())
        {
            preview.ShowEarly(At(0.3, 10));
            if (keeps)
            {
                preview.Keep();
            }
        }
        Assert.That(File.Exists(In("p.png")), Is.EqualTo(keeps));
    }

    private static FitProgress At(double seconds, int iteration) => new(iteration, 100, 0.1, 20, seconds, 1e6);

    private LivePreview Preview() => new(In("p.png"), force: false, () =>
    {
        pictures++;
        return new Raster(2, 2, 1);
    });
}
