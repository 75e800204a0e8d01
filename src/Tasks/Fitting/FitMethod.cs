using InrFast.Models;

namespace InrFast.Tasks.Fitting;

/// <summary>A published kind of network that an image can be fitted with, by name.</summary>
/// <param name="Create">For axes, channels and a width.</param>
/// <param name="Width">Of pictures and of volumes, where no budget says.</param>
/// <param name="Rate">Learning rate at the start: measured on the samples (perf/quality).</param>
public sealed record FitMethod(string Name, Func<int[], int, int, NetworkSettings> Create, (int Picture, int Volume) Width, double Rate)
{
    /// <summary>The methods but for the grid, which is chosen with more care than a width, and MINER, which grows (<see cref="MinerFit"/>).</summary>
    public static IReadOnlyList<FitMethod> All { get; } =
    [
        new("siren", (axes, channels, width) => new SirenSettings(axes.Length, channels, width), (64, 128), 1e-3),
        new("finer", (axes, channels, width) => new FinerSettings(axes.Length, channels, width), (64, 128), 1e-3),
        new("wire", (axes, channels, width) => new WireSettings(axes.Length, channels, width), (96, 128), 1e-2),
        new("fourier", (axes, channels, width) => new MlpSettings(axes.Length, channels, new FourierEncoding(), width), (64, 128), 1e-2),
        new("frequency", (axes, channels, width) => new MlpSettings(axes.Length, channels, new FrequencyEncoding(), width), (64, 128), 2e-3),
        new("relu", (axes, channels, width) => new MlpSettings(axes.Length, channels, Width: width), (64, 128), 2e-3),
        new("multi-head", (axes, channels, width) => MultiHead(axes, channels, width), (64, 128), 2e-3),
        new("levels-of-experts", (axes, channels, width) => new LevelsOfExpertsSettings(axes.Length, channels, width), (32, 32), 2e-3),
        new("ensemble", (axes, channels, width) => new EnsembleSettings(axes.Length, channels, new SirenSettings(axes.Length, channels, width, 1, FirstOmega: axes.Length == 2 ? 20 : 15), [.. Blocks(axes)]), (20, 20), 2e-3),
    ];

    static MultiHeadSettings MultiHead(int[] axes, int channels, int width) => new(axes.Length, channels * Blocks(axes).Aggregate(1, (product, n) => product * n), [.. Blocks(axes)], width);

    /// <summary>About 32 voxels along each side of a block of a picture, 16 in a volume; no more than 4096 blocks.</summary>
    static int[] Blocks(int[] axes)
    {
        for (int side = axes.Length == 2 ? 32 : 16; ; side *= 2)
        {
            int[] blocks = [.. axes.Select(n => Math.Max(1, n / side))];
            if (blocks.Aggregate(1L, (product, n) => product * n) <= 4096) return blocks;
        }
    }
}
