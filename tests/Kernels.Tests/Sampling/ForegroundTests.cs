using InrFast.Kernels.Sampling;

namespace InrFast.Tests;

public class ForegroundTests
{
    static readonly int[][] Sizes = [[90], [21, 13], [19, 7, 6], [5, 4, 3, 6]];

    /// <summary>Against the definition: the range over all neighbours within the image, channel by channel.</summary>
    [Test]
    public void ForegroundIsWhereTheNeighbourhoodVaries([ValueSource(nameof(Sizes))] int[] size, [Values(1, 2)] int channels)
    {
        var grid = new VoxelGrid(size);
        var random = new Random(1);
        float[] image = [.. Enumerable.Range(0, (int)grid.Count * channels).Select(_ => random.Next(40) == 0 ? 1f : (float)random.NextDouble() * 0.01f)];
        float threshold = 0.5f;
        List<uint> foreground = [], background = [];
        for (uint voxel = 0; voxel < grid.Count; voxel++)
        {
            bool varies = false;
            for (int c = 0; c < channels; c++)
            {
                var values = Neighbours(size, (int)voxel).Select(v => image[v * channels + c]).ToArray();
                varies |= values.Max() - values.Min() > threshold;
            }
            (varies ? foreground : background).Add(voxel);
        }
        Assert.That(foreground, Is.Not.Empty);
        Assert.That(background, Is.Not.Empty);

        var lists = Foreground.Split(image, grid, channels, threshold / (image.Max() - image.Min()));
        Assert.That(lists.Foreground.ToArray(), Is.EqualTo(foreground));
        Assert.That(lists.Background.ToArray(), Is.EqualTo(background));

        int slabs = size[^1];
        List<uint> inParts = [];
        foreach (var (first, count) in new[] { (0, slabs / 2), (slabs / 2, slabs - slabs / 2) })
        {
            uint[] some = new uint[grid.Count], others = new uint[grid.Count];
            inParts.AddRange(some.Take(Foreground.Partition(image, grid, channels, threshold, first, count, some, others)));
        }
        Assert.That(inParts, Is.EqualTo(foreground), "slab by slab");
    }

    static IEnumerable<int> Neighbours(int[] size, int voxel)
    {
        IEnumerable<int> all = [0];
        int stride = 1;
        foreach (int n in size)
        {
            int at = voxel / stride % n, step = stride;
            all = [.. from rest in all from i in new[] { at - 1, at, at + 1 } where i >= 0 && i < n select rest + i * step];
            stride *= n;
        }
        return all;
    }
}
