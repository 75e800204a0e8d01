using InrFast.Imaging;
using InrFast.Kernels.Projection;
using InrFast.Tasks.Reconstruction;

namespace InrFast.Tests;

public sealed class NeuralAttenuationFieldTests
{
    /// <summary>A short run on the cone-beam table of 20 views, where FDK has 20.9 dB, SIRT 29.0 and TV 29.5: the published method is asked for at least 4 dB more than FDK so early.</summary>
    [Test]
    public void Few_views_of_a_cone_beam_do()
    {
        const int N = 48;
        const double Half = 128;
        var geometry = new ProjectionGeometry(new(N, N, N, new(2.0 / N, 2.0 / N, 2.0 / N), new(1.0 / N - 1, 1.0 / N - 1, 1.0 / N - 1)), DetectorShape.Flat, 72, 72, 35.5, 35.5,
            [.. ScanCase.Angles(20, 2 * Math.PI).Select(angle => View.Circular(DetectorShape.Flat, angle, 1000 / Half, 1500 / Half, 480 / 72.0 / Half, 480 / 72.0 / Half))]);
        float[] truth = Ellipsoid.Draw(Ellipsoid.SheppLogan3, geometry.Volume, 3), projections = Ellipsoid.Scan(Ellipsoid.SheppLogan3, geometry, 2);
        var image = ScanCase.With(workers => NeuralAttenuationField.Run(geometry, projections, 300, 0, ScanCase.Device, workers));
        Assert.That(Metrics.PeakSignalToNoise(truth, image, 1), Is.GreaterThan(26));
        Assert.That(image.Min(), Is.Not.Negative);
    }

    [Test]
    public void The_seed_says_all()
    {
        var geometry = ScanCase.Fan(24, DetectorShape.Arc, ScanCase.Angles(12, 2 * Math.PI));
        var projections = Ellipsoid.Scan(Ellipsoid.SheppLogan, geometry, 1);
        float[] Run(int workers, ulong seed) => ScanCase.With(some => NeuralAttenuationField.Run(geometry, projections, 5, seed, ScanCase.Device, some), workers);
        var one = Run(1, 3);
        Assert.That(Run(3, 3), Is.EqualTo(one));
        Assert.That(Run(1, 4), Is.Not.EqualTo(one));
    }
}
