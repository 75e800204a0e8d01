using InrFast.Kernels.Sampling;
using InrFast.Perf.Peer;

namespace InrFast.Perf;

/// <summary>A dense layer's numbers, given alike to every contestant: weight [outputs][inputs], bias [outputs].</summary>
sealed record Layer(int Inputs, int Outputs, float[] Weight, float[] Bias);

/// <summary>The inputs of the comparisons, from a seed.</summary>
static class Problem
{
    /// <summary>SIREN's frequency in every layer but the last.</summary>
    public const float Omega = 30;

    /// <summary>A SIREN of <paramref name="hidden"/> width x width layers between the first and the last, uniform in the bounds of Sitzmann et al. 2020, section 3.2.</summary>
    public static Layer[] Siren(int inputs, int width, int hidden, int outputs, int seed = 1)
    {
        var random = new Random(seed);
        Layer Dense(int from, int to, double bound) => new(from, to, Uniform(random, from * to, bound), Uniform(random, to, bound));
        double inner = Math.Sqrt(6.0 / width) / Omega;
        return [Dense(inputs, width, 1.0 / inputs), .. Enumerable.Range(0, hidden).Select(_ => Dense(width, width, inner)), Dense(width, outputs, inner)];
    }

    /// <summary>Floating-point operations of a row: a product each for the values, the weights' gradient and, past the first layer, the inputs' gradient.</summary>
    public static double Flops(Layer[] layers, bool training) =>
        layers.Select((l, i) => 2.0 * l.Inputs * l.Outputs * (!training ? 1 : i == 0 ? 2 : 3)).Sum();

    /// <summary>Centres of an image's voxels, x fastest; its longest side spans -1 to 1.</summary>
    public static unsafe float[] Centres(int[] axes)
    {
        var grid = new VoxelGrid(axes);
        var centres = new float[grid.Count * axes.Length];
        fixed (float* to = centres)
            for (long voxel = 0; voxel < grid.Count; voxel++) grid.Place(voxel, to + voxel * axes.Length);
        return centres;
    }

    /// <summary>A volume of smooth structures, and the same with the points moved by up to 0.03 along each axis.</summary>
    public static (Voxels Fixed, Voxels Moving) Pair(int[] axes)
    {
        static float Density(double x, double y, double z) => (float)(Math.Sin(9 * x) * Math.Cos(7 * y) * Math.Sin(11 * z) + Math.Cos(23 * x + 5 * y) * Math.Sin(19 * z) / 2);
        float[][] points = [.. Centres(axes).Chunk(3)];
        return (new(axes, Array.ConvertAll(points, p => Density(p[0] + 0.03 * Math.Sin(3 * p[1]), p[1] + 0.03 * Math.Sin(3 * p[2]), p[2] + 0.03 * Math.Sin(3 * p[0])))),
            new(axes, Array.ConvertAll(points, p => Density(p[0], p[1], p[2]))));
    }

    public static float[] Uniform(int count, double bound, int seed) => Uniform(new Random(seed), count, bound);

    static float[] Uniform(Random random, int count, double bound)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++) values[i] = (float)((random.NextDouble() * 2 - 1) * bound);
        return values;
    }
}
