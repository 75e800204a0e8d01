using System.CommandLine;
using System.Globalization;
using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Tasks.Registration;

namespace InrFast.Cli.Commands;

/// <summary>Registers a pair of images, or a series to an image, and writes what came of it.</summary>
internal static class RegisterRun
{
    private static readonly Option<string[]> Landmarks = new("--landmarks")
    {
        Description = "Points of the fixed and of the moving image in one order: how far apart they are before and after, in mm",
        HelpName = "FIXED.csv MOVING.csv",
        Arity = new ArgumentArity(2, 2),
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string?> Model = OptionTypes.FileOf(".safetensors", "--model", "Save the registration, for --apply and --initial");

    private static readonly Option<string?> Start = OptionTypes.File("--affine", "Write the affine map that the field starts from, as ITK's transform text");

    public static Option<string?> Field { get; } = OptionTypes.File("--field", "Write the displacement on the fixed image's grid, mm of the world, as ITK has it; with --apply that of all maps together");

    private static readonly Option<string?> InverseField = OptionTypes.File("--inverse-field", "Write the inverse's displacement on the moving image's grid");

    private static readonly Option<string?> Jacobian = OptionTypes.File("--jacobian", "Write the determinant of the field's derivative");

    /// <summary>Written besides the moved image, checked before the work begins.</summary>
    public static IReadOnlyList<Option<string?>> ImageOutputs { get; } = [Field, InverseField, Jacobian];

    public static IReadOnlyList<Option<string?>> FileOutputs { get; } = [Model, Start];

    public static IReadOnlyList<Option> Outputs { get; } = [Landmarks, .. FileOutputs, .. ImageOutputs];

    /// <summary>What is written and told, for each time of the moving image.</summary>
    private sealed record Products(Image Warped, Image[] Fields, Image[] Inverses, Vector3d[] Landmarks);

    public static int Run(Session session, Image fixedImage, Image moving, Device device, Workers workers, CancellationToken cancel)
    {
        var (comparedFixed, comparedMoving, options) = RegisterOptions.Read(session, fixedImage, moving, device);
        using var previous = options.Previous;
        var landmarks = ReadLandmarks(session, fixedImage, moving);
        // Values of both images, blurred too; then the field and its determinants, and the moved image, at all times; the inverse on the moving grid.
        Int128 numbers = (Int128)fixedImage.Samples.Length * (6 + moving.Times * (2 * fixedImage.Dimensions + 3)) + 3 * moving.Samples.Length, inverse = 0;
        if (session.Get(InverseField) is not null)
        {
            (numbers, inverse) = (numbers + 2 * moving.Dimensions * (Int128)moving.Samples.Length, PointMaps.BytesToInvert(moving.Grid.Size.Voxels));
        }
        session.RequireMemory(numbers * sizeof(float) + inverse + (64 << 20), "the registration");
        using var registration = new PairRegistration(comparedFixed, comparedMoving, options, device, workers);
        var checkpoint = Checkpoint.Of(session, registration.Resume, registration.Save, () => $"iteration {registration.Step}");
        session.Say(string.Create(CultureInfo.InvariantCulture,
            $"{device.Name}, {workers.Count} threads: {registration.ParameterCount} parameters for {fixedImage.Grid.Size.Voxels * moving.Times} voxels, at most {options.Iterations} iterations"));
        RegistrationResult result;
        Products products;
        try
        {
            using (var progress = session.ShowProgress())
            {
                result = registration.Run(now =>
                {
                    progress?.Report(new(now.Iteration, Math.Max((double)now.Iteration / now.Iterations, now.Seconds / options.TimeLimit ?? 0), now.Loss, null, now.RowsPerSecond));
                    checkpoint?.SaveWhenDue();
                }, cancel);
            }
            var model = result.Model;
            Image[] fields = [.. Each(time => model.Displacement(fixedImage.Grid, device, workers, time, cancel))];
            products = new(RegisterCommand.Moved(session, moving, time => fields[time]), fields,
                session.Get(InverseField) is null ? [] : [.. Each(time => Inverse(session, model, moving.Grid, time, device, workers, cancel))],
                landmarks is null ? [] : model.Transform(landmarks.Value.Fixed, device, workers, cancel: cancel));
        }
        catch (OperationCanceledException) when (checkpoint is not null)
        {
            checkpoint.Interrupt();
            throw;
        }
        using (result.Model)
        {
            var begin = session.Elapsed;
            Write(session, moving, result, products);
            RegisterCommand.Draw(session, () => Preview.Compare(fixedImage, options.Similarity == Similarity.SquaredDifference ? products.Warped.At(0) : InScaleOf(fixedImage, products.Warped.At(0))));
            checkpoint?.Remove();
            var json = session.Result;
            (json.Parameters, json.Iterations, json.Loss, json.RowsPerSecond) = (result.Model.ParameterCount, result.Iterations, double.IsNaN(result.Loss) ? null : result.Loss, result.PointsPerSecond);
            (json.Seconds.Setup, json.Seconds.Fit, json.Seconds.Write) = (result.SetupSeconds, result.FitSeconds, session.Elapsed - begin);
            (json.Output, json.Method) = (session.Get(Options.ImageOutput), session.Get(RegisterOptions.Method));
            json.History = new([.. result.History.Select(p => p.Iteration)], [.. result.History.Select(p => p.Seconds)], [.. result.History.Select(p => p.Loss)], [.. result.History.Select(_ => (double?)null)]);
            Tell(session, fixedImage, moving, result, products, landmarks);
            return session.Finish();
        }

        IEnumerable<T> Each<T>(Func<int, T> make) => Enumerable.Range(0, moving.Times).Select(make);
    }

    /// <summary>For a picture: a correlation does not mind another scale of values.</summary>
    private static Image InScaleOf(Image reference, Image image)
    {
        var (begin, end) = DisplayWindow.Percentile(reference);
        var (low, high) = DisplayWindow.Percentile(image);
        return high > low ? new(image.Grid, [.. image.Samples.ToArray().Select(value => begin + (value - low) * (end - begin) / (high - low))]) : image;
    }

    private static void Write(Session session, Image moving, RegistrationResult result, Products products)
    {
        RegisterCommand.Write(session, session.Get(Options.ImageOutput), () => products.Warped);
        RegisterCommand.Write(session, session.Get(Field), () => Series.Join(products.Fields, moving.TimeSpacing));
        RegisterCommand.Write(session, session.Get(Jacobian), () => Series.Join(result.Determinants, moving.TimeSpacing));
        RegisterCommand.Write(session, session.Get(InverseField), () => Series.Join(products.Inverses, moving.TimeSpacing));
        if (session.Get(Model) is { } path)
        {
            AtomicFile.Write(path, session.Get(Options.Force), result.Model.Save);
        }
        if (session.Get(Start) is { } start)
        {
            TransformFile.Write(start, result.Model.Description.InitialMap, session.Get(Options.Force));
        }
    }

    /// <summary>How alike the images are before and after, how the field folds, how far landmarks are apart.</summary>
    private static void Tell(Session session, Image fixedImage, Image moving, RegistrationResult result, Products products, (IReadOnlyList<Vector3d> Fixed, IReadOnlyList<Vector3d> Moving)? landmarks)
    {
        var metrics = session.Result.Metrics ??= [];
        var description = result.Model.Description;
        var still = new Image(fixedImage.Grid, new float[products.Fields[0].Samples.Length], products.Fields[0].Channels);
        var times = Enumerable.Range(0, moving.Times);
        var before = times.Average(time => Correlation(Warping.Warp(moving.At(time), still, WarpInterpolation.Linear).Warped));
        var after = times.Average(time => Correlation(products.Warped.At(time)));
        var foldings = result.Determinants.Sum(determinant => determinant.Samples.ToArray().LongCount(value => value <= 0));
        metrics["foldings"] = foldings;
        // An image that lies elsewhere, or was moved away, is constant on the fixed one's grid.
        foreach (var (name, value) in new[] { ("nccBefore", before), ("ncc", after) }.Where(pair => double.IsFinite(pair.Item2)))
        {
            metrics[name] = value;
        }
        var steps = "";
        if (description.Kind == DeformationKind.Velocity)
        {
            metrics["integrationSteps"] = description.Steps;
            steps = $" in {description.Steps} integration step{(description.Steps == 1 ? "" : "s")}";
            if (foldings > 0)
            {
                session.Warn($"{foldings} voxels fold, which a flow does not: it moves too far in a step; give more --integration-steps, or a lower --learning-rate");
            }
        }
        if (after < before)
        {
            session.Warn("the images are less alike than before: lower the learning rate, or give a larger weight to the regulariser");
        }
        if (landmarks is var (start, truth))
        {
            var found = products.Landmarks;
            (metrics["treBefore"], metrics["tre"]) = (MeanDistance(start, truth), MeanDistance(found, truth));
            metrics["treVoxels"] = MeanDistance([.. found.Select(point => Snapped(moving.Grid, point))], [.. truth.Select(point => Snapped(moving.Grid, point))]);
            session.Say(string.Create(CultureInfo.InvariantCulture, $"landmarks {metrics["treBefore"]:f2} mm apart before, {metrics["tre"]:f2} after ({metrics["treVoxels"]:f2} from voxel to voxel)"));
        }
        session.Say(string.Create(CultureInfo.InvariantCulture,
            $"correlation {Text(before)} before, {Text(after)} after; {foldings} of {result.Determinants.Sum(determinant => (long)determinant.Samples.Length)} voxels fold{steps}; {result.Iterations} iterations in {result.FitSeconds:g3} s"));

        static string Text(double correlation) => double.IsNaN(correlation) ? "undefined" : correlation.ToString("f4", CultureInfo.InvariantCulture);
        double Correlation(Image image) => Metrics.Correlation(fixedImage.Samples.Span, image.Samples.Span);
    }

    /// <summary>Points of the moving grid that come from within the fixed image must be carried back to where they were; the mean error goes into the result.</summary>
    private static Image Inverse(Session session, RegistrationModel model, Grid grid, int time, Device device, Workers workers, CancellationToken cancel)
    {
        const int Probes = 4096;
        var inverse = model.InverseAt(time, device, workers, cancel);
        var stride = Math.Max(1, grid.Size.Voxels / Probes);
        Vector3d[] probes = [.. Enumerable.Range(0, (int)(grid.Size.Voxels / stride)).Select(i => grid.ToWorld(PointMaps.IndexOf(grid, i * stride)))];
        var origins = inverse(probes);
        var error = model.Transform(origins, device, workers, time, cancel).Zip(probes, (there, probe) => (there - probe).Length)
            .Zip(origins, (length, origin) => (length, inside: model.Description.Grid.Contains(origin))).Where(pair => pair.inside).Select(pair => pair.length).DefaultIfEmpty(0).Average();
        (session.Result.Metrics ??= [])["inverseError"] = error;
        if (error > 0.1)
        {
            session.Warn(string.Create(CultureInfo.InvariantCulture, $"the inverse is off by {error:f2} mm on average: the field folds; give a larger weight to the regulariser, or --method mirnf"));
        }
        return inverse.Displacement(grid, cancel);
    }

    private static (IReadOnlyList<Vector3d> Fixed, IReadOnlyList<Vector3d> Moving)? ReadLandmarks(Session session, Image fixedImage, Image moving)
    {
        if (session.Get(Landmarks) is not [var first, var second])
        {
            return null;
        }
        var (a, b) = (LandmarkFile.Read(first).InWorld(fixedImage.Grid).Points, LandmarkFile.Read(second).InWorld(moving.Grid).Points);
        if (a.Count != b.Count)
        {
            throw new CommandException(ExitCode.BadInput, $"{first} has {a.Count} landmarks and {second} {b.Count}; give the same points of both images in one order");
        }
        foreach (var (points, grid, path) in new[] { (a, fixedImage.Grid, first), (b, moving.Grid, second) })
        {
            if (points.Count(point => !grid.Contains(point)) is var outside and > 0)
            {
                session.Warn($"{path}: {outside} of {points.Count} landmarks lie outside the image");
            }
        }
        return (a, b);
    }

    /// <summary>The centre of the nearest voxel: how the field's tables often count.</summary>
    private static Vector3d Snapped(Grid grid, Vector3d point)
    {
        var index = grid.ToIndex(point);
        return grid.ToWorld(new(Math.Round(index.X), Math.Round(index.Y), Math.Round(index.Z)));
    }

    private static double MeanDistance(IReadOnlyList<Vector3d> points, IReadOnlyList<Vector3d> truth) => points.Zip(truth, (point, other) => (point - other).Length).Average();
}
