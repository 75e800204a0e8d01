namespace InrFast.Tasks.Registration;

/// <summary>Gaussian blur of an image, axis by axis; beyond the border its last value goes on.</summary>
static class Smoothing
{
    /// <param name="values">[voxel], x fastest.</param>
    /// <param name="deviations">Standard deviation along each axis in voxels; 0: none.</param>
    public static float[] Gaussian(float[] values, int[] axes, double[] deviations)
    {
        var result = (float[])values.Clone();
        long stride = 1;
        for (int k = 0; k < axes.Length; stride *= axes[k++])
            if (deviations[k] > 0) Blur(result, axes[k], stride, deviations[k]);
        return result;
    }

    static void Blur(float[] values, int count, long stride, double deviation)
    {
        int radius = (int)Math.Ceiling(3 * deviation);
        double[] weights = [.. Enumerable.Range(-radius, 2 * radius + 1).Select(i => Math.Exp(-0.5 * i * i / (deviation * deviation)))];
        double sum = weights.Sum();
        Parallel.For(0, values.Length / (count * stride), outer =>
        {
            var line = new float[count];
            for (long inner = 0; inner < stride; inner++)
            {
                long at = outer * count * stride + inner;
                for (int i = 0; i < count; i++) line[i] = values[at + i * stride];
                for (int i = 0; i < count; i++)
                {
                    double total = 0;
                    for (int j = -radius; j <= radius; j++) total += weights[j + radius] * line[Math.Clamp(i + j, 0, count - 1)];
                    values[at + i * stride] = (float)(total / sum);
                }
            }
        });
    }
}
