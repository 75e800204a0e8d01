using InrFast.Kernels;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Sampling;
using static InrFast.Tests.PinnedRows;

namespace InrFast.Tests.Losses;

public sealed class LocalCorrelationTests
{
    static readonly PatchShape patch = new(5, 4, 6), window = new(3, 2, 4);

    /// <summary>-1 for each window where one image is a linear function of the other, rising or falling, another one in every patch; 0 where one is constant.</summary>
    [Test]
    public void ContrastDoesNotMatter()
    {
        PinnedRows p = new PinnedRows(2 * patch.Count, 1).Fill(new Random(1)), t = new(2 * patch.Count, 1);
        for (int r = 0; r < p.Matrix.Rows; r++) t[r, 0] = r < patch.Count ? 0.3f * p[r, 0] + 5 : -2 * p[r, 0];
        double places = window.PlacesIn(patch);
        Assert.That(places, Is.EqualTo(27));
        foreach (var device in (Device[])[Reference, .. Cpus]) Assert.That(Sum(device, p.Matrix, t.Matrix), Is.EqualTo(-2 * places).Within(1e-3), device.Name);
        for (int r = patch.Count; r < p.Matrix.Rows; r++) t[r, 0] = 0.25f;
        foreach (var device in (Device[])[Reference, .. Cpus]) Assert.That(Sum(device, p.Matrix, t.Matrix), Is.EqualTo(-places).Within(1e-3), device.Name);
    }

    /// <summary>Points without weight: what the images have there changes nothing.</summary>
    [Test]
    public void WhatIsMaskedDoesNotMatter()
    {
        var random = new Random(2);
        PinnedRows p = new PinnedRows(patch.Count, 1).Fill(random), t = new PinnedRows(patch.Count, 1).Fill(random), w = new(patch.Count, 1);
        for (int r = 0; r < patch.Count; r++) w[r, 0] = r % patch.X < 3 ? 1 : 0; // the windows at x = 0 are whole, those at 1 and 2 have 2/3 and 1/3
        var before = Sum(Reference, p.Matrix, t.Matrix, w.Matrix);
        for (int r = 0; r < patch.Count; r++)
            if (w[r, 0] == 0) (p[r, 0], t[r, 0]) = (7, -9);
        foreach (var device in (Device[])[Reference, .. Cpus]) Assert.That(Sum(device, p.Matrix, t.Matrix, w.Matrix), Is.EqualTo(before).Within(1e-5), device.Name);
        Assert.That(before, Is.InRange(-9 * (1 + 2 / 3.0 + 1 / 3.0), -0.01));
    }

    [Test]
    public void APatchIsMovedInside()
    {
        var grid = new VoxelGrid([9, 7, 2]);
        var shape = PatchShape.Within(grid, 3, 2);
        Assert.That(shape, Is.EqualTo(new PatchShape(3, 3, 1, 2)));
        var order = new VoxelPatches<ImageOrder>(new ImageOrder(grid.Count), grid, shape);
        long[] Patch(long centre)
        {
            order.Start(0, centre * shape.Count);
            return [.. Enumerable.Range(0, shape.Count).Select(i => order.Next(out _))];
        }
        Assert.That(Patch(0), Is.EqualTo(new[] { 0, 2, 4, 18, 20, 22, 36, 38, 40 }), "around the first voxel");
        long middle = 4 + 9 * (3 + 7 * 1);
        Assert.That(Patch(middle), Is.EqualTo(new[] { -20, -18, -16, -2, 0, 2, 16, 18, 20 }.Select(offset => middle + offset)));
        Assert.That(Patch(grid.Count - 1).Max(), Is.EqualTo(grid.Count - 1));
    }

    static double Sum(Device device, Matrix p, Matrix t, Matrix weights = default)
    {
        var sum = Pin(new double[1]);
        device.LocalCorrelation(patch, window).Forward(p, t, weights, 1, Address(sum));
        return sum[0];
    }
}
