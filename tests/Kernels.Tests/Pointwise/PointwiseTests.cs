using InrFast.Kernels;
using InrFast.Kernels.Pointwise;
using static InrFast.Tests.PinnedRows;

namespace InrFast.Tests.Pointwise;

public sealed class PointwiseTests
{
    const int Rows = 19;

    /// <summary>Blocks of a jet of some order in some directions.</summary>
    static int Blocks(int order, int directions) => order == 0 ? 1 : order == 1 ? 1 + directions : 1 + directions + directions * (directions + 1) / 2;

    /// <summary>Runs a call on every device, on fresh results, and compares these with the reference's.</summary>
    static void Compare(Func<PinnedRows> result, Action<PointwiseKernels, Matrix> call, double tolerance = 1e-6)
    {
        var expected = result();
        call(Reference.Pointwise, expected.Matrix);
        Assert.That(expected.Numbers.Any(float.IsNaN), Is.False);
        Assert.That(expected.Numbers.Any(x => x != 0), Is.True);
        foreach (var device in Cpus)
        {
            var y = result();
            call(device.Pointwise, y.Matrix);
            Assert.That(y.Numbers, Is.EqualTo(expected.Numbers).Within(tolerance), device.Name);
        }
    }

    [Test]
    public void EveryDeviceAgreesWithTheReference([Values(1, 3, 4, 5, 20, 32)] int columns, [Values(0, 1, 2)] int order)
    {
        const int directions = 3, group = 3;
        int blocks = Blocks(order, directions);
        var random = new Random(columns);
        PinnedRows New(int rows = Rows) => new(rows, columns, blocks, directions, unset: true);
        PinnedRows Random(int rows = Rows) => new PinnedRows(rows, columns, blocks, directions).Fill(random);
        PinnedRows a = Random(), b = Random(), dy = Random(), many = Random(group * Rows);

        Compare(() => New(), (kernels, y) => kernels.Add(a.Matrix, b.Matrix, y));
        Compare(() => New(), (kernels, y) => kernels.Scale(a.Matrix, -0.7f, y));
        Compare(() => New(), (kernels, y) => kernels.Multiply(a.Matrix, b.Matrix, y));
        Compare(() => New(), (kernels, da) => kernels.MultiplyBackward(dy.Matrix, a.Matrix, b.Matrix, da, default), 4e-6);
        Compare(() => New(), (kernels, db) => kernels.MultiplyBackward(dy.Matrix, a.Matrix, b.Matrix, default, db), 4e-6);
        Compare(() => New(), (kernels, y) => kernels.GroupSum(many.Matrix, group, 0.5f, y));
        Compare(() => New(group * Rows), (kernels, dx) => kernels.GroupSpread(dy.Matrix, group, 0.5f, dx));
    }

    [Test]
    public void AnOperandOfOneBlockIsAConstant()
    {
        var random = new Random(4);
        PinnedRows a = new PinnedRows(Rows, 2, 6, 2).Fill(random), b = new PinnedRows(Rows, 2).Fill(random), dy = new PinnedRows(Rows, 2, 6, 2).Fill(random);
        Compare(() => new(Rows, 2, 6, 2, unset: true), (kernels, y) => kernels.Multiply(a.Matrix, b.Matrix, y));
        Compare(() => new(Rows, 2, 6, 2, unset: true), (kernels, da) => kernels.MultiplyBackward(dy.Matrix, a.Matrix, b.Matrix, da, default));
        Compare(() => new(Rows, 2, unset: true), (kernels, db) => kernels.MultiplyBackward(dy.Matrix, a.Matrix, b.Matrix, default, db), 2e-6);
    }

    [Test]
    public void ProductOfJetsHoldsItsDerivatives([Values(1, 2, 3)] int directions)
    {
        // a = sin(w . x), b = exp(v . x): jets by hand, those of the product by finite differences in double.
        var random = new Random(directions);
        double[] w = [.. Enumerable.Range(0, directions).Select(_ => random.NextDouble())], v = [.. w.Select(_ => random.NextDouble() - 0.5)], x = [.. w.Select(_ => random.NextDouble())];
        double Product(double[] at) => Math.Sin(Dot(w, at)) * Math.Exp(Dot(v, at));
        double s = Math.Sin(Dot(w, x)), c = Math.Cos(Dot(w, x)), e = Math.Exp(Dot(v, x));
        int blocks = Blocks(2, directions);
        PinnedRows a = new(1, 1, blocks, directions), b = new(1, 1, blocks, directions), y = new(1, 1, blocks, directions);
        (a[0, 0], b[0, 0]) = ((float)s, (float)e);
        for (int i = 0, k = 1 + directions; i < directions; i++)
        {
            (a[1 + i, 0, 0], b[1 + i, 0, 0]) = ((float)(c * w[i]), (float)(e * v[i]));
            for (int j = i; j < directions; j++, k++) (a[k, 0, 0], b[k, 0, 0]) = ((float)(-s * w[i] * w[j]), (float)(e * v[i] * v[j]));
        }
        foreach (var device in Cpus.Append(Reference))
        {
            device.Pointwise.Multiply(a.Matrix, b.Matrix, y.Matrix);
            const double h = 1e-4;
            Assert.That(y[0, 0], Is.EqualTo(Product(x)).Within(1e-6));
            for (int i = 0, k = 1 + directions; i < directions; i++)
            {
                Assert.That(y[1 + i, 0, 0], Is.EqualTo((Product(Moved(i, h)) - Product(Moved(i, -h))) / (2 * h)).Within(1e-6), device.Name);
                for (int j = i; j < directions; j++, k++)
                {
                    double mixed = i == j
                        ? (Product(Moved(i, h)) - 2 * Product(x) + Product(Moved(i, -h))) / (h * h)
                        : (Product(Moved(i, h, j, h)) - Product(Moved(i, h, j, -h)) - Product(Moved(i, -h, j, h)) + Product(Moved(i, -h, j, -h))) / (4 * h * h);
                    Assert.That(y[k, 0, 0], Is.EqualTo(mixed).Within(1e-6), $"{device.Name}, derivative along {i} and {j}");
                }
            }
        }

        static double Dot(double[] a, double[] b) => a.Zip(b, (p, q) => p * q).Sum();
        double[] Moved(int i, double by, int j = 0, double also = 0)
        {
            double[] at = [.. x];
            at[i] += by;
            at[j] += also;
            return at;
        }
    }

    [Test]
    public void ReverseOfTheProductIsItsTranspose([Values(0, 1, 2)] int order)
    {
        // The product is linear in a: sum of dy * y(a) = sum of da * a, and the same for b.
        const int directions = 3;
        int blocks = Blocks(order, directions);
        var random = new Random(order);
        PinnedRows Random() => new PinnedRows(Rows, 2, blocks, directions).Fill(random);
        PinnedRows a = Random(), b = Random(), dy = Random(), y = Random(), da = Random(), db = Random();
        foreach (var device in Cpus.Append(Reference))
        {
            device.Pointwise.Multiply(a.Matrix, b.Matrix, y.Matrix);
            device.Pointwise.MultiplyBackward(dy.Matrix, a.Matrix, b.Matrix, da.Matrix, db.Matrix);
            double expected = Dot(dy, y);
            Assert.That(Dot(da, a), Is.EqualTo(expected).Within(1e-4), device.Name);
            Assert.That(Dot(db, b), Is.EqualTo(expected).Within(1e-4), device.Name);
        }

        static double Dot(PinnedRows a, PinnedRows b) => a.Numbers.Zip(b.Numbers, (p, q) => (double)p * q).Sum();
    }

    [Test]
    public void GroupsAreNeighbouringRows()
    {
        PinnedRows x = new(6, 1), y = new(2, 1), back = new(6, 1);
        for (int r = 0; r < 6; r++) x[r, 0] = r;
        CpuDevice.Best.Pointwise.GroupSum(x.Matrix, 3, 2, y.Matrix);
        CpuDevice.Best.Pointwise.GroupSpread(y.Matrix, 3, 0.5f, back.Matrix);
        Assert.That(y.Numbers, Is.EqualTo(new float[] { 6, 24 }));
        Assert.That(back.Numbers, Is.EqualTo(new float[] { 3, 3, 3, 12, 12, 12 }));
    }

    [Test]
    public void AccumulateAddsInPlace()
    {
        PinnedRows sum = new PinnedRows(Rows, 5, 2, 1).Fill(new Random(1)), term = new PinnedRows(Rows, 5, 2, 1).Fill(new Random(2));
        var expected = sum.Numbers.Zip(term.Numbers, (a, b) => a + b).ToArray();
        CpuDevice.Best.Pointwise.Accumulate(sum.Matrix, term.Matrix);
        Assert.That(sum.Numbers, Is.EqualTo(expected));
    }

    [Test]
    public void ColumnsAreConcatenatedAndSliced()
    {
        var random = new Random(3);
        PinnedRows narrow = new PinnedRows(Rows, 3, 2, 1).Fill(random), wide = new PinnedRows(Rows, 18, 2, 1).Fill(random), all = new(Rows, 21, 2, 1, unset: true), slice = new(Rows, 4, 2, 1, unset: true);
        var kernels = CpuDevice.Best.Pointwise;
        kernels.CopyColumns(narrow.Matrix, 0, all.Matrix, 0, 3);
        kernels.CopyColumns(wide.Matrix, 0, all.Matrix, 3, 18);
        kernels.PadColumns(all.Matrix);
        kernels.CopyColumns(all.Matrix, 2, slice.Matrix, 0, 4);
        for (int b = 0; b < 2; b++)
            for (int r = 0; r < Rows; r++)
            {
                for (int c = 0; c < 32; c++) Assert.That(all[b, r, c], Is.EqualTo(c < 3 ? narrow[b, r, c] : c < 21 ? wide[b, r, c - 3] : 0));
                for (int c = 0; c < 4; c++) Assert.That(slice[b, r, c], Is.EqualTo(all[b, r, 2 + c]));
            }
        kernels.Clear(all.Matrix);
        Assert.That(all.Numbers, Is.All.Zero);
    }

    [Test]
    public void SeedHasUnitTangents([Values(1, 2)] int order)
    {
        int blocks = Blocks(order, 3);
        PinnedRows x = new PinnedRows(Rows, 3).Fill(new Random(1)), y = new(Rows, 3, blocks, 3, unset: true), back = new(Rows, 3, unset: true);
        CpuDevice.Best.Pointwise.JetSeed(x.Matrix, y.Matrix);
        for (int b = 0; b < blocks; b++)
            for (int r = 0; r < Rows; r++)
                for (int c = 0; c < 3; c++) Assert.That(y[b, r, c], Is.EqualTo(b == 0 ? x[r, c] : b == 1 + c ? 1 : 0));
        CpuDevice.Best.Pointwise.Copy(y.Matrix, back.Matrix);
        Assert.That(back.Numbers, Is.EqualTo(x.Numbers), "the value of a jet");
    }
}
