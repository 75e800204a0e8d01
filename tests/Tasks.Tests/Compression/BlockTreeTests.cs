using System.Numerics;
using InrFast.Kernels;
using InrFast.Tasks.Compression;

namespace InrFast.Tests.Compression;

/// <summary>The cut into blocks, against all cuts there are and a Fourier transform by its definition.</summary>
sealed class BlockTreeTests
{
    static readonly int[] axes = [16, 12];
    static readonly float[] image = [.. Enumerable.Range(0, 192).Select(i => (float)(i % 16 < 8 ? 1 : Math.Sin(i * i)))];

    static double ByDefinition(float[] values, int[] size)
    {
        double sum = 0, largest = 0;
        for (int v = 0; v < size[1]; v++)
            for (int u = 0; u < size[0]; u++)
            {
                Complex total = 0;
                for (int i = 0; i < values.Length; i++) total += values[i] * Complex.FromPolarCoordinates(1, -2 * Math.PI * ((double)u * (i % size[0]) / size[0] + (double)v * (i / size[0]) / size[1]));
                sum += total.Magnitude;
                largest = Math.Max(largest, total.Magnitude);
            }
        return largest / sum;
    }

    [TestCase(16, 12)]
    [TestCase(7, 5)]
    [TestCase(8, 1)]
    public void The_concentration_is_that_of_the_definition(int x, int y)
    {
        float[] values = [.. image.Take(x * y)];
        Assert.That(BlockTree.Concentration(values, [x, y], CpuDevice.Best), Is.EqualTo(ByDefinition(values, [x, y])).Within(1e-5));
    }

    static double Value(Box box, int level) => ByDefinition(box.Gather(image, axes, 1), box.Size) / Math.Pow(4, level);

    /// <summary>The best sums over all ways to cut a box, by the number of blocks.</summary>
    static IEnumerable<(int Blocks, double Sum)> All(Box box, int level, int deepest)
    {
        yield return (1, Value(box, level));
        if (level == deepest || box.Divide() is not { } children) yield break;
        IEnumerable<(int Blocks, double Sum)> together = [(0, 0.0)];
        foreach (var child in children)
        {
            var own = All(child, level + 1, deepest).ToArray();
            together = [.. together.SelectMany(a => own.Select(b => (Blocks: a.Blocks + b.Blocks, Sum: a.Sum + b.Sum))).GroupBy(all => all.Blocks).Select(same => (same.Key, same.Max(all => all.Sum)))];
        }
        foreach (var cut in together) yield return cut;
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void Few_blocks_are_cut_as_by_trying_all(int most)
    {
        var (leaves, divided) = BlockTree.Cut(image, axes, 1, most, CpuDevice.Best);
        double sum = leaves.Sum(leaf => leaf.Concentration / (192.0 / leaf.Box.Voxels)); // all axes are even here
        Assert.That(sum, Is.EqualTo(All(Box.Whole(axes), 0, 2).Where(cut => cut.Blocks <= most).Max(cut => cut.Sum)).Within(1e-5));
        Assert.That(divided, Has.Count.GreaterThanOrEqualTo(leaves.Count));
    }

    [TestCase(4, 1)]
    [TestCase(13, 1)]
    [TestCase(16, 2)]
    public void More_blocks_begin_further_down(int most, int least)
    {
        var (leaves, _) = BlockTree.Cut(image, axes, 1, most, CpuDevice.Best);
        double sum = leaves.Sum(leaf => Value(leaf.Box, (int)Math.Round(Math.Log(192.0 / leaf.Box.Voxels, 4))));
        IEnumerable<Box> level = [Box.Whole(axes)];
        for (int l = 0; l < least; l++) level = [.. level.SelectMany(box => box.Divide()!)];
        IEnumerable<(int Blocks, double Sum)> best = [(0, 0.0)];
        foreach (var box in level)
        {
            var own = All(box, least, Math.Min(least + 2, 3)).ToArray();
            best = [.. best.SelectMany(a => own.Select(b => (Blocks: a.Blocks + b.Blocks, Sum: a.Sum + b.Sum))).Where(all => all.Blocks <= most).GroupBy(all => all.Blocks).Select(same => (same.Key, same.Max(all => all.Sum)))];
        }
        Assert.That(leaves, Has.Count.LessThanOrEqualTo(most));
        Assert.That(sum, Is.EqualTo(best.Max(cut => cut.Sum)).Within(1e-3));
    }

    [Test]
    public void Blocks_cover_the_image_once_and_their_shape_comes_back()
    {
        var (leaves, divided) = BlockTree.Cut(image, axes, 1, 13, CpuDevice.Best);
        var covered = new int[192];
        foreach (var (box, _) in leaves)
            for (int line = 0; line < box.Size[1]; line++)
                for (int x = 0; x < box.Size[0]; x++) covered[box.Line(line, axes) + x]++;
        Assert.That(covered, Is.All.EqualTo(1));
        int node = 0;
        Assert.That(BlockTree.Nodes(axes, () => divided[node++], 100)!.Where(place => place.IsLeaf).Select(place => (place.Box.First[0], place.Box.First[1], place.Box.Size[0], place.Box.Size[1])),
            Is.EqualTo(leaves.Select(leaf => (leaf.Box.First[0], leaf.Box.First[1], leaf.Box.Size[0], leaf.Box.Size[1]))));
        Assert.That(BlockTree.Nodes(axes, () => true, 100), Is.Null, "a tree without end");
    }
}
