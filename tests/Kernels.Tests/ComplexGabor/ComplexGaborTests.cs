using System.Numerics;
using InrFast.Kernels;
using InrFast.Kernels.Vectors;
using InrFast.Tests.Dense;

namespace InrFast.Tests.ComplexGabor;

/// <summary>Matrices filled at random, padding columns not-a-number where a kernel must clear them.</summary>
sealed class GaborCase : IDisposable
{
    readonly List<HostMemory> memory = [];
    public readonly Matrix Z, Y, DY, DZ;

    public GaborCase(int units, int rows, int blocks, int directions, int seed = 1)
    {
        var random = new Random(seed);
        (Z, Y, DY, DZ) = (New(true), New(false), New(true), New(false));

        Matrix New(bool filled)
        {
            int capacity = Matrix.PadRows(rows), stride = Matrix.StrideOf(2 * units);
            var numbers = new float[capacity * stride * blocks];
            Array.Fill(numbers, float.NaN);
            if (filled)
                for (int b = 0; b < blocks; b++)
                    for (int r = 0; r < rows; r++)
                        for (int c = 0; c < 2 * units; c++) numbers[(b * capacity + r) * stride + c] = (float)(2 * random.NextDouble() - 1);
            HostMemory run = new(numbers.Length * sizeof(float));
            run.Write<float>(numbers, 0);
            memory.Add(run);
            return new(run.Address, rows, capacity, 2 * units, blocks, directions);
        }
    }

    public GaborCase Run(Device device, float omega, float scale)
    {
        var kernels = device.ComplexGabor(omega, scale);
        kernels.Forward(Z, Y);
        kernels.Backward(DY, Z, DZ);
        return this;
    }

    public void Dispose() => memory.ForEach(m => m.Dispose());
}

[TestFixture(typeof(F32x4))]
[TestFixture(typeof(F32x8))]
[TestFixture(typeof(F32x16))]
public sealed class ComplexGaborTests<V> where V : struct, IVector<V>
{
    static readonly Device Reference = new ReferenceDevice(), Processor = new CpuDevice<V>();

    [Test]
    public void AgreesWithTheDefinition([Values(1, 2, 3, 4, 8, 13, 16, 21, 40)] int units, [Values("1 0", "3 2", "4 3", "3 1", "6 2", "10 3")] string form)
    {
        int[] numbers = [.. form.Split(' ').Select(int.Parse)];
        foreach (var (omega, scale) in new[] { (5f, 2f), (10f, 3f) })
        {
            using GaborCase expected = new GaborCase(units, 7, numbers[0], numbers[1]).Run(Reference, omega, scale), actual = new GaborCase(units, 7, numbers[0], numbers[1]).Run(Processor, omega, scale);
            foreach (var (a, e, name) in new[] { (actual.Y, expected.Y, "y"), (actual.DZ, expected.DZ, "dz") })
            {
                float[] x = DenseCase.Numbers(a), y = DenseCase.Numbers(e);
                double largest = y.Max(Math.Abs);
                Assert.That(x, Is.EqualTo(y).Within(2e-6 * largest), name);
                Assert.That(DenseCase.Padding(a), Is.All.Zero, $"padding of {name}");
            }
        }
    }

    [Test]
    public void TheGradientMayReplaceThatOfTheOutput([Values(3, 16, 21)] int units)
    {
        using var apart = new GaborCase(units, 5, 6, 2).Run(Processor, 5, 2);
        using var inPlace = new GaborCase(units, 5, 6, 2);
        Processor.ComplexGabor(5, 2).Backward(inPlace.DY, inPlace.Z, inPlace.DY);
        Assert.That(DenseCase.Numbers(inPlace.DY), Is.EqualTo(DenseCase.Numbers(apart.DZ)));
    }
}

/// <summary>The definition itself against complex arithmetic and finite differences.</summary>
public sealed class ReferenceComplexGaborTests
{
    static readonly Device Reference = new ReferenceDevice();

    [Test]
    public void AJetCarriesTheDerivativesAlongItsDirections()
    {
        using var jet = new GaborCase(2, 3, 6, 2).Run(Reference, 5, 2);
        const double h = 1e-3;
        for (int r = 0; r < 3; r++)
            for (int c = 0; c < 2; c++)
            {
                Complex Pair(Matrix m, int block) => new(DenseCase.At(m, block, r, c), DenseCase.At(m, block, r, 2 + c));
                Complex At(double s, double t)
                {
                    var z = Pair(jet.Z, 0) + s * Pair(jet.Z, 1) + t * Pair(jet.Z, 2) + s * s / 2 * Pair(jet.Z, 3) + s * t * Pair(jet.Z, 4) + t * t / 2 * Pair(jet.Z, 5);
                    return Complex.Exp(new Complex(0, 5) * z - Math.Pow(Complex.Abs(2 * z), 2));
                }
                double scale = Enumerable.Range(0, 6).Max(b => Complex.Abs(Pair(jet.Y, b)));
                void Is(int block, Complex expected) => Assert.That(Complex.Abs(Pair(jet.Y, block) - expected), NUnit.Framework.Is.LessThan(1e-4 * scale), $"block {block}");
                Is(0, At(0, 0));
                Is(1, (At(h, 0) - At(-h, 0)) / (2 * h));
                Is(2, (At(0, h) - At(0, -h)) / (2 * h));
                Is(3, (At(h, 0) - 2 * At(0, 0) + At(-h, 0)) / (h * h));
                Is(4, (At(h, h) + At(-h, -h) - At(h, -h) - At(-h, h)) / (4 * h * h));
                Is(5, (At(0, h) - 2 * At(0, 0) + At(0, -h)) / (h * h));
            }
    }

    [TestCase(1, 0)]
    [TestCase(3, 2)]
    [TestCase(6, 2)]
    [TestCase(10, 3)]
    public void GradientsAreDirectionalDerivatives(int blocks, int directions)
    {
        using var at = new GaborCase(3, 4, blocks, directions).Run(Reference, 3, 1);
        float[] g = DenseCase.Numbers(at.DY), gradient = DenseCase.Numbers(at.DZ);
        var random = new Random(9);
        double[] v = [.. g.Select(_ => 2 * random.NextDouble() - 1)];
        double Loss(double h)
        {
            using var moved = new GaborCase(3, 4, blocks, directions);
            int i = 0;
            for (int b = 0; b < blocks; b++)
                for (int r = 0; r < 4; r++)
                    for (int c = 0; c < 6; c++) DenseCase.At(moved.Z, b, r, c) += (float)(h * v[i++]);
            return DenseCase.Numbers(moved.Run(Reference, 3, 1).Y).Zip(g, (y, d) => (double)y * d).Sum();
        }
        const double h = 0.01;
        double slope = (8 * (Loss(h) - Loss(-h)) - (Loss(2 * h) - Loss(-2 * h))) / (12 * h), norm = Math.Sqrt(gradient.Sum(a => (double)a * a));
        Assert.That(slope, Is.EqualTo(gradient.Zip(v, (a, b) => a * b).Sum()).Within(2e-4 * norm));
    }
}
