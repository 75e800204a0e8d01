using System.CommandLine;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Tasks.Registration;

namespace InrFast.Cli.Commands;

/// <summary>Registers a pair of images or a series to an image (<see cref="RegisterRun"/>), or applies registrations and fields to another image (<see cref="RegisterApply"/>).</summary>
internal static class RegisterCommand
{
    private static readonly Argument<string[]> Images = new("FIXED MOVING")
    {
        Description = "The image that stays and the one to be moved onto it, or a series of such; with --apply the latter alone",
        Arity = new ArgumentArity(1, 2),
    };

    private static readonly Option<string> Interpolation = OptionTypes.Choice("--interpolation", "Between voxels; nearest for labels", "linear", "linear", "cubic", "nearest");

    public static Command Create()
    {
        var command = new Command("register", "Move an image onto another by a field that a network learns from this pair alone.") { Images, Options.ImageOutput };
        IReadOnlyList<Option> ofRuns = [.. RegisterOptions.All, .. RegisterRun.Outputs];
        Options.RequireCheckpoint(command);
        foreach (var option in ofRuns.Append(RegisterApply.Apply).Concat(RegisterApply.All).Concat([Interpolation, Options.Seed, Options.Preview, Options.Device, Options.Precision, Options.Threads]).Concat(Options.OfInputs))
        {
            command.Add(option);
        }
        command.Validators.Add(result =>
        {
            var count = result.GetResult(Images)?.Tokens.Count ?? 0;
            var applies = result.GetResult(RegisterApply.Apply) is not null;
            if (count > 0 && applies != (count == 1))
            {
                result.AddError(count == 1 ? "give two images, FIXED and MOVING, or --apply with a saved registration" : "--apply moves one image; give that alone");
            }
            if (applies && RegisterOptions.Given(result, ofRuns.Where(option => option != RegisterRun.Field)) is { } option)
            {
                result.AddError($"--apply only moves an image; it knows no {option.Name}");
            }
            if (!applies && RegisterOptions.Given(result, RegisterApply.All) is { } lost)
            {
                result.AddError($"{lost.Name} belongs to --apply; give both, or leave it out");
            }
            if (result.GetResult(RegisterApply.Inverse) is not null != result.GetResult(RegisterApply.Like) is not null)
            {
                result.AddError("--inverse moves an image onto another grid than that of the registration, and needs --like with an image of that grid; both or neither");
            }
        });
        command.SetAction(parsed => Run(new Session(parsed)));
        return command;
    }

    private static int Run(Session session)
    {
        foreach (var option in RegisterRun.ImageOutputs)
        {
            session.CheckOutput(option.Name, session.Get(option), ImageFile.CheckOutput);
        }
        foreach (var option in RegisterRun.FileOutputs)
        {
            session.CheckOutput(option.Name, session.Get(option), AtomicFile.Check);
        }
        var device = session.OpenDevice();
        using var cancellation = new Cancellation();
        var images = session.Get(Images).Select(path => session.ReadFiniteImage(path)).ToArray();
        if (images is [{ Times: > 1 }, _])
        {
            session.Warn($"the fixed image has {images[0].Times} times; the first is the reference");
            images[0] = images[0].At(0);
        }
        using var workers = session.StartWorkers();
        session.Result.Device = device.Name;
        return images is [var fixedImage, var moving]
            ? RegisterRun.Run(session, fixedImage, moving, device, workers, cancellation.Token)
            : RegisterApply.Run(session, images[0], device, workers, cancellation.Token);
    }

    /// <summary>An image, or each time of a series, moved by the field of that time.</summary>
    internal static Image Moved(Session session, Image image, Func<int, Image> field)
    {
        var interpolation = session.Get(Interpolation) switch { "nearest" => WarpInterpolation.Nearest, "cubic" => WarpInterpolation.Cubic, _ => WarpInterpolation.Linear };
        var parts = Enumerable.Range(0, image.Times).Select(time => Warping.Warp(image.At(time), field(time), interpolation)).ToArray();
        var outside = parts.Average(part => part.Outside);
        if (outside == 1)
        {
            throw new CommandException(ExitCode.BadInput, "nothing of the moving image comes to lie on the grid that it is moved to; give images of one frame of reference, or a lower --learning-rate");
        }
        if (outside > 0.001)
        {
            session.Warn(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{outside:p1} of the voxels come from outside the moving image and got its least value"));
        }
        return Series.Join([.. parts.Select(part => part.Warped)], image.TimeSpacing);
    }

    internal static void Write(Session session, string? path, Func<Image> image)
    {
        if (path is null)
        {
            return;
        }
        foreach (var warning in ImageFile.Write(path, image(), new WriteOptions { Force = session.Get(Options.Force), Derivation = "Moved onto another image by a neural field by InrFast" }))
        {
            session.Warn(warning);
        }
    }

    internal static void Draw(Session session, Func<Raster> draw)
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
