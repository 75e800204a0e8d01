using System.Diagnostics;
using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Reconstruction;

/// <summary>How to reconstruct.</summary>
public sealed record CtOptions
{
    public static IReadOnlyList<string> Methods { get; } = ["auto", "fbp", "fdk", "sirt", "sart", "tv", "naf"];

    /// <summary>One of <see cref="Methods"/>. auto: filtered backprojection where views are dense and go all around, else TV.</summary>
    public string Method { get; init; } = "auto";
    public RampWindow Window { get; init; } = RampWindow.RamLak;

    /// <summary>Null: 200 (SIRT), 10 (SART), 200 (TV), 2000 (NAF).</summary>
    public int? Iterations { get; init; }

    /// <summary>Of TV; null: the one whose image of most views predicts the other views best. Its scale is that of images in units of half the volume's longest side, so that one value serves any scanner.</summary>
    public double? TvWeight { get; init; }

    /// <summary>Of one iteration of SIRT.</summary>
    public int Subsets { get; init; } = 1;

    /// <summary>Seconds after which iterations end.</summary>
    public double? TimeLimit { get; init; }

    /// <summary>Of NAF.</summary>
    public ulong Seed { get; init; }
}

/// <param name="Image">Attenuation per mm, on the geometry's volume.</param>
/// <param name="Residual">|A x - b| / |b|: how far the image's projections are from the measured ones.</param>
/// <param name="Reprojection">A x, [view][row][column].</param>
/// <param name="History">The residual before each iteration, and when it was known; empty for methods without iterations.</param>
/// <param name="TvWeight">Of TV, given or chosen.</param>
public sealed record CtResult(Image Image, string Method, double Residual, float[] Reprojection, int Iterations, double Seconds, IReadOnlyList<(double Seconds, double Residual)> History, double? TvWeight);

/// <summary>From a scan to an image.</summary>
public static class CtReconstruction
{
    /// <exception cref="FitException">WrongUse: the method cannot work on this geometry.</exception>
    public static CtResult Run(CtScan scan, CtOptions options, Device device, Workers workers, Action<FitProgress>? progress = null, CancellationToken cancel = default)
    {
        var geometry = scan.Geometry;
        string method = options.Method == "auto" ? Choose(geometry) : options.Method;
        bool isFiltered = method is "fbp" or "fdk";
        if (isFiltered && geometry.AnglesDegrees is null) throw new FitException(FitError.WrongUse, $"method {method} needs a gantry on a circle, and this geometry has poses; use sirt, sart or tv");
        if (method == "fbp" && geometry.Detector.Rows > 1 && geometry.Kind == CtGeometry.Cone) throw new FitException(FitError.WrongUse, "method fbp is for parallel and fan beams; fdk is the same for cone beams");
        if (method == "fdk" && geometry.Kind != CtGeometry.Cone) throw new FitException(FitError.WrongUse, $"method fdk is for cone beams, and this is a {geometry.Kind} beam; use fbp");
        double unit = geometry.HalfSide();
        using var projector = new Projector(geometry.ToProjection(unit), device, workers);
        int iterations = isFiltered ? 0 : options.Iterations ?? (method switch { "sart" => 10, "naf" => NeuralAttenuationField.StandardIterations, _ => 200 }), done = 0;
        var history = new List<(double, double)>();
        long start = Stopwatch.GetTimestamp();
        bool Report(int iteration, double residual)
        {
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            history.Add((seconds, residual));
            done = iteration;
            progress?.Invoke(new(iteration, iterations, residual, double.NaN, seconds, iteration * (double)scan.Projections.Length / seconds));
            return !cancel.IsCancellationRequested && !(seconds >= options.TimeLimit);
        }
        double? weight = method == "tv" ? options.TvWeight ?? TvWeightChoice.Choose(projector.Geometry, scan.Projections, device, workers, cancel) : null;
        var image = method switch
        {
            "sirt" => Simultaneous.Run(projector, scan.Projections, iterations, Math.Min(options.Subsets, geometry.Views), report: Report),
            "sart" => Simultaneous.Run(projector, scan.Projections, iterations, geometry.Views, report: Report),
            "tv" => TotalVariation.Run(projector, scan.Projections, weight!.Value, iterations, device, workers, report: Report),
            "naf" => NeuralAttenuationField.Run(projector.Geometry, scan.Projections, iterations, options.Seed, device, workers, Report),
            _ => FilteredBackprojection.Run(projector.Geometry, geometry.Radians, scan.Projections, options.Window, device, workers),
        };
        cancel.ThrowIfCancellationRequested();
        double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var reprojection = projector.Forward(image);
        double residual = Projector.RelativeDifference(reprojection, scan.Projections);
        if (!double.IsFinite(residual)) throw new FitException(FitError.Diverged, $"method {method} diverged; give fewer iterations or another method");
        for (int i = 0; i < image.Length; i++) image[i] /= (float)unit;
        return new(new Image(geometry.ToGrid(), image) { Unit = "1/mm" }, method, residual, reprojection, done, elapsed, history, weight);
    }

    // Enough views for filtered backprojection: pi / 2 for each column (Kak and Slaney 1988, section 5.1), as many as half of that do; and no gap in a half turn.
    static string Choose(CtGeometry geometry)
    {
        if (geometry.AnglesDegrees is null) return "tv";
        bool isParallel = geometry.Kind == CtGeometry.Parallel;
        double half = geometry.Detector.Columns * geometry.Detector.ColumnSpacingMm / 2, fan = isParallel ? 0 : Math.Atan(half / geometry.SourceToDetectorMm!.Value);
        bool isDense = geometry.Views >= Math.PI / 4 * geometry.Detector.Columns;
        return !isDense || new ViewWeights(geometry.Radians, isParallel, fan).Coverage < Math.PI * 0.98 ? "tv" : geometry.Kind == CtGeometry.Cone ? "fdk" : "fbp";
    }
}
