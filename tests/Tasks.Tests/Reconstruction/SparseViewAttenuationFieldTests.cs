using InrFast.Imaging;
using InrFast.Kernels.Projection;
using InrFast.Tasks.Reconstruction;

namespace InrFast.Tests;

public sealed class SparseViewAttenuationFieldTests
{
    const int N = 24, Pixels = 36;
    const double Half = 128;

    static ProjectionGeometry Cone(params double[] angles) => new(new(N, N, N, new(2.0 / N, 2.0 / N, 2.0 / N), new(1.0 / N - 1, 1.0 / N - 1, 1.0 / N - 1)), DetectorShape.Flat, Pixels, Pixels, (Pixels - 1) / 2.0, (Pixels - 1) / 2.0,
        [.. angles.Select(angle => View.Circular(DetectorShape.Flat, angle, 1000 / Half, 1500 / Half, 480.0 / Pixels / Half, 480.0 / Pixels / Half))]);

    /// <summary>The cone-beam table's scan at half its size, 20 views: better than FDK; and what the image network learned helps a view that it never saw.</summary>
    [Test]
    public void Few_views_of_a_cone_beam_do()
    {
        double[] angles = ScanCase.Angles(20, 2 * Math.PI);
        var geometry = Cone(angles);
        float[] truth = Ellipsoid.Draw(Ellipsoid.SheppLogan3, geometry.Volume, 3), projections = Ellipsoid.Scan(Ellipsoid.SheppLogan3, geometry, 2);
        double Psnr(float[] image) => Metrics.PeakSignalToNoise(truth, image, 1);
        var (image, sharpening) = ScanCase.With(workers => SparseViewAttenuationField.Run(geometry, projections, 400, 0, ScanCase.Device, workers));
        Assert.That(Psnr(image), Is.GreaterThan(Psnr(ScanCase.Fbp(geometry, angles, projections)) + 1));
        Assert.That(sharpening, Is.GreaterThan(0.5));
        Assert.That(image.Min(), Is.Not.Negative);
    }

    /// <summary>So few views that none can be held out; and the same bits for any number of workers.</summary>
    [Test]
    public void The_seed_says_all([Values(6, 12)] int views)
    {
        var geometry = ScanCase.Fan(24, DetectorShape.Arc, ScanCase.Angles(views, 2 * Math.PI));
        var projections = Ellipsoid.Scan(Ellipsoid.SheppLogan, geometry, 1);
        (float[] Image, double? Sharpening) Run(int workers, ulong seed) => ScanCase.With(some => SparseViewAttenuationField.Run(geometry, projections, 12, seed, ScanCase.Device, some), workers);
        var one = Run(1, 3);
        Assert.That(one.Sharpening is null, Is.EqualTo(views == 6));
        Assert.That(Run(3, 3).Image, Is.EqualTo(one.Image));
        Assert.That(Run(1, 4).Image, Is.Not.EqualTo(one.Image));
    }

    /// <summary>Of a gantry on a circle, in any order, those that it would have taken in between; none where half the circle was left out.</summary>
    [Test]
    public void Views_between_lie_in_the_middle()
    {
        double[] angles = [.. ScanCase.Angles(10, Math.PI).Order().Reverse()];
        var between = SparseViewAttenuationField.Between(Cone(angles).Views, 100).OrderBy(view => Math.Atan2(view.Detector.Y, view.Detector.X)).ToArray();
        var expected = Cone([.. ScanCase.Angles(10, Math.PI).Take(9).Select(angle => angle + Math.PI / 20)]).Views.OrderBy(view => Math.Atan2(view.Detector.Y, view.Detector.X)).ToArray();
        Assert.That(between, Has.Length.EqualTo(9));
        for (int i = 0; i < 9; i++)
            foreach (var (ours, theirs) in new[] { (between[i].Source, expected[i].Source), (between[i].Detector, expected[i].Detector), (between[i].ColumnStep, expected[i].ColumnStep), (between[i].RowStep, expected[i].RowStep) })
                Assert.That((ours - theirs).Length, Is.LessThan(1e-9));
        Assert.That(SparseViewAttenuationField.Between(Cone(angles).Views, 4), Has.Length.EqualTo(4));
    }

    /// <summary>Views blurred over three pixels each way: the image network has most of it back in a view that it did not learn from.</summary>
    [Test]
    public void Blur_is_taken_back()
    {
        var geometry = Cone(ScanCase.Angles(4, Math.PI));
        float[] sharp = Ellipsoid.Scan(Ellipsoid.SheppLogan3, geometry, 2), blurred = Blurred(sharp);
        int learned = 3 * Pixels * Pixels;
        var corrected = ScanCase.With(workers =>
        {
            using var network = new ViewSharpener(geometry, blurred[..learned], sharp[..learned], 0, ScanCase.Device, workers);
            return network.Sharpen(blurred[learned..]);
        });
        Assert.That(Projector.RelativeDifference(corrected, sharp[learned..]), Is.LessThan(Projector.RelativeDifference(blurred[learned..], sharp[learned..]) / 2));
    }

    static float[] Blurred(float[] views) => [.. views.Select((_, i) =>
    {
        int column = i % Pixels, row = i / Pixels % Pixels, view = i / (Pixels * Pixels);
        return Enumerable.Range(0, 9).Average(k => views[(view * Pixels + Math.Clamp(row + k / 3 - 1, 0, Pixels - 1)) * Pixels + Math.Clamp(column + k % 3 - 1, 0, Pixels - 1)]);
    })];
}
