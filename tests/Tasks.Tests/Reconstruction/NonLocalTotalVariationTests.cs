using InrFast.Imaging;
using InrFast.Kernels.Projection;
using InrFast.Tasks.Reconstruction;

namespace InrFast.Tests;

public sealed class NonLocalTotalVariationTests
{
    const int N = 64, Views = 24;
    const double Photons = 3e4;

    static readonly ProjectionGeometry Geometry = ScanCase.Parallel(N, Views);

    /// <summary>Twice the head's attenuation: rays through it let a twentieth through.</summary>
    static readonly float[] Truth = [.. Ellipsoid.Draw(Ellipsoid.SheppLogan, Geometry.Volume, 4).Select(value => 4 * value)];

    static float[] Noisy => PhotonNoise.LineIntegrals(Exact, Photons, 0, 1);

    static float[] Exact => [.. Ellipsoid.Scan(Ellipsoid.SheppLogan, Geometry, 4).Select(value => 4 * value)];

    /// <summary>Above TV with the best of all weights for this image.</summary>
    [Test]
    public void It_is_better_than_any_tv() => ScanCase.With(workers =>
    {
        var projections = Noisy;
        using var projector = new Projector(Geometry, ScanCase.Device, workers);
        double Psnr(float[] image) => Metrics.PeakSignalToNoise(Truth, image);
        double tv = new[] { 3e-4, 1e-3, 3e-3 }.Max(weight => Psnr(TotalVariation.Run(projector, projections, weight, 150, ScanCase.Device, workers)));
        var (image, chosen, _) = NonLocalTotalVariation.Run(Geometry, projections, null, NonLocalTotalVariation.StandardIterations, ScanCase.Device, workers);
        Assert.That(Psnr(image), Is.GreaterThan(tv + 0.3));
        Assert.That(chosen, Is.InRange(1e-4, 1e-2));
        Assert.That(image.Min(), Is.Not.Negative);
        return true;
    });

    /// <summary>Without noise what an image of pixels cannot explain is all that bounds TV; of exact projections of pixels there is nothing of the kind.</summary>
    [Test]
    public void Pixels_are_finer_where_the_views_held_out_say_so() => ScanCase.With(workers =>
    {
        using var projector = new Projector(Geometry, ScanCase.Device, workers);
        double Psnr(float[] image) => Metrics.PeakSignalToNoise(Truth, image);
        double tv = new[] { 1e-4, 3e-4, 1e-3 }.Max(weight => Psnr(TotalVariation.Run(projector, Exact, weight, 150, ScanCase.Device, workers)));
        var (image, _, fineness) = NonLocalTotalVariation.Run(Geometry, Exact, null, NonLocalTotalVariation.StandardIterations, ScanCase.Device, workers);
        Assert.That(fineness, Is.EqualTo(2));
        Assert.That(Psnr(image), Is.GreaterThan(tv + 1.5));
        Assert.That(NonLocalTotalVariation.Run(Geometry, projector.Forward(Truth), null, 1, ScanCase.Device, workers).Fineness, Is.EqualTo(1));
        return true;
    });

    [Test]
    public void Any_number_of_workers_gives_the_same_bits()
    {
        var projections = Noisy;
        float[] Run(int count) => ScanCase.With(workers => NonLocalTotalVariation.Run(Geometry, projections, null, 170, ScanCase.Device, workers).Image, count);
        Assert.That(Run(3), Is.EqualTo(Run(1)));
    }

    /// <summary>Photon noise is seen as such, and noise of the same strength everywhere, or none, is not taken for it.</summary>
    [Test]
    public void Rays_count_as_photon_noise_says_where_there_is_such()
    {
        float[] exact = Ellipsoid.Scan([new(3, 0.8, 0.8, double.PositiveInfinity, 0, 0, 0, 0)], Geometry, 4), noisy = PhotonNoise.LineIntegrals(exact, 2e3, 0, 1);
        var weights = RayWeights.Photons(noisy, N)!;
        int strong = Array.IndexOf(exact, exact.Max()), air = Array.IndexOf(exact, 0);
        Assert.That(Math.Log(weights[air] / weights[strong]), Is.EqualTo(exact[strong]).Within(0.5));
        var random = new Random(1);
        Assert.That(RayWeights.Photons([.. exact.Select(p => p + 0.2f * (float)(random.NextDouble() - 0.5))], N), Is.Null);
    }

    [Test]
    public void The_proximal_step_draws_pixels_that_are_alike_together()
    {
        var random = new Random(1);
        float[] clean = [.. Enumerable.Range(0, N * N).Select(i => i % N < N / 2 ? 1f : 3f)], noisy = [.. clean.Select(value => value + 0.2f * (float)(random.NextDouble() - 0.5))], result = new float[N * N];
        ScanCase.With(workers =>
        {
            var prior = NonLocalPrior.Of(noisy, Geometry.Volume, workers);
            for (int i = 0; i < 5; i++) prior.Denoise(noisy, 0.02f, result);
            return true;
        });
        double Error(float[] image) => image.Zip(clean, (a, b) => (double)(a - b) * (a - b)).Sum();
        Assert.That(Error(result), Is.LessThan(Error(noisy) / 4));
        // The sum of all pixels is what it was: differences go from pixel to pixel.
        Assert.That(result.Average(), Is.EqualTo(noisy.Average()).Within(1e-4));
    }
}
