using InrFast.Imaging;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tests.Fitting;

/// <summary>What cannot be fitted is refused in words.</summary>
sealed class BadFitTests
{
    static Image Filled(params float[] samples) => new(Grid.Plain(samples.Length / 2, 2), samples);

    static readonly TestCaseData[] Refused =
    [
        new TestCaseData(Filled(3, 3, 3, 3), new FitOptions(), FitError.Input, "constant").SetArgDisplayNames("constant"),
        new TestCaseData(Filled(1, 2, float.NaN, 4), new FitOptions(), FitError.Input, "1 of").SetArgDisplayNames("NaN"),
        new TestCaseData(Filled(1, float.PositiveInfinity, float.NegativeInfinity, 4), new FitOptions(), FitError.Input, "2 of").SetArgDisplayNames("infinite"),
        new TestCaseData(Filled(float.MinValue, 0, float.MaxValue, 4), new FitOptions(), FitError.Input, "too wide").SetArgDisplayNames("range"),
        Wrong("--parameters and --bits-per-voxel", new() { Parameters = 1000, BitsPerVoxel = 8 }),
        Wrong("--iterations", new() { Iterations = 0 }),
        Wrong("--parameters", new() { Parameters = -5 }),
        Wrong("--bits-per-voxel", new() { BitsPerVoxel = double.NaN }),
        Wrong("--time-limit", new() { TimeLimit = 0 }),
        Wrong("learning rate", new() { LearningRate = double.PositiveInfinity }),
        Wrong("batch", new() { BatchRows = 0 }),
        Wrong("--target-psnr", new() { TargetPsnr = double.NaN }),
        Wrong("budget of 10 ", new() { Parameters = 10 }),
        Wrong("budget of 10 ", new() { Parameters = 10, Preset = FitPreset.Smooth }),
        Wrong("3 coordinates", new() { Network = new SirenSettings(3, 1, 16) }),
        Wrong("2 values", new() { Network = new SirenSettings(2, 2, 16) }),
        Wrong("Width", new() { Network = new SirenSettings(2, 1, 0) }),
        new TestCaseData(AnalyticImages.Picture, new FitOptions { MaxMemory = 1 << 20 }, FitError.Limit, "--max-memory").SetArgDisplayNames("--max-memory"),
    ];

    static TestCaseData Wrong(string message, FitOptions options) => new TestCaseData(AnalyticImages.Picture, options, FitError.WrongUse, message).SetArgDisplayNames(message);

    [TestCaseSource(nameof(Refused))]
    public void A_request_that_cannot_be_met_is_refused(Image image, FitOptions options, FitError kind, string message) =>
        Assert.That(() => new FitTrial(image, options), Throws.TypeOf<FitException>().With.Property("Kind").EqualTo(kind).And.Message.Contains(message));
}
