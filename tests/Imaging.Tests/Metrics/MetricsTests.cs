using InrFast.Imaging;

namespace InrFast.Tests.MetricTests;

/// <summary>
/// Values recorded from scikit-image 0.19.3 (skimage.metrics) in double precision, data_range = reference's maximum - minimum:
/// <code>
/// def f(shape, k):
///     i = np.arange(np.prod(shape)); return ((i*i*k + 7*i) % 251).astype(float).reshape(shape)
/// p = f(shape, 3); q = np.floor((3*p + f(shape, 5)) / 4)     # shapes (12, 16), (10, 11, 9), (12, 16, 3)
/// structural_similarity(p, q, data_range=p.max()-p.min(), channel_axis=...), peak_signal_noise_ratio, normalized_root_mse, mean_squared_error
/// np.abs(p-q).mean(); 2*((p>100)&(q>100)).sum() / ((p>100).sum()+(q>100).sum())
/// </code>
/// </summary>
internal sealed class MetricsTests
{
    [TestCase(16, 12, 1, 1, 0.9185925352764109, 0.9186201650748844, 19.724436895399712, 0.18193066347263567, 21.09375, 660.625, 0.9)]
    [TestCase(9, 11, 10, 1, 0.9253175314854328, 0.9253397449131867, 19.61898807604715, 0.18048218011304432, 21.265656565656567, 676.8616161616162, 0.9038461538461539)]
    [TestCase(16, 12, 1, 3, 0.9211984954062431, 0.9212219368282221, 19.710239300104003, 0.17931030888345365, 21.0, 662.7881944444445, 0.9022556390977443)]
    public void AgreeWithScikitImage(int x, int y, int z, int channels, double ssim, double ssim255, double psnr, double nrmse, double mae, double mse, double dice)
    {
        var (p, q) = (Formula(x, y, z, channels, 3), Formula(x, y, z, channels, 5));
        for (var i = 0; i < q.Length; i++)
        {
            q[i] = MathF.Floor((3 * p[i] + q[i]) / 4);
        }
        var (reference, test) = (new Image(Grid.Plain(x, y, z), p, channels), new Image(Grid.Plain(x, y, z), q, channels));
        Assert.That(StructuralSimilarity.Mean(reference, test), Is.EqualTo(ssim).Within(1e-10));
        Assert.That(StructuralSimilarity.Mean(reference, test, 255), Is.EqualTo(ssim255).Within(1e-10));
        Assert.That(Metrics.PeakSignalToNoise(p, q), Is.EqualTo(psnr).Within(1e-12));
        Assert.That(Metrics.NormalizedRootMeanSquaredError(p, q), Is.EqualTo(nrmse).Within(1e-12));
        Assert.That(Metrics.MeanAbsoluteError(p, q), Is.EqualTo(mae).Within(1e-12));
        Assert.That(Metrics.MeanSquaredError(p, q), Is.EqualTo(mse).Within(1e-10));
        Assert.That(Metrics.RootMeanSquaredError(p, q), Is.EqualTo(Math.Sqrt(mse)).Within(1e-12));
        var (maskP, maskQ) = (Array.ConvertAll(p, v => v > 100 ? 1f : 0f), Array.ConvertAll(q, v => v > 100 ? 1f : 0f));
        Assert.That(Metrics.Dice(maskP, maskQ), Is.EqualTo(dice).Within(1e-12));
    }

    // b = np.clip(a + 8*np.sin(x*0.37)*np.cos(y*0.23), 0, 255).astype(np.float32).astype(np.float64)
    [Test]
    public void AgreeWithScikitImageOnAPhotograph()
    {
        var camera = ImageFile.Read(TestData.Sample("camera.png"));
        var a = camera.Samples.ToArray();
        var b = new float[a.Length];
        for (var i = 0; i < b.Length; i++)
        {
            b[i] = (float)Math.Clamp(a[i] + 8 * Math.Sin(i % 512 * 0.37) * Math.Cos(i / 512 * 0.23), 0, 255);
        }
        Assert.That(Metrics.PeakSignalToNoise(a, b), Is.EqualTo(36.124585234220895).Within(1e-9));
        Assert.That(Metrics.NormalizedRootMeanSquaredError(a, b), Is.EqualTo(0.02681075711941107).Within(1e-12));
        Assert.That(Metrics.MeanAbsoluteError(a, b), Is.EqualTo(3.2277054460484127).Within(1e-9));
        Assert.That(StructuralSimilarity.Mean(camera, camera.Derive(camera.Grid, b)), Is.EqualTo(0.9248147331361128).Within(1e-10));
    }

    [Test]
    public void APerfectCopyHasNoError()
    {
        var image = TestData.Oblique(9, 8, 7);
        var samples = image.Samples.Span;
        Assert.That(Metrics.PeakSignalToNoise(samples, samples), Is.EqualTo(double.PositiveInfinity));
        Assert.That(StructuralSimilarity.Mean(image, image), Is.EqualTo(1).Within(1e-12));
        Assert.That(Metrics.NormalizedRootMeanSquaredError(samples, samples), Is.Zero);
    }

    [Test]
    public void AConstantReferenceHasNoPsnr()
    {
        float[] constant = [5, 5, 5], test = [5, 6, 7];
        Assert.That(Metrics.PeakSignalToNoise(constant, test), Is.NaN);
        Assert.That(Metrics.PeakSignalToNoise(constant, constant), Is.NaN);
        Assert.That(Metrics.PeakSignalToNoise(constant, test, peak: 255), Is.EqualTo(10 * Math.Log10(255 * 255 / (5 / 3.0))).Within(1e-12));
        var flat = new Image(Grid.Plain(8, 8), new float[64]);
        Assert.That(StructuralSimilarity.Mean(flat, flat), Is.NaN);
    }

    [Test]
    public void ImagesSmallerThanTheWindowHaveNoSsim() =>
        Assert.That(StructuralSimilarity.Mean(TestData.Oblique(6, 20, 1), TestData.Oblique(6, 20, 1)), Is.NaN);

    [Test]
    public void DiceOfLabels()
    {
        float[] a = [0, 1, 1, 2, 2, 0], b = [0, 1, 2, 2, 2, 1];
        Assert.That(Metrics.Dice(a, b, label: 2), Is.EqualTo(2 * 2 / 5.0));
        Assert.That(Metrics.Dice(a, b, label: 9), Is.EqualTo(1));
    }

    [Test]
    public void DifferentSizesAreRefused()
    {
        Assert.That(TestData.Throws(() => Metrics.MeanSquaredError(new float[3], new float[4])).Kind, Is.EqualTo(ImagingError.WrongUse));
        Assert.That(TestData.Throws(() => StructuralSimilarity.Mean(TestData.Oblique(8, 9, 1), TestData.Oblique(9, 8, 1))).Kind, Is.EqualTo(ImagingError.WrongUse));
    }

    private static float[] Formula(int x, int y, int z, int channels, long k)
    {
        var values = new float[x * y * z * channels];
        for (long i = 0; i < values.Length; i++)
        {
            values[i] = (i * i * k + 7 * i) % 251;
        }
        return values;
    }

    /// <summary>numpy.corrcoef([1, 2, 4, 8], [3, 1, 5, 6])[0, 1].</summary>
    [Test]
    public void CorrelationIsNumpys()
    {
        float[] a = [1, 2, 4, 8], b = [3, 1, 5, 6], falling = [-2, -4, -8, -16];
        Assert.That(Metrics.Correlation(a, b), Is.EqualTo(0.8133920).Within(1e-6));
        Assert.That(Metrics.Correlation(a, falling), Is.EqualTo(-1).Within(1e-12));
        Assert.That(Metrics.Correlation(a, [7, 7, 7, 7]), Is.NaN);
    }
}
