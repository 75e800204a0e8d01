using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.Projection;

namespace InrFast.Tasks.Reconstruction;

/// <summary>
/// Our own for few views of a picture: total variation, then non-local total variation in rounds, each with the likeness of pixels as the image of the last one has it. Rays count as photon noise says where there is such; the
/// weight is the one whose image of most views, TV's and one round, predicts the others best. So is the image's fineness: where edges are sharper than pixels and a detector's bins are as wide as these, half as large pixels and two rays across each
/// bin leave a fraction of the error that an image of pixels cannot explain.
/// </summary>
public static class NonLocalTotalVariation
{
    const int Rounds = 3, TvIterations = 150, RoundIterations = 100, Finer = 2;

    public const int StandardIterations = TvIterations + Rounds * RoundIterations;

    /// <summary>Of the non-local prior, for the weight of TV: it has more differences.</summary>
    const double Share = 0.3;

    /// <param name="tvWeight">Null: chosen.</param>
    /// <param name="iterations">At most, of all rounds.</param>
    /// <param name="report">After each iteration: its number, from 1, and |A y - b| / |b| where it began. False ends the run.</param>
    /// <returns>The image, [y][x], the weight of TV, and how many pixels there were along each axis for one of the image while it was made.</returns>
    public static (float[] Image, double TvWeight, int Fineness) Run(ProjectionGeometry geometry, float[] projections, double? tvWeight, int iterations, Device device, Workers workers, Func<int, double, bool>? report = null, CancellationToken cancel = default)
    {
        var rayWeights = RayWeights.Photons(projections, geometry.Columns);
        var (fineness, weight, image) = Choose();
        using var projector = new Projector(geometry, device, workers, fineness);
        int done = 0;
        bool goesOn = true;
        bool Report(int _, double residual) => goesOn = report?.Invoke(++done, residual) != false && done < iterations;
        double lipschitz = ProximalGradient.Lipschitz(projector, rayWeights);
        image = TotalVariation.Run(projector, projections, weight, Math.Min(iterations, TvIterations), device, workers, image, Report, rayWeights, lipschitz);
        for (int round = 0; round < Rounds && goesOn; round++) image = Round(projector, projections, rayWeights, weight, lipschitz, RoundIterations, image, workers, Report);
        return (projector.Coarse(image), weight, fineness);

        (int, double, float[]?) Choose()
        {
            if (tvWeight is not null || !HeldOutViews.AreEnough(geometry)) return (1, tvWeight ?? HeldOutViews.StandardWeight, null);
            using HeldOutViews coarse = new(geometry, projections, rayWeights, device, workers), fine = new(geometry, projections, rayWeights, device, workers, Finer);
            // Fine images begin anew: from the coarse one on they would be further than it was after as many iterations.
            var ofCoarse = coarse.ChooseNonLocal(double.PositiveInfinity, double.PositiveInfinity, device, workers, cancel)!.Value;
            return fine.ChooseNonLocal(ofCoarse.Weight, ofCoarse.Error, device, workers, cancel) is { } ofFine ? (Finer, ofFine.Weight, ofFine.Image) : (1, ofCoarse.Weight, ofCoarse.Image);
        }
    }

    /// <summary>From an image on: least squares and the non-local prior of that image.</summary>
    /// <param name="weight">Of TV, which the prior's is a share of.</param>
    internal static float[] Round(Projector projector, float[] projections, float[]? rayWeights, double weight, double lipschitz, int iterations, float[] image, Workers workers, Func<int, double, bool>? report = null)
    {
        var prior = NonLocalPrior.Of(image, projector.Volume, workers);
        return ProximalGradient.Run(projector, projections, lipschitz, iterations, (from, result) => prior.Denoise(from, (float)(Share * weight / lipschitz), result), rayWeights, image, report);
    }
}
