using InrFast.Imaging;

namespace InrFast.Tests.MetricTests;

/// <summary>
/// Figures of NumPy 1.24.2 and SciPy 1.10.1:
/// <code>
/// z, y, x = indices((6, 7, 8)); u = float32([1.5*sin(0.9*x + 0.3*y), 1.2*cos(0.7*y - 0.4*z), 0.8*sin(0.15*z*y)])
/// G = stack([stack(gradient(u[k])[::-1]) for k in range(3)])   # by index x, y, z
/// det(einsum('ca...,ab->cb...', G, inv(A)) + eye(3))           # A: steps of x, y, z as columns
/// RegularGridInterpolator at index (3.3, 2.6, 4.2)
/// </code>
/// </summary>
internal sealed class DisplacementFieldTests
{
    [Test]
    public void JacobiansAgreeWithNumPy()
    {
        var determinants = new DisplacementField(Example(6, 3)).JacobianDeterminants();
        Assert.That(DisplacementField.Foldings(determinants), Is.EqualTo(50));
        Assert.That(new[] { determinants.Min(), determinants.Max(), determinants.Average(), determinants[4 + 8 * (3 + 7 * 2)] },
            Is.EqualTo(new[] { -0.6313965360700097, 4.26603851467152, 0.9774926679005496, 0.3573907799558416 }).Within(1e-9));
        var flat = new DisplacementField(Example(1, 2)).JacobianDeterminants();
        Assert.That((DisplacementField.Foldings(flat), flat.Min()), Is.EqualTo((8L, -0.38947359212943355)).Using<(long, double)>((a, b) => a.Item1 == b.Item1 && Math.Abs(a.Item2 - b.Item2) < 1e-9));
    }

    [Test]
    public void PointsAreCarriedAsSciPyInterpolates()
    {
        var image = Example(6, 3);
        var moved = new DisplacementField(image).Apply(image.Grid.ToWorld(new(3.3, 2.6, 4.2)));
        Assert.That(new[] { moved.X, moved.Y, moved.Z }, Is.EqualTo(new[] { -11.70421018, 35.23936285, 18.25109422 }).Within(1e-7));
    }

    [Test]
    public void AnAffineMapHasItsOwnDeterminantEverywhere()
    {
        var grid = TestData.Oblique(5, 4, 3).Grid;
        var samples = new List<float>();
        for (var i = 0; i < grid.Size.Voxels; i++)
        {
            var p = grid.ToWorld(new(i % 5, i / 5 % 4, i / 20));
            samples.AddRange([(float)(0.5 * p.X), (float)(0.25 * p.Y), (float)(-1.5 * p.Z)]);
        }
        var field = new DisplacementField(new Image(grid, [.. samples], channels: 3));
        Assert.That(field.JacobianDeterminants(), Is.All.EqualTo(1.5 * 1.25 * -0.5).Within(1e-5));
        Assert.That(DisplacementField.Foldings(field.JacobianDeterminants()), Is.EqualTo(60));
    }

    [Test]
    public void PicturesAreNoFields()
    {
        Assert.That(TestData.Throws(() => _ = new DisplacementField(TestData.Oblique(3, 3, 3))).Kind, Is.EqualTo(ImagingError.WrongUse));
        Assert.That(DisplacementField.IsField(TestData.Oblique(3, 3, 1, channels: 3, stored: new StoredScale(SampleType.UInt8))), Is.False);
    }

    private static Image Example(int slices, int channels)
    {
        var samples = new List<float>();
        for (var i = 0; i < 8 * 7 * slices; i++)
        {
            var (x, y, z) = (i % 8, i / 8 % 7, i / 56);
            double[] u = [1.5 * Math.Sin(0.9 * x + 0.3 * y), 1.2 * Math.Cos(0.7 * y - 0.4 * z), 0.8 * Math.Sin(0.5 * z * y * 0.3)];
            samples.AddRange(u.Take(channels).Select(value => (float)value));
        }
        return new Image(TestData.Oblique(8, 7, slices).Grid, [.. samples], channels);
    }
}
