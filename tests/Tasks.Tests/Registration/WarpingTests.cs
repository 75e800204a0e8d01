using InrFast.Imaging;
using InrFast.Tasks.Registration;

namespace InrFast.Tests.Registration;

/// <summary>An image moved by a known field.</summary>
sealed class WarpingTests
{
    static readonly Image quadratic = new(new Grid(new GridSize(9, 8, 7), Affine.FromSpacing(2, 1, 3)), [.. Enumerable.Range(0, 504).Select(i => (float)(i % 9 * (i % 9) + 10 * (i / 9 % 8) - i / 72))]);

    /// <summary>Half a voxel along x: cubic is exact for quadratics, linear lies 1/4 above between whole numbers squared.</summary>
    [TestCase(WarpInterpolation.Cubic, 3.5 * 3.5)]
    [TestCase(WarpInterpolation.Linear, (9 + 16) / 2.0)]
    public void A_shift_reads_between_voxels(WarpInterpolation interpolation, double expected)
    {
        var warped = Warping.Warp(quadratic, Field(1, 0, 0), interpolation).Warped;
        Assert.That(warped.Samples.Span[3 + 9 * (2 + 8 * 3)], Is.EqualTo(expected + 20 - 3).Within(1e-4));
    }

    [Test]
    public void The_nearest_voxel_and_the_share_from_outside()
    {
        var (warped, outside) = Warping.Warp(quadratic, Field(0, -1.6, 0), WarpInterpolation.Nearest);
        Assert.That(warped.Samples.Span[4 + 9 * (5 + 8 * 1)], Is.EqualTo(16 + 10 * 3 - 1));
        Assert.That(warped.Samples.Span[4], Is.EqualTo(quadratic.Range().Minimum));
        Assert.That(outside, Is.EqualTo(2 / 8.0).Within(1e-12), "rows 0 and 1 come from -1.6 and -0.6");
    }

    static Image Field(float x, double y, float z) => new(quadratic.Grid, [.. Enumerable.Range(0, 504).SelectMany(_ => new[] { x, (float)y, z })], 3);
}
