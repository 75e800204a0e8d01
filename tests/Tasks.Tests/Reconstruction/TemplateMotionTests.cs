using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels.Projection;
using InrFast.Tasks.Fitting;
using InrFast.Tasks.Reconstruction;

namespace InrFast.Tests;

/// <summary>DCTR on what moves up and down in something larger at rest.</summary>
public sealed class TemplateMotionTests
{
    const int Frames = 5;

    /// <summary>A disc, over several half turns, so that it is seen from several sides before it has gone far.</summary>
    [Test]
    public void A_disc_is_sharp_at_each_time_and_its_motion_known()
    {
        const int N = 32, Views = 60;
        const double Amplitude = 0.2;
        Ellipsoid[] Moving(double time) => [new(1, .85, .85, double.PositiveInfinity, 0, 0, 0, 0), new(.6, .3, .3, double.PositiveInfinity, .1, Amplitude * Math.Sin(2 * Math.PI * time), 0, 0)];
        var geometry = new CtGeometry
        {
            Kind = "parallel", AnglesDegrees = ScanCase.Angles(Views, 6 * 180), TimesSeconds = [.. Enumerable.Range(0, Views).Select(view => (double)view / Views)],
            Detector = new() { Columns = N, ColumnSpacingMm = 2.0 / N }, Volume = new() { Size = [N, N], SpacingMm = [2.0 / N, 2.0 / N] },
        };
        var (rays, measured) = (geometry.ToProjection(1), Scan(geometry, Moving));
        double[] times = [0.1, 0.25, 0.5, 0.75];
        var (moving, still) = ScanCase.With(workers =>
        {
            using var projector = new Projector(rays, ScanCase.Device, workers);
            return (TemplateMotion.Run(rays, measured, geometry.TimesSeconds!, times, TemplateMotion.StandardWeight, TemplateMotion.StandardIterations, ScanCase.Device, workers), TotalVariation.Run(projector, measured, 3e-3, 80, ScanCase.Device, workers));
        });
        double Psnr(Func<int, float[]> image) => Enumerable.Range(0, times.Length).Average(frame => Metrics.PeakSignalToNoise(Ellipsoid.Draw(Moving(times[frame]), ScanCase.Square(N), 4), image(frame), 1));
        var (ours, theirs) = (Psnr(frame => moving.Frames[(frame * N * N)..((frame + 1) * N * N)]), Psnr(_ => still));
        // Where the disc is far along y, the template is read further back.
        int middle = N / 2 * N + (int)(1.1 / 2 * N);
        double[] way = [.. Enumerable.Range(0, 2).Select(axis => (moving.Motion[3][middle + axis * N * N] - moving.Motion[1][middle + axis * N * N]) / (Amplitude * N))];
        TestContext.Out.WriteLine($"{ours:F2} dB, static {theirs:F2}; moved {way[0]:F2}, {way[1]:F2} of the way");
        Assert.That(ours, Is.GreaterThan(theirs + 4));
        Assert.That(way[0], Is.EqualTo(0).Within(0.2));
        Assert.That(way[1], Is.EqualTo(1).Within(0.35));
    }

    /// <summary>A ball that goes along the axis of rotation, which every view shows: half a turn is enough.</summary>
    [Test]
    public void A_ball_in_a_volume_is_sharp_at_each_time()
    {
        const int N = 16, Views = 32;
        static Ellipsoid[] Moving(double time) => [new(1, .85, .85, .85, 0, 0, 0, 0), new(1, .35, .35, .35, 0, .1, .5 * (time - .5), 0)];
        CtGeometry geometry = new()
        {
            Kind = "parallel", AnglesDegrees = ScanCase.Angles(Views, 180), TimesSeconds = [.. Enumerable.Range(0, Views).Select(view => (double)view / Views)],
            Detector = new() { Columns = N, ColumnSpacingMm = 2.0 / N, Rows = N, RowSpacingMm = 2.0 / N }, Volume = new() { Size = [N, N, N], SpacingMm = [2.0 / N, 2.0 / N, 2.0 / N] },
        };
        var scan = CtScan.Of("the scan", new Image(Grid.Plain(N, N, Views), Scan(geometry, Moving)), geometry);
        var (moving, still) = ScanCase.With(workers => (CtReconstruction.Run(scan, new() { Times = Frames }, ScanCase.Device, workers), CtReconstruction.Run(scan, new() { Method = "tv", TvWeight = 3e-3 }, ScanCase.Device, workers)));
        Assert.That((moving.Method, moving.Image.Times, moving.Image.TimeSpacing), Is.EqualTo(("dctr", Frames, 1.0 / Frames)));
        double Psnr(Func<int, float[]> image) => Enumerable.Range(0, Frames).Average(frame => Metrics.PeakSignalToNoise(Ellipsoid.Draw(Moving((frame + 0.5) / Frames), geometry.ToProjection(1).Volume, 4), image(frame), 1));
        var (ours, theirs) = (Psnr(frame => moving.Image.Samples.Slice(frame * N * N * N, N * N * N).ToArray()), Psnr(_ => still.Image.Samples.ToArray()));
        TestContext.Out.WriteLine($"{ours:F2} dB, static {theirs:F2}; residuals {moving.Residual:F4}, {still.Residual:F4}");
        Assert.That(ours, Is.GreaterThan(theirs + 1));
        Assert.That(moving.Residual, Is.LessThan(0.5 * still.Residual));
    }

    static float[] Scan(CtGeometry geometry, Func<double, Ellipsoid[]> moving)
    {
        var rays = geometry.ToProjection(1);
        return [.. geometry.TimesSeconds!.SelectMany((time, view) => Ellipsoid.Scan(moving(time), rays.WithViews([rays.Views[view]]), 4))];
    }

    /// <summary>From the coarse grid to the voxels and back are transposes, and a finer grid has the same motion.</summary>
    [TestCase(1)]
    [TestCase(10)]
    public void Motion_has_an_exact_adjoint_and_keeps_when_refined(int slices)
    {
        const int Cells = 3, Degree = 3;
        var volume = new ScanVolume(13, 9, slices, new(1, 1, 1), new(0, 0, 0));
        var random = new Random(2);
        ScanCase.With(workers =>
        {
            var motion = new PolynomialMotion(volume, Cells, Degree, workers);
            for (int i = 0; i < motion.Coefficients.Length; i++) motion.Coefficients[i] = (float)random.NextDouble();
            motion.Spread();
            int length = (slices == 1 ? 2 : 3) * (int)volume.Count;
            float[] field = new float[length], finer = new float[length], onVoxels = new float[Degree * length], onPoints = new float[motion.Coefficients.Length];
            double[] numbers = [0.5, -1, 2];
            motion.Field(numbers, field);
            motion.Finer().Field(numbers, finer);
            Assert.That(finer, Is.EqualTo(field).Within(1e-5));
            float[] other = [.. field.Select(_ => (float)random.NextDouble())];
            motion.AddTransposed(numbers, other, onVoxels);
            motion.Gather(onVoxels, onPoints);
            double forward = field.Zip(other, (a, b) => (double)a * b).Sum();
            Assert.That(motion.Coefficients.Zip(onPoints, (a, b) => (double)a * b).Sum(), Is.EqualTo(forward).Within(1e-5 * Math.Abs(forward)));
            return 0;
        });
    }

    /// <summary>A template at rest is projected as it is, and the error changes with the motion as finite differences say.</summary>
    [Test]
    public void The_error_has_an_exact_derivative_by_the_motion()
    {
        const int N = 24, Views = 5;
        const float Step = 0.01f;
        var geometry = ScanCase.Parallel(N, Views);
        // Smooth, so that steps from cell to cell hardly show.
        float[] template = [.. Enumerable.Range(0, N * N).Select(i => MathF.Exp(-(MathF.Pow(i % N - 10, 2) + MathF.Pow(i / N - 13, 2)) / 40))];
        ScanCase.With(workers =>
        {
            using var projector = new Projector(geometry, ScanCase.Device, workers);
            float[] still = projector.Forward(template), moved = new float[still.Length], measured = [.. still.Select((value, i) => value + 0.1f * MathF.Sin(i))];
            float shift = 0;
            var moving = new MovingProjector(projector, (view, field) => Array.Fill(field, shift * (view + 1), 0, N * N), workers); // along x
            moving.Forward(template, moved);
            Assert.That(moved, Is.EqualTo(still));
            double slope = 0;
            double Error(float by)
            {
                (shift, slope) = (by, 0);
                return moving.Errors(template, measured, (view, along, back) => slope += Enumerable.Range(0, N * N).Sum(i => (view + 1.0) * along[i] * back[i]));
            }
            double difference = (Error(0.3f + Step) - Error(0.3f - Step)) / (4 * Step);
            Error(0.3f);
            Assert.That(slope, Is.EqualTo(difference).Within(0.02 * Math.Abs(difference)));
            return 0;
        });
    }

    /// <summary>P_2 and P_3 as they are written down, their derivatives, and nothing on average.</summary>
    [Test]
    public void Polynomials_are_Legendres()
    {
        var (values, slopes) = PolynomialMotion.Legendre(0.3, 3);
        Assert.That(values, Is.EqualTo(new[] { 0.3, (3 * 0.09 - 1) / 2, (5 * 0.027 - 0.9) / 2 }).Within(1e-12));
        Assert.That(slopes, Is.EqualTo(new[] { 1, 0.9, (15 * 0.09 - 3) / 2 }).Within(1e-12));
    }

    [Test]
    public void Without_times_of_the_views_it_is_refused()
    {
        var geometry = new CtGeometry { Kind = "parallel", AnglesDegrees = ScanCase.Angles(4, 180), Detector = new() { Columns = 8, ColumnSpacingMm = 1 }, Volume = new() { Size = [8, 8], SpacingMm = [1, 1] } };
        var scan = CtScan.Of("the scan", new Image(Grid.Plain(8, 4), [.. Enumerable.Repeat(1f, 32)]), geometry);
        Assert.That(Assert.Throws<FitException>(() => ScanCase.With(workers => CtReconstruction.Run(scan, new() { Method = "dctr" }, ScanCase.Device, workers)))!.Message, Does.Contain("dctr needs the time of each view; give timesSeconds"));
    }
}
