using InrFast.Kernels.Gpu;

namespace InrFast.Tests;

/// <summary>The interpreted card that all tests of kernels share, so that each kernel is compiled once, and none was before.</summary>
static class Gpu
{
    public static GpuDevice Device { get; } = FakeCuda.OpenDevice();
}
