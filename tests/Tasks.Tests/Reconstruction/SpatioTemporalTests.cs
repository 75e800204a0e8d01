using InrFast.Imaging;
using InrFast.Kernels.Projection;
using InrFast.Tasks.Fitting;
using InrFast.Tasks.Reconstruction;

namespace InrFast.Tests;

/// <summary>STINR on a disc that goes up and down in a larger one while the gantry turns.</summary>
public sealed class SpatioTemporalTests
{
    const int N = 40, Views = 40, Phases = 5;
    const double Amplitude = 0.15;

    static Ellipsoid[] Moving(double time) => [new(1, .85, .8, double.PositiveInfinity, 0, 0, 0, 0), new(.6, .3, .25, double.PositiveInfinity, .1, Amplitude * Math.Sin(2 * Math.PI * time), 0, 0)];

    static float[] Draw(double time) => Ellipsoid.Draw(Moving(time), ScanCase.Square(N), 4);

    static CtGeometry Geometry => new()
    {
        Kind = "parallel", AnglesDegrees = ScanCase.Angles(Views, 180), TimesSeconds = [.. Enumerable.Range(0, Views).Select(view => (double)view / Views)],
        Detector = new() { Columns = N, ColumnSpacingMm = 2.0 / N }, Volume = new() { Size = [N, N], SpacingMm = [2.0 / N, 2.0 / N] },
    };

    static CtScan Scan()
    {
        var geometry = Geometry.ToProjection(1);
        float[] projections = [.. Enumerable.Range(0, Views).SelectMany(view => Ellipsoid.Scan(Moving((double)view / Views), geometry.WithViews([geometry.Views[view]]), 4))];
        return CtScan.Of("the scan", new Image(Grid.Plain(N, Views), projections), Geometry);
    }

    /// <summary>Phases of another brightness: only their motion counts.</summary>
    static CtOptions Options => new() { Phases = [.. Enumerable.Range(0, Phases).Select(phase => Draw((double)phase / Phases).Select(value => 3 * value).ToArray())], Times = 6 };

    [Test]
    public void What_moves_is_sharp_at_each_time()
    {
        var scan = Scan();
        var (moving, still) = ScanCase.With(workers => (CtReconstruction.Run(scan, Options, ScanCase.Device, workers), CtReconstruction.Run(scan, new() { Method = "tv", TvWeight = 1e-3 }, ScanCase.Device, workers)));
        Assert.That((moving.Method, moving.Image.Times, moving.Image.TimeSpacing), Is.EqualTo(("stinr", 6, 1.0 / 6)));
        double Psnr(Func<int, float[]> image) => Enumerable.Range(0, 6).Average(frame => Metrics.PeakSignalToNoise(Draw((frame + 0.5) / 6), image(frame), 1));
        var (ours, theirs) = (Psnr(frame => moving.Image.Samples.Slice(frame * N * N, N * N).ToArray()), Psnr(_ => still.Image.Samples.ToArray()));
        TestContext.Out.WriteLine($"{ours:F2} dB, static {theirs:F2}; residuals {moving.Residual:F4}, {still.Residual:F4}");
        Assert.That(ours, Is.GreaterThan(theirs + 3));
        Assert.That(moving.Residual, Is.LessThan(0.6 * still.Residual));
    }

    /// <summary>Reading a moved image and its transpose are adjoint, and the gradient is what finite differences say.</summary>
    [TestCase(1)]
    [TestCase(7)]
    public void Moved_voxels_have_an_exact_adjoint_and_gradient(int slices)
    {
        var volume = new ScanVolume(9, 8, slices, new(1, 1, 1), new(0, 0, 0));
        var random = new Random(3);
        float[] Some(int count, double scale) => [.. Enumerable.Range(0, count).Select(_ => (float)(scale * (random.NextDouble() - 0.5)))];
        int count = (int)volume.Count, axes = slices == 1 ? 2 : 3;
        float[] image = Some(count, 1), field = Some(axes * count, 6), other = Some(count, 1), gradient = new float[axes * count], back = new float[count];
        ScanCase.With(workers =>
        {
            float[] Read(float[] by, float[]? slopes = null)
            {
                var moved = new float[count];
                MovedVoxels.Read(volume, image, by, moved, workers, slopes);
                return moved;
            }
            var moved = Read(field, gradient);
            MovedVoxels.AddAdjoint(volume, other, field, back);
            Assert.That(Dot(image, back), Is.EqualTo(Dot(moved, other)).Within(1e-5));
            for (int axis = 0; axis < axes; axis++)
            {
                const float Step = 1e-3f;
                var further = Read([.. field.Select((u, i) => i / count == axis ? u + Step : u)]);
                // Where the step stays in its cell.
                var inside = Enumerable.Range(0, count).Where(i => MathF.Floor(field[axis * count + i]) == MathF.Floor(field[axis * count + i] + Step)).ToArray();
                foreach (int i in inside) Assert.That((further[i] - moved[i]) / Step, Is.EqualTo(gradient[axis * count + i]).Within(2e-3));
            }
            return 0;
        });

        static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
    }

    [Test]
    public void What_is_missing_is_said()
    {
        var scan = Scan();
        void Refused(CtScan of, CtOptions options, string what) =>
            Assert.That(Assert.Throws<FitException>(() => ScanCase.With(workers => CtReconstruction.Run(of, options, ScanCase.Device, workers)))!.Message, Does.Contain(what));
        Refused(scan, new() { Method = "stinr" }, "needs an earlier series");
        Refused(scan, Options with { Method = "tv" }, "takes no earlier series");
        Refused(scan, new() { Method = "tv", Times = 3 }, "no images of several times");
        Refused(CtScan.Of("the scan", new Image(Grid.Plain(N, Views), scan.Projections), Geometry with { TimesSeconds = null }), Options, "timesSeconds");
    }
}
