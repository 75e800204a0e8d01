using System.CommandLine;
using System.Globalization;
using InrFast.Cli.Output;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Tasks.Compression;

namespace InrFast.Cli.Commands;

/// <summary>Draws a compressed image, whole, in part, or at another resolution.</summary>
internal static class DecompressCommand
{
    private static readonly Argument<string> Input = new("FILE.inrz") { Description = "What compress wrote" };

    private static readonly Option<string?> Region = new("--region")
    {
        Description = "These voxels alone, first and last along each axis, counted from 0 (with --scale: of the scaled grid)", HelpName = "X0..X1,Y0..Y1[,Z0..Z1]",
    };

    private static readonly Option<double?> Scale = OptionTypes.Number("--scale", "FACTOR", "So many times as many voxels along each axis; a coded residual then has no part", 1e-3, 1e3);

    private static readonly Option<string?> Source = OptionTypes.File("--source", "The DICOM series that was compressed: a DICOM output takes patient, study and references from it", "FILE|FOLDER");

    public static Command Create()
    {
        var command = new Command("decompress", "Draw a compressed image again: whole, a region, or at any resolution.")
        {
            Input, Options.ImageOutput, Region, Scale, Source, Options.Preview, Options.Device, Options.Threads,
        };
        Options.OfInputs.ToList().ForEach(command.Add);
        command.SetAction(parsed => Run(new Session(parsed)));
        return command;
    }

    private static int Run(Session session)
    {
        var (path, output, force) = (session.Get(Input), session.Get(Options.ImageOutput)!, session.Get(Options.Force));
        var device = !session.Get(Options.Device).IsCard ? CpuDevice.Best
            : throw new CommandException(ExitCode.Unavailable, "compressed images decode to the same bytes on every processor, but not on cards; use --device cpu");
        using var cancellation = new Cancellation();
        var begin = session.Elapsed;
        var file = Read(session, path);
        session.Result.Seconds.Load = session.Elapsed - begin;
        var factor = session.Get(Scale) ?? 1;
        var (first, size) = session.Get(Region) is { } region ? ParseRegion(region, file.Header.Axes.Length) : (null, null);
        var voxels = size?.Aggregate((Int128)1, (product, n) => product * n) ?? (factor == 1 ? file.Header.Grid : file.Header.Grid.Scaled(factor)).Size.Voxels;
        session.RequireMemory(voxels * file.Header.Channels * sizeof(float), $"an image of {voxels} voxels");

        using var workers = session.StartWorkers();
        begin = session.Elapsed;
        var (image, damaged) = Decompressor.Run(file, device, workers, first, size, factor, cancellation.Token);
        session.Result.Seconds.Render = session.Elapsed - begin;
        session.Result.RowsPerSecond = image.Grid.Size.Voxels / session.Result.Seconds.Render;
        cancellation.Token.ThrowIfCancellationRequested();
        foreach (var (from, count) in damaged)
        {
            session.Warn($"{path}: the block of voxels {Decompressor.Describe(from, count)} is damaged; it has the image's least value");
        }

        begin = session.Elapsed;
        if (session.Get(Source) is { } source)
        {
            image = image.WithAcquisition(session.ReadImage(source).Acquisition ?? throw new CommandException(ExitCode.BadInput, $"--source {source}: this is not DICOM; give the series that was compressed"));
        }
        var lossy = file.Header.MaxError is not 0;
        foreach (var warning in ImageFile.Write(output, image, new WriteOptions { Force = force, Derivation = "Decompressed from a neural representation by InrFast", LossyRatio = lossy ? (double)file.Header.RawBytes / new FileInfo(path).Length : null }))
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
        (session.Result.Device, session.Result.Output) = (device.Name, output);
        session.Result.Metrics = new() { ["damagedBlocks"] = damaged.Count };
        return session.Finish(damaged.Count > 0 ? ExitCode.PartlyDone : ExitCode.Done);
    }

    /// <summary>Reads a compressed file; what is wrong with it is said with its name.</summary>
    public static CompressedFile Read(Session session, string path)
    {
        using var stream = InputStream.Open(path);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        try
        {
            return CompressedFile.Read(copy.ToArray());
        }
        catch (Tasks.Fitting.FitException e)
        {
            throw new CommandException(ExitCode.BadInput, $"{path}: {e.Message}");
        }
    }

    private static (int[] First, int[] Size) ParseRegion(string text, int axes)
    {
        var parts = text.Split(',').Select(part => part.Split("..")).ToArray();
        var numbers = parts.Select(part => part.Select(number => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1).ToArray()).ToArray();
        return parts.Length == axes && numbers.All(n => n is [>= 0, >= 0] && n[1] >= n[0] && n[1] < int.MaxValue)
            ? ([.. numbers.Select(n => n[0])], [.. numbers.Select(n => n[1] - n[0] + 1)])
            : throw new CommandException(ExitCode.WrongUse, $"--region: '{text}' is no region of {axes} axes such as {string.Join(',', Enumerable.Repeat("10..49", axes))}");
    }
}
