using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.Projection;

namespace InrFast.Tasks.Reconstruction;

/// <summary>The weight of TV by cross-validation: images of four fifths of the views, and how well they predict the others.</summary>
static class TvWeightChoice
{
    const int HeldOut = 5, Iterations = 60;
    static readonly double[] Weights = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2];

    /// <summary>Where there are too few views to hold some out.</summary>
    const double Standard = 1e-3;

    public static double Choose(ProjectionGeometry geometry, float[] projections, Device device, Workers workers, CancellationToken cancel)
    {
        int views = geometry.Views.Length, line = geometry.Rows * geometry.Columns;
        if (views < 2 * HeldOut) return Standard;
        var (kept, left) = (Some(view => view % HeldOut != HeldOut / 2), Some(view => view % HeldOut == HeldOut / 2));
        using Projector here = new(kept.Geometry, device, workers), there = new(left.Geometry, device, workers);
        double best = Standard, least = double.PositiveInfinity;
        float[]? image = null;
        // From the greatest on, each from the image of the one before: fewer iterations do.
        foreach (double weight in Weights.Reverse())
        {
            cancel.ThrowIfCancellationRequested();
            image = TotalVariation.Run(here, kept.Projections, weight, Iterations, device, workers, image);
            double error = Projector.RelativeDifference(there.Forward(image), left.Projections);
            if (error < least) (best, least) = (weight, error);
        }
        return best;

        (ProjectionGeometry Geometry, float[] Projections) Some(Func<int, bool> which)
        {
            int[] chosen = [.. Enumerable.Range(0, views).Where(which)];
            return (new(geometry.Volume, geometry.Shape, geometry.Columns, geometry.Rows, geometry.CentreColumn, geometry.CentreRow, [.. chosen.Select(view => geometry.Views[view])]),
                [.. chosen.SelectMany(view => projections[(view * line)..((view + 1) * line)])]);
        }
    }
}
