using System.Diagnostics;
using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Reconstruction;

/// <summary>How to reconstruct.</summary>
public sealed record CtOptions
{
    public static IReadOnlyList<string> Methods { get; } = ["auto", "fbp", "fdk", "sirt", "sart", "tv", "nltv", "naf", "snaf", "nerp", "coil", "intratomo", "stinr", "dctr"];

    /// <summary>One of <see cref="Methods"/>. auto: with a prior NeRP, or, where that is a series, STINR; DCTR where several times are asked for without one; filtered backprojection where views are dense and go all around; else non-local TV of a slice, SNAF of a cone beam's volume, and TV of another.</summary>
    public string Method { get; init; } = "auto";
    public RampWindow Window { get; init; } = RampWindow.RamLak;

    /// <summary>Null: 200 (SIRT), 10 (SART), 200 (TV), 450 (non-local TV), 2000 (NAF), 3000 (SNAF), 1000 in the plane and 2000 in space (NeRP), 3000 (CoIL), 600 in the first round (IntraTomo), 200 (STINR), 150 (DCTR).</summary>
    public int? Iterations { get; init; }

    /// <summary>What makes CoIL's image of the completed projections: "fbp" or "tv".</summary>
    public string Completed { get; init; } = "fbp";

    /// <summary>Of TV, non-local or not; null: the one whose image of most views predicts the other views best. Its scale is that of images in units of half the volume's longest side, so that one value serves any scanner.</summary>
    public double? TvWeight { get; init; }

    /// <summary>Of one iteration of SIRT.</summary>
    public int Subsets { get; init; } = 1;

    /// <summary>Seconds after which iterations end.</summary>
    public double? TimeLimit { get; init; }

    /// <summary>An earlier image of the same subject, per mm, on the geometry's volume (<see cref="CtPrior"/>); for NeRP.</summary>
    public float[]? Prior { get; init; }

    /// <summary>Likewise at several times, of which STINR learns how the subject moves; their scale means nothing.</summary>
    public IReadOnlyList<float[]>? Phases { get; init; }

    /// <summary>Of STINR and DCTR: images at so many times, in the middles of equal parts of the scan's duration; null: as many as <see cref="Phases"/>, or 10.</summary>
    public int? Times { get; init; }

    /// <summary>Of networks.</summary>
    public ulong Seed { get; init; }
}

/// <param name="Image">Attenuation per mm, on the geometry's volume.</param>
/// <param name="Residual">|A x - b| / |b|: how far the image's projections are from the measured ones.</param>
/// <param name="Reprojection">A x, [view][row][column].</param>
/// <param name="History">The residual before each iteration, and when it was known; empty for methods without iterations.</param>
/// <param name="TvWeight">Of TV, non-local or not, given or chosen.</param>
public sealed record CtResult(Image Image, string Method, double Residual, float[] Reprojection, int Iterations, double Seconds, IReadOnlyList<(double Seconds, double Residual)> History, double? TvWeight);

/// <summary>From a scan to an image.</summary>
public static class CtReconstruction
{
    const int TvIterations = 200, DynamicTimes = 10;

    /// <exception cref="FitException">WrongUse: the method cannot work on this geometry.</exception>
    public static CtResult Run(CtScan scan, CtOptions options, Device device, Workers workers, Action<FitProgress>? progress = null, CancellationToken cancel = default)
    {
        var geometry = scan.Geometry;
        string method = options.Method == "auto" ? options.Phases is not null ? "stinr" : options.Prior is not null ? "nerp" : options.Times is not null ? "dctr" : Choose(geometry) : options.Method;
        if (options.Prior is not null && method != "nerp") throw new FitException(FitError.WrongUse, $"method {method} takes no prior; nerp does");
        if (options.Phases is not null && method != "stinr") throw new FitException(FitError.WrongUse, $"method {method} takes no earlier series; stinr does");
        if (options.Times is not null && method is not ("stinr" or "dctr")) throw new FitException(FitError.WrongUse, $"method {method} makes no images of several times; dctr does, and with an earlier series stinr");
        if (method == "stinr" && options.Phases is not { Count: > 1 }) throw new FitException(FitError.WrongUse, "method stinr needs an earlier series of the same subject, from which it learns the motion; give it with --prior, or take dctr");
        if (method is "stinr" or "dctr") CheckTimes(geometry, method);
        bool isFiltered = method is "fbp" or "fdk";
        if (isFiltered && geometry.AnglesDegrees is null) throw new FitException(FitError.WrongUse, $"method {method} needs a gantry on a circle, and this geometry has poses; use sirt, sart or tv");
        if (method == "fbp" && geometry.Detector.Rows > 1 && geometry.Kind == CtGeometry.Cone) throw new FitException(FitError.WrongUse, "method fbp is for parallel and fan beams; fdk is the same for cone beams");
        if (method == "fdk" && geometry.Kind != CtGeometry.Cone) throw new FitException(FitError.WrongUse, $"method fdk is for cone beams, and this is a {geometry.Kind} beam; use fbp");
        if (method == "nltv" && geometry.Detector.Rows > 1) throw new FitException(FitError.WrongUse, "method nltv is for slices, and these projections have several rows; use tv or snaf");
        double unit = geometry.HalfSide();
        using var projector = new Projector(geometry.ToProjection(unit), device, workers);
        int done = 0, iterations = isFiltered ? 0 : options.Iterations ?? method switch
        {
            "sart" => 10, "nltv" => NonLocalTotalVariation.StandardIterations, "naf" => NeuralAttenuationField.StandardIterations, "snaf" => SparseViewAttenuationField.StandardIterations, "nerp" => PriorEmbedding.StandardIterations(projector.Geometry.Volume),
            "coil" => MeasurementField.StandardIterations, "intratomo" => SinogramRefinement.StandardIterations, "stinr" => SpatioTemporal.StandardIterations, "dctr" => TemplateMotion.StandardIterations, _ => TvIterations,
        };
        int steps = method == "intratomo" ? SinogramRefinement.Steps(iterations) : iterations;
        var history = new List<(double, double)>();
        long start = Stopwatch.GetTimestamp();
        bool Report(int iteration, double residual)
        {
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            history.Add((seconds, residual));
            done = iteration;
            progress?.Invoke(new(iteration, steps, residual, double.NaN, seconds, iteration * (double)scan.Projections.Length / seconds));
            return !cancel.IsCancellationRequested && !(seconds >= options.TimeLimit);
        }
        double? weight = options.TvWeight;
        int times = 1;
        double timeSpacing = 0;
        float[]? moving = null; // projections of what moves
        var image = method switch
        {
            "sirt" => Simultaneous.Run(projector, scan.Projections, iterations, Math.Min(options.Subsets, geometry.Views), report: Report),
            "sart" => Simultaneous.Run(projector, scan.Projections, iterations, geometry.Views, report: Report),
            "tv" => Tv(projector, scan.Projections, Report),
            "nltv" => NonLocalTv(),
            "naf" => NeuralAttenuationField.Run(projector.Geometry, scan.Projections, iterations, options.Seed, device, workers, Report),
            "snaf" => SparseViewAttenuationField.Run(projector.Geometry, scan.Projections, iterations, options.Seed, device, workers, Report).Image,
            "nerp" => PriorEmbedding.Run(projector, scan.Projections, options.Prior is { } prior ? [.. prior.Select(value => value * (float)unit)] : null, iterations, options.Seed, device, workers, Report, cancel: cancel),
            "coil" => Coil(),
            "intratomo" => SinogramRefinement.Run(geometry, projector, scan.Projections, iterations, options.Seed, device, workers, Report, cancel: cancel),
            "stinr" or "dctr" => Moving(),
            _ => FilteredBackprojection.Run(projector.Geometry, geometry.Radians, scan.Projections, options.Window, device, workers),
        };
        cancel.ThrowIfCancellationRequested();
        double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var reprojection = moving ?? projector.Forward(image);
        double residual = Projector.RelativeDifference(reprojection, scan.Projections);
        if (!double.IsFinite(residual)) throw new FitException(FitError.Diverged, $"method {method} diverged; give fewer iterations or another method");
        for (int i = 0; i < image.Length; i++) image[i] /= (float)unit;
        return new(new Image(geometry.ToGrid(), image, times: times) { Unit = "1/mm", TimeSpacing = timeSpacing }, method, residual, reprojection, done, elapsed, history, method is "tv" or "nltv" or "coil" or "stinr" or "dctr" ? weight : null);

        float[] Tv(Projector of, float[] projections, Func<int, double, bool>? report)
        {
            weight ??= HeldOutViews.ChooseWeight(of.Geometry, projections, device, workers, cancel);
            return TotalVariation.Run(of, projections, weight.Value, report is null ? TvIterations : iterations, device, workers, report: report);
        }

        float[] Moving()
        {
            double[] taken = geometry.TimesSeconds!;
            double begin = taken.Min(), duration = (taken.Max() - begin) / (taken.Length - 1) * taken.Length; // a view lasts until the next
            times = options.Times ?? options.Phases?.Count ?? DynamicTimes;
            timeSpacing = duration / times;
            double[] wanted = [.. Enumerable.Range(0, times).Select(frame => begin + (frame + 0.5) * timeSpacing)];
            float[] frames;
            if (method == "stinr") (frames, moving, _) = SpatioTemporal.Run(projector.Geometry, scan.Projections, options.Phases!, taken, wanted, weight ??= SpatioTemporal.StandardWeight, iterations, device, workers, Report, cancel);
            else (frames, moving, _) = TemplateMotion.Run(projector.Geometry, scan.Projections, taken, wanted, weight ??= TemplateMotion.StandardWeight, iterations, device, workers, Report, cancel);
            return frames;
        }

        float[] NonLocalTv()
        {
            var (image, chosen, _) = NonLocalTotalVariation.Run(projector.Geometry, scan.Projections, weight, iterations, device, workers, Report, cancel);
            weight = chosen;
            return image;
        }

        float[] Coil()
        {
            var (dense, completed) = MeasurementField.Complete(geometry, scan.Projections, iterations, options.Seed, device, workers, Report);
            if (options.Completed == "fbp") return FilteredBackprojection.Run(dense.ToProjection(unit), dense.Radians, completed, options.Window, device, workers);
            using var all = new Projector(dense.ToProjection(unit), device, workers);
            return Tv(all, completed, null);
        }
    }

    static void CheckTimes(CtGeometry geometry, string method)
    {
        if (geometry.TimesSeconds is not { } taken || taken.Distinct().Count() < 2) throw new FitException(FitError.WrongUse, $"method {method} needs the time of each view; give timesSeconds in the geometry");
        if (taken.Any(time => !double.IsFinite(time))) throw new FitException(FitError.Input, "a time of timesSeconds is not a finite number");
    }

    // Enough views for filtered backprojection: pi / 2 for each column (Kak and Slaney 1988, section 5.1), of volumes, where others take long, half of that; and no gap in a half turn.
    static string Choose(CtGeometry geometry)
    {
        string few = geometry.Detector.Rows == 1 ? "nltv" : geometry.Kind == CtGeometry.Cone ? "snaf" : "tv";
        if (geometry.AnglesDegrees is null) return few;
        bool isParallel = geometry.Kind == CtGeometry.Parallel;
        double half = geometry.Detector.Columns * geometry.Detector.ColumnSpacingMm / 2, fan = isParallel ? 0 : Math.Atan(half / geometry.SourceToDetectorMm!.Value);
        bool isDense = geometry.Views >= Math.PI / (geometry.Detector.Rows == 1 ? 2 : 4) * geometry.Detector.Columns;
        return !isDense || new ViewWeights(geometry.Radians, isParallel, fan).Coverage < Math.PI * 0.98 ? few : geometry.Kind == CtGeometry.Cone ? "fdk" : "fbp";
    }
}
