using InrFast.Imaging;
using InrFast.Tasks.Fitting;
using InrFast.Tasks.Reconstruction;

namespace InrFast.Tests;

/// <summary>Raw counts of a detector of 4 columns, 2 views, with flat and dark fields.</summary>
public sealed class CtFieldsTests
{
    static readonly CtGeometry Geometry = new() { Kind = "parallel", AnglesDegrees = [0, 90], Detector = new() { Columns = 4, ColumnSpacingMm = 1 } };

    // Two exposures each, whose means are 1000, 1100, 1200, 1300 and 100.
    static readonly Image Flat = Rows([980, 1080, 1180, 1280, 1020, 1120, 1220, 1320]), Dark = Rows([90, 90, 90, 90, 110, 110, 110, 110]);

    /// <summary>Pixels of different sensitivity behind the same object show the same line integral.</summary>
    [Test]
    public void Line_integrals_are_logarithms_of_what_is_above_the_dark_field()
    {
        float[] expected = [0, 0.5f, 1, 0, 0, 2, 0.25f, 0], flat = [900, 1000, 1100, 1200];
        var scan = CtScan.Of("a.npy", Rows([.. expected.Select((p, i) => 100 + flat[i % 4] * MathF.Exp(-p))]), Geometry, new CtFields(Flat, Dark));
        Assert.That(scan.Projections, Is.EqualTo(expected).Within(1e-5f));
        Assert.That((scan.Warnings, scan.Geometry.Units), Is.EqualTo((Array.Empty<string>(), "line-integral")));
    }

    [Test]
    public void Dead_pixels_take_their_neighbours_values_and_dark_rays_are_said()
    {
        var geometry = Geometry with { Detector = Geometry.Detector with { Columns = 12 } };
        float[] flat = [.. Enumerable.Repeat(1000f, 12)];
        flat[5] = 0;
        float[] counts = [.. Enumerable.Range(0, 24).Select(i => 1000 * MathF.Exp(-(i % 12) / 10f))];
        (counts[5], counts[17], counts[2]) = (0, 0, 0);
        var scan = CtScan.Of("a.npy", Rows(counts, 12), geometry, new CtFields(Rows(flat, 12), null));
        Assert.That((scan.Projections[5], scan.Projections[17]), Is.EqualTo((0.5f, 0.5f)).Using<float>((a, b) => Math.Abs(a - b) < 1e-5));
        Assert.That(scan.Projections[2], Is.EqualTo(Math.Log(1e5)).Within(1e-4));
        Assert.That(scan.Warnings, Has.One.Contains("1 of 12 pixels are dead").And.One.Contains("1 of 24 counts are not above the dark field"));
    }

    [Test]
    public void Fields_that_do_not_fit_are_refused()
    {
        AssertWrong(new(Rows([1, 2, 3], 3), null), "the flat field is an array", "4 columns and 1 rows");
        AssertWrong(new(Flat, Rows([1, 2], 2)), "the dark field is an array");
        AssertWrong(new(Dark, Flat), "not above the dark one in 4 of 4 pixels", "exchanged");
        AssertWrong(new(Rows([1, 2, float.NaN, 4]), null), "1 values of the flat field are NaN");

        static void AssertWrong(CtFields fields, params string[] words)
        {
            var exception = Assert.Throws<FitException>(() => CtScan.Of("a.npy", Rows([1, 2, 3, 4, 5, 6, 7, 8]), Geometry, fields))!;
            Assert.That(exception.Kind, Is.EqualTo(FitError.Input));
            foreach (string word in words) Assert.That(exception.Message, Does.Contain(word));
        }
    }

    /// <summary>Some views alone, and none that are nothing but 0.</summary>
    [Test]
    public void Views_are_chosen_and_those_never_taken_left_out()
    {
        var geometry = Geometry with { AnglesDegrees = [0, 10, 20, 30, 40], TimesSeconds = [0, 1, 2, 3, 4] };
        var image = Rows([0, 1, 1, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0, float.NaN, 4, 0, 0, 5, 5, 0]);
        var scan = CtScan.Of("a.npy", image, geometry, chosen: [1, 2, 4]);
        Assert.That(scan.Geometry.AnglesDegrees, Is.EqualTo(new[] { 10, 40 }));
        Assert.That(scan.Geometry.TimesSeconds, Is.EqualTo(new[] { 1, 4 }));
        Assert.That(scan.Projections, Is.EqualTo(new float[] { 0, 2, 2, 0, 0, 5, 5, 0 }));
        Assert.That(scan.Warnings, Has.One.Contains("1 of 3 views are nothing but 0"));
        var exception = Assert.Throws<FitException>(() => CtScan.Of("a.npy", image, geometry, chosen: [5]))!;
        Assert.That((exception.Kind, exception.Message), Is.EqualTo((FitError.WrongUse, "a.npy: there are 5 views, 0 to 4; choose some of these")));
    }

    static Image Rows(float[] values, int columns = 4) => new(Grid.Plain(columns, values.Length / columns), values);
}
