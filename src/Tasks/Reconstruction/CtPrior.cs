using System.Globalization;
using InrFast.Imaging;
using InrFast.Tasks.Fitting;
using InrFast.Tasks.Registration;

namespace InrFast.Tasks.Reconstruction;

/// <summary>An earlier image of the same subject, as attenuation per mm on the volume that is reconstructed.</summary>
public static class CtPrior
{
    /// <param name="name">Of its file, for messages.</param>
    /// <param name="prior">Attenuation per mm, or HU where the image says so.</param>
    /// <param name="water">Attenuation of water per mm.</param>
    /// <exception cref="FitException">Input: it is no plain image of the volume's dimensions, lies elsewhere, or is empty.</exception>
    public static (float[] Values, IReadOnlyList<string> Warnings) Of(string name, Image prior, CtGeometry geometry, double water)
    {
        var grid = geometry.ToGrid();
        var warnings = new List<string>();
        if (prior.Channels != 1 || prior.Times != 1) throw Wrong($"it has {prior.Channels} channels and {prior.Times} times; give an image of plain numbers");
        if (prior.Dimensions != grid.Dimensions) throw Wrong($"it has {prior.Dimensions} dimensions and the reconstruction {grid.Dimensions}; give one of the same");
        // An array without a place is taken where it fits; else places in the world decide.
        if (!prior.Grid.Matches(grid) && !prior.Grid.Matches(Grid.Plain(grid.Size.X, grid.Size.Y, grid.Size.Z)))
        {
            var still = new Image(grid, new float[grid.Size.Voxels * grid.Dimensions], grid.Dimensions);
            double outside;
            (var size, (prior, outside)) = (prior.Size, Warping.Warp(prior, still, WarpInterpolation.Linear));
            if (outside == 1) throw Wrong("it lies elsewhere than the volume that is reconstructed; correct its origin or the geometry's");
            warnings.Add(string.Create(CultureInfo.InvariantCulture, $"{name}: its {size} voxels are not those of the reconstruction and are interpolated on its {grid.Size}{(outside > 0 ? $", of which {100 * outside:g3} % it does not have" : "")}"));
        }
        float[] values = prior.Unit == "HU" ? Hounsfield.ToAttenuation(prior.Samples.Span, water) : [.. prior.Samples.Span];
        if (values.Max() is var most && !(most > 0)) throw Wrong("nothing in it weakens a ray; give an earlier image of the subject");
        if (most > LargestAttenuation) throw Wrong($"values up to {most.ToString("g4", CultureInfo.InvariantCulture)} are no attenuation per mm; give one per mm, or in HU in a file that says so");
        return (values, warnings);

        FitException Wrong(string what) => new(FitError.Input, $"{name}: {what}");
    }

    /// <summary>Per mm: lead at 30 keV has some 30.</summary>
    const double LargestAttenuation = 30;
}
