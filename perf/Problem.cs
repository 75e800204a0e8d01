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

    /// <summary>Centres of an image's pixels, row by row; its longest side spans -1 to 1.</summary>
    public static float[] Pixels(int width, int height)
    {
        float half = Math.Max(width, height) / 2f;
        return [.. from y in Enumerable.Range(0, height) from x in Enumerable.Range(0, width) from c in new[] { (x + 0.5f - width / 2f) / half, (y + 0.5f - height / 2f) / half } select c];
    }

    public static float[] Uniform(int count, double bound, int seed) => Uniform(new Random(seed), count, bound);

    static float[] Uniform(Random random, int count, double bound)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++) values[i] = (float)((random.NextDouble() * 2 - 1) * bound);
        return values;
    }
}
