using InrFast.Autodiff;
using InrFast.Kernels.Projection;

namespace InrFast.Tasks.Reconstruction;

/// <summary>
/// Non-local total variation of a picture: the sum over pixels and the few others nearby whose patches are most alike of likeness |x_i - x_j| (Gilboa and Osher: Nonlocal operators with applications to image processing,
/// Multiscale Modeling and Simulation 7, 2008), and, always, of each pixel and the next along both axes. Likeness is exp(-d / h^2), d the mean squared difference of the two patches of a guide.
/// </summary>
sealed class NonLocalPrior
{
    /// <summary>Pixels to each side in which others are sought, of a patch to each side, and of others kept.</summary>
    const int Search = 5, Patch = 2, Alike = 10, Others = Alike + 2;

    /// <summary>What the difference to the next pixel along x and along y counts, beside those to pixels that are alike.</summary>
    const float Local = 2;

    /// <summary>Of the mean attenuation of what attenuates: a difference of patches that counts.</summary>
    const double Likeness = 0.2;

    const int DualSteps = 5, RowsOfAPart = 8;

    readonly int width, height;
    readonly Workers workers;
    readonly int[] others, first, incoming;
    readonly float[] likeness, dual, step;

    /// <param name="guide">[y][x].</param>
    /// <param name="h">A difference of patches that counts, in the guide's unit.</param>
    public NonLocalPrior(float[] guide, int width, int height, double h, Workers workers)
    {
        (this.width, this.height, this.workers) = (width, height, workers);
        int count = width * height;
        (others, likeness, dual, step) = (new int[count * Others], new float[count * Others], new float[count * Others], new float[count * Others]);
        FindOthers(guide, h);
        // Edges that end at a pixel, pixel by pixel.
        (first, incoming) = (new int[count + 1], new int[others.Length]);
        foreach (int other in others) first[other + 1]++;
        for (int i = 0; i < count; i++) first[i + 1] += first[i];
        int[] next = [.. first];
        for (int edge = 0; edge < others.Length; edge++) incoming[next[others[edge]]++] = edge;
        // What a step on the dual may be: the inverse of the edges that share a pixel with this one.
        int Degree(int i) => Others + first[i + 1] - first[i];
        for (int edge = 0; edge < others.Length; edge++) step[edge] = 1f / (Degree(edge / Others) + Degree(others[edge]));
    }

    /// <summary>With a likeness that suits the guide's mean attenuation; <paramref name="volume"/> is flat.</summary>
    public static NonLocalPrior Of(float[] guide, ScanVolume volume, Workers workers)
    {
        double sum = guide.Sum(value => (double)value), squares = guide.Sum(value => (double)value * value);
        return new(guide, volume.X, volume.Y, sum > 0 ? Likeness * squares / sum : 1, workers);
    }

    /// <summary>min over x at least 0 of |x - image|^2 / 2 + weight times the prior, by steps on the dual that go on from where the last call ended.</summary>
    public void Denoise(float[] image, float weight, float[] x)
    {
        for (int i = 0; i < DualSteps; i++)
        {
            Rows((y, _) => Primal(image, weight, x, y));
            Rows((y, _) => Dual(x, weight, y));
        }
        Rows((y, _) => Primal(image, weight, x, y));
    }

    void Rows(Action<int, int> row) => Parts.Run(workers, height, RowsOfAPart, (start, rows, worker) =>
    {
        for (int y = (int)start; y < start + rows; y++) row(y, worker);
    });

    unsafe void Primal(float[] image, float weight, float[] x, int y)
    {
        fixed (float* flow = dual)
        fixed (int* start = first, edges = incoming)
            for (int i = y * width; i < (y + 1) * width; i++)
            {
                float sum = 0;
                for (int edge = i * Others; edge < (i + 1) * Others; edge++) sum += flow[edge];
                for (int k = start[i]; k < start[i + 1]; k++) sum -= flow[edges[k]];
                x[i] = MathF.Max(0, image[i] + weight * sum);
            }
    }

    unsafe void Dual(float[] x, float weight, int y)
    {
        float inverse = 1 / weight;
        fixed (float* from = x, flow = dual, steps = step, limit = likeness)
        fixed (int* to = others)
            for (int i = y * width; i < (y + 1) * width; i++)
                for (int edge = i * Others; edge < (i + 1) * Others; edge++)
                    flow[edge] = MathF.Min(limit[edge], MathF.Max(-limit[edge], flow[edge] + steps[edge] * inverse * (from[to[edge]] - from[i])));
    }

    void FindOthers(float[] guide, double h)
    {
        const int Margin = Search + Patch;
        int stride = width + 2 * Margin;
        // Beyond the border stands the nearest pixel.
        var padded = new float[stride * (height + 2 * Margin)];
        for (int y = 0; y < height + 2 * Margin; y++)
            for (int x = 0; x < stride; x++) padded[y * stride + x] = guide[Math.Clamp(y - Margin, 0, height - 1) * width + Math.Clamp(x - Margin, 0, width - 1)];
        float factor = (float)(-1 / (h * h));
        var best = Enumerable.Range(0, workers.Count).Select(_ => new (float Difference, int Pixel)[Alike + 1]).ToArray();
        Rows((y, worker) =>
        {
            var nearest = best[worker];
            for (int x = 0; x < width; x++)
            {
                int found = 0;
                for (int v = Math.Max(-Search, -y); v <= Math.Min(Search, height - 1 - y); v++)
                    for (int u = Math.Max(-Search, -x); u <= Math.Min(Search, width - 1 - x); u++)
                    {
                        if (u == 0 && v == 0) continue;
                        float difference = Difference(padded, stride, (y + Margin) * stride + x + Margin, v * stride + u);
                        int place = found;
                        while (place > 0 && nearest[place - 1].Difference > difference) place--;
                        if (place == Alike) continue;
                        for (int k = found; k > place; k--) nearest[k] = nearest[k - 1];
                        nearest[place] = (difference, (y + v) * width + x + u);
                        found = Math.Min(found + 1, Alike);
                    }
                int edge = (y * width + x) * Others;
                for (int k = 0; k < Alike; k++)
                {
                    // A picture of few pixels has fewer others: the rest count nothing.
                    others[edge + k] = k < found ? nearest[k].Pixel : y * width + x;
                    likeness[edge + k] = k < found ? MathF.Exp(factor * nearest[k].Difference) : 0;
                }
                int i = y * width + x;
                (others[edge + Alike], likeness[edge + Alike]) = x + 1 < width ? (i + 1, Local) : (i, 0);
                (others[edge + Alike + 1], likeness[edge + Alike + 1]) = y + 1 < height ? (i + width, Local) : (i, 0);
            }
        });
    }

    /// <summary>Mean squared difference of the patches about two pixels.</summary>
    static float Difference(float[] padded, int stride, int centre, int shift)
    {
        float sum = 0;
        for (int v = -Patch; v <= Patch; v++)
            for (int u = -Patch; u <= Patch; u++)
            {
                int i = centre + v * stride + u;
                float difference = padded[i] - padded[i + shift];
                sum += difference * difference;
            }
        return sum / ((2 * Patch + 1) * (2 * Patch + 1));
    }
}
