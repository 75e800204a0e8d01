using InrFast.Autodiff;
using InrFast.Kernels.Projection;

namespace InrFast.Tasks.Reconstruction;

/// <summary>
/// Motion in few numbers: u = mean + sum of w_k E_k, the principal components of how the phases of an earlier series move (Zhang et al. 2023, section 2). Fields are [axis][voxel], in voxels; a component has a root mean square of 1
/// over the voxels that move, and its entry of largest size is positive.
/// </summary>
sealed record MotionModel(ScanVolume Volume, float[] Mean, float[][] Components)
{
    const int Most = 3, PowerSteps = 200;

    /// <summary>Of the first component's variance: what is below is no motion.</summary>
    const double Least = 1e-3;

    /// <param name="phases">Images of the series; the first is what the others are registered to.</param>
    public static MotionModel Of(ScanVolume volume, IReadOnlyList<float[]> phases, Workers workers, CancellationToken cancel = default)
    {
        float[][] fields = [.. phases.Select((phase, i) =>
        {
            cancel.ThrowIfCancellationRequested();
            return i == 0 ? new float[MovedVoxels.Axes(volume) * phase.Length] : Demons.Register(volume, phase, phases[0], workers);
        })];
        float[] mean = [.. Enumerable.Range(0, fields[0].Length).Select(i => fields.Average(field => field[i]))];
        foreach (var field in fields)
            for (int i = 0; i < field.Length; i++) field[i] -= mean[i];
        var components = new List<float[]>();
        double first = 0;
        while (components.Count < Math.Min(Most, phases.Count - 1))
        {
            var (component, variance) = Principal(fields);
            if (components.Count == 0) first = variance;
            if (variance <= Least * first || variance == 0) break;
            components.Add(component);
        }
        return new(volume, mean, [.. components.Select(Scaled)]);
    }

    /// <summary>The direction of largest variance, of length 1, which is then taken out of the fields: power steps on the small matrix of their products.</summary>
    static (float[] Component, double Variance) Principal(float[][] fields)
    {
        int n = fields.Length;
        var products = new double[n, n];
        for (int a = 0; a < n; a++)
            for (int b = 0; b <= a; b++) products[a, b] = products[b, a] = Dot(fields[a], fields[b]);
        double[] vector = [.. Enumerable.Range(0, n).Select(a => Math.Sqrt(products[a, a]) * (a + 1))];
        double variance = 0;
        for (int step = 0; step < PowerSteps; step++)
        {
            double[] next = [.. Enumerable.Range(0, n).Select(a => Enumerable.Range(0, n).Sum(b => products[a, b] * vector[b]))];
            double length = Math.Sqrt(next.Sum(value => value * value));
            if (length == 0) return (fields[0], 0);
            (variance, vector) = (length, [.. next.Select(value => value / length)]);
        }
        float[] component = [.. Enumerable.Range(0, fields[0].Length).Select(i => (float)(Enumerable.Range(0, n).Sum(a => vector[a] * fields[a][i]) / Math.Sqrt(variance)))];
        foreach (var field in fields)
        {
            float share = (float)Dot(field, component);
            for (int i = 0; i < field.Length; i++) field[i] -= share * component[i];
        }
        return (component, variance);
    }

    static float[] Scaled(float[] component)
    {
        float largest = component.MaxBy(Math.Abs);
        int axes = 0;
        double square = 0;
        // A voxel moves where it goes a tenth as far as the one that goes furthest.
        foreach (float value in component.Where(value => Math.Abs(value) > 0.1f * Math.Abs(largest))) (axes, square) = (axes + 1, square + (double)value * value);
        float scale = (float)(Math.Sign(largest) / Math.Sqrt(square / axes));
        return [.. component.Select(value => value * scale)];
    }

    /// <summary>The same motion on a projector's finer voxels.</summary>
    public MotionModel Finer(Projector projector)
    {
        int count = (int)Volume.Count, factor = projector.Volume.X / Volume.X;
        float[] Fine(float[] field) => [.. Enumerable.Range(0, MovedVoxels.Axes(Volume)).SelectMany(axis => projector.Fine(field[(axis * count)..((axis + 1) * count)])).Select(value => factor * value)];
        return factor == 1 ? this : new(projector.Volume, Fine(Mean), [.. Components.Select(Fine)]);
    }

    /// <summary>u for some weights, one for each component.</summary>
    public void Field(ReadOnlySpan<double> weights, float[] field)
    {
        Mean.CopyTo(field, 0);
        for (int k = 0; k < Components.Length; k++)
        {
            float weight = (float)weights[k];
            var component = Components[k];
            for (int i = 0; i < field.Length; i++) field[i] += weight * component[i];
        }
    }

    static double Dot(float[] a, float[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += (double)a[i] * b[i];
        return sum;
    }
}
