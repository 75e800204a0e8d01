using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tests;

/// <summary>The engine's main job, whole: choosing, fitting, rendering, measuring, on the card as on the processor.</summary>
public sealed class ImageFitTests
{
    static Image Picture
    {
        get
        {
            var samples = new float[120];
            for (int i = 0; i < samples.Length; i++) samples[i] = 100 * MathF.Sin(0.5f * (i % 12)) * MathF.Cos(0.3f * (i / 12));
            return new Image(Grid.Plain(12, 10), samples);
        }
    }

    static FitResult Fit(Device device, NetworkSettings network, int iterations)
    {
        using Workers workers = new(1);
        using ImageFit fit = new(Picture, new() { Network = network, Iterations = iterations, BatchRows = 60, LearningRate = 5e-3, Seed = 3 }, device, workers);
        return fit.Run();
    }

    static IEnumerable<TestCaseData> Networks()
    {
        yield return new TestCaseData(new SirenSettings(2, 1, 16, 1, 8, 8), 8).SetName("{m}(SIREN)");
        yield return new TestCaseData(null, 6).SetName("{m}(the preset's grid)");
    }

    [TestCaseSource(nameof(Networks))]
    public void AFitOnTheCardIsThatOnTheProcessor(NetworkSettings? network, int iterations) => MustFitAsTheProcessor(Gpu.Device, network, iterations);

    internal static void MustFitAsTheProcessor(Device device, NetworkSettings? network, int iterations)
    {
        var expected = Fit(CpuDevice.Best, network!, iterations);
        var actual = Fit(device, network!, iterations);
        using (expected.Model)
        using (actual.Model)
        {
            Assert.That(actual.Psnr, Is.EqualTo(expected.Psnr).Within(0.01), "dB of the whole image");
            Assert.That(actual.Loss, Is.EqualTo(expected.Loss).Within(0.5).Percent);
            Assert.That(actual.Iterations, Is.EqualTo(iterations));
        }
    }

    [Test]
    public void ACardLostInTheMiddleIsSaidAndTheCheckpointGoesOn()
    {
        using Workers workers = new(1);
        FitOptions options = new() { Network = new SirenSettings(2, 1, 16, 1, 8, 8), Iterations = 6, BatchRows = 60, LearningRate = 5e-3, Seed = 3 };
        ImageFit Started() => new(Picture, options, Gpu.Device, workers) { ProgressInterval = 0 };
        using var whole = Started();
        var expected = whole.Run();
        using MemoryStream checkpoint = new();
        using (var lost = Started())
        {
            var failure = Assert.Throws<DeviceException>(() => lost.Run(progress =>
            {
                if (progress.Iteration == 3) lost.Save(checkpoint);
                if (progress.Iteration == 4) FakeCuda.Failure = ("cuGraphLaunch", 719);
            }))!;
            FakeCuda.Failure = null;
            Assert.That(failure.Kind, Is.EqualTo(DeviceError.Lost));
            Assert.That(failure.Message, Does.StartWith("the card failed: cuGraphLaunch: CUDA_ERROR_LAUNCH_FAILED"));
        }
        using var resumed = Started();
        checkpoint.Position = 0;
        resumed.Resume(checkpoint);
        Assert.That(resumed.Step, Is.EqualTo(3));
        var result = resumed.Run();
        Assert.That((result.Iterations, result.Loss, result.Psnr), Is.EqualTo((expected.Iterations, expected.Loss, expected.Psnr)), "the same bits as without the loss");
    }

    [Test]
    public void AFitThatIsNoNumberOnTheCardEndsAsDiverged()
    {
        using Workers workers = new(1);
        using ImageFit fit = new(Picture, new() { Network = new SirenSettings(2, 1, 16, 1, 8, 8), Iterations = 40, BatchRows = 60, LearningRate = 1e30, Seed = 3 }, Gpu.Device, workers);
        var failure = Assert.Throws<FitException>(() => fit.Run())!;
        Assert.That(failure.Kind, Is.EqualTo(FitError.Diverged));
        Assert.That(failure.Message, Does.Match("^the loss was (NaN|Infinity|[0-9.e+]+) after [0-9]+ iterations, and the fit diverged again"));
    }

    [Test]
    public void SoIsThatOfABankOfBlocks()
    {
        var network = new EnsembleSettings(2, 1, new SirenSettings(2, 1, 8, 1, 8, 8), [2, 2]);
        var expected = Fit(CpuDevice.Best, network, 4);
        var actual = Fit(Gpu.Device, network, 4);
        using (expected.Model)
        using (actual.Model) Assert.That(actual.Psnr, Is.EqualTo(expected.Psnr).Within(0.01));
    }
}
