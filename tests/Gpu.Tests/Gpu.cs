using InrFast.Kernels.Activations;
using InrFast.Kernels.Gpu;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Optimizers;
using InrFast.Kernels.Sampling;

namespace InrFast.Tests;

/// <summary>The interpreted card that all tests of kernels share, so that each kernel is compiled once.</summary>
static class Gpu
{
    public static GpuDevice Device { get; } = new(FakeCuda.Open(), 0);

    /// <summary>One of each family at least.</summary>
    public static void CompileEveryKernel()
    {
        Device.Dense(4, 4, new Sine(1));
        Device.Dense(4, 4, new GELU());
        Device.Loss(new SquaredError());
        Device.Loss(new BinaryCrossEntropy());
        Device.Optimizer(new Adam());
        Device.Optimizer(new GradientDescent());
        VoxelGrid grid = new([3, 2]);
        Device.Sampler(grid, new ShuffledSweep(6));
        Device.Sampler(grid, new RandomVoxels(6));
    }
}
