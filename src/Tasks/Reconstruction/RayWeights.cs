namespace InrFast.Tasks.Reconstruction;

/// <summary>What each ray's error should count, judged by the projections alone.</summary>
static class RayWeights
{
    /// <summary>Of the largest line integral; rays below it pass no object.</summary>
    const float Object = 0.05f;

    /// <summary>
    /// Photon noise in a line integral p has a variance of e^p / photons, so that e^-p is a ray's weight, 1 on average. Given where the scatter between neighbouring columns grows from weakly to strongly attenuated rays as that says
    /// rather than staying as it is; else null: all rays count alike.
    /// </summary>
    /// <param name="projections">[line][column].</param>
    public static float[]? Photons(float[] projections, int columns)
    {
        float most = projections.Max();
        int[] inside = [.. Enumerable.Range(0, projections.Length).Where(i => i % columns is var column && column > 0 && column < columns - 1 && projections[i] > Object * most).OrderBy(i => Smooth(i))];
        if (inside.Length < 64) return null;
        var (weak, strong) = (inside[..(inside.Length / 2)], inside[(inside.Length / 2)..]);
        double growth = Math.Log(Scatter(strong) / Scatter(weak)), expected = Median(strong, Smooth) - Median(weak, Smooth);
        if (!(expected > 0.5 && growth > expected / 2)) return null;
        double mean = inside.Average(i => Math.Exp(-Smooth(i)));
        return [.. Enumerable.Range(0, projections.Length).Select(i => (float)(Math.Exp(-Smooth(i)) / mean))];

        double Smooth(int i) => i % columns == 0 || i % columns == columns - 1 ? projections[i] : ((double)projections[i - 1] + projections[i] + projections[i + 1]) / 3;
        double Scatter(int[] rays) => Median(rays, i => Math.Pow(projections[i - 1] - 2.0 * projections[i] + projections[i + 1], 2));
    }

    static double Median(int[] rays, Func<int, double> value) => rays.Select(value).Order().ElementAt(rays.Length / 2);
}
