using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Models;
using InrFast.Tasks.Registration;
using InrFast.Tests.Fitting;
using InrFast.Autodiff;

namespace InrFast.Tests.Registration;

/// <summary>An interrupted registration goes on as if nothing had been; one with a time limit ends.</summary>
sealed class RegistrationCheckpointTests
{
    static readonly Image fixedImage = Blobs(0, 0), moving = Blobs(2, -1), mask = new(Grid.Plain(36, 30), [.. Enumerable.Range(0, 36 * 30).Select(i => i % 36 > 4 ? 1f : 0f)]);

    /// <summary>Stages end at 10, 20 and 40 updates.</summary>
    static readonly RegistrationOptions small = new()
    {
        Network = new SirenSettings(2, 2, 16, 1, 20, 20), Similarity = Similarity.CrossCorrelation, Iterations = 40, Points = 300, LearningRate = 1e-3, Initial = null, Mask = mask,
    };

    /// <summary>Velocities of many pixels.</summary>
    static readonly RegistrationOptions flow = small with { Kind = DeformationKind.Velocity, Regularizer = Regularizer.None, FoldingWeight = 0, LearningRate = 0.03 };

    static readonly TestCaseData[] cases = [new TestCaseData(small).SetArgDisplayNames("displacement"), new TestCaseData(flow).SetArgDisplayNames("velocity")];

    readonly Workers workers = new(2), one = new(1);

    [OneTimeTearDown]
    public void End()
    {
        workers.Dispose();
        one.Dispose();
    }

    static Image Blobs(double dx, double dy)
    {
        double Value(double x, double y) => Math.Exp(-((x - 20) * (x - 20) + (y - 14) * (y - 14)) / 30) + 0.8 * Math.Exp(-((x - 9) * (x - 9) + (y - 22) * (y - 22)) / 20);
        return new(Grid.Plain(36, 30), [.. Enumerable.Range(0, 36 * 30).Select(i => (float)Value(i % 36 - dx, i / 36 - dy))]);
    }

    PairRegistration New(RegistrationOptions options, Image? image = null, bool alone = false) => new(image ?? fixedImage, moving, options, CpuDevice.Best, alone ? one : workers) { ProgressInterval = 0 };

    /// <summary>Stopped after so many updates; at 0 within the search for the map before the field.</summary>
    byte[] Stopped(RegistrationOptions options, int step)
    {
        var registration = New(options, alone: true);
        using var cancel = new CancellationTokenSource();
        if (step == 0) cancel.Cancel();
        Assert.That(() => registration.Run(now => { if (now.Iteration == step) cancel.Cancel(); }, cancel.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(registration.Step, Is.EqualTo(step));
        return Written(registration.Save);
    }

    static byte[] Written(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }

    [TestCaseSource(nameof(cases))]
    public void It_goes_on_to_the_same_bytes(RegistrationOptions options)
    {
        using var whole = New(options).Run().Model;
        if (options.Kind == DeformationKind.Velocity) Assert.That(whole.Description.Steps, Is.GreaterThan(1), "chosen on the way, and saved");
        byte[] expected = Written(whole.Save);
        foreach (int step in new[] { 0, 1, 9, 10, 11, 20, 39 })
        {
            var second = New(options);
            second.Resume(new MemoryStream(Stopped(options, step)));
            Assert.That(second.Step, Is.EqualTo(step));
            using var model = second.Run().Model;
            Assert.That(Written(model.Save), Is.EqualTo(expected), $"interrupted after {step}");
        }
    }

    [Test]
    public void A_checkpoint_of_something_else_is_refused()
    {
        byte[] checkpoint = Stopped(small, 5);
        using var model = New(small).Run().Model;
        Refuse(small with { Seed = 1 });
        Refuse(small with { Similarity = Similarity.SquaredDifference });
        Refuse(small with { Iterations = 41 });
        Refuse(small with { Mask = null });
        Refuse(small with { Blur = [3, 0] });
        Refuse(small with { Initial = Affine.Identity });
        Refuse(small with { Previous = model });
        Refuse(small, moving);
        Refuse(small with { Mask = null }, new(new Grid(fixedImage.Size, Affine.FromSpacing(2, 1, 1)), fixedImage.Samples.ToArray()));

        void Refuse(RegistrationOptions options, Image? image = null)
        {
            var other = New(options, image);
            Assert.That(() => other.Resume(new MemoryStream(checkpoint)), Throws.TypeOf<ModelFileException>().With.Message.Contains("other options"));
            Assert.That(other.Step, Is.Zero);
        }
    }

    [Test]
    public void A_damaged_checkpoint_is_refused_or_whole()
    {
        var other = New(small);
        Assert.That(Mutations.Refused(Stopped(small, 12), 300, bytes => other.Resume(new MemoryStream(bytes))), Is.GreaterThan(100));
    }

    /// <summary>The schedule's end comes to where the time is up, and the last stage, of the images as they are, has its half of it.</summary>
    [Test]
    public void A_time_limit_moves_the_end()
    {
        var result = New(small with { Initial = Affine.Identity, Iterations = 10_000_000, TimeLimit = 1 }).Run();
        result.Model.Dispose();
        Assert.That(result.History[^1].Iterations, Is.InRange(7, 1_000_000));
        Assert.That(result.Iterations, Is.GreaterThan(result.History[^1].Iterations / 2), "updates of the last stage");
    }
}
