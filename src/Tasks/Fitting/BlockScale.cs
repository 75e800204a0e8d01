using InrFast.Models;

namespace InrFast.Tasks.Fitting;

/// <summary>What a network says about an image's blocks: which of a bank's networks serves each (-1: none), and in which columns of its result.</summary>
sealed record BlockScale(BlockLayout Layout, Func<int, (int Network, int Column)> Of)
{
    /// <summary>The scales whose sum is the image; null where a network sees the image as a whole.</summary>
    public static IReadOnlyList<BlockScale>? All(NetworkSettings settings, int[] axes, double[] spacing, int channels) => settings switch
    {
        EnsembleSettings ensemble => [new(BlockLayout.Divide(axes, spacing, ensemble.Blocks), block => (block, 0))],
        MultiHeadSettings heads => [new(BlockLayout.Divide(axes, spacing, heads.Heads), block => (0, block * channels))],
        MinerSettings miner => Pyramid(miner, axes, spacing),
        _ => null,
    };

    static List<BlockScale> Pyramid(MinerSettings settings, int[] axes, double[] spacing)
    {
        var scales = new List<BlockScale>();
        int first = 0;
        for (int scale = 0; scale < settings.ActiveBlocks.Length; scale++)
        {
            var layout = BlockLayout.Scale(axes, spacing, settings, scale);
            var networks = new int[layout.Count];
            networks.AsSpan().Fill(-1);
            foreach (int block in settings.ActiveBlocks[scale]) networks[block] = first++;
            scales.Add(new(layout, block => (networks[block], 0)));
        }
        return scales;
    }
}
