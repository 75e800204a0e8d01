using InrFast.Imaging;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tests.Fitting;

/// <summary>An interrupted fit goes on as if nothing had been.</summary>
sealed class CheckpointTests
{
    static readonly TestCaseData[] Fits =
    [
        new TestCaseData(AnalyticImages.Picture, FitTrial.Small(2, iterations: 60)).SetArgDisplayNames("SIREN"),
        new TestCaseData(AnalyticImages.Volume, new FitOptions { Iterations = 60 }).SetArgDisplayNames("grid, volume"),
        new TestCaseData(AnalyticImages.Picture, FitTrial.Small(2, iterations: 60) with { LearningRate = 0.8 }).SetArgDisplayNames("SIREN, restored after divergence"),
        // Cycles of 20 and more steps.
        new TestCaseData(AnalyticImages.Picture, new FitOptions { Iterations = 60, TargetPsnr = 90 }).SetArgDisplayNames("grid, cycles"),
    ];

    [TestCaseSource(nameof(Fits))]
    public void A_fit_goes_on_to_the_same_bytes(Image image, FitOptions options)
    {
        using FitTrial whole = new(image, options);
        whole.Run();
        var expected = whole.Bytes();
        foreach (int stop in new[] { 1, 17, 20, 21, 43, 59 })
        {
            using FitTrial first = new(image, options, threads: 1), second = new(image, options);
            RunTo(first, stop);
            second.Fit.Resume(new MemoryStream(first.Checkpoint()));
            Assert.That(second.Fit.Step, Is.EqualTo(stop));
            second.Run();
            Assert.That(second.Bytes(), Is.EqualTo(expected), $"interrupted after {stop}");
        }
    }

    /// <summary>Cancels when so many updates were done.</summary>
    internal static FitResult RunTo(FitTrial trial, long step)
    {
        using var cancel = new CancellationTokenSource();
        trial.Fit.ProgressInterval = 0;
        var result = trial.Fit.Run(now => { if (now.Iteration >= step) cancel.Cancel(); }, cancel.Token);
        Assert.That(trial.Fit.Step, Is.EqualTo(step));
        return result;
    }

    [Test]
    public void A_checkpoint_of_something_else_is_refused()
    {
        var options = FitTrial.Small(2, iterations: 40);
        using var trial = new FitTrial(AnalyticImages.Picture, options);
        RunTo(trial, 5);
        var checkpoint = trial.Checkpoint();
        var before = trial.Bytes();
        Refuse(AnalyticImages.Of(AnalyticImages.Turned(32, 24), p => p.X), options);
        Refuse(AnalyticImages.Picture, options with { Seed = 6 });
        Refuse(AnalyticImages.Picture, options with { Iterations = 41 });
        Refuse(AnalyticImages.Picture, options with { Network = new SirenSettings(2, 1, 16) });
        Refuse(AnalyticImages.Picture, options with { Network = null, Initial = trial.Model });
        Assert.That(trial.Bytes(), Is.EqualTo(before));

        void Refuse(Image image, FitOptions others)
        {
            using var other = new FitTrial(image, others);
            var untouched = other.Bytes();
            Assert.That(() => other.Fit.Resume(new MemoryStream(checkpoint)), Throws.TypeOf<ModelFileException>());
            Assert.That((other.Fit.Step, other.Bytes()), Is.EqualTo((0L, untouched)));
        }
    }

    [Test]
    public void A_damaged_checkpoint_is_refused_or_whole()
    {
        using var trial = new FitTrial(AnalyticImages.Picture, FitTrial.Small(2, iterations: 40));
        RunTo(trial, 5);
        var checkpoint = trial.Checkpoint();
        using var other = new FitTrial(AnalyticImages.Picture, FitTrial.Small(2, iterations: 40));
        Assert.That(Mutations.Refused(checkpoint, 200, bytes => other.Fit.Resume(new MemoryStream(bytes))), Is.GreaterThan(50));
    }
}
