using InrFast.Imaging;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Registration;

/// <summary>What cannot be registered is said before any work.</summary>
static class RegistrationChecks
{
    /// <summary>Throws <see cref="FitException"/> where the images or the options do not fit.</summary>
    public static void Check(Image fixedImage, Image moving, RegistrationOptions options)
    {
        foreach (var (image, name) in new[] { (fixedImage, "fixed"), (moving, "moving") })
        {
            if (image.Channels > 1) throw new FitException(FitError.Input, $"the {name} image has {image.Channels} channels; registration takes one");
            if (new Frame(image.Grid).Axes.Min() == 1) throw new FitException(FitError.Input, $"the {name} image, {image.Size}, is one voxel wide: nothing says where its points lie along that axis; give at least two");
            if (image.NonFiniteCount() is var bad and > 0) throw new FitException(FitError.Input, $"{bad} of the {name} image's samples are NaN or infinite; replace them first");
            if (image.Range() is var (low, high) && low == high) throw new FitException(FitError.Input, $"the {name} image is constant ({low:R}): there is nothing to register");
        }
        if (fixedImage.Times > 1) throw new FitException(FitError.Input, $"the fixed image has {fixedImage.Times} times; the moving one alone may be a series");
        if (fixedImage.Dimensions != moving.Dimensions) throw new FitException(FitError.Input, $"the fixed image has {fixedImage.Dimensions} dimensions, the moving one {moving.Dimensions}; give two pictures or two volumes");
        CheckMask(options.Mask, fixedImage, "fixed");
        CheckMask(options.MovingMask, moving, "moving");
        if (options.Network is { } network && (network.Inputs != fixedImage.Dimensions + (moving.Times > 1 ? 1 : 0) || network.Outputs != fixedImage.Dimensions || network.Members != 1))
            throw new FitException(FitError.WrongUse, $"a field of {fixedImage.Dimensions} dimensions takes as many coordinates, and the time of a series, to as many values; the network takes {network.Inputs} to {network.Outputs}");
        if (options.Iterations < 1 || options.Points < 2 || options.IntegrationSteps is < 1 || options.TimeLimit is <= 0 || options.Blur.Count == 0 || !(options.LearningRate > 0) || !(options.RegularizerWeight >= 0) || !(options.FoldingWeight >= 0)
            || options.PointsPerPenalty < 1 || options.WindowSide < 2 || options.WindowPoints < 2)
            throw new FitException(FitError.WrongUse, "iterations, points, steps, stages, learning rate and time limit are above 0, windows above 1, the regulariser's weights not below 0");
        if (options.Previous is { } previous && !(previous.Description.Grid.Matches(fixedImage.Grid) && previous.Description.Times == moving.Times))
            throw new FitException(FitError.Input, "the registration to go on from is of another fixed grid, or of other times; register on that grid, or begin anew");
    }

    static void CheckMask(Image? mask, Image image, string name)
    {
        if (mask is null) return;
        if (!mask.Grid.Matches(image.Grid)) throw new FitException(FitError.Input, $"the mask is not of the {name} image's grid; resample it first");
        if (mask.Samples.Span.IndexOfAnyExcept(0f) < 0) throw new FitException(FitError.Input, $"the mask of the {name} image is empty");
    }

    /// <summary>Some of the fixed image's field of view must come to lie in the moving one's.</summary>
    public static void CheckOverlap(Frame fixedFrame, Frame movingFrame, Affine initial)
    {
        const int Side = 9;
        var own = fixedFrame.Grid.Size;
        for (int i = 0; i < Side * Side * Side; i++)
        {
            double Part(int n, int at) => -0.5 + n * (at + 0.5) / Side;
            if (movingFrame.Grid.Contains(initial.Apply(fixedFrame.Grid.ToWorld(new(Part(own.X, i % Side), Part(own.Y, i / Side % Side), Part(own.Z, i / Side / Side)))))) return;
        }
        throw new FitException(FitError.Input, "the images do not overlap in the world; give an initial map, or images of one frame of reference");
    }
}
