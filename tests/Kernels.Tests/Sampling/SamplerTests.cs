using InrFast.Kernels;
using InrFast.Kernels.Sampling;

namespace InrFast.Tests;

public unsafe class SamplerTests
{
    static readonly int[][] Sizes = [[9], [6, 5], [5, 3, 4], [3, 4, 2, 5]];

    [Test]
    public void CoordinatesFollowTheirDefinition()
    {
        var grid = new VoxelGrid([4, 2], [1, 3]); // extents 4 and 6
        Assert.That(grid.Count, Is.EqualTo(8));
        float* at = stackalloc float[2];
        (float, float)[] expected = [(-3 / 6f, -3 / 6f), (-1 / 6f, -3 / 6f), (1 / 6f, -3 / 6f), (3 / 6f, -3 / 6f), (-3 / 6f, 3 / 6f)];
        for (int voxel = 0; voxel < expected.Length; voxel++)
        {
            grid.Place(voxel, at);
            Assert.That((at[0], at[1]), Is.EqualTo(expected[voxel]));
        }
        grid = new VoxelGrid([512, 256]); // the longest side spans [-1, 1]
        Assert.That(grid[0].Coordinate(0) - grid[0].HalfStep, Is.EqualTo(-1));
        Assert.That(grid[0].Coordinate(511) + grid[0].HalfStep, Is.EqualTo(1));
        Assert.That(grid[1].Coordinate(255) + grid[1].HalfStep, Is.EqualTo(0.5f));
        for (int i = 0; i < 512; i++) Assert.That(grid[0].Index(grid[0].Coordinate(i)), Is.EqualTo((float)i));
    }

    [Test]
    public void PlacesAreThoseOfDivision([Values(1, 3, 124, 1000, 8_388_608)] int size)
    {
        var grid = new VoxelGrid([size, 7, 3]);
        float* at = stackalloc float[3];
        foreach (long voxel in new[] { 0, 1, size - 1, size, 6L * size, 7L * size - 1, 7L * size, grid.Count - 1 })
        {
            if (voxel >= grid.Count) continue;
            grid.Place(voxel, at);
            float[] expected = [grid[0].Coordinate((int)(voxel % size)), grid[1].Coordinate((int)(voxel / size % 7)), grid[2].Coordinate((int)(voxel / size / 7))];
            Assert.That(new[] { at[0], at[1], at[2] }, Is.EqualTo(expected), $"voxel {voxel}");
        }
    }

    [Test]
    public void GridsRefuseWhatTheyCannotNumber()
    {
        Assert.That(() => new VoxelGrid([]), Throws.ArgumentException);
        Assert.That(() => new VoxelGrid([1, 2, 3, 4, 5]), Throws.ArgumentException);
        Assert.That(() => new VoxelGrid([4, 0]), Throws.ArgumentException);
        Assert.That(() => new VoxelGrid([4, 4], [1]), Throws.ArgumentException);
        Assert.That(() => new VoxelGrid([4, 4], [1, double.NaN]), Throws.ArgumentException);
        Assert.That(() => new VoxelGrid([1 << 23, 1 << 23]), Throws.ArgumentException);
    }

    /// <summary>One epoch of two batches and a half: at every voxel its own value, and all voxels.</summary>
    [Test]
    public void RowsHoldVoxelsAndTheirValues([ValueSource(nameof(Sizes))] int[] size, [Values(1, 3, 5)] int channels)
    {
        var grid = new VoxelGrid(size);
        int count = (int)grid.Count, axes = size.Length;
        using var image = new HostRows([.. Enumerable.Range(0, count * channels).Select(i => i * 0.5f)]);
        foreach (var device in SamplingCase.All)
        {
            var samples = SamplingCase.Sample(device.Sampler(grid, new ShuffledSweep(count)), 0, count, axes, image, channels);
            var visited = new List<int>();
            for (int r = 0; r < count; r++)
            {
                int voxel = 0;
                for (int axis = axes - 1; axis >= 0; axis--) voxel = voxel * size[axis] + (int)MathF.Round(grid[axis].Index(samples[r * axes + axis]));
                visited.Add(voxel);
                for (int c = 0; c < channels; c++) Assert.That(samples[count * axes + r * channels + c], Is.EqualTo((voxel * channels + c) * 0.5f), device.Name);
                Assert.That(samples[count * (axes + channels) + r], Is.EqualTo(1));
            }
            Assert.That(visited, Is.EquivalentTo(Enumerable.Range(0, count)), device.Name);
        }
    }

    [Test]
    public void TilesOfAnySizeMakeTheSameBits([Values] bool jitter)
    {
        int[] size = [7, 6, 5];
        var grid = new VoxelGrid(size, [1, 1, 2.5]);
        using var image = new HostRows([.. Enumerable.Range(0, (int)grid.Count).Select(i => MathF.Sin(i))]);
        const int Rows = 333; // epochs of 210: batches span them
        foreach (var device in SamplingCase.Cpus)
        {
            var kernels = device.Sampler(grid, new ShuffledSweep(grid.Count), jitter);
            for (long step = 0; step < 3; step++)
            {
                var whole = SamplingCase.Sample(kernels, step, Rows, 3, image);
                var oracle = SamplingCase.Sample(SamplingCase.Reference.Sampler(grid, new ShuffledSweep(grid.Count), jitter), step, Rows, 3, image);
                foreach (int tile in new[] { 1, 16, 64, 100 })
                    Assert.That(SamplingCase.Sample(kernels, step, Rows, 3, image, tile: tile), Is.EqualTo(whole), $"{device.Name}, tiles of {tile}");
                Assert.That(whole, Is.EqualTo(oracle).Within(3e-6f), device.Name);
            }
        }
    }

    [Test]
    public void JitterFillsTheVoxels()
    {
        var grid = new VoxelGrid([8, 4]);
        float[] numbers = [.. Enumerable.Range(0, 32).Select(i => i % 8 + 10f * (i / 8))]; // x + 10 y: linear
        using var image = new HostRows(numbers);
        const int Epochs = 200;
        var samples = SamplingCase.Sample(SamplingCase.Cpus[1].Sampler(grid, new ShuffledSweep(32), jitter: true), 0, 32 * Epochs, 2, image);
        int[] hits = new int[32];
        double offsets = 0, squares = 0;
        for (int r = 0; r < 32 * Epochs; r++)
        {
            float x = grid[0].Index(samples[2 * r]), y = grid[1].Index(samples[2 * r + 1]);
            int column = (int)MathF.Round(x), row = (int)MathF.Round(y);
            hits[row * 8 + column]++;
            offsets += x - column;
            squares += (x - column) * (x - column);
            float expected = Math.Clamp(x, 0, 7) + 10 * Math.Clamp(y, 0, 3);
            Assert.That(samples[2 * 32 * Epochs + r], Is.EqualTo(expected).Within(1e-4f));
        }
        Assert.That(hits, Is.All.EqualTo(Epochs), "stratified: every voxel as often");
        Assert.That(offsets / (32 * Epochs), Is.EqualTo(0).Within(0.02));
        Assert.That(squares / (32 * Epochs), Is.EqualTo(1 / 12.0).Within(0.005));
    }

    [Test]
    public void SamplingAllocatesNothing([Values] bool jitter)
    {
        var grid = new VoxelGrid([16, 16]);
        using HostRows image = new(new float[256]), coordinates = new(300, 2), values = new(300, 1);
        var kernels = SamplingCase.Cpus[1].Sampler(grid, new ShuffledSweep(256), jitter);
        Clock clock = default;
        kernels.Sample((nint)(&clock), 0, 300, image.Address, coordinates.Matrix, values.Matrix, default);
        long before = GC.GetAllocatedBytesForCurrentThread();
        kernels.Sample((nint)(&clock), 0, 300, image.Address, coordinates.Matrix, values.Matrix, default);
        Assert.That(GC.GetAllocatedBytesForCurrentThread(), Is.EqualTo(before));
    }

    [Test]
    public void ImportanceWritesItsWeights()
    {
        var grid = new VoxelGrid([4]);
        var table = new AliasEntry[4];
        AliasTable.Build([1, 0, 3, 4], table);
        fixed (AliasEntry* entries = table)
        {
            var samples = SamplingCase.Sample(SamplingCase.Cpus[1].Sampler(grid, new ImportanceVoxels((nint)entries, 4)), 2, 100, 1);
            float[] weights = [2, float.NaN, 2 / 3f, 0.5f];
            for (int r = 0; r < 100; r++) Assert.That(samples[100 + r], Is.EqualTo(weights[(int)grid[0].Index(samples[r])]));
        }
    }
}
