using InrFast.Imaging;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tests.Fitting;

sealed class ImageFitTests
{
    static readonly TestCaseData[] Images =
    [
        new TestCaseData(AnalyticImages.Picture, FitTrial.Small(2), 45.0).SetArgDisplayNames("picture, SIREN"),
        new TestCaseData(AnalyticImages.Volume, FitTrial.Small(3), 40.0).SetArgDisplayNames("volume, SIREN"),
        new TestCaseData(AnalyticImages.TwoChannels, FitTrial.Small(2, 2), 40.0).SetArgDisplayNames("two channels, SIREN"),
        new TestCaseData(AnalyticImages.FourAxes, FitTrial.Small(4), 35.0).SetArgDisplayNames("four axes, SIREN"),
        new TestCaseData(AnalyticImages.Picture, new FitOptions(), 45.0).SetArgDisplayNames("picture, preset fast"),
        new TestCaseData(AnalyticImages.Volume, new FitOptions(), 35.0).SetArgDisplayNames("volume, preset fast"),
        new TestCaseData(AnalyticImages.FourAxes, new FitOptions(), 30.0).SetArgDisplayNames("four axes, preset fast"),
    ];

    [TestCaseSource(nameof(Images))]
    public void An_image_is_fitted_with_the_error_that_is_reported(Image image, FitOptions options, double psnr)
    {
        using var trial = new FitTrial(image, options);
        var result = trial.Run();
        var rendered = trial.Render();
        Assert.That(result.Psnr, Is.GreaterThan(psnr));
        Assert.That(result.Psnr, Is.EqualTo(AnalyticImages.Psnr(image, rendered)).Within(0.01));
        Assert.That(result.Rmse, Is.EqualTo(Math.Sqrt(rendered.Samples.ToArray().Zip(image.Samples.ToArray(), (a, b) => Math.Pow((double)a - b, 2)).Average())).Within(0.5).Percent);
        Assert.That((rendered.Unit, rendered.Stored, rendered.Times, rendered.TimeSpacing, rendered.Channels),
            Is.EqualTo((image.Unit, image.Stored, image.Times, image.TimeSpacing, image.Channels)));
    }

    [TestCaseSource(nameof(Images))]
    public void The_seed_alone_decides_the_bytes(Image image, FitOptions options, double psnr)
    {
        using FitTrial one = new(image, options with { Iterations = 30 }, threads: 1), two = new(image, options with { Iterations = 30 }, threads: 2), other = new(image, options with { Iterations = 30, Seed = 6 });
        foreach (var trial in new[] { one, two, other }) trial.Run();
        Assert.That(two.Bytes(), Is.EqualTo(one.Bytes()));
        Assert.That(other.Render().Samples.ToArray(), Is.Not.EqualTo(one.Render().Samples.ToArray()));
        Assert.That(psnr, Is.Positive);
    }

    [TestCaseSource(nameof(Images))]
    public void A_saved_model_renders_the_identical_image(Image image, FitOptions options, double psnr)
    {
        using var trial = new FitTrial(image, options with { Iterations = 20 });
        trial.Run();
        var (rendered, saved) = (trial.Render(), trial.RenderSaved());
        Assert.That(saved.Samples.ToArray(), Is.EqualTo(rendered.Samples.ToArray()));
        Assert.That((saved.Grid, saved.Unit, saved.Stored), Is.EqualTo((rendered.Grid, rendered.Unit, rendered.Stored)));
        Assert.That(psnr, Is.Positive);
    }

    [TestCase(1, 40)]
    [TestCase(40, 1)]
    public void An_image_one_voxel_wide_is_fitted(int x, int y)
    {
        var image = AnalyticImages.Of(Grid.Plain(x, y), p => Math.Sin(0.3 * (p.X + p.Y)));
        foreach (var preset in new[] { FitPreset.Fast, FitPreset.Smooth })
        {
            using var trial = new FitTrial(image, new() { Preset = preset, Iterations = 200 });
            Assert.That(trial.Run().Psnr, Is.GreaterThan(25), $"{preset}");
            Assert.That(trial.Render(image.Grid.WithSize(new(2 * x, y, 1))).Samples.ToArray(), Is.All.Matches<float>(float.IsFinite));
        }
    }

    [TestCase(FitPreset.Fast, 1500L, null)]
    [TestCase(FitPreset.Fast, 5000L, null)]
    [TestCase(FitPreset.Smooth, 500L, null)]
    [TestCase(FitPreset.Smooth, 20000L, null)]
    [TestCase(FitPreset.Fast, null, 16.0)]
    [TestCase(FitPreset.Fast, null, 6.0)]
    [TestCase(FitPreset.Smooth, null, 8.0)]
    public void A_budget_is_kept_and_used(FitPreset preset, long? parameters, double? bits)
    {
        var image = AnalyticImages.Of(AnalyticImages.Turned(96, 80), AnalyticImages.Waves);
        using var trial = new FitTrial(image, new() { Preset = preset, Parameters = parameters, BitsPerVoxel = bits, Iterations = 1 });
        double budget = parameters ?? bits!.Value / 32 * image.Samples.Length;
        Assert.That(trial.Model.Network.ParameterCount, Is.LessThanOrEqualTo(budget).And.GreaterThan(0.4 * budget));
    }

    [Test]
    public void A_model_larger_than_the_image_is_pointed_out()
    {
        using FitTrial large = new(AnalyticImages.Picture, new() { Parameters = 2000, Iterations = 1 }), small = new(AnalyticImages.Picture, new() { Parameters = 600, Preset = FitPreset.Smooth, Iterations = 1 });
        Assert.That(large.Run().Warnings, Has.One.Contains("larger than the image"));
        Assert.That(small.Run().Warnings, Has.None.Contains("larger than the image"));
    }

    [Test]
    public void A_target_ends_the_fit_when_it_is_reached()
    {
        using FitTrial easy = new(AnalyticImages.Picture, new() { TargetPsnr = 25 }), hard = new(AnalyticImages.Picture, new() { TargetPsnr = 35 });
        var (first, second) = (easy.Run(), hard.Run());
        Assert.That(first.Psnr, Is.GreaterThanOrEqualTo(25));
        Assert.That(second.Psnr, Is.GreaterThanOrEqualTo(35));
        Assert.That(first.Iterations, Is.LessThan(easy.Fit.Iterations));
        Assert.That(first.Iterations, Is.LessThanOrEqualTo(second.Iterations));
        Assert.That(first.Warnings.Concat(second.Warnings), Has.None.Contains("were reached"));
    }

    [Test]
    public void A_target_out_of_reach_is_said()
    {
        using var trial = new FitTrial(AnalyticImages.Picture, FitTrial.Small(2, iterations: 20) with { TargetPsnr = 200 });
        var result = trial.Run();
        Assert.That(result.Iterations, Is.EqualTo(20));
        Assert.That(result.Warnings, Has.One.Contains("not 200"));
    }

    [Test]
    public void A_time_limit_ends_the_fit_at_the_end_of_its_schedule()
    {
        using var trial = new FitTrial(AnalyticImages.Picture, FitTrial.Small(2, iterations: 100_000_000) with { TimeLimit = 1 });
        var result = trial.Run();
        Assert.That(result.FitSeconds, Is.InRange(0.5, 5));
        Assert.That(result.Psnr, Is.GreaterThan(45));
    }

    [Test]
    public void Progress_tells_every_tenth_of_a_second_and_the_end_is_in_the_history()
    {
        var told = new List<FitProgress>();
        using var trial = new FitTrial(AnalyticImages.Picture, FitTrial.Small(2, iterations: 100_000_000) with { TimeLimit = 0.35 });
        var result = trial.Fit.Run(told.Add);
        Assert.That(told, Is.Not.Empty);
        Assert.That(told.Select(p => p.Iteration), Is.Ordered);
        Assert.That((result.History[^1].Iteration, result.History[^1].Psnr), Is.EqualTo((result.Iterations, result.Psnr)));
    }
}
