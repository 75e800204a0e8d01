using InrFast.Autodiff;
using InrFast.Kernels.Projection;

namespace InrFast.Tasks.Reconstruction;

/// <summary>
/// Motion as a polynomial of time for each point: u(x, t) = sum over k of c_k(x) P_k(t), with c_k linear between the points of a coarse grid and P_k Legendre's polynomials of degree 1 to <paramref name="degree"/>, where the scan's
/// duration is [-1, 1]: the mean over the scan is 0. Fields are [axis][voxel], in voxels.
/// </summary>
/// <param name="cells">Of the coarse grid, along the volume's longest side.</param>
sealed class PolynomialMotion(ScanVolume volume, int cells, int degree, Workers workers)
{
    readonly int axes = MovedVoxels.Axes(volume), count = (int)volume.Count;
    readonly int[] points = [.. Enumerable.Range(0, MovedVoxels.Axes(volume)).Select(axis => Points(volume, cells, axis))];
    readonly float[] fields = new float[degree * MovedVoxels.Axes(volume) * (int)volume.Count]; // c_k on the voxels

    /// <summary>[degree - 1][axis][z][y][x] of the coarse grid; <see cref="Spread"/> follows a change.</summary>
    public float[] Coefficients { get; } = new float[degree * MovedVoxels.Axes(volume) * Enumerable.Range(0, MovedVoxels.Axes(volume)).Aggregate(1, (product, axis) => product * Points(volume, cells, axis))];

    static double Spacing(ScanVolume volume, int cells) => (double)Math.Max(volume.X, Math.Max(volume.Y, volume.Z)) / cells;

    static int Points(ScanVolume volume, int cells, int axis) => (int)Math.Ceiling(volume[axis] / Spacing(volume, cells)) + 1;

    /// <summary>P_1 to P_degree and their derivatives.</summary>
    public static (double[] Values, double[] Slopes) Legendre(double time, int degree)
    {
        double[] values = new double[degree + 1], slopes = new double[degree + 1];
        (values[0], values[1], slopes[1]) = (1, time, 1);
        for (int k = 1; k < degree; k++) (values[k + 1], slopes[k + 1]) = (((2 * k + 1) * time * values[k] - k * values[k - 1]) / (k + 1), slopes[k - 1] + (2 * k + 1) * values[k]);
        return (values[1..], slopes[1..]);
    }

    /// <summary>The coefficients to the voxels.</summary>
    public void Spread() => Each(Coefficients, fields, (from, to) =>
    {
        float[] values = from.ToArray();
        for (int axis = 0; axis < axes; axis++) values = Line.OfVoxels(volume[axis], Spacing(volume, cells)).Stretch(values, Inner(axis), points[axis]);
        values.CopyTo(to);
    });

    /// <summary>The transpose of <see cref="Spread"/>.</summary>
    /// <param name="onVoxels">[degree - 1][axis][voxel].</param>
    /// <param name="onPoints">As <see cref="Coefficients"/>.</param>
    public void Gather(float[] onVoxels, float[] onPoints) => Each(onVoxels, onPoints, (from, to) =>
    {
        float[] values = from.ToArray();
        for (int axis = axes - 1; axis >= 0; axis--) values = Line.OfVoxels(volume[axis], Spacing(volume, cells)).Shrink(values, Inner(axis), points[axis]);
        values.CopyTo(to);
    });

    /// <summary>The same motion with twice as many cells.</summary>
    public PolynomialMotion Finer()
    {
        var finer = new PolynomialMotion(volume, 2 * cells, degree, workers);
        Each(Coefficients, finer.Coefficients, (from, to) =>
        {
            float[] values = from.ToArray();
            for (int axis = 0, inner = 1; axis < axes; inner *= finer.points[axis++]) values = Line.OfHalves(finer.points[axis], points[axis]).Stretch(values, inner, points[axis]);
            values.CopyTo(to);
        });
        finer.Spread();
        return finer;
    }

    // Numbers between two neighbours along an axis where the axes before it lie on voxels.
    int Inner(int axis) => Enumerable.Range(0, axis).Aggregate(1, (product, before) => product * volume[before]);

    void Each(float[] from, float[] to, Action<ReadOnlySpan<float>, Span<float>> work)
    {
        int parts = degree * axes;
        Parts.Run(workers, parts, 1, (first, _, _) => work(from.AsSpan((int)first * (from.Length / parts), from.Length / parts), to.AsSpan((int)first * (to.Length / parts), to.Length / parts)));
    }

    /// <summary>The sum of c_k times numbers: u for <see cref="Legendre"/>'s values, the velocity for its slopes.</summary>
    public void Field(double[] numbers, float[] field) => Parts.Run(workers, field.Length, 1 << 14, (first, some, _) =>
    {
        var of = field.AsSpan((int)first, (int)some);
        of.Clear();
        for (int k = 0; k < degree; k++) AddScaled((float)numbers[k], fields.AsSpan(k * axes * count + (int)first, (int)some), of);
    });

    /// <summary>Adds the transpose of <see cref="Field"/> to <paramref name="onVoxels"/>, [degree - 1][axis][voxel].</summary>
    public void AddTransposed(double[] numbers, float[] field, float[] onVoxels) => Parts.Run(workers, field.Length, 1 << 14, (first, some, _) =>
    {
        for (int k = 0; k < degree; k++) AddScaled((float)numbers[k], field.AsSpan((int)first, (int)some), onVoxels.AsSpan(k * axes * count + (int)first, (int)some));
    });

    static void AddScaled(float number, ReadOnlySpan<float> values, Span<float> sum)
    {
        for (int i = 0; i < sum.Length; i++) sum[i] += number * values[i];
    }

    /// <summary>Adds to <paramref name="gradient"/> the derivative of weight / 2 times the squared differences of neighbouring coefficients.</summary>
    public void AddSmoothness(float weight, float[] gradient)
    {
        int part = Coefficients.Length / (degree * axes);
        for (int axis = 0, stride = 1; axis < axes; stride *= points[axis++])
            for (int i = 0; i < gradient.Length; i++)
            {
                if (i % part / stride % points[axis] == points[axis] - 1) continue;
                float difference = weight * (Coefficients[i + stride] - Coefficients[i]);
                gradient[i + stride] += difference;
                gradient[i] -= difference;
            }
    }

    // Where each of some places lies along a line of points: between First and the next one.
    readonly record struct Line(int[] First, float[] Share)
    {
        public static Line OfVoxels(int voxels, double spacing) => Of([.. Enumerable.Range(0, voxels).Select(i => (i + 0.5) / spacing)], int.MaxValue);

        public static Line OfHalves(int places, int points) => Of([.. Enumerable.Range(0, places).Select(i => i / 2.0)], points - 2);

        static Line Of(double[] places, int last)
        {
            int[] first = [.. places.Select(place => Math.Min((int)place, last))];
            return new(first, [.. places.Select((place, i) => (float)(place - first[i]))]);
        }

        public float[] Stretch(float[] values, int inner, int points)
        {
            var result = new float[values.Length / points * First.Length];
            for (int i = 0; i < result.Length; i++)
            {
                int place = i / inner % First.Length, at = (i / (inner * First.Length) * points + First[place]) * inner + i % inner;
                result[i] = (1 - Share[place]) * values[at] + Share[place] * values[at + inner];
            }
            return result;
        }

        public float[] Shrink(float[] values, int inner, int points)
        {
            var result = new float[values.Length / First.Length * points];
            for (int i = 0; i < values.Length; i++)
            {
                int place = i / inner % First.Length, at = (i / (inner * First.Length) * points + First[place]) * inner + i % inner;
                result[at] += (1 - Share[place]) * values[i];
                result[at + inner] += Share[place] * values[i];
            }
            return result;
        }
    }
}
