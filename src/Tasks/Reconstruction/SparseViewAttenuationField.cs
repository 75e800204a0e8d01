using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.Projection;

namespace InrFast.Tasks.Reconstruction;

/// <summary>
/// SNAF (Fang et al.: SNAF, sparse-view CBCT reconstruction with neural attenuation fields, arXiv 2211.17048, 2022): an attenuation field is trained on most views; an image network learns from the others how its renderings differ from what
/// is measured; views between the measured ones are rendered, corrected by it, and join the measured ones in a second stage. The authors published no code: sizes and schedules are ours. Other than published: the first stage has fields of
/// coarse and of fine cells, and what predicts views held out better goes on to the second, which does not begin anew; a small image network (<see cref="ViewSharpener"/>); where correction brings a view that was held out no closer,
/// there are no such views.
/// </summary>
public static class SparseViewAttenuationField
{
    const int Fold = 5;

    /// <summary>Finest cells along each axis of a voxel: the first stage has a field of each kind, of which the one that predicts views held out better goes on.</summary>
    static readonly int[] cells = [1, 2];

    /// <summary>Steps for one of a field's first stage.</summary>
    const int StageShare = 6;

    /// <summary>Rays of views between the measured ones, for one of these.</summary>
    const double BetweenShare = 0.2;

    /// <summary>Views held out that the image network learns of; the next one is what it is judged by.</summary>
    const int Pairs = 4;

    /// <summary>dB by which correction must bring a view closer.</summary>
    const double LeastSharpening = 0.5;

    public const int StandardIterations = 3000;

    /// <param name="geometry">In units of half the volume's longest side.</param>
    /// <param name="iterations">Of all stages and fields.</param>
    /// <param name="report">After each iteration: its number, from 1, and the root of the batch's mean squared error over that of the projections. False ends the run.</param>
    /// <returns>The image, [z][y][x]; and by how many dB correction brings a measured view closer that neither the field nor the image network knew; null: there were too few views to hold some out.</returns>
    public static (float[] Image, double? Sharpening) Run(ProjectionGeometry geometry, float[] projections, int iterations, ulong seed, Device device, Workers workers, Func<int, double, bool>? report = null)
    {
        int line = geometry.Rows * geometry.Columns, done = 0, first = iterations / StageShare;
        bool Report(int _, double error) => report?.Invoke(++done, error) != false;
        AttenuationField Field(int cells) => new(geometry.Volume, NeuralAttenuationField.ScaleOf(geometry, projections), cells, seed, device, workers);
        var (seen, air) = NeuralAttenuationField.Split(projections);
        // In one list, so that the other one is free for views between.
        uint[] rays = [.. seen, .. air.Where((_, i) => i % NeuralAttenuationField.AirShare == 0)];
        if (!HeldOutViews.AreEnough(geometry))
        {
            using var alone = Field(cells[0]);
            alone.Train(geometry, projections, rays, [], 1, iterations, Report);
            return (alone.Draw(), null);
        }
        bool IsHeld(int view) => view % Fold == Fold / 2;
        uint[] kept = [.. rays.Where(ray => !IsHeld((int)ray / line))];
        int[] held = [.. Enumerable.Range(0, geometry.Views.Length).Where(IsHeld).Take(Pairs + 1)];
        float[] measured = [.. held.SelectMany(view => projections[(view * line)..((view + 1) * line)])];
        AttenuationField? field = null, candidate = null;
        float[] renderings = [];
        try
        {
            foreach (int fineness in cells)
            {
                candidate = Field(fineness);
                bool goesOn = candidate.Train(geometry, projections, kept, [], 1, first, Report);
                var predicted = candidate.Render(geometry.WithViews([.. held.Select(view => geometry.Views[view])]));
                bool isBetter = field is null || Projector.RelativeDifference(predicted, measured) < Projector.RelativeDifference(renderings, measured);
                if (isBetter) (field, candidate, renderings) = (candidate, field, predicted);
                candidate?.Dispose();
                candidate = null;
                if (!goesOn) return (field!.Draw(), null);
            }
            int learned = (held.Length - 1) * line, rest = iterations - cells.Length * first;
            using var sharpener = new ViewSharpener(geometry, renderings[..learned], measured[..learned], seed, device, workers);
            double sharpening = 20 * Math.Log10(Projector.RelativeDifference(renderings[learned..], measured[learned..]) / Projector.RelativeDifference(sharpener.Sharpen(renderings[learned..]), measured[learned..]));
            View[] between = sharpening < LeastSharpening ? [] : Between(geometry.Views, (int)Math.Ceiling(rest * BetweenShare * AttenuationField.Rays / line));
            float[] completed = between.Length == 0 ? [] : sharpener.Sharpen(field!.Render(geometry.WithViews(between)));
            uint[] others = [.. Enumerable.Range(projections.Length, completed.Length).Select(ray => (uint)ray)];
            int share = Math.Max(1, (int)Math.Round(others.Length / (BetweenShare * rays.Length)));
            field!.Train(geometry.WithViews([.. geometry.Views, .. between]), [.. projections, .. completed], rays, others, share, rest, Report);
            return (field.Draw(), sharpening);
        }
        finally
        {
            field?.Dispose();
            candidate?.Dispose();
        }
    }

    /// <summary>So many views in the middles of gaps between neighbours, at most one in each; none in a gap wider than twice the usual, of which nothing is known.</summary>
    internal static View[] Between(View[] views, int count)
    {
        static double Angle(View view) => Math.Atan2(view.Source.Y, view.Source.X);
        View[] sorted = [.. views.OrderBy(Angle)];
        double[] gaps = [.. sorted.Select((view, i) => i + 1 < sorted.Length ? Angle(sorted[i + 1]) - Angle(view) : 2 * Math.PI - Angle(view) + Angle(sorted[0]))];
        double usual = gaps.Order().ElementAt(gaps.Length / 2);
        View[] all = [.. sorted.Select((view, i) => Middle(view, sorted[(i + 1) % sorted.Length], gaps[i])).Where((_, i) => gaps[i] > 1e-6 && gaps[i] < 2 * usual)];
        count = Math.Min(count, all.Length);
        return [.. Enumerable.Range(0, count).Select(i => all[(int)((long)i * all.Length / count)])];
    }

    // Each is turned half the gap about the gantry's axis towards the other; where that leaves a difference (a helix, an orbit that is no circle) the mean.
    static View Middle(View a, View b, double gap)
    {
        var (sine, cosine) = Math.SinCos(gap / 2);
        Point3 Mean(Point3 a, Point3 b) => new((cosine * (a.X + b.X) - sine * (a.Y - b.Y)) / 2, (sine * (a.X - b.X) + cosine * (a.Y + b.Y)) / 2, (a.Z + b.Z) / 2);
        return new(Mean(a.Source, b.Source), Mean(a.Detector, b.Detector), Mean(a.ColumnStep, b.ColumnStep), Mean(a.RowStep, b.RowStep));
    }
}
