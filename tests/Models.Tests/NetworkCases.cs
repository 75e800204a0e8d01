using InrFast.Models;

namespace InrFast.Tests;

/// <summary>Every kind of network, small: one row each, with the learning rate that suits it and its trained numbers counted by hand.</summary>
public static class NetworkCases
{
    public sealed record Case(string Name, NetworkSettings Settings, double Rate, long Parameters)
    {
        public override string ToString() => Name;
    }

    public static readonly Case[] All =
    [
        new("siren", new SirenSettings(2, 1, Width: 24, HiddenLayers: 2, FirstOmega: 10), 1e-3, 2 * 24 + 24 + 2 * (24 * 24 + 24) + 25),
        new("siren in 3-D, colour", new SirenSettings(3, 3, 16, 1, 6, 10, InitialOmega: 30), 5e-3, 3 * 16 + 16 + 17 * 16 + 3 * 17),
        // A root, two children, and a leaf below the second: two leaves.
        new("sine tree", new SineTreeSettings(2, 2, [-1, 0, 0, 2], [12, 8, 7, 6], 1, 6, 10), 2e-3, (3 * 12 + 13 * 12) + (13 * 8 + 9 * 8 + 9) + (13 * 7 + 8 * 7) + (8 * 6 + 7 * 6 + 7)),
        new("plain", new MlpSettings(2, 1, Width: 32, HiddenLayers: 2), 1e-2, 3 * 32 + 33 * 32 + 33),
        new("plain, tanh, sigmoid", new MlpSettings(2, 2, Width: 20, HiddenLayers: 2, Activation: Activation.Tanh, OutputActivation: Activation.Sigmoid), 1e-2, 3 * 20 + 21 * 20 + 2 * 21),
        new("linear decoder", new MlpSettings(2, 1, new FourierEncoding(FourierVariant.Gaussian, 40, 1), HiddenLayers: 0), 1e-2, 81),
        new("basic", new MlpSettings(2, 1, new FourierEncoding(FourierVariant.Basic), 32, 2), 1e-2, 5 * 32 + 33 * 32 + 33),
        new("positional", new MlpSettings(2, 1, new FourierEncoding(FourierVariant.Positional, 16, 4), 32, 2), 1e-2, 33 * 32 + 33 * 32 + 33),
        new("gaussian", new MlpSettings(2, 1, new FourierEncoding(FourierVariant.Gaussian, 16, 1), 32, 2), 1e-2, 33 * 32 + 33 * 32 + 33),
        new("frequency", new MlpSettings(2, 1, new FrequencyEncoding(4), 32, 2), 1e-2, 19 * 32 + 33 * 32 + 33),
        new("siren on features", new SirenSettings(2, 1, 16, 1, 6, Encoding: new FourierEncoding(FourierVariant.Gaussian, 8, 1)), 1e-3, 17 * 16 + 17 * 16 + 17),
        new("skips", new SkipMlpSettings(2, 1, new HarmonicEncoding(3), Width: 16, HiddenLayers: 4, Bottleneck: 8), 3e-3, 13 * 16 + 17 * 16 + 29 * 16 + 17 * 16 + 17 * 8 + 9),
        new("one-blob", new MlpSettings(2, 1, new OneBlobEncoding(8), 32, 1), 1e-2, 17 * 32 + 33),
        // 16 voxels: levels of 4, 8 and 12.8 cells; the last has 14 x 14 nodes for 128 entries.
        new("grid", new MlpSettings(2, 1, new GridEncoding([16, 16], 3, 2, 4, 0.8, 7), 16, 1), 1e-2, 2 * (25 + 81 + 128) + 7 * 16 + 17),
        new("composite", new MlpSettings(2, 1, new CompositeEncoding([new IdentityEncoding(), new GridEncoding([16, 16], 2, 2, 4, 0.5, 7), new FourierEncoding(FourierVariant.Basic)]), 16, 1), 1e-2,
            2 * (25 + 81) + 11 * 16 + 17),
        new("finer", new FinerSettings(2, 1, 24, 2, FirstOmega: 5, HiddenOmega: 10, FirstBias: 0.5), 1e-3, 3 * 24 + 2 * 25 * 24 + 25),
        // 24 / sqrt 2 = 16 complex units.
        new("wire", new WireSettings(2, 1, 24, 1, 5, 2), 5e-3, 3 * 16 + 2 * (16 * 16 + 16) + 33),
        new("multi-head", new MultiHeadSettings(2, 12, [3, 2], 24, 2), 1e-2, 3 * 24 + 25 * 24 + 25 * 12),
        new("levels of experts", new LevelsOfExpertsSettings(2, 1, 16, 3), 1e-2, (8 * 16 + 16) + 2 * (64 * 16 + 16) + 17),
        new("levels of experts in 3-D", new LevelsOfExpertsSettings(3, 2, 8, 2), 1e-2, (24 * 8 + 8) + (64 * 8 + 8) + 18),
        // Positions have 27 features, directions 15.
        new("nerf", new NerfSettings(PositionOctaves: 4, DirectionOctaves: 2, Width: 32, HiddenLayers: 3, Skip: 2), 5e-3,
            28 * 32 + 33 * 32 + 60 * 32 + 33 + 33 * 32 + 48 * 16 + 17 * 3),
        new("ensemble", new EnsembleSettings(2, 1, new SirenSettings(2, 1, 16, 1, 6), [2, 3]), 2e-3, 3 * 16 + 17 * 16 + 17),
        new("miner", new MinerSettings(2, 1, new SirenSettings(2, 1, 16, 1, 6), [64, 40], 16, [[0, 5, 11], [3], []]), 2e-3, 3 * 16 + 17 * 16 + 17),
    ];
}
