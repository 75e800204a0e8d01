using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.Projection;

namespace InrFast.Tasks.Reconstruction;

/// <summary>
/// STINR (Zhang, Shao, Pan and Mengke: Dynamic cone-beam CT reconstruction using spatial and temporal implicit neural representation learning, Physics in Medicine and Biology 68, 2023): a reference volume and, for each view, the
/// weights of the principal motions of an earlier series. Ours differs: the volume is of voxels with total variation, the weights are numbers with small second differences in time, found by Gauss and Newton's method, for the
/// earlier series' own first image to begin with, then in turns with the volume.
/// </summary>
public static class SpatioTemporal
{
    /// <summary>Iterations of the volume between two steps of the weights, which take place in the first so many of all.</summary>
    const int Turn = 15;
    const double Turns = 0.7;

    /// <summary>Of the second differences' squares, for the mean square of what a weight changes in a view; and of the weights' own squares.</summary>
    const double Smoothness = 10, Ridge = 1e-3;

    /// <summary>In voxels of the image: no step of a weight is longer.</summary>
    const double LongestStep = 4;
    const int FirstSteps = 8;
    const double Growth = 1.2;
    const int SolverIterations = 200;

    public const int StandardIterations = 200;
    public const double StandardWeight = 1e-4;

    /// <summary>Voxels of the template for one of the geometry: where a picture's edges move by less than a pixel, half pixels show it.</summary>
    public static int Fineness(ScanVolume volume) => volume.IsFlat ? 2 : 1;

    /// <param name="phases">Of the earlier series, on the geometry's volume.</param>
    /// <param name="times">Of the views, in any order and unit.</param>
    /// <param name="frames">When, in the same unit, an image is wanted.</param>
    /// <returns>Images of the frames, [frame][z][y][x], the projections of the moving template, and the weights [view][component].</returns>
    public static (float[] Frames, float[] Reprojection, double[] Weights) Run(ProjectionGeometry geometry, float[] projections, IReadOnlyList<float[]> phases, double[] times, double[] frames, double tvWeight, int iterations, Device device, Workers workers,
        Func<int, double, bool>? report = null, CancellationToken cancel = default)
    {
        using var projector = new Projector(geometry, device, workers, Fineness(geometry.Volume));
        var motion = MotionModel.Of(geometry.Volume, phases, workers, cancel).Finer(projector);
        int components = motion.Components.Length, done = 0;
        int[] order = [.. Enumerable.Range(0, times.Length).OrderBy(view => times[view])];
        var weights = new double[times.Length * components];
        var moving = new MovingProjector(projector, (view, field) => motion.Field(weights.AsSpan(view * components, components), field), workers);
        // What a motion doubles of a voxel it takes elsewhere: the eigenvalue grows a little.
        double eigenvalue = Growth * ProximalGradient.Lipschitz(projector);
        float[]? template = null;
        // Weights are sought for the series' own image first: an average over the motion, where volumes begin, leads astray.
        float[] earlier = projector.Fine(phases[0]), seen = projector.Forward(earlier);
        float scale = (float)(seen.Zip(projections, (a, b) => (double)a * b).Sum() / seen.Sum(value => (double)value * value));
        for (int i = 0; i < earlier.Length; i++) earlier[i] *= scale;
        for (int step = 0; step < FirstSteps; step++) Step(moving, motion.Components, earlier, projections, weights, order);
        bool goesOn = true;
        while (done < iterations && goesOn)
        {
            bool isLast = done >= Turns * iterations;
            int begin = done;
            template = TotalVariation.Run(moving, projections, tvWeight, isLast ? iterations - done : Math.Min(Turn, iterations - done), device, workers, template, (iteration, residual) => goesOn = Report(begin + iteration, residual), eigenvalue: eigenvalue);
            if (!isLast && goesOn) Step(moving, motion.Components, template, projections, weights, order);
        }
        var reprojection = new float[projections.Length];
        moving.Forward(template!, reprojection);
        var (field, moved) = (new float[motion.Mean.Length], new float[template!.Length]);
        return ([.. frames.SelectMany(time =>
        {
            motion.Field(At(time), field);
            MovedVoxels.Read(projector.Volume, template, field, moved, workers);
            return projector.Coarse([.. moved]);
        })], reprojection, weights);

        bool Report(int iteration, double residual)
        {
            done = iteration;
            return report?.Invoke(iteration, residual) != false;
        }

        // Linearly between the views before and after.
        double[] At(double time)
        {
            int after = Array.FindIndex(order, view => times[view] >= time);
            if (after <= 0) after = after < 0 ? order.Length - 1 : Math.Min(1, order.Length - 1);
            int a = order[Math.Max(0, after - 1)], b = order[after];
            double share = times[b] > times[a] ? Math.Clamp((time - times[a]) / (times[b] - times[a]), 0, 1) : 0;
            return [.. Enumerable.Range(0, components).Select(k => (1 - share) * weights[a * components + k] + share * weights[b * components + k])];
        }
    }

    /// <summary>min over the weights' change d of |view + slopes d - measured|^2 of all views + the penalties of weights + d, by conjugate gradients.</summary>
    static void Step(MovingProjector moving, float[][] motions, float[] template, float[] projections, double[] weights, int[] order)
    {
        int views = order.Length, pixels = projections.Length / views, components = motions.Length;
        double[] slope = new double[weights.Length], squares = new double[weights.Length * components];
        for (int view = 0; view < views; view++)
        {
            var (seen, slopes) = moving.Slopes(template, view, motions);
            for (int k = 0; k < components; k++)
            {
                for (int i = 0; i < pixels; i++) slope[view * components + k] += slopes[k][i] * ((double)projections[view * pixels + i] - seen[i]);
                for (int l = 0; l < components; l++)
                    for (int i = 0; i < pixels; i++) squares[(view * components + k) * components + l] += (double)slopes[k][i] * slopes[l][i];
            }
        }
        double scale = Enumerable.Range(0, weights.Length).Average(i => squares[i * components + i % components]);
        if (scale == 0) return;
        double[] right = [.. slope.Zip(Penalty(weights), (ours, penalty) => ours - penalty)];
        double[] change = new double[weights.Length], direction = [.. right];
        double rest = right.Sum(value => value * value), begin = rest;
        for (int iteration = 0; iteration < SolverIterations && rest > 1e-16 * begin; iteration++)
        {
            double[] product = Penalty(direction);
            for (int i = 0; i < product.Length; i++)
                for (int l = 0; l < components; l++) product[i] += squares[i * components + l] * direction[i / components * components + l];
            double step = rest / direction.Zip(product, (a, b) => a * b).Sum();
            for (int i = 0; i < change.Length; i++) (change[i], right[i]) = (change[i] + step * direction[i], right[i] - step * product[i]);
            double now = right.Sum(value => value * value);
            for (int i = 0; i < change.Length; i++) direction[i] = right[i] + now / rest * direction[i];
            rest = now;
        }
        double longest = change.Max(Math.Abs), share = longest > LongestStep ? LongestStep / longest : 1;
        for (int i = 0; i < weights.Length; i++) weights[i] += share * change[i];

        double[] Penalty(double[] w)
        {
            double[] result = [.. w.Select(value => scale * Ridge * value)];
            for (int at = 1; at < views - 1; at++)
                for (int k = 0; k < components; k++)
                {
                    int a = order[at - 1] * components + k, b = order[at] * components + k, c = order[at + 1] * components + k;
                    double bend = scale * Smoothness * (w[a] - 2 * w[b] + w[c]);
                    result[a] += bend;
                    result[b] -= 2 * bend;
                    result[c] += bend;
                }
            return result;
        }
    }
}
