using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.Projection;

namespace InrFast.Tasks.Reconstruction;

/// <summary>Cross-validation: images are made of four fifths of the views and judged by how well they predict the others.</summary>
sealed class HeldOutViews : IDisposable
{
    const int Fold = 5;

    /// <summary>From the greatest on, each from the image of the one before: fewer iterations do.</summary>
    static readonly double[] weights = [3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5];

    /// <summary>An error so much larger than the least counts as the same: fine noise, which too small a weight leaves in an image, hardly shows in projections. Non-local differences take most of it away: their errors have a clear minimum, but for scans of few photons.</summary>
    const double Tolerance = 1.2, ToleranceNonLocal = 1.04;

    /// <summary>Weights below one with an error so much larger than the least are not tried.</summary>
    const double Hopeless = 2, HopelessNonLocal = 1.01;

    /// <summary>The weight of TV where there are too few views to hold some out.</summary>
    public const double StandardWeight = 1e-3;

    readonly Projector kept, others;
    readonly float[] projections, measured;
    readonly float[]? keptWeights, otherWeights;
    readonly double eigenvalue;

    /// <summary>Of each weight; an image of half as large pixels takes twice as many.</summary>
    readonly int iterations;

    /// <param name="rayWeights">What a ray's error counts; null: 1.</param>
    /// <param name="fineness">Of the images (<see cref="Projector"/>).</param>
    public HeldOutViews(ProjectionGeometry geometry, float[] projections, float[]? rayWeights, Device device, Workers workers, int fineness = 1)
    {
        iterations = 60 * fineness;
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

    /// <summary>The weight of <see cref="NonLocalTotalVariation"/>, none above <paramref name="greatest"/>, the largest whose image of the views kept errs hardly more than the best one's in the others; the image of TV alone on the way there; the error. Null where none is below <paramref name="bar"/>.</summary>
    public (double Weight, float[] Image, double Error)? ChooseNonLocal(double greatest, double bar, Device device, Workers workers, CancellationToken cancel)
    {
        var tried = Try(weights.Where(weight => weight <= greatest), HopelessNonLocal, (weight, image) => NonLocalTotalVariation.Round(kept, projections, keptWeights, weight, eigenvalue, iterations, image, workers), device, workers, cancel);
        var chosen = Largest(tried, ToleranceNonLocal);
        return chosen.Error < bar ? chosen : null;
    }

    /// <summary>The weight of TV for all views: the largest whose image of most of them errs hardly more than the best one's in the others.</summary>
    public static double ChooseWeight(ProjectionGeometry geometry, float[] projections, Device device, Workers workers, CancellationToken cancel)
    {
        if (!AreEnough(geometry)) return StandardWeight;
        using var views = new HeldOutViews(geometry, projections, null, device, workers);
        var tried = views.Try(weights, Hopeless, (_, image) => image, device, workers, cancel);
        return Largest(tried, Tolerance).Weight;
    }

    /// <summary>Of the largest weight that errs hardly more than the best.</summary>
    static (double Weight, float[] Image, double Error) Largest(List<(double Weight, float[] Image, double Error)> tried, double tolerance)
    {
        double best = tried.Min(one => one.Error);
        return tried.First(one => one.Error <= tolerance * best);
    }

    /// <summary>Images of TV, each from the one before, and the errors of what is made of them.</summary>
    List<(double Weight, float[] Image, double Error)> Try(IEnumerable<double> weights, double hopeless, Func<double, float[], float[]> finish, Device device, Workers workers, CancellationToken cancel)
    {
        var tried = new List<(double Weight, float[] Image, double Error)>();
        foreach (double weight in weights)
        {
            cancel.ThrowIfCancellationRequested();
            var image = TotalVariation.Run(kept, projections, weight, iterations, device, workers, tried.Count > 0 ? tried[^1].Image : null, rayWeights: keptWeights, eigenvalue: eigenvalue);
            double error = Error(finish(weight, image));
            tried.Add((weight, image, error));
            if (error > hopeless * tried.Min(one => one.Error)) break;
        }
        return tried;
    }

    public void Dispose()
    {
        kept.Dispose();
        others.Dispose();
    }
}
