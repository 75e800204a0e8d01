using InrFast.Imaging;

namespace InrFast.Tests.PreviewTests;

internal sealed class PreviewTests
{
    [Test]
    public void ASliceIsDrawnAsStored()
    {
        var raster = Preview.Render(new Image(Grid.Plain(2, 2), [0, 50, 100, 200]), new DisplayWindow(0, 100));
        Assert.That((raster.Width, raster.Height, raster.Channels), Is.EqualTo((2, 2, 1)));
        Assert.That(raster.Pixels, Is.EqualTo(new byte[] { 0, 128, 255, 255 }));
    }

    [Test]
    public void PlanesOfAVolumeAreTurnedAsRadiologistsLookAtThem()
    {
        // One bright voxel at the patient's left, front and head, whatever the order and direction of the index axes.
        foreach (var (map, index) in new (Affine, int)[]
        {
            (Affine.FromSpacing(1, 1, 1), 2 + 3 * (0 + 3 * 2)),
            (Affine.FromSpacing(1, 1, 1).BetweenLpsAndRas(), 0 + 3 * (2 + 3 * 2)),
            (new(new(0, 0, 1), new(1, 0, 0), new(0, 1, 0), default), 2 + 3 * (2 + 3 * 0)),
        })
        {
            var axes = PatientAxes.Of(new Grid(new GridSize(3, 3, 3), map));
            Span<int> at = [0, 0, 0];
            at[axes.LeftRight.Axis] = axes.LeftRight.Nearest(0.9);
            at[axes.FrontBack.Axis] = axes.FrontBack.Nearest(0.1);
            at[axes.FootHead.Axis] = axes.FootHead.Nearest(0.9);
            Assert.That(at[0] + 3 * (at[1] + 3 * at[2]), Is.EqualTo(index));
        }
    }

    [Test]
    public void ThickSlicesKeepTrueProportions()
    {
        var raster = Preview.Render(new Image(new Grid(new GridSize(8, 6, 4), Affine.FromSpacing(1, 1, 3)), new float[8 * 6 * 4]), new DisplayWindow(0, 1));
        // Axial 8 x 6, coronal 8 x 12, sagittal 6 x 12, with gaps of 4.
        Assert.That((raster.Width, raster.Height), Is.EqualTo((8 + 4 + 8 + 4 + 6, 12)));
    }

    [Test]
    public void ComparingShowsInputResultAndDifference()
    {
        var input = new Image(Grid.Plain(2, 1), [0, 100]);
        var raster = Preview.Compare(input, input.Derive(input.Grid, [10, 90]), new DisplayWindow(0, 100));
        Assert.That((raster.Width, raster.Height), Is.EqualTo((2 + 4 + 2 + 4 + 2, 1)));
        Assert.That(raster.Pixels[..2], Is.EqualTo(new byte[] { 0, 255 }));
        Assert.That(raster.Pixels[^2..], Is.EqualTo(new byte[] { 255, 0 }));
    }

    [Test]
    public void APercentileWindowLeavesOutTheOutliers()
    {
        var samples = new float[1000];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = i;
        }
        samples[500] = 1e6f;
        var window = DisplayWindow.Percentile(new Image(Grid.Plain(1000, 1), samples), 1);
        Assert.That((window.Low, window.High), Is.EqualTo((10f, 990f)));
    }

    [Test]
    public void ColoursStayColours()
    {
        var raster = Raster.SideBySide(Preview.Render(new Image(Grid.Plain(1, 1), [255, 0, 0], 3), new DisplayWindow(0, 255)), Preview.Render(new Image(Grid.Plain(1, 1), [255]), new DisplayWindow(0, 255)));
        Assert.That(raster.Pixels[..3], Is.EqualTo(new byte[] { 255, 0, 0 }));
        Assert.That(raster.Pixels[^3..], Is.EqualTo(new byte[] { 255, 255, 255 }));
    }
}
