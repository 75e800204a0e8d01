using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tests.Fitting;

/// <summary>The published networks by their names.</summary>
sealed class FitMethodTests
{
    static readonly string[] names = ["grid", .. FitMethod.All.Select(method => method.Name)];

    [TestCaseSource(nameof(names))]
    public void Each_fits_a_picture_and_renders_it(string name)
    {
        using var trial = new FitTrial(AnalyticImages.Picture, new() { Method = name, Iterations = 300, Seed = 1 });
        var result = trial.Run();
        Assert.That(result.Psnr, Is.GreaterThan(name is "relu" or "multi-head" or "levels-of-experts" or "wire" ? 17 : 34), "plain networks are slow, as published");
        Assert.That(AnalyticImages.Psnr(AnalyticImages.Picture, trial.RenderSaved()), Is.EqualTo(result.Psnr).Within(0.01));
    }

    [TestCaseSource(nameof(names))]
    public void Each_keeps_to_a_budget(string name)
    {
        using var trial = new FitTrial(AnalyticImages.Picture, new() { Method = name, Parameters = 20000 });
        Assert.That(trial.Model.ParameterCount, Is.InRange(4000, 20000));
    }

    [Test]
    public void Unknown_names_and_budgets_out_of_reach_are_refused()
    {
        foreach (var options in new FitOptions[] { new() { Method = "deep" }, new() { Method = "wire", Parameters = 10 } })
            Assert.That(() => new FitTrial(AnalyticImages.Picture, options), Throws.TypeOf<FitException>().With.Property("Kind").EqualTo(FitError.WrongUse));
    }

    /// <summary>32 x 24 in 3 x 5 cells: heads beyond the image's end say nothing.</summary>
    [Test]
    public void Heads_of_one_network_say_their_cells()
    {
        var network = new MultiHeadSettings(2, 15 * 2, [3, 5], Width: 32, HiddenLayers: 2);
        using var trial = new FitTrial(AnalyticImages.TwoChannels, new() { Network = network, Iterations = 1500, LearningRate = 5e-3 });
        var result = trial.Run();
        Assert.That(result.Psnr, Is.GreaterThan(30));
        Assert.That(AnalyticImages.Psnr(AnalyticImages.TwoChannels, trial.Render()), Is.EqualTo(result.Psnr).Within(0.01));
    }
}
