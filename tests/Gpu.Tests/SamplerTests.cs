using InrFast.Kernels;
using InrFast.Kernels.Sampling;
using InrFast.Kernels.Vectors;

namespace InrFast.Tests;

/// <summary>The same samples as on the processor, to the bit.</summary>
public sealed class SamplerTests
{
    static readonly VoxelGrid[] Grids = [new([37]), new([16, 9], [1, 2.5]), new([7, 5, 3]), new([5, 4, 3, 2])];

    static void Compare<TOrder>(VoxelGrid grid, TOrder order, int channels) where TOrder : struct, IVoxelOrder
    {
        const int Count = 50;
        var random = new Random(3);
        using Run<float> image = new([.. Enumerable.Range(0, (int)grid.Count * channels).Select(_ => random.NextSingle())]);
        using Run<Clock> clock = new([new Clock { Step = 9, Batch = 5, Seed = 0x123456789ABCDEF }]);
        using Rows coordinates = new(Count, grid.Axes), values = new(Count, channels), weights = new(Count, 1), alone = new(Count, grid.Axes);
        Gpu.Device.Sampler(grid, order).Sample(clock.OnCard, 8, 64, image.OnCard, coordinates.OnCard, values.OnCard, weights.OnCard);
        Gpu.Device.Sampler(grid, order).Sample(clock.OnCard, 8, 64, 0, alone.OnCard, default, default);
        new CpuDevice<F32x4>().Sampler(grid, order).Sample(clock.OnHost, 8, 64, image.OnHost, coordinates.OnHost, values.OnHost, weights.OnHost);
        foreach (var (rows, name) in new[] { (coordinates, "coordinates"), (values, "values"), (weights, "weights") })
        {
            var (actual, expected) = rows.Block(0);
            Assert.That(actual, Is.EqualTo(expected), name);
            Assert.That(rows.Padding(), Is.All.Zero, name);
        }
        Assert.That(alone.Block(0).Actual, Is.EqualTo(coordinates.Block(0).Expected));
    }

    [Test]
    public void TheSameVoxelsInTheSameOrder([ValueSource(nameof(Grids))] VoxelGrid grid, [Values(1, 3, 6)] int channels)
    {
        Compare(grid, new ShuffledSweep(grid.Count), channels);
        Compare(grid, new RandomVoxels(grid.Count), channels);
        Compare(grid, new ImageOrder(grid.Count), channels);
    }

    [Test]
    public void SamplesBetweenVoxelsAreRefused() =>
        Assert.That(() => Gpu.Device.Sampler(Grids[1], new RandomVoxels(144), jitter: true), Throws.TypeOf<DeviceException>().With.Property(nameof(DeviceException.Kind)).EqualTo(DeviceError.Unsupported));
}
