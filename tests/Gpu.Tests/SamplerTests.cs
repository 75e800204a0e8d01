using InrFast.Kernels;
using InrFast.Kernels.Sampling;
using InrFast.Kernels.Vectors;

namespace InrFast.Tests;

/// <summary>The same samples as on the processor, to the bit.</summary>
public sealed class SamplerTests
{
    static readonly VoxelGrid[] Grids = [new([37]), new([16, 9], [1, 2.5]), new([7, 5, 3]), new([5, 4, 3, 2])];

    static void Compare<TOrder>(VoxelGrid grid, Func<bool, TOrder> order, int channels, bool jitter = false) where TOrder : struct, IVoxelOrder
    {
        const int Count = 50;
        var random = new Random(3);
        using Run<float> image = new([.. Enumerable.Range(0, (int)grid.Count * channels).Select(_ => random.NextSingle())]);
        using Run<Clock> clock = new([new Clock { Step = 9, Batch = 5, Seed = 0x123456789ABCDEF }]);
        using Rows coordinates = new(Count, grid.Axes), values = new(Count, channels), weights = new(Count, 1), alone = new(Count, grid.Axes);
        var card = Gpu.Device.Sampler(grid, order(true), jitter);
        card.Sample(clock.OnCard, 8, 64, image.OnCard, coordinates.OnCard, values.OnCard, weights.OnCard);
        card.Sample(clock.OnCard, 8, 64, 0, alone.OnCard, default, default);
        new CpuDevice<F32x4>().Sampler(grid, order(false), jitter).Sample(clock.OnHost, 8, 64, image.OnHost, coordinates.OnHost, values.OnHost, weights.OnHost);
        foreach (var (rows, name) in new[] { (coordinates, "coordinates"), (values, "values"), (weights, "weights") })
        {
            var (actual, expected) = rows.Block(0);
            Assert.That(actual, jitter && rows == values ? Is.EqualTo(expected).Within(2e-6) : Is.EqualTo(expected), name);
            Assert.That(rows.Padding(), Is.All.Zero, name);
        }
        Assert.That(alone.Block(0).Actual, Is.EqualTo(coordinates.Block(0).Expected));
    }

    [Test]
    public void TheSameVoxelsInTheSameOrder([ValueSource(nameof(Grids))] VoxelGrid grid, [Values(1, 3, 6)] int channels)
    {
        Compare(grid, _ => new ShuffledSweep(grid.Count), channels);
        Compare(grid, _ => new RandomVoxels(grid.Count), channels);
        Compare(grid, _ => new ImageOrder(grid.Count), channels);
    }

    [Test]
    public void TheSameVoxelsOfListsAndTables()
    {
        var grid = Grids[1];
        using Run<uint> some = new([.. Enumerable.Range(0, 40).Select(i => (uint)(3 * i))]), others = new([.. Enumerable.Range(0, 60).Select(i => (uint)(2 * i + 1))]);
        Compare(grid, onCard => new ListedSweep(At(some, onCard), 40, At(others, onCard), 60, 4), 1);
        Compare(grid, onCard => new ListedSweep(At(some, onCard), 40), 1);
        var entries = new AliasEntry[grid.Count];
        AliasTable.Build([.. Enumerable.Range(0, entries.Length).Select(i => i % 7 * 0.5f)], entries);
        using Run<AliasEntry> table = new(entries);
        Compare(grid, onCard => new ImportanceVoxels(At(table, onCard), grid.Count), 2);

        static nint At<T>(Run<T> run, bool onCard) where T : unmanaged => onCard ? run.OnCard : run.OnHost;
    }

    [Test]
    public void TheSamePointsBetweenVoxels()
    {
        foreach (var grid in Grids.Where(grid => grid.Axes <= InterpolationKernels.MaxAxes)) Compare(grid, _ => new ShuffledSweep(grid.Count), 2, jitter: true);
    }
}
