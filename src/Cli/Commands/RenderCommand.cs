using System.CommandLine;
using System.Globalization;
using InrFast.Imaging;
using InrFast.Tasks.Fitting;

namespace InrFast.Cli.Commands;

/// <summary>Draws a model as an image on any grid.</summary>
internal static class RenderCommand
{
    private static readonly Argument<string> Input = new("MODEL") { Description = "A model that fit wrote" };

    private static readonly Option<GridSize?> Size = OptionTypes.Parsed("--size", "XxY[xZ]", "So many voxels over the same field of view", ParseSize, "size such as 512x512 or 128x128x64");

    private static readonly Option<Vector3d?> Spacing = OptionTypes.Parsed("--spacing", "MM[,MM,MM]", "Voxels of this size", ParseSpacing, "spacing such as 0.5 or 0.5,0.5,2");

    private static readonly Option<string?> Like = OptionTypes.File("--like", "The grid of this image");

    private static readonly Option<double?> Scale = OptionTypes.Number("--scale", "FACTOR", "So many times as many voxels along each axis", 1e-3, 1e3);

    private static readonly Option<string?> Source = OptionTypes.File("--source", "The DICOM image or series that the model was fitted to: a DICOM output takes patient, study and references from it", "FILE|FOLDER");

    public static Command Create()
    {
        var command = new Command("render", "Draw a model as an image on any grid; its own unless told.")
        {
            Input, Options.ImageOutput, Size, Spacing, Like, Scale, Source, Options.Preview, Options.Device, Options.Precision, Options.Threads,
        };
        Options.OfInputs.ToList().ForEach(command.Add);
        command.Validators.Add(result =>
        {
            var given = new Option[] { Size, Spacing, Like, Scale }.Where(option => result.GetResult(option) is not null).Select(option => option.Name).ToArray();
            if (given.Length > 1)
            {
                result.AddError($"{string.Join(" and ", given)} both choose the grid; give one");
            }
        });
        command.SetAction(parsed => Run(new Session(parsed)));
        return command;
    }

    private static int Run(Session session)
    {
        var (path, output, force) = (session.Get(Input), session.Get(Options.ImageOutput)!, session.Get(Options.Force));
        var device = session.OpenDevice();
        using var cancellation = new Cancellation();
        var begin = session.Elapsed;
        using var model = session.ReadModel(path, stream => FittedImage.Load(stream, device));
        session.Result.Seconds.Load = session.Elapsed - begin;
        var grid = GridOf(session, model.Signal.Grid);
        session.RequireMemory((Int128)grid.Size.Voxels * model.Signal.Times * model.Channels * sizeof(float), $"rendering {grid.Size} voxels");

        using var workers = session.StartWorkers();
        begin = session.Elapsed;
        var image = model.Render(grid, device, workers, cancellation.Token);
        session.Result.Seconds.Render = session.Elapsed - begin;
        session.Result.RowsPerSecond = (double)image.Samples.Length / image.Channels / session.Result.Seconds.Render;
        cancellation.Token.ThrowIfCancellationRequested();

        begin = session.Elapsed;
        if (session.Get(Source) is { } source)
        {
            image = image.WithAcquisition(session.ReadImage(source).Acquisition ?? throw new CommandException(ExitCode.BadInput, $"--source {source}: this is not DICOM; give the series that the model was fitted to"));
        }
        foreach (var warning in ImageFile.Write(output, image, new WriteOptions
        {
            Force = force, Derivation = "Rendered from a neural representation by InrFast", LossyRatio = RatioOf(model.Signal, new FileInfo(path).Length),
        }))
        {
            session.Warn(warning);
        }
        if (session.WantsPicture)
        {
            session.Picture = Preview.Render(image);
        }
        if (session.Get(Options.Preview) is { } preview)
        {
            session.Picture!.WritePng(preview, force);
        }
        session.Result.Seconds.Write = session.Elapsed - begin;
        (session.Result.Device, session.Result.Output, session.Result.Parameters) = (device.Name, output, model.ParameterCount);
        return session.Finish();
    }

    // The image as it was stored against the model.
    private static double RatioOf(SignalDescription signal, long modelBytes) =>
        (double)signal.Grid.Size.Voxels * signal.Times * signal.StoredType.Bytes() / modelBytes;

    private static Grid GridOf(Session session, Grid own)
    {
        if (session.Get(Size) is { } size)
        {
            return size.Z > 1 == own.Size.Z > 1
                ? own.WithSize(size)
                : throw new CommandException(ExitCode.WrongUse, $"--size {size}: the model has {own.Dimensions} dimensions; give as many numbers");
        }
        return session.Get(Like) is { } like ? session.ReadImage(like).Grid
            : session.Get(Spacing) is { } spacing ? own.WithSpacing(spacing)
            : session.Get(Scale) is { } factor ? own.Scaled(factor)
            : own;
    }

    private static GridSize? ParseSize(string text)
    {
        var parts = text.Split('x');
        var counts = new int[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out counts[i]) || counts[i] < 1)
            {
                return null;
            }
        }
        return counts.Length is 2 or 3 ? new GridSize(counts[0], counts[1], counts.Length == 3 ? counts[2] : 1) : null;
    }

    private static Vector3d? ParseSpacing(string text)
    {
        var parts = text.Split(',');
        var steps = new double[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out steps[i]) || !(steps[i] > 0 && double.IsFinite(steps[i])))
            {
                return null;
            }
        }
        return steps switch
        {
            [var all] => new(all, all, all),
            [var x, var y, var z] => new(x, y, z),
            _ => null,
        };
    }
}
