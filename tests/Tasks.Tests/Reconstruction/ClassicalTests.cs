using InrFast.Imaging;
using InrFast.Kernels.Projection;
using InrFast.Tasks.Reconstruction;

namespace InrFast.Tests;

/// <summary>Some rows of the tables that an independent program measured (perf/quality/ct.cs has all of them); PSNR with value range 1.</summary>
public sealed class ClassicalTests
{
    const double Within = 0.3;

    [TestCase(20, 16.30, 27.99, 33.49, 1e-4)]
    [TestCase(60, 25.78, 33.05, 35.93, 3e-4)]
    public void Slices(int views, double fbp, double sirt, double tv, double weight)
    {
        const int N = 128;
        var geometry = ScanCase.Parallel(N, views);
        float[] truth = Ellipsoid.Draw(Ellipsoid.SheppLogan, geometry.Volume, 4), sinogram = Ellipsoid.Scan(Ellipsoid.SheppLogan, geometry, 4);
        Assert.That(Psnr(truth, ScanCase.Fbp(geometry, ScanCase.Angles(views, Math.PI), sinogram)), Is.EqualTo(fbp).Within(Within));
        Assert.That(Psnr(truth, ScanCase.With(workers => Simultaneous.Run(new(geometry, ScanCase.Device, workers), sinogram, 200))), Is.EqualTo(sirt).Within(Within));
        Assert.That(Psnr(truth, ScanCase.With(workers => TotalVariation.Run(new Projector(geometry, ScanCase.Device, workers), sinogram, weight, 150, ScanCase.Device, workers))), Is.EqualTo(tv).Within(Within));
    }

    [Test]
    public void Interpolation_of_missing_views_is_better_than_none()
    {
        const int N = 128;
        var geometry = ScanCase.Parallel(N, 360);
        var truth = Ellipsoid.Draw(Ellipsoid.SheppLogan, geometry.Volume, 4);
        var filled = Sinogram.InterpolateHalfTurn(Ellipsoid.Scan(Ellipsoid.SheppLogan, ScanCase.Parallel(N, 60), 4), N, 360);
        // 28.11 dB with 40 dB of noise, which takes about as much from it as from FBP of 60 views: 0.3.
        Assert.That(Psnr(truth, ScanCase.Fbp(geometry, ScanCase.Angles(360, Math.PI), filled)), Is.EqualTo(28.4).Within(Within));
    }

    [Test]
    public void Volumes()
    {
        const int N = 48;
        const double Half = 128;
        double[] angles = ScanCase.Angles(20, 2 * Math.PI);
        var geometry = new ProjectionGeometry(new(N, N, N, new(2.0 / N, 2.0 / N, 2.0 / N), new(1.0 / N - 1, 1.0 / N - 1, 1.0 / N - 1)), DetectorShape.Flat, 72, 72, 35.5, 35.5,
            [.. angles.Select(angle => View.Circular(DetectorShape.Flat, angle, 1000 / Half, 1500 / Half, 480 / 72.0 / Half, 480 / 72.0 / Half))]);
        float[] truth = Ellipsoid.Draw(Ellipsoid.SheppLogan3, geometry.Volume, 3), projections = Ellipsoid.Scan(Ellipsoid.SheppLogan3, geometry, 2);
        float scale = projections.Max();
        projections = [.. PhotonNoise.LineIntegrals([.. projections.Select(p => p / scale)], 1e5, 10, 1).Select(p => p * scale)];
        Assert.That(Psnr(truth, ScanCase.Fbp(geometry, angles, projections)), Is.EqualTo(20.88).Within(Within));
        Assert.That(Psnr(truth, ScanCase.With(workers => Simultaneous.Run(new(geometry, ScanCase.Device, workers), projections, 60))), Is.EqualTo(28.96).Within(Within));
    }

    /// <summary>A disc has its value inside and nothing outside, whatever the beam and whether the gantry turns fully, by a half turn and the fan, or more than that.</summary>
    [TestCase(DetectorShape.Flat, 360)]
    [TestCase(DetectorShape.Arc, 360)]
    [TestCase(DetectorShape.Flat, 260)]
    [TestCase(DetectorShape.Arc, 260)]
    [TestCase(DetectorShape.Flat, 300)]
    public void Fans_give_a_disc_its_value(DetectorShape shape, double degrees)
    {
        Ellipsoid[] disc = [new(1, 0.6, 0.45, double.PositiveInfinity, 0.1, -0.05, 0, 20)];
        double[] angles = ScanCase.Angles((int)degrees, degrees * Math.PI / 180);
        var geometry = ScanCase.Fan(64, shape, angles);
        var image = ScanCase.Fbp(geometry, angles, Ellipsoid.Scan(disc, geometry, 1));
        var truth = Ellipsoid.Draw(disc, geometry.Volume, 4);
        Assert.That(Mean(image, truth, 1), Is.EqualTo(1).Within(0.01));
        Assert.That(Mean(image, truth, 0), Is.EqualTo(0).Within(0.01));
        Assert.That(Psnr(truth, image), Is.GreaterThan(25));
    }

    [Test]
    public void Windows_trade_sharpness_for_less_noise()
    {
        var geometry = ScanCase.Parallel(64, 90);
        var random = new Random(1);
        float[] noise = [.. Enumerable.Range(0, (int)geometry.Count).Select(_ => (float)random.NextDouble() - 0.5f)];
        var energies = new[] { RampWindow.RamLak, RampWindow.SheppLogan, RampWindow.Cosine, RampWindow.Hann }.Select(window => ScanCase.Fbp(geometry, ScanCase.Angles(90, Math.PI), noise, window).Sum(x => x * x)).ToArray();
        Assert.That(energies, Is.Ordered.Descending);
        Assert.That(energies[3], Is.LessThan(energies[0] / 3));
    }

    /// <summary>One sweep of SART is worth many of SIRT; ordered subsets lie between.</summary>
    [Test]
    public void Subsets_converge_faster()
    {
        var geometry = ScanCase.Parallel(48, 30);
        var sinogram = Ellipsoid.Scan(Ellipsoid.SheppLogan, geometry, 4);
        double Residual(int subsets) => ScanCase.With(workers =>
        {
            var projector = new Projector(geometry, ScanCase.Device, workers);
            return Projector.RelativeDifference(projector.Forward(Simultaneous.Run(projector, sinogram, 3, subsets)), sinogram);
        });
        Assert.That(new[] { Residual(1), Residual(6), Residual(30) }, Is.Ordered.Descending);
    }

    [Test]
    public void Any_number_of_workers_gives_the_same_bits()
    {
        var geometry = ScanCase.Fan(32, DetectorShape.Flat, ScanCase.Angles(20, 2 * Math.PI));
        var projections = Ellipsoid.Scan(Ellipsoid.SheppLogan, geometry, 1);
        float[] All(int count) => ScanCase.With<float[]>(workers => [
            .. FilteredBackprojection.Run(geometry, ScanCase.Angles(20, 2 * Math.PI), projections, RampWindow.Hann, ScanCase.Device, workers),
            .. Simultaneous.Run(new(geometry, ScanCase.Device, workers), projections, 3, 4),
            .. TotalVariation.Run(new Projector(geometry, ScanCase.Device, workers), projections, 1e-3, 3, ScanCase.Device, workers)], count);
        Assert.That(All(3), Is.EqualTo(All(1)));
    }

    static double Psnr(float[] truth, float[] image) => Metrics.PeakSignalToNoise(truth, image, 1);

    /// <summary>Where the phantom has a value, two voxels and more from where it has not.</summary>
    static double Mean(float[] image, float[] truth, float value)
    {
        int n = (int)Math.Sqrt(image.Length);
        var inside = from y in Enumerable.Range(2, n - 4) from x in Enumerable.Range(2, n - 4)
                     where Enumerable.Range(0, 25).All(i => truth[(y + i / 5 - 2) * n + x + i % 5 - 2] == value) && Math.Pow(x - n / 2, 2) + Math.Pow(y - n / 2, 2) < n * n / 4.5
                     select image[y * n + x];
        return inside.Average();
    }
}
