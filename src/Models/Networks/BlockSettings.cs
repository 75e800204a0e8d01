using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace InrFast.Models;

/// <summary>
/// An ensemble (Kadarvish 2021): the image is divided into equal blocks, each with a network of its own that sees the coordinates within the block. A bank:
/// member = block, the first axis fastest.
/// </summary>
/// <param name="Block">The network of one block.</param>
/// <param name="Blocks">Along each axis.</param>
public sealed record EnsembleSettings(int Inputs, int Outputs, NetworkSettings Block, ImmutableArray<int> Blocks) : NetworkSettings(Inputs, Outputs)
{
    [JsonIgnore]
    public override int Members => (int)Range.Product("Blocks", Blocks, Inputs, MinerSettings.MaximumBlocks);

    public override void Validate()
    {
        Range.Block(this, Block);
        _ = Members;
    }

    internal override Network Create(NetworkParameters parameters) => Block.Create(parameters);
}

/// <summary>
/// MINER (Saragadam 2022): a Laplacian pyramid, whose scale s holds the image halved s times, in blocks with a network each. Blocks with nothing to add
/// to the coarser scales have none. A bank of all networks: member = place in <paramref name="ActiveBlocks"/>, scale 0 (the image's own) first.
/// </summary>
/// <param name="Block">The network of one block, which sees the coordinates within the block.</param>
/// <param name="Size">Voxels of the image along each axis.</param>
/// <param name="BlockSize">Voxels of a block along each axis, at every scale.</param>
/// <param name="ActiveBlocks">Of each scale, the blocks with a network, ascending, the first axis fastest.</param>
public sealed record MinerSettings(int Inputs, int Outputs, NetworkSettings Block, ImmutableArray<int> Size, int BlockSize, ImmutableArray<ImmutableArray<int>> ActiveBlocks)
    : NetworkSettings(Inputs, Outputs)
{
    public const int MaximumBlocks = 1 << 24;

    [JsonIgnore]
    public override int Members => ActiveBlocks.Sum(blocks => blocks.Length);

    /// <summary>Blocks of a scale along each axis, those beside the image's end included.</summary>
    public ImmutableArray<int> BlocksAt(int scale) => [.. Size.Select(n => (int)(((((long)n - 1) >> scale) + BlockSize) / BlockSize))];

    public override void Validate()
    {
        Range.Block(this, Block);
        Range.Check("BlockSize", BlockSize, 1, 1 << 20);
        Range.Product("Size", Size, Inputs, long.MaxValue);
        Range.Check("Scales in ActiveBlocks", ActiveBlocks.IsDefault ? 0 : ActiveBlocks.Length, 1, 24);
        for (int scale = 0; scale < ActiveBlocks.Length; scale++)
        {
            var active = ActiveBlocks[scale];
            long count = Range.Product($"Blocks of scale {scale}", BlocksAt(scale), Inputs, MaximumBlocks);
            for (int i = 0; i < active.Length; i++)
                if (active[i] < 0 || active[i] >= count || i > 0 && active[i] <= active[i - 1])
                    throw new ArgumentException($"ActiveBlocks of scale {scale} ascend from 0 to {count - 1}; number {i} is {active[i]}.");
        }
        Range.Check("Networks", ActiveBlocks.Sum(blocks => (long)blocks.Length), 1, MaximumBlocks);
    }

    internal override Network Create(NetworkParameters parameters) => Block.Create(parameters);
}
