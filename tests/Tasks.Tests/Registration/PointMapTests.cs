using InrFast.Imaging;
using InrFast.Tasks.Registration;

namespace InrFast.Tests.Registration;

/// <summary>Maps of the world, drawn and undone.</summary>
sealed class PointMapTests
{
    /// <summary>A displacement whose slope is above 1, and a turn: fixed-point iteration would run away.</summary>
    [Test]
    public void A_map_is_undone_where_its_displacement_is_steep()
    {
        var (sine, cosine) = Math.SinCos(0.4);
        var turn = new Affine(new(cosine, sine, 0), new(-sine, cosine, 0), new(0, 0, 1.2), new(5, -3, 2));
        PointMap map = points => [.. points.Select(p => turn.Apply(p + new Vector3d(15 * Math.Tanh(p.X / 10), 3 * Math.Cos(p.Y / 8), 2 * Math.Sin(p.X / 9))))];
        Vector3d[] origins = [.. Enumerable.Range(0, 500).Select(i => new Vector3d(i % 25 - 12, i / 25 - 10, i % 7))];
        var (found, worst) = map.Invert([.. map(origins)], [.. map(origins).Select(turn.Inverse().Apply)], 0.1);
        Assert.That(worst, Is.LessThan(1e-3));
        Assert.That(map(found).Zip(map(origins), (a, b) => (a - b).Length).Max(), Is.LessThan(1e-3));
    }

    [Test]
    public void A_map_is_drawn_as_ITK_has_it()
    {
        var grid = new Grid(new GridSize(4, 3, 2), new(new(0, 2, 0), new(-1, 0, 0), new(0, 0, 3), new(7, 8, 9)));
        PointMap map = points => [.. points.Select(p => new Vector3d(2 * p.X, p.Y - 1, p.Z + p.X))];
        var field = map.Displacement(grid);
        for (int voxel = 0; voxel < 24; voxel++)
        {
            var p = grid.ToWorld(PointMaps.IndexOf(grid, voxel));
            Assert.That(field.Samples.Slice(3 * voxel, 3).ToArray(), Is.EqualTo(new[] { p.X, -1, p.X }).Within(1e-5));
        }
    }

    [TestCase("1,99%", 1, 99, false, true)]
    [TestCase("-100,300", -100, 300, false, false)]
    public void Bounds_of_values_are_read(string text, double low, double high, bool first, bool second) =>
        Assert.That(Intensities.Parse(text), Is.EqualTo(new Intensities(low, high, first, second)));

    [TestCase("5,1")]
    [TestCase("5")]
    [TestCase("-1%,50%")]
    [TestCase("a,b")]
    public void Bounds_that_are_none(string text) => Assert.That(Intensities.Parse(text), Is.Null);

    [Test]
    public void Values_are_cut_at_percentiles()
    {
        var image = new Image(Grid.Plain(101, 1), [.. Enumerable.Range(0, 101).Select(i => (float)(i * i))]);
        var (low, high) = Intensities.Parse("10%,90%")!.Value.Cut(image).Range();
        Assert.That((low, high), Is.EqualTo((100f, 8100f)));
    }
}
