using System.Text;
using InrFast.Imaging;
using InrFast.Tasks.Fitting;
using InrFast.Tasks.Reconstruction;

namespace InrFast.Tests;

public sealed class CtGeometryTests
{
    static CtGeometry Cone => new()
    {
        Kind = "cone", AnglesDegrees = [0, 7.2], SourceToAxisMm = 1000, SourceToDetectorMm = 1500,
        Detector = new() { Columns = 256, Rows = 200, ColumnSpacingMm = 1.6, RowSpacingMm = 1.5, ColumnOffsetMm = 0.4 },
        Volume = new() { Size = [128, 128, 100], SpacingMm = [2, 2, 2], OriginMm = [-127, -127, -99] }, TimesSeconds = [0, 0.1],
    };

    static CtGeometry Slice => new() { Kind = "parallel", AnglesDegrees = [0, 60, 120], Detector = new() { Columns = 8, ColumnSpacingMm = 1 } };

    [Test]
    public void The_file_is_what_its_contract_says()
    {
        const string Text = """
            { "kind": "cone", "anglesDegrees": [0, 7.2], "sourceToAxisMm": 1000, "sourceToDetectorMm": 1500,
              "detector": { "columns": 256, "rows": 200, "columnSpacingMm": 1.6, "rowSpacingMm": 1.5, "columnOffsetMm": 0.4, "rowOffsetMm": 0 },
              "volume": { "size": [128, 128, 100], "spacingMm": [2, 2, 2], "originMm": [-127, -127, -99] }, "timesSeconds": [0, 0.1], "units": "line-integral" }
            """;
        var read = Load(Text);
        using var written = new MemoryStream();
        using var expected = new MemoryStream();
        read.Save(written);
        Cone.Save(expected);
        Assert.That(Encoding.UTF8.GetString(written.ToArray()), Is.EqualTo(Encoding.UTF8.GetString(expected.ToArray())));
        Assert.That(read.ToProjection(1).CentreColumn, Is.EqualTo(127.5 - 0.25));
        Assert.That((read.ToGrid().Size, read.ToGrid().ToWorld(default)), Is.EqualTo((new GridSize(128, 128, 100), new Vector3d(-127, -127, -99))));
    }

    [TestCase("{", "no CT geometry")]
    [TestCase("{ \"kind\": \"cone\", \"angles\": [0] }", "angles")]
    [TestCase("null", "empty")]
    public void Text_that_is_no_geometry_is_refused(string text, string words) => AssertWrong(() => Load(text), words);

    static IEnumerable<TestCaseData> Wrong =>
    [
        new(Cone with { Kind = "spiral" }, "kind is 'spiral'"), new(Cone with { Units = "photons" }, "units is 'photons'"), new(Cone with { Units = "counts" }, "airCounts is missing"),
        new(Cone with { AnglesDegrees = null }, "one of anglesDegrees and posesMm"), new(Cone with { AnglesDegrees = [], TimesSeconds = null }, "no views"),
        new(Cone with { AnglesDegrees = [30, 30] }, "all 2 angles are 30 degrees"), new(Cone with { AnglesDegrees = [0, double.NaN] }, "not a finite number"),
        new(Cone with { Detector = Cone.Detector with { Columns = 1 } }, "1 columns"), new(Cone with { Detector = Cone.Detector with { ColumnSpacingMm = 0 } }, "spacings must be above 0"),
        new(Cone with { Detector = Cone.Detector with { Shape = "round" } }, "shape is 'round'"), new(Cone with { TimesSeconds = [1] }, "1 times for 2 views"),
        new(Cone with { SourceToAxisMm = null }, "needs sourceToAxisMm"), new(Cone with { SourceToDetectorMm = 900 }, "sourceToDetectorMm not below it"), new(Cone with { SourceToAxisMm = 150 }, "the source passes through the volume"),
        new(Cone with { Volume = Cone.Volume! with { Size = [128, 128] } }, "numbers each"), new(Cone with { Volume = new() { Size = [64, 64, 1], SpacingMm = [1, 1, 1] } }, "200 rows and 1 slices"),
        new(Slice with { Kind = "fan", Detector = Slice.Detector with { Rows = 3 } }, "a fan beam has one detector row"), new(Slice with { PosesMm = [[1, 2]], AnglesDegrees = null }, "posesMm are for cone beams"),
    ];

    [TestCaseSource(nameof(Wrong))]
    public void Geometries_that_make_no_sense_are_refused(CtGeometry geometry, string words) => AssertWrong(() => geometry.Check("scan.json"), "scan.json", words);

    [Test]
    public void Without_a_volume_it_is_what_all_views_see()
    {
        var fan = new CtGeometry { Kind = "fan", AnglesDegrees = [0, 90], SourceToAxisMm = 400, SourceToDetectorMm = 600, Detector = new() { Columns = 100, ColumnSpacingMm = 3 } };
        // A detector 300 mm wide at 600 mm: the tangent is 1/4, and the circle about the axis has radius 400 sin(atan 1/4).
        Assert.That(fan.ToGrid().Spacing.X * 100 / 2, Is.EqualTo(400 * Math.Sin(Math.Atan(0.25))).Within(1e-9));
        Assert.That(Slice.ToGrid().Spacing.X, Is.EqualTo(1).Within(1e-9));
    }

    static IEnumerable<TestCaseData> WrongArrays =>
    [
        new(Array(9, 3, (_, _) => 1), Slice, "9 columns and the geometry 8"), new(Array(8, 4, (_, _) => 1), Slice, "4 views and the geometry 3"),
        new(new Image(Grid.Plain(8, 2, 3), new float[48]), Slice, "2 detector rows and the geometry 1"), new(new Image(Grid.Plain(8, 3), new float[48], channels: 2), Slice, "2 channels"),
        new(Array(8, 3, (x, y) => x == 4 ? float.NaN : 1), Slice, "3 of 24 values are NaN"), new(Array(8, 3, (x, _) => 100 * x), Slice, "are they counts?"),
        new(Array(8, 3, (_, _) => 0), Slice, "no ray is weakened"), new(Array(8, 3, (x, _) => x == 2 ? -3 : 900), Slice with { Units = "counts", AirCounts = 1000 }, "3 of 24 counts are negative, down to -3"),
        new(Array(8, 3, (x, _) => x), Slice with { Units = "counts", AirCounts = 1e5 }, "are they line integrals?"),
        new(Array(8, 3, (x, _) => x == 4 ? 1 : 0), Slice with { Detector = Slice.Detector with { ColumnOffsetMm = 50 }, Volume = new() { Size = [8, 8], SpacingMm = [1, 1] } }, "no ray of the geometry meets the volume"),
    ];

    [TestCaseSource(nameof(WrongArrays))]
    public void Projections_that_do_not_fit_are_refused(Image image, CtGeometry geometry, string words) => AssertWrong(() => CtScan.Of("scan.npy", image, geometry), "scan.npy", words);

    [Test]
    public void What_is_doubtful_is_said()
    {
        var cut = CtScan.Of("a.npy", Array(8, 3, (x, y) => y == 0 ? 2 : x is 3 or 4 ? 2 : 0), Slice);
        Assert.That(cut.Warnings, Has.One.Contains("33.3 % of its lines"));
        Assert.That(CtScan.Of("a.npy", Array(8, 3, (x, _) => x == 3 ? 2 : x == 4 ? -1 : 0), Slice).Warnings, Has.One.Contains("down to -1"));
        var dark = CtScan.Of("a.npy", Array(8, 3, (x, _) => x == 3 ? 0 : 1000), Slice with { Units = "counts", AirCounts = 1000 });
        Assert.That(dark.Warnings, Has.One.Contains("3 of 24 counts are below 0.5"));
        Assert.That(dark.Projections[3], Is.EqualTo(Math.Log(2000)).Within(1e-5));
        Assert.That(CtScan.Of("a.npy", Array(8, 3, (x, _) => x is 3 or 4 ? 2 : 0), Slice).Warnings, Is.Empty);
    }

    [Test]
    public void RTK_files_are_read()
    {
        const string Text = """
            <?xml version="1.0"?>
            <!DOCTYPE RTKGEOMETRY>
            <RTKThreeDCircularGeometry version="3">
              <SourceToIsocenterDistance>1000</SourceToIsocenterDistance>
              <SourceToDetectorDistance>1536</SourceToDetectorDistance>
              <ProjectionOffsetX>-2.5</ProjectionOffsetX>
              <Projection><GantryAngle>0</GantryAngle><Matrix>-1536 0 0 0 0 -1536 0 0 0 0 1 -1000</Matrix></Projection>
              <Projection><GantryAngle>30.5</GantryAngle></Projection>
            </RTKThreeDCircularGeometry>
            """;
        // Pixels of 2 mm from -31 mm on: their middle is at 0 but for the offset.
        var grid = new Grid(new(32, 16, 2), new(new(2, 0, 0), new(0, 2, 0), new(0, 0, 1), new(-31, -15, 0)));
        CtGeometry Read(string text) => RtkGeometry.Load("geometry.xml", new MemoryStream(Encoding.UTF8.GetBytes(text)), grid);
        var geometry = Read(Text);
        Assert.That(geometry.AnglesDegrees, Is.EqualTo(new[] { 0, 30.5 }));
        Assert.That((geometry.SourceToAxisMm, geometry.SourceToDetectorMm, geometry.Detector.ColumnOffsetMm, geometry.Detector.RowOffsetMm, geometry.Detector.ColumnSpacingMm), Is.EqualTo((1000, 1536, -2.5, 0, 2)));
        AssertWrong(() => Read(Text.Replace("30.5", "east", StringComparison.Ordinal)), "GantryAngle is 'east'");
        AssertWrong(() => Read(Text.Replace("<Projection><GantryAngle>0<", "<Projection><InPlaneAngle>2</InPlaneAngle><GantryAngle>0<", StringComparison.Ordinal)), "InPlaneAngle is not 0");
        AssertWrong(() => Read("<html/>"), "'html'");
        AssertWrong(() => Read("{}"), "no RTK geometry");
    }

    static Image Array(int columns, int views, Func<int, int, float> value) =>
        new(Grid.Plain(columns, views), [.. Enumerable.Range(0, columns * views).Select(i => value(i % columns, i / columns))]);

    static CtGeometry Load(string text) => CtGeometry.Load("scan.json", new MemoryStream(Encoding.UTF8.GetBytes(text)));

    static void AssertWrong(Action action, params string[] words)
    {
        var exception = Assert.Throws<FitException>(() => action())!;
        Assert.That(exception.Kind, Is.EqualTo(FitError.Input));
        foreach (string word in words) Assert.That(exception.Message, Does.Contain(word));
        Assert.That(exception.Message, Does.Not.Contain('\n'));
    }
}
