using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Losses;

namespace InrFast.Tasks.Compression;

/// <summary>
/// Structural regularisation (Gao 2023, SINCO): what a segmentation finds in the decoded image shall be the region that was given: weight (1 - soft Dice). The published segmentation is a trained network;
/// here it is a threshold between the region's mean and that of the rest, softened so that the means have probabilities of 0.88 and 0.12.
/// </summary>
/// <param name="Inside">Mean in the region, as a part of the image's range.</param>
/// <param name="Outside">Mean of the rest.</param>
sealed record RegionTerm(double Inside, double Outside, double Weight)
{
    const double Steepness = 4;

    /// <summary>Of an image's values, as parts of its range, and a mask of 0 and 1; null where the means do not differ, so that no threshold finds the region.</summary>
    public static RegionTerm? Of(float[] values, float[] region, double weight)
    {
        double inside = 0, outside = 0, count = 0;
        for (int i = 0; i < values.Length; i++)
            if (region[i] > 0) (inside, count) = (inside + values[i], count + 1);
            else outside += values[i];
        var term = new RegionTerm(inside / count, outside / (values.Length - count), weight);
        return Math.Abs(term.Inside - term.Outside) > 1e-6 ? term : null; // also where one of them has no voxel
    }

    /// <summary>The term of a leaf whose values are offset + scale output; <paramref name="fixes"/> takes what the store is to be told once it is there.</summary>
    public Loss Add(Graph graph, string name, Value output, Value mask, float offset, float scale, List<Action<ParameterStore>> fixes)
    {
        double slope = Steepness / (Inside - Outside);
        Parameter weight = Dense.Weight(graph, name + ".weight", 1, 1), bias = Dense.Bias(graph, name + ".bias", 1);
        weight.IsTrained = bias.IsTrained = false;
        fixes.Add(store =>
        {
            store.Write(weight, [(float)(slope * scale)]);
            store.Write(bias, [(float)(slope * (offset - (Inside + Outside) / 2))]);
        });
        var probability = new Dense<Sigmoid>(output, weight, bias, default).Output;
        return new(new SharedFunction<SoftDice>(new Moments(probability, mask).Output, default).Output, Weight);
    }
}
