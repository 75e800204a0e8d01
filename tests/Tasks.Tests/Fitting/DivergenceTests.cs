using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tests.Fitting;

/// <summary>A fit that collapses goes on from before, at a lower rate.</summary>
sealed class DivergenceTests
{
    [Test]
    public void A_collapse_is_undone()
    {
        // Without the guard: 46 dB after 500 steps, 12 after 670, 20.5 after 1000 (512-bit vectors; others may not collapse at this step).
        var image = AnalyticImages.Of(AnalyticImages.Turned(64, 48), p => AnalyticImages.Waves(p) + 30 * Math.Sin(0.8 * p.X));
        using var trial = new FitTrial(image, new() { Network = new SirenSettings(2, 1, 48, 2), Iterations = 8000, LearningRate = 4e-3, BatchRows = 256 });
        Assert.That(CheckpointTests.RunTo(trial, 1000).Psnr, Is.GreaterThan(30));
    }

    [Test]
    public void A_rate_too_high_is_halved_and_told()
    {
        // Without the guard: -23 dB.
        using var trial = new FitTrial(AnalyticImages.Picture, FitTrial.Small(2, iterations: 1000) with { LearningRate = 0.8 });
        var result = trial.Run();
        Assert.That(result.Psnr, Is.GreaterThan(11));
        Assert.That(result.Warnings, Has.One.Contains("diverged"));
    }

    [Test]
    public void A_fit_that_does_not_diverge_says_nothing()
    {
        using var trial = new FitTrial(AnalyticImages.Picture, FitTrial.Small(2, iterations: 1000));
        Assert.That(trial.Run().Warnings, Is.Empty);
    }

    [TestCase(FitPreset.Fast)]
    [TestCase(FitPreset.Smooth)]
    public void A_rate_far_too_high_is_an_error(FitPreset preset)
    {
        using var trial = new FitTrial(AnalyticImages.Picture, new() { Preset = preset, LearningRate = 1e4 });
        Assert.That(trial.Run, Throws.TypeOf<FitException>().With.Property("Kind").EqualTo(FitError.Diverged).And.Message.Contains("learning rate"));
    }
}
