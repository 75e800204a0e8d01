using CsCheck;
using InrFast.Imaging;

namespace InrFast.Tests.MetricTests;

/// <summary>
/// Figures of SciPy 1.10.1:
/// <code>
/// def surf(m): return m &amp; ~binary_erosion(m, generate_binary_structure(m.ndim, 1), border_value=0)
/// percentile(hstack((distance_transform_edt(~sb, sampling)[sa], distance_transform_edt(~sa, sampling)[sb])), 95)
/// z, y, x = indices((14, 20, 24)); a = (x-10)**2 + (y-9)**2 + 2*(z-6)**2 &lt; 40; b = (x-12)**2 + 1.5*(y-8)**2 + (z-7)**2 &lt; 45
/// </code>
/// </summary>
internal sealed class SurfaceDistanceTests
{
    private static readonly Affine Spaced = Affine.FromSpacing(0.8, 1.25, 2.5);

    [Test]
    public void HausdorffDistancesAgreeWithSciPy()
    {
        Assert.That(SurfaceDistance.Hausdorff95(A(14, 0), B(14, 0)), Is.EqualTo(5.546169849544819).Within(1e-12));
        Assert.That(SurfaceDistance.Hausdorff95(A(1, 6), B(1, 6)), Is.EqualTo(2.5).Within(1e-12));
        var whole = Mask(7, 6, 5, (_, _, _) => true);
        Assert.That(SurfaceDistance.Hausdorff95(whole, Mask(7, 6, 5, (x, _, _) => x >= 3)), Is.EqualTo(2.4).Within(1e-12));
    }

    [Test]
    public void EqualMasksAreNotApartAndEmptyOnesHaveNoDistance()
    {
        Assert.That(SurfaceDistance.Hausdorff95(A(14, 0), A(14, 0)), Is.Zero);
        Assert.That(SurfaceDistance.Hausdorff95(A(14, 0), Mask(24, 20, 14, (_, _, _) => false)), Is.NaN);
        Assert.That(SurfaceDistance.Hausdorff95(A(14, 0), A(14, 0), label: 2), Is.NaN);
    }

    // Against every pair of voxels.
    [Test]
    public void DistancesAreThoseToTheNearestVoxel() =>
        Gen.Select(Gen.Int[1, 7], Gen.Int[1, 6], Gen.Int[1, 5], Gen.Double[0.3, 3].Array[3], Gen.Int[0, 1 << 30]).Sample((x, y, z, steps, seed) =>
        {
            var (size, spacing) = (new GridSize(x, y, z), new Vector3d(steps[0], steps[1], steps[2]));
            var random = new Random(seed);
            var set = Enumerable.Range(0, (int)size.Voxels).Select(_ => random.Next(6) == 0).ToArray();
            var distances = DistanceTransform.Distances(set, size, spacing);
            Vector3d Place(int i) => new(i % x * steps[0], i / x % y * steps[1], i / (x * y) * steps[2]);
            return Enumerable.Range(0, set.Length).All(i =>
            {
                var nearest = Enumerable.Range(0, set.Length).Where(j => set[j]).Select(j => (Place(i) - Place(j)).Length).DefaultIfEmpty(double.PositiveInfinity).Min();
                return double.IsInfinity(nearest) ? double.IsInfinity(distances[i]) : Math.Abs(distances[i] - nearest) < 1e-9;
            });
        });

    private static Image A(int slices, int first) => Mask(24, 20, slices, (x, y, z) => Square(x - 10) + Square(y - 9) + 2 * Square(z + first - 6) < 40);

    private static Image B(int slices, int first) => Mask(24, 20, slices, (x, y, z) => Square(x - 12) + 1.5 * Square(y - 8) + Square(z + first - 7) < 45);

    private static double Square(double value) => value * value;

    private static Image Mask(int x, int y, int z, Func<int, int, int, bool> inside)
    {
        var samples = Enumerable.Range(0, x * y * z).Select(i => inside(i % x, i / x % y, i / (x * y)) ? 1f : 0f).ToArray();
        return new Image(new Grid(new GridSize(x, y, z), Spaced), samples);
    }
}
