#!/usr/bin/env dotnet
// CT reconstruction: dotnet run -c Release perf/quality/ct.cs [-- NAME [TABLE...]]
// Tables CT128, CBCT48 and DYN96 of analytic phantoms as an independent program has them beside ours; NERP, COIL and INTRATOMO, what these methods should reach; REAL, slices of patients. Writes perf/results/NAME.md where a name other than - is given.
#:project ../../src/Tasks/Tasks.csproj
#:project ../Reporting/Reporting.csproj
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
using System.Diagnostics;
using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Kernels.Projection;
using InrFast.Reporting;
using InrFast.Tasks.Reconstruction;

var device = CpuDevice.Best;
using var workers = new Workers(Environment.ProcessorCount);
double[] lambdas = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2];
using var report = new Report(args is [not "-", ..] ? args[0] : null);
var (clock, worst) = (Stopwatch.StartNew(), 0.0);
string[] tables = args.Length > 1 ? args[1..] : ["CT128", "CBCT48", "DYN96", "STINR", "DCTR", "NERP", "COIL", "INTRATOMO", "REAL"];
report.Line($"# CT reconstruction, {DateTime.Now:yyyy-MM-dd}\n\n{Report.Machine}. PSNR (value range 1) in dB / SSIM: ours (an independent program). Phantoms, noise and geometry of the two are the same, seeds are not; its cone projector is trilinear with steps of half a voxel, ours Joseph's, and how many iterations of TV it took for CT128 and DYN96 is not known.");
if (tables.Contains("CT128")) Ct128();
if (tables.Contains("CBCT48")) Cbct48();
if (tables.Contains("DYN96")) Dyn96();
if (tables.Contains("STINR")) Stinr();
if (tables.Contains("DCTR")) Dctr();
if (tables.Contains("NERP")) Nerp();
if (tables.Contains("COIL")) Coil();
if (tables.Contains("INTRATOMO")) IntraTomo();
if (tables.Contains("REAL")) Real();
report.Line($"\nLargest difference {worst:F2} dB; {clock.Elapsed.TotalSeconds:F0} s.");
report.Save();

// Shepp and Logan's head, 128 x 128, parallel beam over half a turn, exact integrals of four rays a pixel.
void Ct128()
{
    const int N = 128;
    report.Line("\n## CT128: parallel beam, 128 x 128\n\n| noise | views | FBP | SIRT-200 | TV, 150 iterations, best weight | auto | auto - TV, dB | auto, seconds |\n| --- | --- | --- | --- | --- | --- | --- | --- |");
    (double Noise, int Views, double Fbp, double Sirt, double Tv)[] rows =
    [
        (0, 20, 16.30, 27.99, 33.49), (0, 30, 19.60, 30.20, 35.24), (0, 60, 25.78, 33.05, 35.93), (0, 90, 28.28, 34.61, 38.01), (0, 120, 28.72, 34.87, 38.29),
        (40, 20, 16.23, 27.77, 32.30), (40, 30, 19.46, 29.81, 34.29), (40, 60, 25.48, 32.42, 35.21), (40, 90, 27.90, 33.87, 37.47), (40, 120, 28.42, 34.21, 37.78),
        (30, 20, 15.35, 26.29, 28.89), (30, 30, 18.26, 27.41, 29.77), (30, 60, 23.33, 28.90, 33.06), (30, 90, 25.49, 30.04, 34.34), (30, 120, 26.34, 30.66, 34.38),
    ];
    var truth = Ellipsoid.Draw(Ellipsoid.SheppLogan, Square(N), 4);
    foreach (var row in rows)
    {
        var (geometry, angles) = Parallel(N, row.Views);
        var sinogram = WhiteNoise(Ellipsoid.Scan(Ellipsoid.SheppLogan, geometry, 4), row.Noise);
        var projector = new Projector(geometry, device, workers);
        var tv = BestTv(truth, projector, sinogram, 150, lambdas);
        var (auto, seconds) = Run(ScanOf(N, row.Views, N, isFan: false), sinogram, new());
        report.Line($"| {(row.Noise == 0 ? "none" : $"{row.Noise} dB")} | {row.Views} | {Score(truth, Fbp(geometry, angles, sinogram), N, 1, row.Fbp)} | {Score(truth, Simultaneous.Run(projector, sinogram, 200), N, 1, row.Sirt)} | {Score(truth, tv, N, 1, row.Tv)} | {Score(truth, auto, N, 1, null)} | {Psnr(truth, auto) - Psnr(truth, tv):F2} | {seconds:F0} |");
    }
    report.Line("\n| 40 dB, views interpolated in angle to 360, then FBP | dB | sinogram SNR, dB |\n| --- | --- | --- |");
    foreach (var (views, expected, snr) in new[] { (60, 28.11, 39.25), (30, 26.16, 32.61), (360, 28.91, double.NaN) })
    {
        var ((geometry, _), (fine, angles)) = (Parallel(N, views), Parallel(N, 360));
        var exact = Ellipsoid.Scan(Ellipsoid.SheppLogan, fine, 4);
        var filled = views == 360 ? exact : Sinogram.InterpolateHalfTurn(WhiteNoise(Ellipsoid.Scan(Ellipsoid.SheppLogan, geometry, 4), 40), N, 360);
        report.Line($"| {(views == 360 ? "all 360, without noise" : $"{views}")} | {Score(truth, Fbp(fine, angles, filled), N, 1, expected)} | {(views == 360 ? "" : $"{Snr(exact, filled):F2} ({snr:F2})")} |");
    }
}

// The head in 3-D, a full circle of a cone beam, photon noise.
void Cbct48()
{
    const int N = 48;
    const double Half = 128, Photons = 1e5, Electronic = 10;
    report.Line("\n## CBCT48: cone beam, 48 x 48 x 48\n\n| views | FDK | SIRT-60 | TV, 60 iterations | NAF, 2000 steps |\n| --- | --- | --- | --- | --- |");
    var volume = Cube(N);
    var truth = Ellipsoid.Draw(Ellipsoid.SheppLogan3, volume, 3);
    foreach (var (views, fdk, sirt, tv) in new[] { (50, 27.92, 30.11, 31.31), (20, 20.88, 28.96, 29.46) })
    {
        double[] angles = [.. Enumerable.Range(0, views).Select(i => 2 * Math.PI * i / views)];
        var geometry = new ProjectionGeometry(volume, DetectorShape.Flat, 72, 72, 35.5, 35.5, [.. angles.Select(angle => View.Circular(DetectorShape.Flat, angle, 1000 / Half, 1500 / Half, 480 / 72.0 / Half, 480 / 72.0 / Half))]);
        var projections = Ellipsoid.Scan(Ellipsoid.SheppLogan3, geometry, 2);
        float scale = projections.Max(); // photons are counted as if the densest ray had an integral of 1
        projections = [.. PhotonNoise.LineIntegrals([.. projections.Select(p => p / scale)], Photons, Electronic, 1).Select(p => p * scale)];
        var projector = new Projector(geometry, device, workers);
        report.Line($"| {views} | {Score(truth, Fbp(geometry, angles, projections), N, N, fdk)} | {Score(truth, Simultaneous.Run(projector, projections, 60), N, N, sirt)} | {Score(truth, BestTv(truth, projector, projections, 60, lambdas), N, N, tv)} | {Score(truth, NeuralAttenuationField.Run(geometry, projections, NeuralAttenuationField.StandardIterations, 0, device, workers), N, N, null)} |");
    }
}

// The head in motion, one view at a time; the mean over ten frames.
void Dyn96()
{
    const int N = 96, Frames = 10, DynIterations = 80;
    report.Line("\n## DYN96: moving, 96 x 96, one view at each time\n\n| views | static FBP | static SIRT-150 | static TV | TV on a 60 degree window | oracle: all views of the frozen frame, TV |\n| --- | --- | --- | --- | --- | --- |");
    var truths = Enumerable.Range(0, Frames).Select(frame => Ellipsoid.Draw(Moving((frame + 0.5) / Frames), Square(N), 4)).ToArray();
    foreach (var (views, fbp, sirt, tv, window, oracle) in new[] { (180, 25.68, 27.99, 28.42, 17.25, 35.17), (60, 24.61, 27.62, 28.73, 17.02, 35.65) })
    {
        var (geometry, angles) = Parallel(N, views);
        float[] Scan(Func<int, double> time) => [.. Enumerable.Range(0, views).SelectMany(i => Ellipsoid.Scan(Moving(time(i)), Some(geometry, i, 1), 4))];
        var sinogram = Scan(i => (double)i / views);
        var projector = new Projector(geometry, device, workers);
        double Mean(float[] image) => truths.Average(truth => Psnr(truth, image));
        double Best(Func<double, double> run) => lambdas.Max(run);
        double inWindow = Best(lambda => Enumerable.Range(0, Frames).Average(frame =>
        {
            int some = views / 3, first = Math.Clamp((int)Math.Round((frame + 0.5) / Frames * views) - some / 2, 0, views - some);
            return Psnr(truths[frame], TotalVariation.Run(new Projector(Some(geometry, first, some), device, workers), sinogram[(first * N)..((first + some) * N)], lambda, DynIterations, device, workers));
        }));
        var still = Enumerable.Range(0, Frames).Select(frame => Scan(_ => (frame + 0.5) / Frames)).ToArray();
        double frozen = Best(lambda => Enumerable.Range(0, Frames).Average(frame => Psnr(truths[frame], TotalVariation.Run(projector, still[frame], lambda, DynIterations, device, workers))));
        report.Line($"| {views} | {Beside(Mean(Fbp(geometry, angles, sinogram)), fbp)} | {Beside(Mean(Simultaneous.Run(projector, sinogram, 150)), sirt)} | {Beside(Best(lambda => Mean(TotalVariation.Run(projector, sinogram, lambda, DynIterations, device, workers))), tv)} | {Beside(inWindow, window)} | {Beside(frozen, oracle)} |");
    }
}

// The same, by stinr, which is given how ten frames of an earlier series move.
void Stinr()
{
    const int N = 96, Frames = 10, Part = N * N;
    report.Line("\n## STINR: DYN96 with the motion of ten frames of an earlier series, one view at each time\n\n| views | static TV, best weight | stinr, mean of 10 frames | asked for | its worst frame | static TV there | between two views, against the mean of its neighbours | first weight and the true motion, correlation | seconds |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    double[] times = [.. Enumerable.Range(0, Frames).Select(frame => (frame + 0.5) / Frames)];
    var truths = times.Select(time => Ellipsoid.Draw(Moving(time), Square(N), 4)).ToArray();
    foreach (int views in new[] { 180, 60 })
    {
        var (geometry, _) = Parallel(N, views);
        double[] taken = [.. Enumerable.Range(0, views).Select(i => (double)i / views)];
        float[] sinogram = [.. Enumerable.Range(0, views).SelectMany(i => Ellipsoid.Scan(Moving(taken[i]), Some(geometry, i, 1), 4))];
        using var projector = new Projector(geometry, device, workers);
        double[] Scores(float[] image) => [.. truths.Select(truth => Psnr(truth, image))];
        var still = lambdas.Select(lambda => Scores(TotalVariation.Run(projector, sinogram, lambda, 80, device, workers))).MaxBy(scores => scores.Average())!;
        var watch = Stopwatch.StartNew();
        // Views 20.5 and their neighbours come last.
        double[] between = [taken[20], (taken[20] + taken[21]) / 2, taken[21]];
        var (frames, _, weights) = SpatioTemporal.Run(geometry, sinogram, truths, taken, [.. times, .. between], SpatioTemporal.StandardWeight, SpatioTemporal.StandardIterations, device, workers);
        double seconds = watch.Elapsed.TotalSeconds;
        double[] scores = [.. truths.Concat(between.Select(time => Ellipsoid.Draw(Moving(time), Square(N), 4))).Select((truth, i) => Psnr(truth, frames[(i * Part)..((i + 1) * Part)]))];
        double[] moving = scores[..Frames], first = [.. Enumerable.Range(0, views).Select(view => weights[view * weights.Length / views])];
        int worst = Array.IndexOf(moving, moving.Min());
        report.Line($"| {views} | {still.Average():F2} | {moving.Average():F2} | {still.Average() + 2:F2} | {moving[worst]:F2} | {still[worst]:F2} | {scores[Frames + 1] - (scores[Frames] + scores[Frames + 2]) / 2:+0.00;-0.00} | {Correlation(first, [.. taken.Select(t => Math.Sin(2 * Math.PI * t))]):F3} | {seconds:F0} |");
    }
}

// Motion that no earlier series tells: DYN96's half turn, and the same motion while the gantry makes six; and what a half turn leaves open.
void Dctr()
{
    const int N = 96, Frames = 10, Part = N * N;
    double[] times = [.. Enumerable.Range(0, Frames).Select(frame => (frame + 0.5) / Frames)];
    var truths = times.Select(time => Ellipsoid.Draw(Moving(time), Square(N), 4)).ToArray();
    // Along x by a (1 - cos 2 angle) instead of along y by a sin 2 angle.
    Ellipsoid[] Sideways(double time)
    {
        var parts = Moving(time);
        double way = 0.10 * (1 - Math.Cos(2 * Math.PI * time));
        parts[2] = parts[2] with { X = parts[2].X + way, Y = Ellipsoid.SheppLogan[2].Y };
        parts[3] = parts[3] with { X = parts[3].X - way, Y = Ellipsoid.SheppLogan[3].Y };
        return parts;
    }
    float[] Scan(ProjectionGeometry of, double[] taken, Func<double, Ellipsoid[]> moving) => [.. taken.SelectMany((time, i) => Ellipsoid.Scan(moving(time), Some(of, i, 1), 4))];
    report.Line("\n## DCTR: DYN96, one view at each time\n\n| views, half turns | static TV, best weight | dctr, mean of 10 frames | asked for | its worst frame | static TV there | between two views, against the mean of its neighbours | seconds |\n| --- | --- | --- | --- | --- | --- | --- | --- |");
    foreach (var (views, turns, asked) in new[] { (60, 1, 29.7), (180, 1, 30.0), (60, 6, double.NaN), (180, 6, double.NaN) })
    {
        var geometry = Parallel(N, views).Item1.WithViews([.. Enumerable.Range(0, views).Select(i => View.Circular(DetectorShape.Parallel, Math.PI * turns * i / views, 0, 0, 2.0 / N, 1))]);
        double[] taken = [.. Enumerable.Range(0, views).Select(i => (double)i / views)];
        var sinogram = Scan(geometry, taken, Moving);
        using var projector = new Projector(geometry, device, workers);
        var still = lambdas.Select(lambda => TotalVariation.Run(projector, sinogram, lambda, 80, device, workers)).Select(image => truths.Select(truth => Psnr(truth, image)).ToArray()).MaxBy(scores => scores.Average())!;
        var watch = Stopwatch.StartNew();
        double[] between = [taken[20], (taken[20] + taken[21]) / 2, taken[21]];
        var (frames, _, _) = TemplateMotion.Run(geometry, sinogram, taken, [.. times, .. between], TemplateMotion.StandardWeight, TemplateMotion.StandardIterations, device, workers);
        double seconds = watch.Elapsed.TotalSeconds;
        double[] scores = [.. truths.Concat(between.Select(time => Ellipsoid.Draw(Moving(time), Square(N), 4))).Select((truth, i) => Psnr(truth, frames[(i * Part)..((i + 1) * Part)]))];
        double[] moving = scores[..Frames];
        int least = Array.IndexOf(moving, moving.Min());
        report.Line($"| {views}, {turns} | {still.Average():F2} | {moving.Average():F2} | {(double.IsNaN(asked) ? "" : $"{asked:F1}")} | {moving[least]:F2} | {still[least]:F2} | {scores[Frames + 1] - (scores[Frames] + scores[Frames + 2]) / 2:+0.00;-0.00} | {seconds:F0} |");
    }
    var (half, _) = Parallel(N, 180);
    double[] all = [.. Enumerable.Range(0, 180).Select(i => i / 180.0)];
    double apart = Projector.RelativeDifference(Scan(half, all, Sideways), Scan(half, all, Moving));
    report.Line($"\nThe two ellipses moved along x by 0.1 (1 - cos 2θ) instead of along y by 0.1 sin 2θ: the projections of the half turn differ by {apart:g2} of their norm, the frames are {times.Zip(truths, (time, truth) => Psnr(truth, Ellipsoid.Draw(Sideways(time), Square(N), 4))).Average():F2} dB apart.");
}

static double Correlation(double[] a, double[] b)
{
    double meanA = a.Average(), meanB = b.Average(), ab = a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Sum();
    return ab / Math.Sqrt(a.Sum(x => (x - meanA) * (x - meanA)) * b.Sum(y => (y - meanB) * (y - meanB)));
}

// An earlier scan that differs, and the projections that our own projector makes of the phantom; in brackets what is asked for.
void Nerp()
{
    report.Line("\n## NERP: an earlier image, parallel beam\n\n| size, views | earlier image | FBP | SIRT-200 | nerp with the earlier image | nerp without | a lesion of contrast 0.100 that the earlier image lacks |\n| --- | --- | --- | --- | --- | --- | --- |");
    foreach (var (n, views) in new[] { (64, 20), (128, 20), (128, 30) })
    {
        var (geometry, angles) = Parallel(n, views);
        using var projector = new Projector(geometry, device, workers);
        float[] truth = Ellipsoid.Draw(Ellipsoid.SheppLogan, Square(n), 4), prior = Ellipsoid.Draw(Earlier(), Square(n), 4), projections = projector.Forward(truth);
        // An ellipse, 0.1 above its surroundings: the projections alone say that it is there.
        var without = Ellipsoid.Draw([.. Ellipsoid.SheppLogan.Where(part => part != Ellipsoid.SheppLogan[4])], Square(n), 4);
        float[] Fit(float[]? earlier) => PriorEmbedding.Run(projector, projections, earlier, PriorEmbedding.StandardIterations(geometry.Volume), 0, device, workers);
        float[] sirt = Simultaneous.Run(projector, projections, 200), grown = Fit(without);
        double lesion = Enumerable.Range(0, n * n).Where(i => truth[i] - without[i] > 0.099f).Average(i => grown[i] - without[i]);
        report.Line($"| {n}, {views} | {Score(truth, prior, n, 1, n == 64 ? 23.11 : null)} | {Score(truth, Fbp(geometry, angles, projections), n, 1, n == 64 ? 19.86 : null)} | {Score(truth, sirt, n, 1, n == 64 ? 28.39 : null)} | {Score(truth, Fit(prior), n, 1, null)} (at least {(n == 64 ? 31.5 : Psnr(truth, sirt) + 2):F1}) | {Score(truth, Fit(null), n, 1, null)}{(n == 64 ? " (at least 18.5)" : "")} | {lesion:F3} (0.070 to 0.130) |");
    }
}

// CT128 with 40 dB of noise: the measurement field completed by a network, and by interpolation in angle.
void Coil()
{
    const int N = 128;
    report.Line("\n## COIL: CT128, 40 dB, views completed to 360\n\n| views | FBP of those measured | interpolated, FBP | coil, FBP | sinogram SNR, dB | TV of those measured, best weight | coil, TV |\n| --- | --- | --- | --- | --- | --- | --- |");
    var truth = Ellipsoid.Draw(Ellipsoid.SheppLogan, Square(N), 4);
    var (fine, fineAngles) = Parallel(N, 360);
    var exact = Ellipsoid.Scan(Ellipsoid.SheppLogan, fine, 4);
    foreach (var (views, asked, askedSnr) in new[] { (60, 1.5, 31), (30, 4.5, 25) })
    {
        var (geometry, angles) = Parallel(N, views);
        var sinogram = WhiteNoise(Ellipsoid.Scan(Ellipsoid.SheppLogan, geometry, 4), 40);
        using var projector = new Projector(geometry, device, workers);
        var scan = ScanOf(N, views, N, isFan: false);
        var (_, completed) = MeasurementField.Complete(scan, sinogram, MeasurementField.StandardIterations, 0, device, workers);
        float[] fbp = Fbp(geometry, angles, sinogram), coil = Fbp(fine, fineAngles, completed);
        report.Line($"| {views} | {Score(truth, fbp, N, 1, null)} | {Score(truth, Fbp(fine, fineAngles, Sinogram.InterpolateHalfTurn(sinogram, N, 360)), N, 1, null)} | {Score(truth, coil, N, 1, null)}: {Psnr(truth, coil) - Psnr(truth, fbp):F2} more (at least {asked}) | {Snr(exact, completed):F2} (at least {askedSnr}) | {Score(truth, BestTv(truth, projector, sinogram, 150, lambdas), N, 1, null)} | {Score(truth, Run(scan, sinogram, new() { Method = "coil", Completed = "tv" }).Image, N, 1, null)} |");
    }
}

// Few views, few angles, few detector columns; in brackets what is asked for.
void IntraTomo()
{
    const int N = 128;
    report.Line("\n## INTRATOMO: 128 x 128\n\n| case | FBP | SIRT-200 | network alone | refined, round by round, dB | intratomo | asked for, dB |\n| --- | --- | --- | --- | --- | --- | --- |");
    var truth = Ellipsoid.Draw(Ellipsoid.SheppLogan, Square(N), 4);
    foreach (var (name, views, degrees, columns, noise, more) in new[] { ("20 views", 20, 180.0, N, 0.0, 2.0), ("20 views, 40 dB", 20, 180, N, 40, 2), ("8 views", 8, 180, N, 0, 2), ("45 views over 45 degrees", 45, 45, N, 0, 1.5), ("90 views, 16 columns", 90, 180, 16, 0, 3) })
    {
        var scan = ScanOf(N, views, columns, isFan: false) with { AnglesDegrees = [.. Enumerable.Range(0, views).Select(i => degrees * i / views)] };
        var geometry = scan.ToProjection(1);
        var sinogram = WhiteNoise(Ellipsoid.Scan(Ellipsoid.SheppLogan, geometry, 4), noise);
        using var projector = new Projector(geometry, device, workers);
        float[] fbp = columns == N ? Fbp(geometry, scan.Radians, sinogram) : Fbp(Parallel(N, views).Item1, scan.Radians, Stretched(sinogram, columns, N)), sirt = Simultaneous.Run(projector, sinogram, 200);
        var (drawn, rounds) = (new List<float[]>(), new List<float[]>());
        var image = SinogramRefinement.Run(scan, projector, sinogram, SinogramRefinement.StandardIterations, 0, device, workers, images: (network, refined) => { drawn.Add(network); rounds.Add(refined); });
        string asked = columns == N ? $"{Psnr(truth, sirt) + more:F2}{(degrees == 180 && views == 20 ? $"; the network {Psnr(truth, fbp) + 3:F2}" : "")}" : $"{Psnr(truth, fbp) + more:F2}";
        report.Line($"| {name} | {Score(truth, fbp, N, 1, null)} | {Score(truth, sirt, N, 1, null)} | {Score(truth, drawn[0], N, 1, null)} | {string.Join(", ", rounds.Select(round => $"{Psnr(truth, round):F2}"))} | {Score(truth, image, N, 1, null)} | {asked} |");
    }
}

// Columns between the centres of fewer, linearly.
static float[] Stretched(float[] sinogram, int columns, int more) => [.. Enumerable.Range(0, sinogram.Length / columns * more).Select(i =>
{
    double place = Math.Clamp((i % more + 0.5) * columns / more - 0.5, 0, columns - 1);
    int line = i / more * columns, first = Math.Min((int)place, columns - 2);
    return (float)(sinogram[line + first] + (place - first) * (sinogram[line + first + 1] - sinogram[line + first]));
})];

static Ellipsoid[] Earlier()
{
    var parts = (Ellipsoid[])Ellipsoid.SheppLogan.Clone();
    parts[0] = parts[0] with { A = parts[0].A * .985 };
    parts[1] = parts[1] with { A = parts[1].A * .975 };
    parts[2] = parts[2] with { B = parts[2].B * .85, X = parts[2].X + .05 };
    parts[3] = parts[3] with { A = parts[3].A * .85, X = parts[3].X - .04 };
    parts[4] = parts[4] with { A = parts[4].A * .75, B = parts[4].B * .75, Y = parts[4].Y + .08 };
    return [.. parts.Where((_, i) => i is not (6 or 9))];
}

// Slices of patients, 256 x 256 and taken as 400 mm wide: exact projections of the pixels, and photon noise.
void Real()
{
    const int N = 256, Columns = 384;
    double[] weights = [1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2];
    var sample = ImageFile.Read(Path.Combine(Report.Root, "samples", "ct.dcm"));
    if (Report.Data("ct", "lidc_chest.nii.gz") is not { } path)
    {
        report.Line("\nREAL: shared/data/ct is not there, beside the repository or above it");
        return;
    }
    var chest = ImageFile.Read(path);
    // In half sides of 200 mm. The chest is a window of soft tissue and bone in 8 bits: bone, 255, attenuates about 0.04 per mm. The sample is in HU: water's 0.02 per mm is 4.
    float[] Slice(int z) => [.. chest.Samples.Slice(z * N * N, N * N).ToArray().Select(value => 8 * value / 255)];
    float[] halved = [.. Enumerable.Range(0, N * N).Select(i => 4 * Math.Max(0, 1 + Enumerable.Range(0, 4).Average(k => sample.Samples.Span[2 * (i % N) + k % 2 + 2 * N * (2 * (i / N) + k / 2)]) / 1000))];
    report.Line("\n## Slices of patients, 256 x 256: PSNR (peak the largest value) / SSIM\n\n| slice | views | photons | FBP | SIRT-200 | TV, 150 iterations, best weight | auto | above all | auto, seconds |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    int better = 0, cases = 0;
    foreach (var (name, attenuation, isFan) in new[] { ("chest, parallel", Slice(45), false), ("chest, fan", Slice(80), true), ("samples/ct.dcm, parallel", halved, false) })
    {
        // What lies outside of the circle that all views see is left out.
        float[] truth = [.. attenuation.Select((value, i) => Math.Pow(i % N - 127.5, 2) + Math.Pow(i / N - 127.5, 2) > 127 * 127 ? 0 : value)];
        float range = truth.Max();
        foreach (int views in new[] { 20, 50, 90 })
        {
            var scan = ScanOf(N, views, Columns, isFan);
            var geometry = scan.ToProjection(1);
            using var projector = new Projector(geometry, device, workers);
            var exact = projector.Forward(truth);
            foreach (double photons in new[] { 0, 1e5 })
            {
                var sinogram = photons == 0 ? exact : PhotonNoise.LineIntegrals(exact, photons, 0, 1);
                float[][] peers = [Fbp(geometry, scan.Radians, sinogram), Simultaneous.Run(projector, sinogram, 200), BestTv(truth, projector, sinogram, 150, weights)];
                var (auto, seconds) = Run(scan, sinogram, new());
                double Similarity(float[] image) => StructuralSimilarity.Mean(new(Grid.Plain(N, N), truth), new(Grid.Plain(N, N), image), range);
                bool isBetter = peers.All(peer => Psnr(truth, auto) > Psnr(truth, peer) && Similarity(auto) > Similarity(peer));
                (better, cases) = (better + (isBetter ? 1 : 0), cases + 1);
                report.Line($"| {name} | {views} | {(photons == 0 ? "no noise" : "1e5")} | {string.Join(" | ", peers.Append(auto).Select(image => Score(truth, image, N, 1, null, range)))} | {(isBetter ? "yes" : "no")} | {seconds:F0} |");
            }
        }
    }
    report.Line($"\nauto is above all three in PSNR and SSIM in {better} of {cases} cases (asked for: 15 of 18).");
}

static Ellipsoid[] Moving(double time)
{
    double s = Math.Sin(2 * Math.PI * time);
    var parts = (Ellipsoid[])Ellipsoid.SheppLogan.Clone();
    parts[2] = parts[2] with { Y = parts[2].Y + 0.10 * s, B = parts[2].B * (1 + 0.15 * s) };
    parts[3] = parts[3] with { Y = parts[3].Y - 0.10 * s };
    parts[4] = parts[4] with { A = parts[4].A * (1 - 0.25 * s), B = parts[4].B * (1 - 0.25 * s) };
    return parts;
}

static ScanVolume Square(int n) => new(n, n, 1, new(2.0 / n, 2.0 / n, 1), new(1.0 / n - 1, 1.0 / n - 1));

static ScanVolume Cube(int n) => new(n, n, n, new(2.0 / n, 2.0 / n, 2.0 / n), new(1.0 / n - 1, 1.0 / n - 1, 1.0 / n - 1));

static (ProjectionGeometry, double[] Angles) Parallel(int n, int views)
{
    double[] angles = [.. Enumerable.Range(0, views).Select(i => Math.PI * i / views)];
    return (new(Square(n), DetectorShape.Parallel, n, 1, (n - 1) / 2.0, 0, [.. angles.Select(angle => View.Circular(DetectorShape.Parallel, angle, 0, 0, 2.0 / n, 1))]), angles);
}

static ProjectionGeometry Some(ProjectionGeometry all, int first, int count) => new(all.Volume, all.Shape, all.Columns, all.Rows, all.CentreColumn, all.CentreRow, all.Views[first..(first + count)]);

float[] Fbp(ProjectionGeometry geometry, double[] angles, float[] projections) => FilteredBackprojection.Run(geometry, angles, projections, RampWindow.RamLak, device, workers);

float[] BestTv(float[] truth, Projector projector, float[] projections, int iterations, double[] weights) =>
    weights.Select(weight => TotalVariation.Run(projector, projections, weight, iterations, device, workers)).MaxBy(image => Psnr(truth, image))!;

// n x n pixels of a square of side 2; views over half a turn, or of a fan over a whole one.
static CtGeometry ScanOf(int n, int views, int columns, bool isFan) => new()
{
    Kind = isFan ? CtGeometry.Fan : CtGeometry.Parallel, AnglesDegrees = [.. Enumerable.Range(0, views).Select(i => (isFan ? 360.0 : 180.0) * i / views)], SourceToAxisMm = isFan ? 3 : null, SourceToDetectorMm = isFan ? 6 : null,
    Detector = new() { Columns = columns, ColumnSpacingMm = (isFan ? 4.4 : columns == n ? 2 : 2.1) / columns }, Volume = new() { Size = [n, n], SpacingMm = [2.0 / n, 2.0 / n] },
};

(float[] Image, double Seconds) Run(CtGeometry geometry, float[] sinogram, CtOptions options)
{
    var result = CtReconstruction.Run(CtScan.Of("the scan", new Image(Grid.Plain(geometry.Detector.Columns, geometry.Views), sinogram), geometry), options, device, workers);
    return (result.Image.Samples.ToArray(), result.Seconds);
}

static double Snr(float[] exact, float[] sinogram) => 10 * Math.Log10(exact.Sum(value => (double)value * value) / exact.Zip(sinogram, (a, b) => (double)(a - b) * (a - b)).Sum());

// White noise of exactly so many dB below the signal.
static float[] WhiteNoise(float[] signal, double decibel)
{
    if (decibel == 0) return signal;
    var random = new Random(1);
    double[] noise = [.. signal.Select(_ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];
    double scale = Math.Sqrt(signal.Sum(p => (double)p * p) / noise.Sum(e => e * e)) * Math.Pow(10, -decibel / 20);
    return [.. signal.Zip(noise, (p, e) => (float)(p + scale * e))];
}

static double Psnr(float[] truth, float[] image, float range = 1) => Metrics.PeakSignalToNoise(truth, image, range);

string Score(float[] truth, float[] image, int n, int slices, double? expected, float range = 1)
{
    int slice = n * n;
    double similarity = Enumerable.Range(0, slices).Average(z => StructuralSimilarity.Mean(new(Grid.Plain(n, n), truth[(z * slice)..((z + 1) * slice)]), new(Grid.Plain(n, n), image[(z * slice)..((z + 1) * slice)]), range));
    return $"{Beside(Psnr(truth, image, range), expected)} / {similarity:F3}";
}

string Beside(double ours, double? expected)
{
    if (expected is not { } theirs) return $"{ours:F2}";
    worst = Math.Max(worst, Math.Abs(ours - theirs));
    return $"{ours:F2} ({theirs:F2})";
}
