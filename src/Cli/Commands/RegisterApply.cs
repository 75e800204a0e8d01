using System.CommandLine;
using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Tasks.Registration;

namespace InrFast.Cli.Commands;

/// <summary>Saved registrations and displacement fields, one after another, moving an image; or their inverse.</summary>
internal static class RegisterApply
{
    public static readonly Option<string[]> Apply = new("--apply")
    {
        Description = "Move an image by a saved registration or a displacement field (LPS, mm) instead of looking for one. Several: points go through the first, then the next, so the first one's fixed image gives the grid",
        HelpName = "FILE",
    };

    public static readonly Option<bool> Inverse = OptionTypes.Flag("--inverse", "With --apply: move what lies on the fixed image onto the moving one, whose grid --like gives");

    public static readonly Option<string?> Like = OptionTypes.File("--like", "With --inverse: the grid of this image", "IMAGE");

    /// <summary>What belongs to --apply.</summary>
    public static IReadOnlyList<Option> All { get; } = [Inverse, Like];

    /// <summary>One link of the chain: its fixed grid, its maps of points at a time, and at how many times it knows them.</summary>
    private sealed record Link(Grid Grid, int Times, Func<int, PointMap> Forward, Func<int, PointMap> Backward);

    public static int Run(Session session, Image image, Device device, Workers workers, CancellationToken cancel)
    {
        var models = new List<RegistrationModel>();
        try
        {
            var chain = session.Get(Apply)!.Select(path => Read(session, path, image, models, device, workers, cancel)).ToArray();
            var back = session.Get(Inverse);
            var grid = session.Get(Like) is { } like ? session.ReadImage(like).Grid : chain[0].Grid;
            if (grid.Dimensions != image.Dimensions)
            {
                throw new CommandException(ExitCode.BadInput, $"{session.Get(Like)} has {grid.Dimensions} dimensions, the image {image.Dimensions}; give one like it");
            }
            var times = chain.Max(link => link.Times);
            session.RequireMemory((Int128)grid.Size.Voxels * (times * 2 * grid.Dimensions + 2 * image.Times) * sizeof(float) + (back ? PointMaps.BytesToInvert(grid.Size.Voxels) : 0), "the moved image");
            Image[] fields = [.. Enumerable.Range(0, times).Select(time => Through(chain, back, time).Displacement(grid, cancel))];
            var warped = RegisterCommand.Moved(session, image, time => fields[times == 1 ? 0 : time]);
            RegisterCommand.Write(session, session.Get(Options.ImageOutput), () => warped);
            RegisterCommand.Write(session, session.Get(RegisterRun.Field), () => Series.Join(fields, image.TimeSpacing));
            RegisterCommand.Draw(session, () => Preview.Render(warped));
            session.Result.Output = session.Get(Options.ImageOutput);
            return session.Finish();
        }
        finally
        {
            models.ForEach(model => model.Dispose());
        }
    }

    private static PointMap Through(Link[] chain, bool back, int time) => points =>
    {
        var at = points as Vector3d[] ?? [.. points];
        foreach (var link in back ? chain.Reverse() : chain)
        {
            var map = back ? link.Backward : link.Forward;
            at = map(link.Times == 1 ? 0 : time)(at);
        }
        return at;
    };

    private static Link Read(Session session, string path, Image image, List<RegistrationModel> models, Device device, Workers workers, CancellationToken cancel)
    {
        if (!path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            var read = session.ReadFiniteImage(path);
            if (!DisplacementField.IsField(read) || read.Dimensions != image.Dimensions)
            {
                throw new CommandException(ExitCode.BadInput, $"{path}: an image of {read.Channels} channels, {read.Dimensions} dimensions and {read.Times} times is no displacement field for one of {image.Dimensions} dimensions; give one vector of {image.Dimensions} mm for each voxel");
            }
            var field = new DisplacementField(read);
            PointMap forward = points => [.. points.Select(field.Apply)];
            return new(read.Grid, 1, _ => forward, _ => points => forward.Invert(points, points, 0.05 * read.Grid.IndexToWorld.Spacing.X).Points);
        }
        var model = session.ReadModel(path, stream => RegistrationModel.Load(stream, device));
        models.Add(model);
        var description = model.Description;
        if (description.Grid.Dimensions != image.Dimensions)
        {
            throw new CommandException(ExitCode.BadInput, $"{path} moves images of {description.Grid.Dimensions} dimensions; this one has {image.Dimensions}");
        }
        if (description.Times > 1 && description.Times != image.Times)
        {
            throw new CommandException(ExitCode.BadInput, $"{path} moves series of {description.Times} times; this image has {image.Times}");
        }
        return new(description.Grid, description.Times, time => model.At(time, device, workers, cancel), time => model.InverseAt(time, device, workers, cancel));
    }
}
