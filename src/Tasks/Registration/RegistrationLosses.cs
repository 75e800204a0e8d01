using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Sampling;
using InrFast.Models;

namespace InrFast.Tasks.Registration;

/// <summary>What a registration minimises: how unlike the images are, and what the field costs.</summary>
static class RegistrationLosses
{
    static readonly PatchShape point = new(1, 1, 1);

    /// <returns>The losses, and how many items (points, or groups of them) a batch has.</returns>
    public static (Loss[] Losses, int Items) Build(Graph graph, DeformationDescription description, Network network, Pair pair, RegistrationOptions options)
    {
        bool local = options.Similarity == Similarity.LocalCorrelation;
        var patch = local ? PatchShape.Within(pair.Fixed.Voxels, options.PatchPoints, options.PatchStep) : point;
        int order = options.Regularizer == Regularizer.None || options.RegularizerWeight == 0 ? options.FoldingWeight > 0 ? 1 : 0 : options.Regularizer == Regularizer.Bending ? 2 : 1;
        int group = local ? patch.Count : order == 0 ? 1 : options.PointsPerPenalty;
        var samples = pair.Sample(graph, options.Mask, group, patch);
        int items = Math.Max(1, options.Points / group);
        if (order == 0) return ([Likeness(Deformation.Map(description, network, samples.Inputs), samples, pair, options, patch)], items);
        // One pass through the network where the points are the same.
        int axes = pair.Fixed.Axes.Length;
        var jet = new JetSeed(group == 1 ? samples.Inputs : pair.Sample(graph, local ? null : options.Mask, Math.Max(1, group / options.PointsPerPenalty), point).Inputs, order, axes).Output;
        var phi = Deformation.Map(description, network, jet);
        var moved = group == 1 ? new JetBlock(phi, 0).Output : Deformation.Map(description, network, samples.Inputs);
        // The identity's derivatives are 1 and 0: phi - x is a jet of u.
        var u = new Sum(phi, new Scale(pair.Times > 1 ? new Slice(jet, 0, axes).Output : jet, -1).Output).Output;
        return ([Likeness(moved, samples, pair, options, patch), .. Cost(u, options)], items);
    }

    static Loss Likeness(Value moved, Samples samples, Pair pair, RegistrationOptions options, PatchShape patch)
    {
        var place = new AffineMap(moved, pair.Fixed.RowsTo(pair.Moving, pair.Initial)).Output;
        var value = samples.Time is null ? new Interpolate<Linear>(place, pair.Moving.Voxels, pair.MovingValues, 1, default).Output
            : new Interpolate<Linear>(new Concatenate(place, samples.Time).Output, pair.Moving.Voxels.AtTimes(pair.Times), pair.MovingValues, 1, default).Output;
        var weights = samples.Weights;
        if (options.MovingMask is { } mask)
        {
            var inside = new Interpolate<Linear>(new Detach(place).Output, pair.Moving.Voxels, Masks.Inside(mask), 1, default).Output;
            weights = weights is null ? inside : new Product(weights, inside).Output;
        }
        return new(options.Similarity switch
        {
            Similarity.LocalCorrelation => new LocalCorrelation(value, samples.Values, patch, PatchShape.Within(pair.Fixed.Voxels, options.WindowPoints, options.PatchStep), weights).Output,
            Similarity.SquaredDifference => new RowLoss<SquaredError>(value, samples.Values, default, weights).Output,
            _ => new SharedFunction<NormalizedCrossCorrelation>(new Moments(value, samples.Values, weights).Output, default).Output,
        });
    }

    static IEnumerable<Loss> Cost(Value u, RegistrationOptions options)
    {
        var terms = options.RegularizerWeight == 0 ? [] : options.Regularizer switch
        {
            Regularizer.Jacobian => [new(new FoldingPenalty<AbsoluteError>(u, default).Output)],
            Regularizer.Bending => Bending(u, options),
            Regularizer.Hyperelastic => Hyperelastic(u, options),
            _ => Enumerable.Empty<Loss>(),
        };
        foreach (var term in terms) yield return term with { Weight = term.Weight * options.RegularizerWeight };
        if (options.FoldingWeight > 0) yield return new(new FoldingPenalty<Negative>(u, default).Output, options.FoldingWeight);
    }

    /// <summary>The published code counts the derivative along y and z once, and divides by the points once more.</summary>
    static IEnumerable<Loss> Bending(Value u, RegistrationOptions options)
    {
        int axes = u.Shape.Directions;
        for (int i = 0, block = 1 + axes; i < axes; i++)
            for (int j = i; j < axes; j++, block++)
                yield return new(Squares(u, block), (i == j || (options.AsPublished && i == 1) ? 1 : 2) / (options.AsPublished ? options.Points : 1.0));
    }

    static IEnumerable<Loss> Hyperelastic(Value u, RegistrationOptions options)
    {
        const float Floor = 0.2f;
        int axes = u.Shape.Directions;
        for (int k = 0; k < axes; k++) yield return new(Squares(u, 1 + k), 0.5 * axes); // a sum over columns, not their mean
        yield return new(new SurfacePenalty<Excess>(u, default).Output);
        yield return new(new FoldingPenalty<VolumeChange>(u, new VolumeChange(options.AsPublished ? 0 : Floor)).Output);
    }

    /// <summary>Mean over rows and columns.</summary>
    static Value Squares(Value jet, int block)
    {
        var derivative = new JetBlock(jet, block).Output;
        return new RowLoss<SquaredError>(derivative, new Scale(new Detach(derivative).Output, 0).Output, default).Output;
    }
}
