using InrFast.Imaging;
using InrFast.Tasks.Reconstruction;

namespace InrFast.Tests;

/// <summary>What a scanner adds, seen in the projections of one small disc 20 mm from the axis.</summary>
public sealed class CtSimulationTests
{
    const int N = 32, Columns = 80, Views = 120;
    static readonly Image Dot = new(new Grid(new(N, N), Affine.FromSpacing(2, 2, 2)), [.. Enumerable.Range(0, N * N).Select(i => Math.Pow(i % N - 25.5, 2) + Math.Pow(i / N - 15.5, 2) < 12 ? 0.02f : 0)]);

    static CtGeometry Geometry(double offset = 0) => new()
    {
        Kind = CtGeometry.Parallel, AnglesDegrees = [.. Enumerable.Range(0, Views).Select(i => 180.0 * i / Views)],
        Detector = new() { Columns = Columns, ColumnSpacingMm = 1, ColumnOffsetMm = offset }, Volume = CtSimulation.VolumeOf(Dot),
    };

    static (float[] Projections, CtGeometry Geometry, float[] Flats) Run(CtSimulation simulation, double offset = 0) =>
        ScanCase.With(workers => simulation.Run(Dot, Geometry(offset), Hounsfield.Water, ScanCase.Device, workers));

    // Millimetres from the detector's middle.
    static double[] Centres(float[] projections) => [.. projections.Chunk(Columns).Select(line => line.Select((p, column) => p * (column - (Columns - 1) / 2.0)).Sum() / line.Sum())];

    /// <summary>Parallel rays see the disc at 20 mm times the cosine of the angle; of a detector moved by 5 mm, 5 mm before that.</summary>
    [Test]
    public void A_moved_detector_sees_the_disc_elsewhere()
    {
        double[] middle = Centres(Run(new()).Projections), moved = Centres(Run(new(), 5).Projections);
        for (int view = 0; view < Views; view++)
        {
            Assert.That(middle[view], Is.EqualTo(20 * Math.Cos(Math.PI * view / Views)).Within(0.1));
            Assert.That(moved[view], Is.EqualTo(middle[view] - 5).Within(0.05));
        }
    }

    /// <summary>The geometry says what the gantry was to do; the disc's place says what it did.</summary>
    [Test]
    public void Angles_err_by_as_much_as_was_asked_for()
    {
        var (projections, told, _) = Run(new() { AngleErrorDegrees = 2, Seed = 3 });
        Assert.That(told.AnglesDegrees, Is.EqualTo(Geometry().AnglesDegrees));
        var centres = Centres(projections);
        double[] errors = [.. Enumerable.Range(20, 80).Select(view => Math.Acos(centres[view] / 20) * 180 / Math.PI - told.AnglesDegrees![view])]; // where the cosine is steep
        Assert.That(Math.Sqrt(errors.Average(e => e * e)), Is.EqualTo(2).Within(0.4));
        Assert.That(errors.Average(), Is.EqualTo(0).Within(0.7));
    }

    /// <summary>Each pixel has one sensitivity in all views, and the flat field shows it: held against that, the counts are those of equal pixels.</summary>
    [Test]
    public void A_flat_field_shows_the_sensitivities()
    {
        float[] exact = Run(new()).Projections, wrong = Run(new() { GainError = 0.1, Seed = 5 }).Projections;
        double[] gains = [.. wrong.Zip(exact, (a, b) => Math.Exp(b - a))];
        for (int i = Columns; i < gains.Length; i++) Assert.That(gains[i], Is.EqualTo(gains[i % Columns]).Within(1e-5));
        Assert.That(Math.Sqrt(gains[..Columns].Average(gain => (gain - 1) * (gain - 1))), Is.EqualTo(0.1).Within(0.025));
        var (counts, told, flats) = Run(new() { GainError = 0.1, Seed = 5, Photons = 1e8, AsCounts = true, FlatExposures = 4 });
        Assert.That(flats, Has.Length.EqualTo(4 * Columns));
        var scan = CtScan.Of("a.npy", new Image(Grid.Plain(Columns, Views), counts), told, new CtFields(new Image(Grid.Plain(Columns, 4), flats), null));
        Assert.That(scan.Projections, Is.EqualTo(exact).Within(1e-3f));
    }

    /// <summary>Exactly so many dB, normal, as much where the disc is as beside it, and of the seed alone.</summary>
    [Test]
    public void White_noise_lies_as_far_below_the_line_integrals_as_was_asked_for()
    {
        float[] exact = Run(new()).Projections, noisy = Run(new() { NoiseDecibels = 20, Seed = 7 }).Projections;
        double[] noise = [.. noisy.Zip(exact, (a, b) => (double)a - b)];
        double signal = exact.Sum(p => (double)p * p), power = noise.Sum(n => n * n), sigma = Math.Sqrt(power / noise.Length);
        Assert.That(10 * Math.Log10(signal / power), Is.EqualTo(20).Within(1e-3));
        Assert.That(noise.Average(), Is.EqualTo(0).Within(4 * sigma / Math.Sqrt(noise.Length)));
        Assert.That(noise.Count(n => Math.Abs(n) < sigma) / (double)noise.Length, Is.EqualTo(0.683).Within(0.02));
        Assert.That(Math.Sqrt(noise.Where((_, i) => exact[i] > 0).Average(n => n * n)), Is.EqualTo(sigma).Within(10).Percent);
        Assert.That(Run(new() { NoiseDecibels = 20, Seed = 7 }).Projections, Is.EqualTo(noisy));
        Assert.That(Run(new() { NoiseDecibels = 20, Seed = 8 }).Projections, Is.Not.EqualTo(noisy));
    }
}
