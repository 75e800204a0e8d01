using InrFast.Kernels;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Gpu;

namespace InrFast.Tests;

/// <summary>What a device says when something is missing, too small or broken.</summary>
[NonParallelizable]
public sealed class DeviceTests
{
    static DeviceException Refused(Action action) => Assert.Throws<DeviceException>(() => action())!;

    [Test]
    public void ACardDescribesItself()
    {
        Assert.That(Gpu.Device.Name, Is.EqualTo("cuda:0 (Interpreter)"));
        Assert.That(Gpu.Device.RunsOnHost, Is.False);
    }

    [Test]
    public void ACardThatIsNotThere()
    {
        var driver = FakeCuda.Open();
        Assert.That(Refused(() => new CudaCard(driver, 3).Dispose()).Message, Is.EqualTo("there is no card 3: the driver finds 1, counted from 0"));
        Assert.That(Refused(() => new CudaCard(driver, 3).Dispose()).Kind, Is.EqualTo(DeviceError.Unavailable));
    }

    [Test]
    public void ADriverOrACardThatIsTooOld()
    {
        FakeCuda.Version = 11080;
        Assert.That(Refused(() => FakeCuda.Open()).Message, Is.EqualTo("NVIDIA's driver serves CUDA 11.8; 12.0 or later is needed"));
        FakeCuda.Version = 12080;
        FakeCuda.Capability = (7, 5);
        Assert.That(Refused(() => new CudaCard(FakeCuda.Open(), 0).Dispose()).Message, Is.EqualTo("card 0: compute capability 7.5; 8.0 or later is needed"));
        FakeCuda.Capability = (9, 0);
        FakeCuda.Failure = ("cuInit", 100);
        Assert.That(Refused(() => FakeCuda.Open()).Message, Is.EqualTo("NVIDIA's driver finds no card"));
        FakeCuda.Failure = null;
        Assert.That(Refused(() => _ = new CudaDriver(_ => 0)).Message, Does.Contain("no cuInit"));
    }

    [Test]
    public void TooLittleMemory()
    {
        var refusal = Refused(() => Gpu.Device.Allocate(3L << 30));
        Assert.That(refusal.Kind, Is.EqualTo(DeviceError.OutOfMemory));
        Assert.That(refusal.Message, Does.Match("the card has [0-9]+ of 1024 MiB free, and 3072 MiB more are needed"));
    }

    [Test]
    public void ACardThatFailsAtWork()
    {
        using var memory = Gpu.Device.Allocate(16);
        FakeCuda.Failure = ("cuMemcpyHtoDAsync_v2", 700);
        var lost = Refused(() => memory.Write<float>([1]));
        FakeCuda.Failure = null;
        Assert.That(lost.Kind, Is.EqualTo(DeviceError.Lost));
        Assert.That(lost.Message, Is.EqualTo("the card failed: cuMemcpyHtoDAsync: CUDA_ERROR_700 (made by a test)"));
    }

    /// <summary>What --device auto takes.</summary>
    [Test]
    public void TheFirstCardIsTakenThatServes()
    {
        using (var card = CudaCard.First(FakeCuda.Open)) Assert.That(card?.Name, Is.EqualTo("cuda:0 (Interpreter)"));
        try
        {
            FakeCuda.Capability = (7, 5);
            Assert.That(CudaCard.First(FakeCuda.Open), Is.Null, "too old");
            FakeCuda.Devices = 0;
            Assert.That(CudaCard.First(FakeCuda.Open), Is.Null, "none");
            FakeCuda.Version = 11080;
            Assert.That(CudaCard.First(FakeCuda.Open), Is.Null, "an old driver");
        }
        finally
        {
            (FakeCuda.Capability, FakeCuda.Devices, FakeCuda.Version) = ((9, 0), 1, 12080);
        }
    }

    [Test]
    public void MemoryIsClearedCheckedAndFreed()
    {
        int alive = FakeCuda.Alive;
        using (var memory = Gpu.Device.Allocate(64))
        {
            var numbers = new float[16];
            memory.Read<float>(numbers);
            Assert.That(numbers, Is.All.Zero);
            memory.Write<float>([1, 2, 3], 4);
            memory.Clear(8, 4);
            memory.Read<float>(numbers);
            Assert.That(numbers[..5], Is.EqualTo(new[] { 0f, 1, 0, 3, 0 }));
            Assert.That(() => memory.Write<float>([1], 64), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => memory.Clear(60, 8), Throws.TypeOf<ArgumentOutOfRangeException>());
        }
        Assert.That(FakeCuda.Alive, Is.EqualTo(alive));
    }

    [Test]
    public void ARecordingReplaysAndAdmitsNothingElse()
    {
        using Run<float> x = new([1f, 2]);
        Matrix m = new(x.OnCard, 2, 8, 1);
        Gpu.Device.Pointwise.Scale(m, 2, m);
        using (var recording = Gpu.Device.Record(() => Gpu.Device.Pointwise.Scale(m, 2, m)))
        {
            Assert.That(x.Actual[0], Is.EqualTo(2), "nothing has run");
            for (int i = 0; i < 3; i++) recording.Replay();
        }
        Assert.That(x.Actual, Is.EqualTo(new[] { 16f, 32 }));
        Assert.That(() => Gpu.Device.Record(() => Gpu.Device.Allocate(4)), Throws.InvalidOperationException);
        Assert.That(x.Actual, Is.EqualTo(new[] { 16f, 32 }), "the card still serves");
    }

    [Test]
    public void ADeviceGivesEverythingBack()
    {
        int alive = FakeCuda.Alive;
        using (var other = FakeCuda.OpenDevice()) other.Dense(2, 3, new Identity());
        Assert.That(FakeCuda.Alive, Is.EqualTo(alive));
    }
}
