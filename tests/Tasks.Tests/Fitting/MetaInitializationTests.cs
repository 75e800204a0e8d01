using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tests.Fitting;

/// <summary>A start learned on slices of the brain that the repository ships (samples/README.md), for a slice that it has not seen.</summary>
sealed class MetaInitializationTests
{
    static readonly FitOptions Fit = new() { Network = new SirenSettings(2, 1, 32, 2), LearningRate = 1e-3, BatchRows = 1240, Seed = 1 };

    readonly Workers workers = new(2);
    Image[] slices = null!;
    Image unseen = null!;

    [OneTimeSetUp]
    public void Read()
    {
        string? folder = TestContext.CurrentContext.TestDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "samples", "brain-t1.nii.gz"))) folder = Path.GetDirectoryName(folder);
        Assert.That(folder, Is.Not.Null);
        var brain = ImageFile.Read(Path.Combine(folder!, "samples", "brain-t1.nii.gz"));
        slices = [.. new[] { 61, 65, 73, 77, 81 }.Select(z => Slice(brain, z))];
        unseen = Slice(brain, 69);
    }

    [OneTimeTearDown]
    public void End() => workers.Dispose();

    /// <summary>Every second voxel of a slice.</summary>
    static Image Slice(Image brain, int z)
    {
        var (x, y) = (brain.Size.X / 2, brain.Size.Y / 2);
        return new(Grid.Plain(x, y), [.. Enumerable.Range(0, x * y).Select(i => brain.Samples.Span[i % x * 2 + brain.Size.X * (i / x * 2 + brain.Size.Y * z)])]);
    }

    double Psnr(FittedImage? start, long iterations)
    {
        using var trial = new FitTrial(unseen, Fit with { Network = start is null ? Fit.Network : null, Initial = start, Iterations = iterations });
        return trial.Run().Psnr;
    }

    [Test]
    public void A_fit_from_a_learned_start_needs_at_most_half_the_steps()
    {
        using var start = MetaInitialization.Learn(slices, new() { Fit = Fit, OuterSteps = 100, InnerSteps = 12 }, CpuDevice.Best, workers);
        foreach (int steps in new[] { 50, 100, 200 })
        {
            double random = Psnr(null, steps), learned = Psnr(start, steps / 2);
            TestContext.Out.WriteLine($"{steps} steps from random: {random:F2} dB; {steps / 2} from the start: {learned:F2} dB");
            Assert.That(learned, Is.GreaterThan(random), $"{steps} steps");
        }
    }

    [Test]
    public void The_seed_alone_decides_the_start()
    {
        byte[] Learned(int threads, ulong seed)
        {
            using var own = new Workers(threads);
            using var start = MetaInitialization.Learn(slices, new() { Fit = Fit with { Seed = seed }, OuterSteps = 3, InnerSteps = 3 }, CpuDevice.Best, own);
            using var stream = new MemoryStream();
            start.Save(stream);
            return stream.ToArray();
        }
        var one = Learned(1, 1);
        Assert.That(Learned(2, 1), Is.EqualTo(one));
        Assert.That(Learned(1, 2)[^4000..], Is.Not.EqualTo(one[^4000..]));
    }

    [Test]
    public void A_start_survives_its_file()
    {
        using var start = MetaInitialization.Learn(slices[..2], new() { Fit = Fit, OuterSteps = 2, InnerSteps = 2 }, CpuDevice.Best, workers);
        using var stream = new MemoryStream();
        start.Save(stream);
        stream.Position = 0;
        using var loaded = FittedImage.Load(stream, CpuDevice.Best);
        Assert.That(Psnr(loaded, 5), Is.EqualTo(Psnr(start, 5)));
    }

    [Test]
    public void One_outer_step_over_one_image_goes_the_rate_of_its_way()
    {
        // At rate 1 the start is where the fit of that image ends; at one half it is in the middle between there and the seed's.
        float[] Learned(double rate)
        {
            using var start = MetaInitialization.Learn(slices[..1], new() { Fit = Fit, OuterSteps = 1, InnerSteps = 4, OuterRate = rate }, CpuDevice.Best, workers);
            return start.Render(CpuDevice.Best, workers).Samples.ToArray();
        }
        using var constant = new FitTrial(slices[0], Fit with { Iterations = 1000000 });
        CheckpointTests.RunTo(constant, 4);
        // The fit's cosine has barely begun to fall.
        var (whole, half, fitted) = (Learned(1), Learned(0.5), constant.Render().Samples.ToArray());
        float range = slices[0].Range().Maximum;
        Assert.That(whole.Zip(fitted, (a, b) => Math.Abs(a - b)).Max(), Is.LessThan(1e-3 * range));
        Assert.That(half.Zip(fitted, (a, b) => Math.Abs(a - b)).Max(), Is.GreaterThan(1e-2 * range));
    }

    [Test]
    public void What_cannot_be_learned_from_is_refused()
    {
        Refuse(FitError.Input, "at least one", []);
        Refuse(FitError.Input, "one size", [slices[0], AnalyticImages.Picture]);
        Refuse(FitError.WrongUse, "inner steps", slices, new() { Fit = Fit, InnerSteps = 0 });
        Refuse(FitError.WrongUse, "outer rate", slices, new() { Fit = Fit, OuterRate = 1.5 });

        void Refuse(FitError kind, string message, Image[] images, MetaOptions? options = null) =>
            Assert.That(() => MetaInitialization.Learn(images, options ?? new() { Fit = Fit }, CpuDevice.Best, workers),
                Throws.TypeOf<FitException>().With.Property("Kind").EqualTo(kind).And.Message.Contains(message));
    }

    [Test]
    public void A_start_of_another_network_is_refused()
    {
        using var start = MetaInitialization.Learn(slices[..1], new() { Fit = Fit, OuterSteps = 1, InnerSteps = 1 }, CpuDevice.Best, workers);
        Assert.That(() => new FitTrial(unseen, new() { Network = new SirenSettings(2, 1, 16), Initial = start }),
            Throws.TypeOf<FitException>().With.Property("Kind").EqualTo(FitError.WrongUse));
    }
}
