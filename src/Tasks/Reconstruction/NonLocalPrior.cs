using System.Numerics;
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
    const int Search = 5, Patch = 2, Alike = 10;

    /// <summary>What the difference to the next pixel along x and along y counts, beside those to pixels that are alike.</summary>
    const float Local = 2;

    /// <summary>Of the mean attenuation of what attenuates: a difference of patches that counts.</summary>
    const double Likeness = 0.2;

    /// <summary>Edges of a band of rows end at most <see cref="Search"/> rows below it, so that every second band can be worked on at once.</summary>
    const int DualSteps = 3, RowsOfABand = 8;

    /// <summary>Steps on the dual so much longer than the inverse of its largest eigenvalue get further; below 2 they end where shorter ones do.</summary>
    const float Relaxation = 1.8f;

    readonly int width, height;
    readonly Workers workers;

    /// <summary>Edges from pixel i to later ones: first[i] .. first[i + 1] - 1; their ends, what a difference costs, the dual and the step on it.</summary>
    readonly int[] first;
    readonly int[] ends;
    readonly float[] costs, dual, steps;

    /// <summary>Of the dual, at each pixel.</summary>
    readonly float[] divergence;

    /// <param name="guide">[y][x].</param>
    /// <param name="h">A difference of patches that counts, in the guide's unit.</param>
    public NonLocalPrior(float[] guide, int width, int height, double h, Workers workers)
    {
        (this.width, this.height, this.workers) = (width, height, workers);
        int count = width * height;
        (first, divergence) = (new int[count + 1], new float[count]);
        (ends, costs) = Join(FindOthers(guide), h);
        (dual, steps) = (new float[ends.Length], new float[ends.Length]);
        var degree = new int[count];
        for (int i = 0; i < count; i++)
            for (int edge = first[i]; edge < first[i + 1]; edge++) (degree[i], degree[ends[edge]]) = (degree[i] + 1, degree[ends[edge]] + 1);
        // What a step on the dual may be: the inverse of the edges that share a pixel with this one.
        for (int i = 0; i < count; i++)
            for (int edge = first[i]; edge < first[i + 1]; edge++) steps[edge] = Relaxation / (degree[i] + degree[ends[edge]]);
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
            Primal(image, weight, x);
            Array.Clear(divergence);
            Dual(x, weight, 0);
            Dual(x, weight, 1);
        }
        Primal(image, weight, x);
    }

    void Primal(float[] image, float weight, float[] x) => Parts.Run(workers, height, RowsOfABand, (start, rows, _) =>
    {
        int from = (int)start * width, length = (int)rows * width, i = from;
        var factor = new Vector<float>(weight);
        for (; i <= from + length - Vector<float>.Count; i += Vector<float>.Count)
            Vector.Max(Vector<float>.Zero, new Vector<float>(image, i) + factor * new Vector<float>(divergence, i)).CopyTo(x, i);
        for (; i < from + length; i++) x[i] = MathF.Max(0, image[i] + weight * divergence[i]);
    });

    /// <summary>One step on the dual of every second band, and the divergence that it leaves.</summary>
    unsafe void Dual(float[] x, float weight, int firstBand)
    {
        int bands = (height + RowsOfABand - 1) / RowsOfABand;
        float inverse = 1 / weight;
        Parts.Run(workers, (bands - firstBand + 1) / 2, 1, (number, _, _) =>
        {
            int band = (2 * (int)number + firstBand) * RowsOfABand;
            fixed (float* from = x, flow = dual, step = steps, limit = costs, sums = divergence)
            fixed (int* begin = first, to = ends)
                for (int i = band * width, last = Math.Min(band + RowsOfABand, height) * width; i < last; i++)
                {
                    float here = from[i], sum = 0;
                    for (int edge = begin[i], end = begin[i + 1]; edge < end; edge++)
                    {
                        int other = to[edge];
                        float value = float.MinNative(limit[edge], float.MaxNative(-limit[edge], flow[edge] + step[edge] * inverse * (from[other] - here)));
                        flow[edge] = value;
                        sum += value;
                        sums[other] -= value;
                    }
                    sums[i] += sum;
                }
        });
    }

    /// <summary>Of each pixel the most alike others, and the mean squared differences of patches; where there are too few, itself.</summary>
    (int Pixel, float Difference)[] FindOthers(float[] guide)
    {
        const int Margin = Search + Patch;
        int stride = width + 2 * Margin;
        // Beyond the border stands the nearest pixel.
        var padded = new float[stride * (height + 2 * Margin)];
        for (int y = 0; y < height + 2 * Margin; y++)
            for (int x = 0; x < stride; x++) padded[y * stride + x] = guide[Math.Clamp(y - Margin, 0, height - 1) * width + Math.Clamp(x - Margin, 0, width - 1)];
        var others = new (int Pixel, float Difference)[width * height * Alike];
        int vectors = (width + Vector<float>.Count - 1) / Vector<float>.Count, length = vectors * Vector<float>.Count;
        // Of the pixels of a row: sums of columns of patches, differences for one shift, and the least ones so far with their shifts, [rank][x].
        var buffers = Enumerable.Range(0, workers.Count).Select(_ => (new float[length + 2 * Patch], new float[length], new Vector<float>[Alike * vectors], new Vector<int>[Alike * vectors])).ToArray();
        Parts.Run(workers, height, 1, (row, _, worker) =>
        {
            var (columns, differences, least, shifts) = buffers[worker];
            int y = (int)row;
            Array.Fill(least, new Vector<float>(float.PositiveInfinity));
            Array.Clear(shifts);
            for (int v = Math.Max(-Search, -y); v <= Math.Min(Search, height - 1 - y); v++)
                for (int u = -Search; u <= Search; u++)
                {
                    if (u == 0 && v == 0) continue;
                    Differences(padded, stride, (y + Margin) * stride + Margin, v * stride + u, width, columns, differences);
                    // Not beyond the picture.
                    if (u < 0) differences.AsSpan(0, Math.Min(width, -u)).Fill(float.PositiveInfinity);
                    else differences.AsSpan(Math.Max(0, width - u)).Fill(float.PositiveInfinity);
                    for (int i = 0; i < vectors; i++) Insert(new(differences, i * Vector<float>.Count), new(v * width + u), least, shifts, i, vectors);
                }
            for (int x = 0, to = y * width * Alike; x < width; x++)
                for (int rank = 0; rank < Alike; rank++, to++)
                {
                    var (vector, lane) = Math.DivRem(x, Vector<float>.Count);
                    others[to] = (y * width + x + shifts[rank * vectors + vector][lane], least[rank * vectors + vector][lane]);
                }
        });
        return others;
    }

    /// <summary>Into lists that rise, lane by lane; what was the last falls out.</summary>
    static void Insert(Vector<float> difference, Vector<int> shift, Vector<float>[] least, Vector<int>[] shifts, int at, int vectors)
    {
        if (!Vector.LessThanAny(difference, least[at + (Alike - 1) * vectors])) return;
        for (; at < least.Length; at += vectors)
        {
            var (other, itsShift) = (least[at], shifts[at]);
            var isLess = Vector.LessThan(difference, other);
            (least[at], difference) = (Vector.ConditionalSelect(isLess, difference, other), Vector.ConditionalSelect(isLess, other, difference));
            (shifts[at], shift) = (Vector.ConditionalSelect(isLess, shift, itsShift), Vector.ConditionalSelect(isLess, itsShift, shift));
        }
    }

    /// <summary>Mean squared differences of the patches about the pixels of a row and those a shift further on.</summary>
    static void Differences(float[] padded, int stride, int start, int shift, int width, float[] columns, float[] differences)
    {
        int x = 0, last = width + 2 * Patch;
        for (; x <= last - Vector<float>.Count; x += Vector<float>.Count)
        {
            var sum = Vector<float>.Zero;
            for (int v = -Patch, at = start + x - Patch - Patch * stride; v <= Patch; v++, at += stride)
            {
                var difference = new Vector<float>(padded, at) - new Vector<float>(padded, at + shift);
                sum += difference * difference;
            }
            sum.CopyTo(columns, x);
        }
        for (; x < last; x++)
        {
            columns[x] = 0;
            for (int v = -Patch, at = start + x - Patch - Patch * stride; v <= Patch; v++, at += stride) columns[x] += (padded[at] - padded[at + shift]) * (padded[at] - padded[at + shift]);
        }
        var share = new Vector<float>(1f / ((2 * Patch + 1) * (2 * Patch + 1)));
        for (x = 0; x < differences.Length; x += Vector<float>.Count)
        {
            var sum = new Vector<float>(columns, x);
            for (int u = 1; u <= 2 * Patch; u++) sum += new Vector<float>(columns, x + u);
            (share * sum).CopyTo(differences, x);
        }
    }

    /// <summary>Edges between each pixel and later ones: twice as dear where each is among the most alike of the other.</summary>
    (int[] Ends, float[] Costs) Join((int Pixel, float Difference)[] others, double h)
    {
        int count = width * height;
        // Edges that end at a pixel, pixel by pixel.
        int[] start = new int[count + 1], incoming = new int[others.Length];
        foreach (var (pixel, _) in others) start[pixel + 1]++;
        for (int i = 0; i < count; i++) start[i + 1] += start[i];
        int[] next = [.. start];
        for (int edge = 0; edge < others.Length; edge++) incoming[next[others[edge].Pixel]++] = edge;
        var ends = new List<int>(count * Alike);
        var costs = new List<float>(count * Alike);
        float factor = (float)(-1 / (h * h));
        for (int i = 0; i < count; i++)
        {
            first[i] = ends.Count;
            for (int edge = i * Alike; edge < (i + 1) * Alike; edge++) Add(i, others[edge].Pixel, MathF.Exp(factor * others[edge].Difference));
            for (int k = start[i]; k < start[i + 1]; k++) Add(i, incoming[k] / Alike, MathF.Exp(factor * others[incoming[k]].Difference));
            if ((i + 1) % width != 0) Add(i, i + 1, Local);
            Add(i, i + width, Local);
        }
        first[count] = ends.Count;
        return ([.. ends], [.. costs]);

        void Add(int i, int other, float cost)
        {
            if (other <= i || other >= count) return;
            for (int edge = first[i]; edge < ends.Count; edge++)
                if (ends[edge] == other)
                {
                    costs[edge] += cost;
                    return;
                }
            ends.Add(other);
            costs.Add(cost);
        }
    }
}
