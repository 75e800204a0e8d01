using InrFast.Kernels;
using InrFast.Kernels.Gpu;

namespace InrFast.Tests;

/// <summary>What is said where OpenCL, or a device of it, does not serve.</summary>
[NonParallelizable]
public sealed class OpenClDeviceTests
{
    static DeviceException Refused(Action action) => Assert.Throws<DeviceException>(() => action())!;

    [Test]
    public void ADeviceDescribesItself() =>
        Assert.That(OpenClDescription.Of(FakeOpenCl.Open(), 0), Is.EqualTo(new OpenClDescription(0, "Answers", "Tests", 1 << 30, 8, new(3, 0), null)));

    [Test]
    public void WhereNothingIsInstalled()
    {
        Assert.That(Refused(() => _ = new OpenClDriver(_ => 0)).Message, Does.Contain("no clGetPlatformIDs"));
        Assert.That(Refused(() => _ = new OpenClDriver(name => name.Contains("SVM", StringComparison.Ordinal) ? 0 : 1)).Message, Is.EqualTo("OpenCL's loader has no clSVMAlloc: it is older than OpenCL 2.0; install a newer one"));
        try
        {
            FakeOpenCl.Devices = 0;
            Assert.That(FakeOpenCl.Open().Devices, Is.Empty);
            Assert.That(Refused(() => new OpenClCard(FakeOpenCl.Open(), 0).Dispose()).Message, Is.EqualTo("there is no device 0: OpenCL finds none"));
            FakeOpenCl.Platforms = 0;
            Assert.That(Refused(() => FakeOpenCl.Open()).Message, Is.EqualTo("OpenCL has no platform: no driver for it is installed"));
        }
        finally
        {
            (FakeOpenCl.Devices, FakeOpenCl.Platforms) = (1, 1);
        }
    }

    [Test]
    public void DevicesOfAllPlatformsAreCounted()
    {
        try
        {
            (FakeOpenCl.Devices, FakeOpenCl.Platforms) = (2, 3);
            Assert.That(FakeOpenCl.Open().Devices, Has.Count.EqualTo(6));
            var refusal = Refused(() => new OpenClCard(FakeOpenCl.Open(), 7).Dispose());
            Assert.That((refusal.Kind, refusal.Message), Is.EqualTo((DeviceError.Unavailable, "there is no device 7: OpenCL finds 6, counted from 0")));
        }
        finally
        {
            (FakeOpenCl.Devices, FakeOpenCl.Platforms) = (1, 1);
        }
    }

    [TestCase(0x1027u, 0ul, "the driver says that it is not available")]
    [TestCase(0x1028u, 0ul, "its driver has no compiler")]
    [TestCase(0x100Du, 32ul, "its addresses have 32 bits; 64 are needed")]
    [TestCase(0x1053u, 0ul, "it has no shared virtual memory (coarse-grained)")]
    [TestCase(0x1032u, 0ul, "it has no double precision (cl_khr_fp64)")]
    [TestCase(0x1004u, 128ul, "its work-groups hold 128 work-items; 256 are needed")]
    [TestCase(0x1023u, 16384ul, "its work-groups share 16384 bytes of memory; 32768 are needed")]
    public void ADeviceThatLacksSomething(uint what, ulong number, string reason)
    {
        ulong had = FakeOpenCl.Numbers[what];
        try
        {
            FakeOpenCl.Numbers[what] = number;
            Assert.That(Refused(() => new OpenClCard(FakeOpenCl.Open(), 0).Dispose()).Message, Is.EqualTo($"device 0 (Answers): {reason}"));
        }
        finally
        {
            FakeOpenCl.Numbers[what] = had;
        }
    }

    [Test]
    public void ADeviceThatIsTooOld()
    {
        var (version, extensions) = (FakeOpenCl.Version, FakeOpenCl.Extensions);
        try
        {
            FakeOpenCl.Extensions = "cl_khr_fp64";
            Assert.That(OpenClDescription.Of(FakeOpenCl.Open(), 0).Reason, Is.EqualTo("it has no atomic sums of 64 bits (cl_khr_int64_base_atomics)"));
            FakeOpenCl.Version = "OpenCL 1.2 test";
            Assert.That(OpenClDescription.Of(FakeOpenCl.Open(), 0).Reason, Is.EqualTo("it serves OpenCL 1.2; 2.0 or later is needed, for shared virtual memory"));
        }
        finally
        {
            (FakeOpenCl.Version, FakeOpenCl.Extensions) = (version, extensions);
        }
    }
}
