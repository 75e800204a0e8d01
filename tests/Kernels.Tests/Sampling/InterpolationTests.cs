using InrFast.Kernels;
using InrFast.Kernels.Sampling;

namespace InrFast.Tests;

public class InterpolationTests
{
    static readonly int[][] Sizes = [[9], [8, 6], [7, 6, 5]];
    const int Rows = 61;

    [Test]
    public void LinearIsExactForAffineFunctions([ValueSource(nameof(Sizes))] int[] size) =>
        ReproducesPolynomials(size, new Linear(), 0, p => 1 + p.Select((x, axis) => (axis + 1) * 0.5 * x).Sum(), (_, axis) => (axis + 1) * 0.5);

    /// <summary>Keys 1981, section IV: third-order convergence, so exact for second degree, as long as the taps stay inside.</summary>
    [Test]
    public void CubicIsExactForQuadratics([ValueSource(nameof(Sizes))] int[] size) =>
        ReproducesPolynomials(size, new Cubic(), 1,
            p => 1 + p.Select((x, axis) => (axis + 1) * 0.5 * x - 0.25 * x * x).Sum() + p[0] * p[^1],
            (p, axis) => (axis + 1) * 0.5 - 0.5 * p[axis] + (axis == 0 ? p[^1] : 0) + (axis == p.Length - 1 ? p[0] : 0));

    /// <param name="margin">Voxels that the points keep from the border.</param>
    static void ReproducesPolynomials<TInterpolant>(int[] size, TInterpolant interpolant, int margin, Func<double[], double> f, Func<double[], int, double> slope)
        where TInterpolant : struct, IInterpolant
    {
        var grid = new VoxelGrid(size, [.. Enumerable.Range(0, size.Length).Select(i => 1 + 0.5 * i)]);
        using var image = new HostRows([.. Enumerable.Range(0, (int)grid.Count).Select(v => (float)f(Position(size, v)))]);
        using HostRows coordinates = new(Rows, size.Length), values = new(Rows, 1), ones = new(Rows, 1), gradient = new(Rows, size.Length);
        var random = new Random(3);
        var points = new double[Rows][];
        for (int r = 0; r < Rows; r++)
        {
            points[r] = new double[size.Length];
            for (int axis = 0; axis < size.Length; axis++)
            {
                double index = margin + random.NextDouble() * (size[axis] - 1 - 2 * margin);
                coordinates[r, axis] = (float)((2 * index + 1 - size[axis]) * grid[axis].HalfStep);
                points[r][axis] = grid[axis].Index(coordinates[r, axis]);
            }
            ones[r] = 1;
        }
        foreach (var device in SamplingCase.All)
        {
            var kernels = device.Interpolation(grid, interpolant);
            kernels.Forward(image.Address, coordinates.Matrix, values.Matrix);
            kernels.Backward(ones.Matrix, image.Address, coordinates.Matrix, gradient.Matrix);
            for (int r = 0; r < Rows; r++)
            {
                Assert.That(values[r], Is.EqualTo(f(points[r])).Within(3e-5), device.Name);
                for (int axis = 0; axis < size.Length; axis++)
                    Assert.That(gradient[r, axis], Is.EqualTo(slope(points[r], axis) * grid[axis].Density).Within(3e-4), device.Name);
            }
        }
    }

    [Test]
    public void KernelsAgreeWithTheOracle([ValueSource(nameof(Sizes))] int[] size, [Values(1, 2, 5)] int channels)
    {
        Check(new Linear());
        Check(new Cubic());

        void Check<TInterpolant>(TInterpolant interpolant) where TInterpolant : struct, IInterpolant
        {
            using var c = new Case(size, channels);
            var oracle = c.Run(SamplingCase.Reference.Interpolation(c.Grid, interpolant));
            foreach (var device in SamplingCase.Cpus)
            {
                var result = c.Run(device.Interpolation(c.Grid, interpolant));
                Assert.That(result.Values, Is.EqualTo(oracle.Values).Within(5e-6f), device.Name);
                Assert.That(result.Gradient, Is.EqualTo(oracle.Gradient).Within(1e-4f), device.Name);
                Assert.That(result.ImageGradient, Is.EqualTo(oracle.ImageGradient).Within(1e-5f), device.Name);
            }
        }
    }

    /// <summary>sum dValues Forward(image) = sum image BackwardImage(dValues).</summary>
    [Test]
    public void TheImageGradientIsTheAdjoint([ValueSource(nameof(Sizes))] int[] size, [Values(1, 3)] int channels)
    {
        Check(new Linear());
        Check(new Cubic());

        void Check<TInterpolant>(TInterpolant interpolant) where TInterpolant : struct, IInterpolant
        {
            using var c = new Case(size, channels);
            var result = c.Run(SamplingCase.Cpus[1].Interpolation(c.Grid, interpolant));
            double forward = Dot(c.DValues.Numbers, result.Values), backward = Dot(c.Image.Numbers, result.ImageGradient);
            Assert.That(forward, Is.EqualTo(backward).Within(1e-5 * Math.Sqrt(Dot(result.Values, result.Values) * Dot(c.DValues.Numbers, c.DValues.Numbers))));
        }

        static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
    }

    /// <summary>Central differences, also outside the image, where the function is constant or runs out.</summary>
    [Test]
    public void GradientsAreThoseOfFiniteDifferences([ValueSource(nameof(Sizes))] int[] size)
    {
        Check(new Linear(), onPieces: true);
        Check(new Cubic(), onPieces: false);

        void Check<TInterpolant>(TInterpolant interpolant, bool onPieces) where TInterpolant : struct, IInterpolant
        {
            using var c = new Case(size, 1);
            var kernels = SamplingCase.Cpus[1].Interpolation(c.Grid, interpolant);
            var gradient = c.Run(kernels).Gradient;
            const float H = 2e-3f;
            for (int axis = 0; axis < size.Length; axis++)
            {
                var there = Shifted(H);
                var back = Shifted(-H);
                for (int r = 0; r < Rows; r++)
                {
                    float index = c.Grid[axis].Index(c.Coordinates[r, axis]), reach = H * c.Grid[axis].Density;
                    if (onPieces && MathF.Floor(index - reach) != MathF.Floor(index + reach)) continue; // a kink in between
                    double expected = (there[r] - back[r]) / (2 * H) * c.DValues[r];
                    Assert.That(gradient[r * size.Length + axis], Is.EqualTo(expected).Within(2e-3 * c.Grid[axis].Density), $"row {r}, axis {axis}");
                }

                float[] Shifted(float by)
                {
                    for (int r = 0; r < Rows; r++) c.Coordinates[r, axis] += by;
                    var values = c.Run(kernels).Values;
                    for (int r = 0; r < Rows; r++) c.Coordinates[r, axis] -= by;
                    return values;
                }
            }
        }
    }

    [Test]
    public void FarOutsideTheBorderGoesOn()
    {
        var grid = new VoxelGrid([4, 3]);
        using var image = new HostRows([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        using HostRows coordinates = new(2, 2), values = new(2, 1), gradient = new(2, 2);
        (coordinates[0, 0], coordinates[0, 1], coordinates[1, 0], coordinates[1, 1]) = (1e30f, -1e30f, float.NegativeInfinity, 50);
        foreach (var device in SamplingCase.All)
        {
            var kernels = device.Interpolation(grid, new Cubic());
            kernels.Forward(image.Address, coordinates.Matrix, values.Matrix);
            Assert.That(values.Numbers, Is.EqualTo(new float[] { 4, 9 }), device.Name);
            kernels.Backward(values.Matrix, image.Address, coordinates.Matrix, gradient.Matrix);
            Assert.That(gradient.Numbers, Is.All.EqualTo(0).Within(1e-5), device.Name);
        }
    }

    /// <summary>Of a series, the image at the nearest time is read, and the time has no gradient.</summary>
    [Test]
    public void ASeriesIsReadAtTheNearestTime()
    {
        var grid = new VoxelGrid([2, 1, 1]).AtTimes(3);
        using var image = new HostRows([0, 1, 10, 20, 100, 400]);
        using HostRows coordinates = new(2, 4), values = new(2, 1), gradient = new(2, 4);
        for (int i = 0; i < 6; i++) coordinates[i / 3, i % 3] = 0;
        (coordinates[0, 3], coordinates[1, 3]) = (-0.2f, 0.9f); // the second time, at 0, and the last, at 2/3
        foreach (var device in SamplingCase.All)
        {
            var kernels = device.Interpolation(grid, new Linear());
            kernels.Forward(image.Address, coordinates.Matrix, values.Matrix);
            Assert.That(values.Numbers, Is.EqualTo(new float[] { 15, 250 }).Within(1e-4), device.Name);
            kernels.Backward(values.Matrix, image.Address, coordinates.Matrix, gradient.Matrix);
            // A voxel is one unit wide: the slope is the difference times the value's own gradient.
            Assert.That(gradient.Numbers, Is.EqualTo(new float[] { 150, 0, 0, 0, 75000, 0, 0, 0 }).Within(0.1), device.Name);
        }
    }

    static double[] Position(int[] size, int voxel)
    {
        var position = new double[size.Length];
        for (int axis = 0; axis < size.Length; axis++, voxel /= size[axis - 1]) position[axis] = voxel % size[axis];
        return position;
    }

    /// <summary>A random image, points in and around it, and gradients of its values.</summary>
    sealed class Case : IDisposable
    {
        public readonly VoxelGrid Grid;
        public readonly HostRows Image, Coordinates, DValues;

        public Case(int[] size, int channels)
        {
            var random = new Random(size.Length);
            Grid = new(size);
            Image = new([.. Enumerable.Range(0, (int)Grid.Count * channels).Select(_ => (float)random.NextDouble() - 0.5f)]);
            (Coordinates, DValues) = (new(Rows, size.Length), new(Rows, channels));
            for (int r = 0; r < Rows; r++)
            {
                for (int axis = 0; axis < size.Length; axis++) Coordinates[r, axis] = (float)(random.NextDouble() * 2.6 - 1.3);
                for (int c = 0; c < channels; c++) DValues[r, c] = (float)random.NextDouble() - 0.5f;
            }
        }

        public (float[] Values, float[] Gradient, float[] ImageGradient) Run(InterpolationKernels kernels)
        {
            using HostRows values = new(Rows, DValues.Matrix.Columns), gradient = new(Rows, Grid.Axes), image = new(new float[Image.Matrix.Rows]);
            kernels.Forward(Image.Address, Coordinates.Matrix, values.Matrix);
            kernels.Backward(DValues.Matrix, Image.Address, Coordinates.Matrix, gradient.Matrix);
            kernels.BackwardImage(DValues.Matrix, Coordinates.Matrix, image.Address);
            return (values.Numbers, gradient.Numbers, image.Numbers);
        }

        public void Dispose()
        {
            Image.Dispose();
            Coordinates.Dispose();
            DValues.Dispose();
        }
    }
}
