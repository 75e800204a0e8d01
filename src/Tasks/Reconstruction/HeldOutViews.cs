using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.Projection;

namespace InrFast.Tasks.Reconstruction;

/// <summary>Cross-validation: images are made of four fifths of the views and judged by how well they predict the others.</summary>
sealed class HeldOutViews : IDisposable
{
    const int Fold = 5, Iterations = 60;

    /// <summary>From the greatest on, each from the image of the one before: fewer iterations do.</summary>
    static readonly double[] weights = [3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5];

    /// <summary>An error so much larger than the least counts as the same: fine noise, which too small a weight leaves in an image, hardly shows in projections.</summary>
    const double Tolerance = 1.2;

    /// <summary>Weights below one with an error so much larger than the least are not tried.</summary>
    const double Hopeless = 2;

    /// <summary>How many are tried with finer images, which take four times as long: theirs is the same weight as that of coarse ones, or one somewhat smaller.</summary>
    const int FinerWeights = 3;

    /// <summary>The weight of TV where there are too few views to hold some out.</summary>
    public const double StandardWeight = 1e-3;

    readonly Projector kept, others;
    readonly float[] projections, measured;
    readonly float[]? keptWeights, otherWeights;
    readonly double eigenvalue;

    /// <param name="rayWeights">What a ray's error counts; null: 1.</param>
    /// <param name="fineness">Of the images (<see cref="Projector"/>).</param>
    public HeldOutViews(ProjectionGeometry geometry, float[] projections, float[]? rayWeights, Device device, Workers workers, int fineness = 1)
    {
        int line = geometry.Rows * geometry.Columns;
        (kept, this.projections, keptWeights) = Some(view => view % Fold != Fold / 2);
        (others, measured, otherWeights) = Some(view => view % Fold == Fold / 2);
        eigenvalue = ProximalGradient.Lipschitz(kept, keptWeights);

        (Projector, float[], float[]?) Some(Func<int, bool> which)
        {
            int[] chosen = [.. Enumerable.Range(0, geometry.Views.Length).Where(which)];
            float[] Of(float[] values) => [.. chosen.SelectMany(view => values[(view * line)..((view + 1) * line)])];
            return (new(geometry.WithViews([.. chosen.Select(view => geometry.Views[view])]), device, workers, fineness), Of(projections), rayWeights is null ? null : Of(rayWeights));
        }
    }

    public static bool AreEnough(ProjectionGeometry geometry) => geometry.Views.Length >= 2 * Fold;

    /// <summary>Weighted squares of what the image's projections miss in the views that were held out.</summary>
    double Error(float[] image)
    {
        var ours = others.Forward(image);
        double sum = 0;
        for (int i = 0; i < ours.Length; i++) sum += ((double)ours[i] - measured[i]) * (ours[i] - measured[i]) * (otherWeights?[i] ?? 1);
        return sum;
    }

    /// <summary>The largest weight of TV whose image of the views kept errs hardly more than the best one's, that image, and its error.</summary>
    public (double Weight, float[] Image, double Error) ChooseTv(Device device, Workers workers, CancellationToken cancel) => Choose(weights, double.PositiveInfinity, device, workers, cancel)!.Value;

    /// <summary>The same with finer images than those that gave <paramref name="coarse"/>, of its weight and the two below; null where none predicts better. They begin anew: from the coarse image on they would be further than it was after as many iterations.</summary>
    public (double Weight, float[] Image, double Error)? ChooseFiner((double Weight, float[] Image, double Error) coarse, Device device, Workers workers, CancellationToken cancel) =>
        Choose(weights.Where(weight => weight <= coarse.Weight).Take(FinerWeights), coarse.Error, device, workers, cancel);

    (double Weight, float[] Image, double Error)? Choose(IEnumerable<double> weights, double bar, Device device, Workers workers, CancellationToken cancel)
    {
        var tried = new List<(double Weight, float[] Image, double Error)>();
        double least = bar;
        foreach (double weight in weights)
        {
            cancel.ThrowIfCancellationRequested();
            var image = TotalVariation.Run(kept, projections, weight, Iterations, device, workers, tried.Count > 0 ? tried[^1].Image : null, rayWeights: keptWeights, eigenvalue: eigenvalue);
            double error = Error(image);
            tried.Add((weight, image, error));
            if (error > Hopeless * least) break;
            least = Math.Min(least, error);
        }
        double best = tried.Min(one => one.Error);
        var chosen = tried.First(one => one.Error <= Tolerance * best);
        return chosen.Error < bar ? chosen : null;
    }

    /// <summary>The weight of TV for all views.</summary>
    public static double ChooseWeight(ProjectionGeometry geometry, float[] projections, Device device, Workers workers, CancellationToken cancel)
    {
        if (!AreEnough(geometry)) return StandardWeight;
        using var views = new HeldOutViews(geometry, projections, null, device, workers);
        return views.ChooseTv(device, workers, cancel).Weight;
    }

    public void Dispose()
    {
        kept.Dispose();
        others.Dispose();
    }
}
