using System.CommandLine;
using System.Globalization;
using InrFast.Cli.Output;
using InrFast.Imaging;
using InrFast.Tasks.Fitting;
using InrFast.Tasks.Reconstruction;
using InrFast.Tasks.Registration;

namespace InrFast.Cli.Commands;

/// <summary>Makes an image of a scanner's measurements.</summary>
internal static class ReconstructCommand
{
    private static readonly Argument<string[]> Input = new("PROJECTIONS") { Description = "An array [angle][row][column], or [angle][column] of one detector row", Arity = ArgumentArity.OneOrMore };

    private static readonly Option<string> Method = OptionTypes.Choice("--method", "auto: fbp or fdk where views are many and go all around, else nltv for slices, snaf for cone beams and tv for other volumes; naf, snaf, nerp, coil, intratomo: networks, stinr, dctr: what moves, see docs/methods.md", "auto", [.. CtOptions.Methods]);
    private static readonly Option<string> Window = OptionTypes.Choice("--filter", "Of fbp and fdk, from sharp to smooth", "ram-lak", [.. Windows.Keys]);
    private static readonly Option<int?> Iterations = OptionTypes.Number("--iterations", "N", "200 for sirt and tv, 10 for sart, 450 for nltv, 2000 for naf, 3000 for snaf, 1000 (volumes: 2000) for nerp, 3000 for coil, 600 for intratomo, 200 for stinr, 150 for dctr unless told", 1, 1 << 20);
    private static readonly Option<int?> Subsets = OptionTypes.Number("--subsets", "N", "Of an iteration of sirt: as many times as fast, and less steady", 1, 1 << 16);
    private static readonly Option<double?> TvWeight = OptionTypes.Number("--tv-weight", "W", "Of tv and nltv: more for noisier data; chosen on views held out unless told (lengths in halves of the volume's longest side)", 1e-9, 1e9);
    private static readonly Option<string> Completed = OptionTypes.Choice("--completed", "Of coil: what makes an image of the completed projections", "fbp", "fbp", "tv");
    private static readonly Option<string?> Prior = OptionTypes.File("--prior", "An earlier image of the same subject, per mm or in HU, for nerp, or a series of them for stinr, which auto then is");
    private static readonly Option<int?> Times = OptionTypes.Number("--times", "N", "Of stinr and dctr (which auto then is without --prior): images at so many times of the scan; as many as --prior has, or 10, unless told", 1, 1 << 16);
    private static readonly Option<bool> AsHounsfield = OptionTypes.Flag("--hu", "Write HU instead of attenuation per mm");
    private static readonly Option<string?> Reference = OptionTypes.File("--reference", "An image of the same size: PSNR and SSIM against it");

    private static Dictionary<string, RampWindow> Windows => new() { ["ram-lak"] = RampWindow.RamLak, ["shepp-logan"] = RampWindow.SheppLogan, ["cosine"] = RampWindow.Cosine, ["hann"] = RampWindow.Hann };

    public static Command Create()
    {
        var ct = new Command("ct", "Reconstruct an image of CT projections.")
        {
            Input, Options.ImageOutput, Method, Window, Iterations, Subsets, TvWeight, Completed, Prior, Times, Options.TimeLimit, AsHounsfield, CtOptionTypes.Water, Reference, Options.RequirePsnr, Options.Seed, Options.Preview, Options.Device, Options.Precision, Options.Threads,
        };
        CtInput.AddTo(ct);
        Options.OfInputs.ToList().ForEach(ct.Add);
        ct.Validators.Add(result =>
        {
            if (result.GetResult(Options.RequirePsnr) is not null && result.GetResult(Reference) is null)
            {
                result.AddError("--require-psnr needs --reference, the image to compare with");
            }
        });
        ct.SetAction(parsed => Run(new Session(parsed)));
        return new Command("reconstruct", "Reconstruct an image of a scanner's measurements.") { ct };
    }

    private static int Run(Session session)
    {
        var (output, force) = (session.Get(Options.ImageOutput)!, session.Get(Options.Force));
        var device = session.OpenDevice();
        using var cancellation = new Cancellation();
        var scan = CtInput.Read(session, session.Get(Input));
        var geometry = scan.Geometry;
        // Polynomials of motion, and of a slice's four times as many pixels.
        int voxels = session.Get(Method) == "dctr" || session.Get(Times) is not null ? 80 : 8;
        // Rays of a slice are kept as they were made, 3 floats each; half as large pixels have twice as many.
        var size = geometry.ToGrid().Size;
        int rays = size.Z == 1 ? 4 + 3 * 3 : 4;
        session.RequireMemory((voxels * (Int128)size.Voxels + rays * (Int128)scan.Projections.Length) * sizeof(float), "this reconstruction");
        var options = new CtOptions
        {
            Method = session.Get(Method)!, Window = Windows[session.Get(Window)!], Iterations = session.Get(Iterations), Subsets = session.Get(Subsets) ?? 1,
            TvWeight = session.Get(TvWeight), Completed = session.Get(Completed)!, TimeLimit = session.Get(Options.TimeLimit), Times = session.Get(Times), Seed = session.Seed(),
        };
        if (session.Get(Prior) is { } earlier)
        {
            var series = session.ReadFiniteImage(earlier);
            var phases = Enumerable.Range(0, series.Times).Select(time => CtPrior.Of(earlier, series.At(time), geometry, session.Get(CtOptionTypes.Water) ?? Hounsfield.Water)).ToArray();
            phases.SelectMany(phase => phase.Warnings).Distinct().ToList().ForEach(session.Warn);
            options = phases.Length == 1 ? options with { Prior = phases[0].Values } : options with { Phases = [.. phases.Select(phase => phase.Values)] };
        }
        using var workers = session.StartWorkers();
        CtResult result;
        using (var progress = session.ShowProgress())
        {
            result = CtReconstruction.Run(scan, options, device, workers, now => progress?.Report(new ProgressState(now.Iteration,
                Math.Max((double)now.Iteration / now.Iterations, now.Seconds / options.TimeLimit ?? 0), now.Loss, null, now.RowsPerSecond)), cancellation.Token);
        }
        if (result.Method == "dctr" && geometry.AnglesDegrees is { } angles && angles.Skip(1).Zip(angles, (next, angle) => Math.Abs(Math.IEEERemainder(next - angle, 360))).Sum() is var turned && turned < 360)
        {
            session.Warn(FormattableString.Invariant($"dctr: the gantry turns by {turned:0} degrees in all, and over less than a whole turn several motions have the same projections; compare with --method tv, or give an earlier series with --prior"));
        }
        var image = !session.Get(AsHounsfield) ? result.Image
            : new Image(result.Image.Grid, Hounsfield.FromAttenuation(result.Image.Samples.Span, session.Get(CtOptionTypes.Water) ?? Hounsfield.Water), times: result.Image.Times) { Unit = "HU", TimeSpacing = result.Image.TimeSpacing };
        var metrics = new Dictionary<string, double> { ["projectionResidual"] = result.Residual };
        if (result.TvWeight is { } weight)
        {
            metrics["tvWeight"] = weight;
        }
        if (session.Get(Reference) is { } path)
        {
            var reference = session.ReadFiniteImage(path);
            if (reference.Samples.Length != image.Samples.Length)
            {
                throw new CommandException(ExitCode.BadInput, $"--reference {path}: it has {reference.Size} voxels and the reconstruction {image.Size}; give one of the same size");
            }
            metrics["psnr"] = Metrics.PeakSignalToNoise(reference.Samples.Span, image.Samples.Span);
            metrics["ssim"] = StructuralSimilarity.Mean(reference, image);
        }
        var begin = session.Elapsed;
        foreach (var warning in ImageFile.Write(output, image, new WriteOptions { Force = force, Derivation = $"Reconstructed by InrFast ({result.Method})" }))
        {
            session.Warn(warning);
        }
        if (session.WantsPicture)
        {
            // The image, then measured and computed projections of the middle row, and their difference.
            session.Picture = Raster.SideBySide(Imaging.Preview.Render(image),
                Imaging.Preview.Compare(CtOptionTypes.MiddleOf(scan.Projections, geometry), CtOptionTypes.MiddleOf(result.Reprojection, geometry)));
        }
        if (session.Get(Options.Preview) is { } preview)
        {
            session.Picture!.WritePng(preview, force);
        }
        var json = session.Result;
        (json.Seconds.Write, json.Seconds.Fit) = (session.Elapsed - begin, result.Seconds);
        (json.Device, json.Output, json.Method, json.Metrics, json.Iterations, json.Seed) = (device.Name, output, result.Method, metrics, result.Iterations, options.Seed);
        if (result.History.Count > 0)
        {
            json.History = new([.. result.History.Select((_, i) => i + 1L)], [.. result.History.Select(point => point.Seconds)], [.. result.History.Select(point => point.Residual)], [.. result.History.Select(_ => (double?)null)]);
        }
        session.Say(string.Create(CultureInfo.InvariantCulture, $"{result.Method}: projections differ by {100 * result.Residual:g3} % from the measured ones; {result.Seconds:g3} s"));
        return session.Finish(metrics.TryGetValue("psnr", out var psnr) && psnr < session.Get(Options.RequirePsnr) ? ExitCode.BelowRequirement : ExitCode.Done);
    }
}
