using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tests.Fitting;

/// <summary>A pyramid of small networks.</summary>
sealed class MinerTests
{
    readonly Workers workers = new(2);

    [OneTimeTearDown]
    public void End() => workers.Dispose();

    static readonly MinerOptions Small = new() { Block = new SirenSettings(2, 1, 20, 1, FirstOmega: 6), BlockSize = 8, Scales = 3, Iterations = 200, TargetPsnr = 45, Seed = 3 };

    [Test]
    public void A_picture_reaches_its_target_and_is_rendered_as_a_sum()
    {
        var result = Fit(AnalyticImages.Picture, Small);
        using var model = result.Model;
        Assert.That(result.Psnr, Is.GreaterThan(44));
        // Its sizes are no multiples of the blocks at any scale but the first.
        Assert.That(AnalyticImages.Psnr(AnalyticImages.Picture, model.Render(CpuDevice.Best, workers)), Is.EqualTo(result.Psnr).Within(0.01));
        var grid = AnalyticImages.Picture.Grid.Scaled(1.5);
        Assert.That(AnalyticImages.Psnr(AnalyticImages.Of(grid, AnalyticImages.Waves), model.Render(grid, CpuDevice.Best, workers)), Is.GreaterThan(30));
        Assert.That(result.Parameters, Is.EqualTo(((MinerSettings)model.Settings).ActiveBlocks.Sum(blocks => blocks.Length) * (3 * 20 + 21 * 20 + 21)));
    }

    [Test]
    public void Volumes_channels_and_times_are_fitted()
    {
        foreach (var image in new[] { AnalyticImages.Volume, AnalyticImages.TwoChannels, AnalyticImages.FourAxes })
        {
            var result = Fit(image, Small with { Block = null, BlockSize = image.Dimensions == 2 ? 8 : 5, TargetPsnr = 35 });
            using var model = result.Model;
            Assert.That(AnalyticImages.Psnr(image, model.Render(CpuDevice.Best, workers)), Is.EqualTo(result.Psnr).Within(0.02));
            Assert.That(result.Psnr, Is.GreaterThan(32));
        }
    }

    /// <summary>A disc of detail in a flat field: fine networks where the detail is, and nowhere else.</summary>
    [Test]
    public void Blocks_with_nothing_to_add_have_no_network()
    {
        var grid = Grid.Plain(64, 64);
        var image = AnalyticImages.Of(grid, p => Math.Abs(p.X - 12) < 8 && Math.Abs(p.Y - 12) < 8 ? 100 * Math.Cos(2.2 * p.X) * Math.Cos(1.9 * p.Y) : 0);
        using var model = Fit(image, Small with { TargetPsnr = 30 }).Model;
        var finest = ((MinerSettings)model.Settings).ActiveBlocks[0];
        Assert.That(finest, Is.Not.Empty);
        Assert.That(finest, Is.All.Matches<int>(block => block % 8 < 4 && block / 8 < 4), "the detail lies in the first 4 x 4 of 8 x 8 blocks");
    }

    [Test]
    public void Threads_and_the_file_do_not_change_it()
    {
        using var one = new Workers(1);
        using FittedImage alone = MinerFit.Run(AnalyticImages.Picture, Small, CpuDevice.Best, one).Model, together = Fit(AnalyticImages.Picture, Small).Model;
        using MemoryStream first = new(), second = new();
        alone.Save(first);
        together.Save(second);
        Assert.That(second.ToArray(), Is.EqualTo(first.ToArray()));
        first.Position = 0;
        using var loaded = FittedImage.Load(first, CpuDevice.Best);
        Assert.That(loaded.Render(CpuDevice.Best, workers).Samples.ToArray(), Is.EqualTo(alone.Render(CpuDevice.Best, workers).Samples.ToArray()));
    }

    [Test]
    public void Bad_options_are_refused()
    {
        Assert.That(() => Fit(AnalyticImages.Picture, Small with { BlockSize = 1 }), Throws.TypeOf<FitException>().With.Property("Kind").EqualTo(FitError.WrongUse));
        Assert.That(() => Fit(AnalyticImages.Picture, Small with { Scales = 0 }), Throws.TypeOf<FitException>().With.Property("Kind").EqualTo(FitError.WrongUse));
        Assert.That(() => Fit(AnalyticImages.Picture, Small with { Block = new SirenSettings(3, 1, 8, 1) }), Throws.TypeOf<FitException>().With.Property("Kind").EqualTo(FitError.WrongUse));
    }

    FitResult Fit(Image image, MinerOptions options) => MinerFit.Run(image, options, CpuDevice.Best, workers);
}
