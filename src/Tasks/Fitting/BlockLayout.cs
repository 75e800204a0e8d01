using InrFast.Kernels.Sampling;
using InrFast.Models;

namespace InrFast.Tasks.Fitting;

/// <summary>An image cut into equal blocks, the first axis fastest; the last ones reach beyond the image's end, where its border is repeated.</summary>
sealed class BlockLayout
{
    readonly int[] axes, blocks, size;
    readonly VoxelGrid whole;

    public BlockLayout(int[] axes, double[] spacing, EnsembleSettings settings)
    {
        (this.axes, blocks) = (axes, [.. settings.Blocks]);
        size = [.. axes.Zip(blocks, (n, b) => (n + b - 1) / b)];
        (whole, Block) = (new VoxelGrid(axes, spacing), new VoxelGrid(size, spacing));
    }

    /// <summary>The coordinates within a block, the same for all.</summary>
    public VoxelGrid Block { get; }

    /// <summary>[block][voxel][channel] of an image [voxel][channel].</summary>
    public float[] Gather(float[] values, int channels)
    {
        int members = blocks.Aggregate(1, (product, n) => product * n);
        var gathered = new float[members * Block.Count * channels];
        for (long to = 0; to < members * Block.Count; to++)
        {
            var (block, voxel) = Math.DivRem(to, Block.Count);
            long from = 0, stride = 1;
            for (int k = 0; k < axes.Length; k++)
            {
                long index = block % blocks[k] * size[k] + voxel % size[k];
                from += stride * Math.Min(index, axes[k] - 1);
                (stride, block, voxel) = (stride * axes[k], block / blocks[k], voxel / size[k]);
            }
            values.AsSpan((int)(from * channels), channels).CopyTo(gathered.AsSpan((int)(to * channels), channels));
        }
        return gathered;
    }

    /// <summary>The block that a point of the image lies in (outside: the nearest); its coordinates become those within the block.</summary>
    public int Locate(Span<float> point)
    {
        int member = 0;
        for (int k = axes.Length - 1; k >= 0; k--)
        {
            float index = whole[k].Index(point[k]);
            int block = (int)Math.Clamp(MathF.Floor((index + 0.5f) / size[k]), 0, blocks[k] - 1);
            point[k] = (2 * (index - block * size[k]) + 1 - size[k]) * Block[k].HalfStep;
            member = member * blocks[k] + block;
        }
        return member;
    }
}
