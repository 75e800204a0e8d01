using System.CommandLine;
using System.Globalization;
using InrFast.Imaging;

namespace InrFast.Cli.Commands;

/// <summary>Measures how far an image is from a reference.</summary>
internal static class CompareCommand
{
    private static readonly Argument<string> Reference = new("A") { Description = "The reference" };

    private static readonly Argument<string> Test = new("B") { Description = "The image to judge" };

    public static Command Create()
    {
        var command = new Command("compare", "Measure how far image B is from the reference A.") { Reference, Test, Options.RequirePsnr };
        Options.OfInputs.ToList().ForEach(command.Add);
        command.SetAction(parsed => Run(new Session(parsed)));
        return command;
    }

    private static int Run(Session session)
    {
        var (pathA, pathB) = (session.Get(Reference), session.Get(Test));
        var (reference, test) = (session.ReadFiniteImage(pathA), session.ReadFiniteImage(pathB));
        RequireOneGrid(session, reference, test);
        var a = reference.Samples.Span;
        var b = test.Samples.Span;
        var psnr = Metrics.PeakSignalToNoise(a, b);
        if (double.IsNaN(psnr))
        {
            var undefined = $"{pathA}: the image is constant, so that its PSNR is undefined";
            if (session.Get(Options.RequirePsnr) is not null)
            {
                throw new CommandException(ExitCode.BadInput, $"{undefined}; leave out --require-psnr");
            }
            session.Warn(undefined);
        }
        List<(string Name, double Value, string Unit)> metrics =
        [
            ("psnr", psnr, "dB"),
            ("ssim", StructuralSimilarity.Mean(reference, test), ""),
            ("nrmse", Metrics.NormalizedRootMeanSquaredError(a, b), ""),
            ("rmse", Metrics.RootMeanSquaredError(a, b), reference.Unit),
            ("mae", Metrics.MeanAbsoluteError(a, b), reference.Unit),
        ];
        if (IsMask(a) && IsMask(b))
        {
            metrics.Add(("dice", Metrics.Dice(a, b), ""));
        }
        metrics.RemoveAll(metric => double.IsNaN(metric.Value));
        session.Result.Metrics = metrics.ToDictionary(metric => metric.Name, metric => metric.Value);
        session.Write(metrics.Select(metric => string.Create(CultureInfo.InvariantCulture, $"{metric.Name,-8}{metric.Value:g6} {metric.Unit}").TrimEnd()));
        return session.Finish(psnr < session.Get(Options.RequirePsnr) ? ExitCode.BelowRequirement : ExitCode.Done);
    }

    private static void RequireOneGrid(Session session, Image reference, Image test)
    {
        var (pathA, pathB) = (session.Get(Reference), session.Get(Test));
        if (Extent(reference) != Extent(test))
        {
            throw new CommandException(ExitCode.BadInput, $"{pathA} has {Extent(reference)} and {pathB} {Extent(test)}; bring them to one grid first");
        }
        if (reference.Grid.Matches(test.Grid))
        {
            return;
        }
        // Pictures and arrays have no place in the world; they are taken to lie where the other image does.
        if (reference.Grid.IndexToWorld != Affine.Identity && test.Grid.IndexToWorld != Affine.Identity)
        {
            throw new CommandException(ExitCode.BadInput, $"{pathA} and {pathB} have one size and lie at different places in the world; bring them to one grid first");
        }
        session.Warn($"{(reference.Grid.IndexToWorld == Affine.Identity ? pathA : pathB)}: the image has no place in the world and is compared voxel by voxel");
    }

    private static string Extent(Image image) =>
        $"{image.Size} voxels" + (image.Times > 1 ? $" at {image.Times} times" : "") + (image.Channels > 1 ? $" of {image.Channels} channels" : "");

    /// <summary>Whether the values are zero and one other.</summary>
    private static bool IsMask(ReadOnlySpan<float> values)
    {
        var label = 0f;
        foreach (var value in values)
        {
            if (value != 0 && value != label)
            {
                if (label != 0)
                {
                    return false;
                }
                label = value;
            }
        }
        return true;
    }
}
