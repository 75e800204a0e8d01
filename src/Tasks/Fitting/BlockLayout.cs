using InrFast.Kernels.Sampling;
using InrFast.Models;

namespace InrFast.Tasks.Fitting;

/// <summary>
/// An image, or its halved versions, cut into equal blocks, the first axis fastest; the last ones reach beyond the image's end, where its border is repeated.
/// </summary>
sealed class BlockLayout
{
    readonly int[] axes, size; // voxels of this scale: along the image, along a block
    readonly int[] blocks;
    readonly int step;
    readonly VoxelGrid image;

    /// <param name="axes">Voxels of the image.</param>
    /// <param name="blocks">Along each axis.</param>
    /// <param name="size">Voxels of a block.</param>
    /// <param name="step">Voxels of the image along each side of a voxel here.</param>
    public BlockLayout(int[] axes, double[] spacing, int[] blocks, int[] size, int step = 1)
    {
        (this.blocks, this.size, this.step) = (blocks, size, step);
        this.axes = [.. axes.Select(n => (n - 1) / step + 1)];
        (image, Block) = (new VoxelGrid(axes, spacing), new VoxelGrid(size, spacing));
        Spacing = spacing;
        Count = blocks.Aggregate(1, (product, n) => checked(product * n));
    }

    /// <summary>So many blocks along each axis.</summary>
    public static BlockLayout Divide(int[] axes, double[] spacing, IReadOnlyList<int> blocks) =>
        new(axes, spacing, [.. blocks], [.. axes.Zip(blocks, (n, b) => (n - 1) / b + 1)]);

    /// <summary>The blocks of a scale of MINER's pyramid.</summary>
    public static BlockLayout Scale(int[] axes, double[] spacing, MinerSettings settings, int scale) =>
        new(axes, spacing, [.. settings.BlocksAt(scale)], [.. axes.Select(_ => settings.BlockSize)], 1 << scale);

    public int Count { get; }
    public double[] Spacing { get; }

    /// <summary>The coordinates within a block, the same for all.</summary>
    public VoxelGrid Block { get; }

    /// <summary>A block's points, so many along each side of a voxel.</summary>
    public VoxelGrid Finer(int factor) => new([.. size.Select(n => n * factor)], Spacing);

    /// <summary>[block][voxel][channel], of these blocks, of an image of this scale [voxel][channel].</summary>
    public float[] Gather(float[] values, int channels, IReadOnlyList<int> blocks)
    {
        var gathered = new float[blocks.Count * Block.Count * channels];
        for (int i = 0; i < blocks.Count; i++)
            for (long voxel = 0; voxel < Block.Count; voxel++)
                values.AsSpan((int)(VoxelOf(blocks[i], voxel, 1, out _) * channels), channels).CopyTo(gathered.AsSpan((int)((i * Block.Count + voxel) * channels)));
        return gathered;
    }

    /// <summary>Adds a block's values at the points of <see cref="Finer"/> to an image of as many voxels along each side of one here.</summary>
    /// <param name="axes">Voxels of that image; points beyond its end are left out.</param>
    public void Add(ReadOnlySpan<float> block, int channels, int number, int factor, int[] axes, float[] values)
    {
        var fine = new BlockLayout(axes, Spacing, blocks, [.. size.Select(n => n * factor)]);
        for (long voxel = 0; voxel < block.Length / channels; voxel++)
        {
            long to = fine.VoxelOf(number, voxel, 1, out bool inside) * channels;
            for (int c = 0; inside && c < channels; c++) values[to + c] += block[(int)(voxel * channels + c)];
        }
    }

    /// <summary>A block's voxel in the image; the nearest one where it lies beyond the end.</summary>
    long VoxelOf(long block, long voxel, long stride, out bool inside)
    {
        long at = 0;
        inside = true;
        for (int k = 0; k < axes.Length; k++)
        {
            long index = block % blocks[k] * size[k] + voxel % size[k];
            if (index >= axes[k]) (index, inside) = (axes[k] - 1, false);
            at += stride * index;
            (stride, block, voxel) = (stride * axes[k], block / blocks[k], voxel / size[k]);
        }
        return at;
    }

    /// <summary>The block that a point of the image lies in (outside: the nearest), and the point's coordinates within it.</summary>
    public int Locate(ReadOnlySpan<float> point, Span<float> within)
    {
        int number = 0;
        for (int k = axes.Length - 1; k >= 0; k--)
        {
            float position = (image[k].Index(point[k]) + 0.5f) / step; // in voxels here, from the image's edge
            int block = (int)Math.Clamp(MathF.Floor(position / size[k]), 0, blocks[k] - 1);
            within[k] = (2 * (position - block * size[k]) - size[k]) * Block[k].HalfStep;
            number = number * blocks[k] + block;
        }
        return number;
    }
}
