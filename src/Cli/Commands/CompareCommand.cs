using System.CommandLine;
using System.Globalization;
using InrFast.Imaging;

namespace InrFast.Cli.Commands;

/// <summary>Measures how far an image, a mask, a displacement field or a list of landmarks is from a reference.</summary>
internal static class CompareCommand
{
    private static readonly Argument<string> Reference = new("A") { Description = "The reference" };

    private static readonly Argument<string> Test = new("B") { Description = "What is judged" };

    private static readonly Option<bool> Labels = OptionTypes.Flag("--labels", "The images are label maps: Dice and Hausdorff distance of each label");

    private static readonly Option<string?> Like = OptionTypes.File("--like", "Landmarks: the image whose voxels they number (from 1, as DIR-LAB does; elastix says so itself)", "IMAGE");

    private static readonly Option<string?> Field = OptionTypes.File("--field", "Landmarks: a displacement field (LPS, mm) that carries the points of A to those of B", "IMAGE");

    public static Command Create()
    {
        var command = new Command("compare", "Measure how far B is from the reference A: images, masks, displacement fields, or lists of landmarks.") { Reference, Test, Labels, Like, Field, Options.RequirePsnr };
        Options.OfInputs.ToList().ForEach(command.Add);
        command.SetAction(parsed => Run(new Session(parsed)));
        return command;
    }

    private static int Run(Session session)
    {
        var metrics = LandmarkFile.HasEnding(session.Get(Reference)) ? OfLandmarks(session) : OfImages(session);
        metrics.RemoveAll(metric => double.IsNaN(metric.Value));
        session.Result.Metrics = metrics.ToDictionary(metric => metric.Name, metric => metric.Value);
        var width = Math.Max(8, metrics.Max(metric => metric.Name.Length) + 2);
        session.Write(metrics.Select(metric => string.Create(CultureInfo.InvariantCulture, $"{metric.Name.PadRight(width)}{metric.Value:g6} {metric.Unit}").TrimEnd()));
        var isBelow = session.Get(Options.RequirePsnr) is { } required && !(session.Result.Metrics.GetValueOrDefault("psnr", double.NaN) >= required);
        return session.Finish(isBelow ? ExitCode.BelowRequirement : ExitCode.Done);
    }

    private static List<(string Name, double Value, string Unit)> OfImages(Session session)
    {
        if (session.Get(Like) is not null || session.Get(Field) is not null)
        {
            throw new CommandException(ExitCode.WrongUse, "--like and --field belong to lists of landmarks (.csv, .txt, .fcsv, .vtk); leave them out");
        }
        var (pathA, pathB) = (session.Get(Reference), session.Get(Test));
        var (reference, test) = (session.ReadFiniteImage(pathA), session.ReadFiniteImage(pathB));
        RequireOneGrid(session, reference, test);
        if (session.Get(Labels))
        {
            return OfLabels(reference, test, pathA);
        }
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
            metrics.AddRange(OfMask("", null, reference, test));
        }
        if (DisplacementField.IsField(reference) && DisplacementField.IsField(test))
        {
            metrics.AddRange(OfField(test));
        }
        return metrics;
    }

    /// <summary>Of each label, and the mean over them.</summary>
    private static List<(string Name, double Value, string Unit)> OfLabels(Image reference, Image test, string path)
    {
        const int MostLabels = 1000;
        var labels = new SortedSet<float>();
        foreach (var value in reference.Samples.Span)
        {
            if (value != 0 && labels.Add(value) && (labels.Count > MostLabels || !float.IsInteger(value)))
            {
                throw new CommandException(ExitCode.BadInput, $"{path}: the image has more than {MostLabels} values, or some that are no whole numbers; --labels wants a label map");
            }
        }
        var metrics = labels.SelectMany(label => OfMask($".{label.ToString(CultureInfo.InvariantCulture)}", label, reference, test)).ToList();
        metrics.Insert(0, ("dice", labels.Count == 0 ? 1 : labels.Average(label => Metrics.Dice(reference.Samples.Span, test.Samples.Span, label)), ""));
        return metrics;
    }

    private static IEnumerable<(string Name, double Value, string Unit)> OfMask(string suffix, float? label, Image reference, Image test)
    {
        yield return ("dice" + suffix, Metrics.Dice(reference.Samples.Span, test.Samples.Span, label), "");
        if (reference is { Channels: 1, Times: 1 })
        {
            yield return ("hausdorff95" + suffix, SurfaceDistance.Hausdorff95(reference, test, label), "mm");
        }
    }

    internal static IEnumerable<(string Name, double Value, string Unit)> OfField(Image field)
    {
        var determinants = new DisplacementField(field).JacobianDeterminants();
        return [("foldings", DisplacementField.Foldings(determinants), "voxels"), ("jacobianMinimum", determinants.Min(), "")];
    }

    private static List<(string Name, double Value, string Unit)> OfLandmarks(Session session)
    {
        if (session.Get(Labels) || session.Get(Options.RequirePsnr) is not null)
        {
            throw new CommandException(ExitCode.WrongUse, "--labels and --require-psnr belong to images; leave them out");
        }
        var (a, b) = (LandmarkFile.Read(session.Get(Reference)), LandmarkFile.Read(session.Get(Test)));
        if (session.Get(Like) is { } like)
        {
            var grid = session.ReadImage(like).Grid;
            // A list that does not say what its numbers are counts voxels from 1.
            (a, b) = ((a with { FirstVoxel = a.FirstVoxel ?? 1 }).InWorld(grid), (b with { FirstVoxel = b.FirstVoxel ?? 1 }).InWorld(grid));
        }
        if (session.Get(Field) is { } path)
        {
            var field = new DisplacementField(session.ReadFiniteImage(path));
            a = a with { Points = [.. a.Points.Select(field.Apply)] };
        }
        var distances = a.DistancesTo(b);
        var mean = distances.Average();
        var deviation = Math.Sqrt(distances.Average(distance => (distance - mean) * (distance - mean)));
        return [("tre", mean, "mm"), ("treDeviation", deviation, "mm"), ("treMaximum", distances.Max(), "mm"), ("landmarks", distances.Length, "")];
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
