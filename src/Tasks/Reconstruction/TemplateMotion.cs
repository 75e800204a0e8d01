using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.Projection;

namespace InrFast.Tasks.Reconstruction;

/// <summary>
/// DCTR (Reed, Kim, Anirudh, Mohan, Champley, Kang and Jayasuriya: Dynamic CT reconstruction from limited views with implicit neural representations and parametric motion fields, ICCV 2021): a template, and for each point a
/// polynomial of time that says where it goes, given on a coarse grid that is refined on the way; both are learned together of one scan. Ours differs: the template is of voxels with total variation; of the motions that explain the
/// scan the one is sought that changes the images least in time (L1), since one view at a time leaves much open; all views in each step.
/// </summary>
public static class TemplateMotion
{
    /// <summary>Of the polynomials.</summary>
    const int Degree = 4;

    /// <summary>Of the coarse grid along the longest side, first; doubled twice.</summary>
    const int FlatCells = 8, Cells = 4, Grids = 3;

    /// <summary>Iterations of the template between two turns of the motion, each of so many steps.</summary>
    const int Turn = 15, Steps = 20;

    /// <summary>The weights at first, for those at the end: a template of large smooth parts cannot explain what moves. They fall in the first so many of the turns.</summary>
    const double Begin = 20, Falling = 0.8;

    /// <summary>Of the change in time, in half scans, for the template's total variation; and that below which a change, for the projections' mean, counts by its square.</summary>
    const double Change = 2, Small = 0.1;

    /// <summary>Of squared differences of the motion between neighbours of the coarse grid, for the squares of the projections.</summary>
    const double Smoothness = 2e-11;

    /// <summary>Adam's (Kingma and Ba 2015), the rate in voxels of the geometry, at first and at the end; <see cref="Floor"/> times the gradient's root mean square is added to its root.</summary>
    const double Rate = 0.1, LastRate = 0.01, FirstDecay = 0.9, SecondDecay = 0.99, Floor = 0.1;

    /// <summary>Of the gradient's root mean square: less is no motion, only rounding that neighbours hand on.</summary>
    const double Nothing = 1e-6;

    const double Growth = 1.2;

    public const int StandardIterations = 150;
    public const double StandardWeight = 1e-3;

    /// <param name="times">Of the views, in any order and unit.</param>
    /// <param name="frames">When, in the same unit, an image is wanted.</param>
    /// <param name="report">After each iteration: its number, from 1, and |A y - b| / |b|. False ends the run.</param>
    /// <returns>Images of the frames, [frame][z][y][x], the projections of the moving template, and how far the frames' voxels are from where they lie in the template, [frame][axis][z][y][x], in voxels of the geometry.</returns>
    public static (float[] Frames, float[] Reprojection, float[][] Motion) Run(ProjectionGeometry geometry, float[] projections, double[] times, double[] frames, double tvWeight, int iterations, Device device, Workers workers,
        Func<int, double, bool>? report = null, CancellationToken cancel = default)
    {
        int fineness = SpatioTemporal.Fineness(geometry.Volume), done = 0;
        using var projector = new Projector(geometry, device, workers, fineness);
        double begin = times.Min(), end = times.Max();
        double Scaled(double time) => 2 * (time - begin) / (end - begin) - 1;
        var bases = times.Select(time => PolynomialMotion.Legendre(Scaled(time), Degree)).ToArray();
        double eigenvalue = Growth * ProximalGradient.Lipschitz(projector); // what a motion doubles of a voxel it takes elsewhere
        bool goesOn = true;
        int turns = Math.Max(1, iterations / Turn), perGrid = (turns + Grids - 1) / Grids;
        PolynomialMotion motion = new(projector.Volume, geometry.Volume.IsFlat ? FlatCells : Cells, Degree, workers);
        var moving = new MovingProjector(projector, (view, field) => motion.Field(bases[view].Values, field), workers);
        float[] template = new float[projector.Volume.Count];
        for (int turn = 0; turn < turns && goesOn; turn++)
        {
            bool isLast = turn == turns - 1;
            int before = done;
            double rest = Math.Max(0, 1 - turn / (Falling * turns)), weight = isLast ? tvWeight : tvWeight * Math.Pow(Begin, rest);
            template = TotalVariation.Run(moving, projections, weight, isLast ? iterations - done : Turn, device, workers, template, (iteration, residual) => goesOn = Report(before + iteration, residual), eigenvalue: eigenvalue);
            if (isLast || !goesOn) break;
            if (turn > 0 && turn % perGrid == 0) motion = motion.Finer();
            new Learning(moving, motion, bases, projections, weight, fineness).Run(template, fineness * (LastRate + rest * (Rate - LastRate)), cancel);
        }
        var reprojection = new float[projections.Length];
        moving.Forward(template, reprojection);
        var moved = new float[template.Length];
        float[][] fields = [.. frames.Select(time =>
        {
            var field = new float[MovedVoxels.Axes(projector.Volume) * template.Length];
            motion.Field(PolynomialMotion.Legendre(Math.Clamp(Scaled(time), -1, 1), Degree).Values, field);
            return field;
        })];
        return ([.. fields.SelectMany(field =>
        {
            MovedVoxels.Read(projector.Volume, template, field, moved, workers);
            return projector.Coarse([.. moved]);
        })], reprojection, [.. fields.Select(field => (float[])[.. field.Chunk(template.Length).SelectMany(projector.Coarse).Select(u => u / fineness)])]);

        bool Report(int iteration, double residual)
        {
            done = iteration;
            return report?.Invoke(iteration, residual) != false;
        }
    }

    /// <summary>Some steps of the motion downhill (Adam), the template at rest.</summary>
    sealed class Learning(MovingProjector moving, PolynomialMotion motion, (double[] Values, double[] Slopes)[] bases, float[] measured, double tvWeight, int fineness)
    {
        readonly int count = (int)moving.Volume.Count;
        readonly float[] onVoxels = new float[Degree * MovedVoxels.Axes(moving.Volume) * (int)moving.Volume.Count], slope = new float[MovedVoxels.Axes(moving.Volume) * (int)moving.Volume.Count];
        readonly float[] gradient = new float[motion.Coefficients.Length];
        readonly float smoothness = (float)(Smoothness * measured.Sum(value => (double)value * value)), small = (float)(Small * measured.Average());

        // Over the views' mean, and over the image as if of the geometry's voxels.
        readonly float changeWeight = (float)(Change * tvWeight / bases.Length / (fineness * fineness));

        /// <param name="rate">In the template's voxels.</param>
        public void Run(float[] template, double rate, CancellationToken cancel)
        {
            double[] first = new double[gradient.Length], second = new double[gradient.Length];
            for (int step = 1; step <= Steps; step++)
            {
                cancel.ThrowIfCancellationRequested();
                Array.Clear(onVoxels);
                moving.Errors(template, measured, Add);
                motion.Gather(onVoxels, gradient);
                motion.AddSmoothness(smoothness, gradient);
                double size = Math.Sqrt(gradient.Average(value => (double)value * value)), most = 1 - Math.Pow(FirstDecay, step), power = 1 - Math.Pow(SecondDecay, step);
                for (int i = 0; i < gradient.Length && size > 0; i++)
                {
                    first[i] = FirstDecay * first[i] + (1 - FirstDecay) * gradient[i];
                    second[i] = SecondDecay * second[i] + (1 - SecondDecay) * gradient[i] * gradient[i];
                    if (Math.Abs(first[i]) > Nothing * size) motion.Coefficients[i] -= (float)(rate * first[i] / most / (Math.Sqrt(second[i] / power) + Floor * size));
                }
                motion.Spread();
            }
        }

        void Add(int view, float[] along, float[] back)
        {
            for (int i = 0; i < slope.Length; i++) slope[i] = along[i] * back[i % count];
            motion.AddTransposed(bases[view].Values, slope, onVoxels);
            // The change of the frame in time, d(template(x + u))/dt = gradient . du/dt; the derivative of its absolute value, nearly.
            motion.Field(bases[view].Slopes, slope);
            for (int i = 0; i < count; i++)
            {
                float change = 0;
                for (int at = i; at < slope.Length; at += count) change += along[at] * slope[at];
                change *= changeWeight / MathF.Sqrt(change * change + small * small);
                for (int at = i; at < slope.Length; at += count) slope[at] = along[at] * change;
            }
            motion.AddTransposed(bases[view].Slopes, slope, onVoxels);
        }
    }
}
