using InrFast.Imaging;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tests.Fitting;

/// <summary>A network for each block of the image.</summary>
sealed class EnsembleTests
{
    // Neither axis is a multiple of its blocks: 32 in 3 blocks of 11, 24 in 5 of 5.
    static FitOptions Options(int iterations) => new()
    {
        Network = new EnsembleSettings(2, 1, new SirenSettings(2, 1, 12, 1, FirstOmega: 6), [3, 5]), Iterations = iterations, LearningRate = 3e-3, BatchRows = 15 * 32, Seed = 3,
    };

    [Test]
    public void An_image_is_fitted_block_by_block()
    {
        using var trial = new FitTrial(AnalyticImages.Picture, Options(500));
        var result = trial.Run();
        Assert.That(result.Psnr, Is.GreaterThan(40));
        Assert.That(result.Psnr, Is.EqualTo(AnalyticImages.Psnr(AnalyticImages.Picture, trial.Render())).Within(0.01));
        Assert.That(result.Parameters, Is.EqualTo(15 * (3 * 12 + 13 * 12 + 13)));
        var grid = AnalyticImages.Picture.Grid.Scaled(1.5);
        Assert.That(AnalyticImages.Psnr(AnalyticImages.Of(grid, AnalyticImages.Waves), trial.Render(grid)), Is.GreaterThan(32));
    }

    [Test]
    public void A_volume_with_two_channels_is_fitted_block_by_block()
    {
        var image = new Image(AnalyticImages.Volume.Grid, [.. AnalyticImages.Volume.Samples.ToArray().SelectMany((value, i) => new[] { value, i % 16 * 20f })], channels: 2);
        using var trial = new FitTrial(image, Options(400) with { Network = new EnsembleSettings(3, 2, new SirenSettings(3, 2, 16, 1, FirstOmega: 6), [2, 1, 3]), BatchRows = 600 });
        Assert.That(trial.Run().Psnr, Is.GreaterThan(35));
        Assert.That(AnalyticImages.Psnr(image, trial.Render()), Is.GreaterThan(35));
    }

    [Test]
    public void Threads_and_the_file_do_not_change_it()
    {
        using FitTrial one = new(AnalyticImages.Picture, Options(20), threads: 1), two = new(AnalyticImages.Picture, Options(20));
        one.Run();
        two.Run();
        Assert.That(two.Bytes(), Is.EqualTo(one.Bytes()));
        Assert.That(one.RenderSaved().Samples.ToArray(), Is.EqualTo(one.Render().Samples.ToArray()));
    }

    [Test]
    public void A_checkpoint_goes_on()
    {
        using FitTrial whole = new(AnalyticImages.Picture, Options(20)), first = new(AnalyticImages.Picture, Options(20)), second = new(AnalyticImages.Picture, Options(20));
        whole.Run();
        CheckpointTests.RunTo(first, 7);
        second.Fit.Resume(new MemoryStream(first.Checkpoint()));
        second.Run();
        Assert.That(second.Bytes(), Is.EqualTo(whole.Bytes()));
    }

    [Test]
    public void More_blocks_than_voxels_and_pyramids_are_refused()
    {
        var block = new SirenSettings(2, 1, 12, 1);
        foreach (NetworkSettings network in new NetworkSettings[] { new EnsembleSettings(2, 1, block, [33, 1]), new MinerSettings(2, 1, block, [32, 24], 8, [[0]]) })
            Assert.That(() => new FitTrial(AnalyticImages.Picture, new() { Network = network }), Throws.TypeOf<FitException>().With.Property("Kind").EqualTo(FitError.WrongUse));
    }
}
