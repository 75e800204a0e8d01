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

    /// <returns>The losses, and how many items (points, groups of them, or windows) a batch has.</returns>
    public static (Loss[] Losses, int Items) Build(Graph graph, DeformationDescription description, Network network, Pair pair, RegistrationOptions options)
    {
        int order = options.Regularizer == Regularizer.None || options.RegularizerWeight == 0 ? options.FoldingWeight > 0 ? 1 : 0 : options.Regularizer == Regularizer.Bending ? 2 : 1;
        if (options.Similarity == Similarity.LocalCorrelation) return InWindows(graph, description, network, pair, options, Math.Max(1, order));
        int group = order == 0 ? 1 : options.PointsPerPenalty, items = Math.Max(1, options.Points / group);
        var samples = pair.Sample(graph, options.Mask, group, point);
        if (order == 0) return ([Likeness(Deformation.Map(description, network, samples.Inputs), samples, pair, options, point)], items);
        // One pass through the network where the points are the same.
        var jet = new JetSeed(group == 1 ? samples.Inputs : pair.Sample(graph, options.Mask, 1, point).Inputs, order, pair.Fixed.Axes.Length).Output;
        var phi = Deformation.Map(description, network, jet);
        var moved = group == 1 ? new JetBlock(phi, 0).Output : Deformation.Map(description, network, samples.Inputs);
        return ([Likeness(moved, samples, pair, options, point), .. Cost(Displacement(phi, jet, pair), options)], items);
    }

    /// <summary>
    /// A window around each point of the regulariser. Across it a field is nearly straight: its points follow from the map and its derivatives at the voxel in the middle, so that a window costs one pass through
    /// the network, however many points it has.
    /// </summary>
    static (Loss[] Losses, int Items) InWindows(Graph graph, DeformationDescription description, Network network, Pair pair, RegistrationOptions options, int order)
    {
        int axes = pair.Fixed.Axes.Length;
        int side = options.WindowSide ?? (axes == 2 ? 7 : 5), along = options.WindowPoints ?? (axes == 2 ? side : 3);
        var window = PatchShape.Within(pair.Fixed.Voxels, along, Math.Max(1, (side - 1) / (along - 1)));
        // The same voxels in the same order, alone and in the middle of their windows (which at the border are moved inside).
        var middle = pair.Sample(graph, options.Mask, 1, point).Inputs;
        var samples = pair.Sample(graph, options.Mask, window.Count, window);
        var jet = new JetSeed(middle, order, axes).Output;
        var phi = Deformation.Map(description, network, jet);
        var away = new Sum(samples.Inputs, new Scale(new GroupSpread(middle, window.Count).Output, -1).Output).Output;
        var moved = new GroupSpread(new JetBlock(phi, 0).Output, window.Count).Output;
        for (int k = 0; k < axes; k++)
        {
            var derivative = new GroupSpread(new JetBlock(phi, 1 + k).Output, window.Count).Output;
            moved = new Sum(moved, new Product(derivative, new Concatenate([.. Enumerable.Repeat(new Slice(away, k, 1).Output, axes)]).Output).Output).Output;
        }
        return ([Likeness(moved, samples, pair, options, window), .. Cost(Displacement(phi, jet, pair), options)], Math.Max(1, options.Points / options.PointsPerPenalty));
    }

    /// <summary>phi - x: the identity's derivatives are 1 and 0, so that of a jet it is a jet.</summary>
    static Value Displacement(Value phi, Value jet, Pair pair) => new Sum(phi, new Scale(pair.Times > 1 ? new Slice(jet, 0, pair.Fixed.Axes.Length).Output : jet, -1).Output).Output;

    static Loss Likeness(Value moved, Samples samples, Pair pair, RegistrationOptions options, PatchShape window)
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
            Similarity.LocalCorrelation => new LocalCorrelation(value, samples.Values, window, window, weights).Output,
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
