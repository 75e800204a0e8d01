using System.CommandLine;
using System.Globalization;
using InrFast.Autodiff;
using InrFast.Cli.Output;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Tasks.Fitting;
using InrFast.Tasks.Registration;

namespace InrFast.Cli.Commands;

/// <summary>Registers a pair of images, or applies a registration to another image.</summary>
internal static class RegisterCommand
{
    private static readonly Argument<string[]> Images = new("FIXED MOVING")
    {
        Description = "The image that stays and the one to be moved onto it; with --apply the latter alone",
        Arity = new ArgumentArity(1, 2),
    };

    private static readonly Option<string> Method = OptionTypes.Choice("--method", "idir: a displacement field; mirnf: the flow of a velocity field, which has an inverse and does not fold", "idir", "idir", "mirnf");

    private static readonly Option<string> Initial = OptionTypes.Choice("--initial", "auto: look for an affine map first; none: the images lie near each other in the world", "auto", "auto", "none");

    private static readonly Option<string> SimilarityChoice = OptionTypes.Choice("--similarity", "ncc: correlation; mse: squared difference, for images of one scale of values", "ncc", "ncc", "mse");

    private static readonly Option<string> RegularizerChoice = OptionTypes.Choice("--regularizer", "What the field is paid for: changes of volume, curvature, nothing", "jacobian", "jacobian", "bending", "none");

    private static readonly Option<double?> Weight = OptionTypes.Number("--regularizer-weight", "W", "Of the regulariser, the similarity having 1", 0, 1e9);

    private static readonly Option<long?> Iterations = OptionTypes.Number("--iterations", "N", "Updates in all", 1, long.MaxValue);

    private static readonly Option<int?> Points = OptionTypes.Number("--points", "N", "Points of the fixed image in an update", 2, 1 << 24);

    private static readonly Option<double?> LearningRate = OptionTypes.Number("--learning-rate", "RATE", "Of the first update", 1e-12, 1e3);

    private static readonly Option<string?> Mask = OptionTypes.File("--mask", "Of the fixed image: points are taken where it is not 0");

    private static readonly Option<string[]> Landmarks = new("--landmarks")
    {
        Description = "Points of the fixed and of the moving image in one order: how far apart they are before and after, in mm",
        HelpName = "FIXED.csv MOVING.csv",
        Arity = new ArgumentArity(2, 2),
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string?> Model = OptionTypes.File("--model", "Save the registration, for --apply", "FILE.safetensors");

    private static readonly Option<string?> Field = OptionTypes.File("--field", "Write the displacement on the fixed image's grid, mm of the world, as ITK has it");

    private static readonly Option<string?> Jacobian = OptionTypes.File("--jacobian", "Write the determinant of the field's derivative");

    private static readonly Option<string?> Apply = OptionTypes.File("--apply", "Move an image by a saved registration instead of looking for one", "FILE.safetensors");

    private static readonly Option<string> Interpolation = OptionTypes.Choice("--interpolation", "Between voxels; nearest for labels", "linear", "linear", "cubic", "nearest");

    /// <summary>Images that are written besides the moved one, checked before the work begins.</summary>
    private static readonly Option<string?>[] imageOutputs = [Field, Jacobian];

    public static Command Create()
    {
        var command = new Command("register", "Move an image onto another by a field that a network learns from this pair alone.")
        {
            Images, Options.ImageOutput, Method, Initial, SimilarityChoice, RegularizerChoice, Weight, Mask, Landmarks, Iterations, Points, LearningRate, Model, Field, Jacobian, Apply, Interpolation,
            Options.Seed, Options.Preview, Options.Device, Options.Precision, Options.Threads,
        };
        Options.OfInputs.ToList().ForEach(command.Add);
        command.Validators.Add(result =>
        {
            var count = result.GetResult(Images)?.Tokens.Count ?? 0;
            if (count > 0 && (result.GetResult(Apply) is not null) != (count == 1))
            {
                result.AddError(count == 1 ? "give two images, FIXED and MOVING, or --apply with a saved registration" : "--apply moves one image; give that alone");
            }
            if (result.GetResult(Apply) is not null && new Option[] { Model, Field, Jacobian, Mask }.FirstOrDefault(option => result.GetResult(option) is not null) is { } option)
            {
                result.AddError($"--apply only moves an image; it knows no {option.Name}");
            }
        });
        command.SetAction(parsed => Run(new Session(parsed)));
        return command;
    }

    private static int Run(Session session)
    {
        var (output, force) = (session.Get(Options.ImageOutput)!, session.Get(Options.Force));
        ImageFile.CheckOutput(output, force);
        foreach (var path in imageOutputs.Select(session.Get).OfType<string>())
        {
            ImageFile.CheckOutput(path, force);
        }
        if (session.Get(Model) is { } saved)
        {
            AtomicFile.Check(saved, force);
        }
        var device = session.OpenDevice();
        using var cancellation = new Cancellation();
        var images = session.Get(Images).Select(path => session.ReadFiniteImage(path)).ToArray();
        using var workers = session.StartWorkers();
        session.Result.Device = device.Name;
        return session.Get(Apply) is { } registration
            ? RunApply(session, registration, images[0], device, workers, cancellation.Token)
            : RunPair(session, images[0], images[1], device, workers, cancellation.Token);
    }

    private static int RunApply(Session session, string registration, Image image, Device device, Workers workers, CancellationToken cancel)
    {
        using var model = session.ReadModel(registration, stream => RegistrationModel.Load(stream, device));
        if (model.Description.Grid.Dimensions != image.Dimensions)
        {
            throw new CommandException(ExitCode.BadInput, $"{registration} moves images of {model.Description.Grid.Dimensions} dimensions; this one has {image.Dimensions}");
        }
        var warped = Moved(session, image, model.Displacement(model.Description.Grid, device, workers, cancel));
        Write(session, session.Get(Options.ImageOutput)!, warped);
        Draw(session, () => Preview.Render(warped));
        session.Result.Output = session.Get(Options.ImageOutput);
        return session.Finish();
    }

    private static int RunPair(Session session, Image fixedImage, Image moving, Device device, Workers workers, CancellationToken cancel)
    {
        var standard = session.Get(Method) == "mirnf" ? RegistrationOptions.Flow : new RegistrationOptions();
        var options = standard with
        {
            Initial = session.Get(Initial) == "auto" ? null : Affine.Identity,
            Similarity = session.Get(SimilarityChoice) == "mse" ? Similarity.SquaredDifference : Similarity.CrossCorrelation,
            Regularizer = session.Get(RegularizerChoice) switch { "jacobian" => Regularizer.Jacobian, "bending" => Regularizer.Bending, _ => Regularizer.None },
            RegularizerWeight = session.Get(Weight) ?? (session.Get(RegularizerChoice) == "bending" ? 1e-3 : standard.RegularizerWeight),
            Mask = session.Get(Mask) is { } mask ? session.ReadFiniteImage(mask) : null,
            Iterations = session.Get(Iterations) ?? standard.Iterations,
            Points = session.Get(Points) ?? standard.Points,
            LearningRate = session.Get(LearningRate) ?? standard.LearningRate,
            Seed = session.Get(Options.Seed) ?? 0,
        };
        var landmarks = ReadLandmarks(session, fixedImage, moving);
        using var progress = session.ShowProgress();
        var result = PairRegistration.Run(fixedImage, moving, options, device, workers,
            now => progress?.Report(new(now.Iteration, (double)now.Iteration / now.Iterations, now.Loss, null, now.RowsPerSecond)), cancel);
        using var model = result.Model;
        cancel.ThrowIfCancellationRequested();
        var field = model.Displacement(fixedImage.Grid, device, workers, cancel);
        var determinant = model.JacobianDeterminant(device, workers, cancel);
        var warped = Moved(session, moving, field);
        var begin = session.Elapsed;
        Write(session, session.Get(Options.ImageOutput)!, warped);
        Write(session, session.Get(Field), field);
        Write(session, session.Get(Jacobian), determinant);
        if (session.Get(Model) is { } path)
        {
            AtomicFile.Write(path, session.Get(Options.Force), model.Save);
        }
        Draw(session, () => Preview.Compare(fixedImage, warped));
        var (still, _) = Warping.Warp(moving, new Image(fixedImage.Grid, new float[field.Samples.Length], field.Channels), WarpInterpolation.Linear);
        var json = session.Result;
        (json.Parameters, json.Iterations, json.Loss, json.RowsPerSecond) = (model.ParameterCount, result.Iterations, result.Loss, result.PointsPerSecond);
        (json.Seconds.Setup, json.Seconds.Fit, json.Seconds.Write) = (result.SetupSeconds, result.FitSeconds, session.Elapsed - begin);
        (json.Output, json.Method, json.Seed) = (session.Get(Options.ImageOutput), session.Get(Method), options.Seed);
        var foldings = determinant.Samples.ToArray().LongCount(value => value <= 0);
        json.Metrics = new()
        {
            ["nccBefore"] = Metrics.Correlation(fixedImage.Samples.Span, still.Samples.Span),
            ["ncc"] = Metrics.Correlation(fixedImage.Samples.Span, warped.Samples.Span),
            ["foldings"] = foldings,
        };
        if (json.Metrics["ncc"] < json.Metrics["nccBefore"])
        {
            session.Warn("the images are less alike than before: lower the learning rate, or give a larger weight to the regulariser");
        }
        if (landmarks is var (points, truth))
        {
            var found = model.Transform(points, device, workers, cancel);
            (json.Metrics["treBefore"], json.Metrics["tre"]) = (MeanDistance(points, truth), MeanDistance(found, truth));
            json.Metrics["treVoxels"] = MeanDistance([.. found.Select(point => Snapped(moving.Grid, point))], [.. truth.Select(point => Snapped(moving.Grid, point))]);
            session.Say(string.Create(CultureInfo.InvariantCulture, $"landmarks {json.Metrics["treBefore"]:f2} mm apart before, {json.Metrics["tre"]:f2} after ({json.Metrics["treVoxels"]:f2} from voxel to voxel)"));
        }
        json.History = new([.. result.History.Select(p => p.Iteration)], [.. result.History.Select(p => p.Seconds)], [.. result.History.Select(p => p.Loss)], [.. result.History.Select(_ => (double?)null)]);
        session.Say(string.Create(CultureInfo.InvariantCulture,
            $"correlation {json.Metrics["nccBefore"]:f4} before, {json.Metrics["ncc"]:f4} after; {foldings} of {determinant.Samples.Length} voxels fold; {result.Iterations} iterations in {result.FitSeconds:g3} s"));
        return session.Finish();
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

    private static Image Moved(Session session, Image image, Image field)
    {
        var interpolation = session.Get(Interpolation) switch { "nearest" => WarpInterpolation.Nearest, "cubic" => WarpInterpolation.Cubic, _ => WarpInterpolation.Linear };
        var (warped, outside) = Warping.Warp(image, field, interpolation);
        if (outside > 0.001)
        {
            session.Warn(string.Create(CultureInfo.InvariantCulture, $"{outside:p1} of the voxels come from outside the moving image and got its least value"));
        }
        return warped;
    }

    private static void Write(Session session, string? path, Image image)
    {
        if (path is null)
        {
            return;
        }
        foreach (var warning in ImageFile.Write(path, image, new WriteOptions { Force = session.Get(Options.Force), Derivation = "Moved onto another image by a neural field by InrFast" }))
        {
            session.Warn(warning);
        }
    }

    private static void Draw(Session session, Func<Raster> draw)
    {
        if (session.WantsPicture)
        {
            session.Picture = draw();
        }
        if (session.Get(Options.Preview) is { } preview)
        {
            session.Picture!.WritePng(preview, session.Get(Options.Force));
        }
    }
}
