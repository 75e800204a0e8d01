using InrFast.Kernels;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Dense;
using InrFast.Kernels.Vectors;

namespace InrFast.Tests.Dense;

/// <summary>The processor's dense layers against the definition: all shapes, plain values and jets, what is left out.</summary>
[TestFixture(typeof(F32x4))]
[TestFixture(typeof(F32x8))]
[TestFixture(typeof(F32x16))]
public sealed class DenseTests<V> where V : struct, IVector<V>
{
    static readonly Device Reference = new ReferenceDevice(), Processor = new CpuDevice<V>();
    static readonly int[] Widths = [1, 2, 3, 4, 5, 7, 16, 20, 24, 33, 64, 100];

    /// <summary>Blocks and directions: a value, first-order jets of 2 and 3 directions, second-order ones of 1, 2 and 3.</summary>
    static readonly (int Blocks, int Directions)[] Forms = [(1, 0), (3, 2), (4, 3), (3, 1), (6, 2), (10, 3)];

    static IEnumerable<TestCaseData> Cases() =>
        from form in Forms
        from name in new[] { "Sine", "ReLU", "Tanh", "Sigmoid", "Identity" }
        select new TestCaseData(name, form.Blocks, form.Directions);

    [SetUp]
    public void Reset() => worst = 0;

    [TestCaseSource(nameof(Cases))]
    public void AgreesWithTheDefinition(string name, int blocks, int directions)
    {
        switch (name)
        {
            case "Sine": AllShapes(new Sine(30), blocks, directions); break;
            case "ReLU": AllShapes(new ReLU(), blocks, directions); break;
            case "Tanh": AllShapes(new Tanh(), blocks, directions); break;
            case "Sigmoid": AllShapes(new Sigmoid(), blocks, directions); break;
            default: AllShapes(new Identity(), blocks, directions); break;
        }
    }

    void AllShapes<TActivation>(TActivation f, int blocks, int directions) where TActivation : struct, IActivation
    {
        // A phase of 60 radians is off by 4e-6 in float, and the sums over rows cancel.
        double bound = f is Sine ? 2e-4 : 5e-6;
        foreach (int inputs in Widths)
            foreach (int outputs in Widths)
            {
                bool spare = (inputs ^ outputs) % 2 == 0; // rows in use do not fill the memory's, or do
                int rows = spare ? 21 : 24;
                string name = $"{inputs} to {outputs}, {rows} rows";
                using DenseCase expected = DenseCase.Of(Reference, f, inputs, outputs, rows, blocks, directions, spare), actual = DenseCase.Of(Processor, f, inputs, outputs, rows, blocks, directions, spare);
                expected.Forward().Backward();
                actual.Forward().Backward();
                Same(actual.Y, expected.Y, bound, $"y of {name}");
                Same(actual.DX, expected.DX, bound, $"dx of {name}");
                Close(DenseCase.Numbers(actual.WeightGradient), DenseCase.Numbers(expected.WeightGradient), bound, $"dW of {name}");
                // Of one output a single sum, with no larger one beside it to be measured by.
                Close(DenseCase.Numbers(actual.BiasGradient), DenseCase.Numbers(expected.BiasGradient), 2 * bound, $"db of {name}");
                Assert.That(DenseCase.SumAround(actual.WeightGradient), Is.EqualTo(0).Within(1e-9), $"padding of dW of {name}");
                Assert.That(DenseCase.SumAround(actual.BiasGradient), Is.EqualTo(0).Within(1e-9), $"padding of db of {name}");
            }
        TestContext.Out.WriteLine($"worst {worst:e2} of the largest number");
    }

    double worst;

    void Same(Matrix actual, Matrix expected, double bound, string name)
    {
        // Derivatives of second order are larger than the value by omega squared: each kind of block by its own scale.
        float[] a = DenseCase.Numbers(actual), e = DenseCase.Numbers(expected);
        int each = a.Length / actual.Blocks;
        for (int b = 0; b < actual.Blocks; b++) Close(a.AsSpan(b * each, each).ToArray(), e.AsSpan(b * each, each).ToArray(), bound, $"block {b} of {name}");
        Assert.That(DenseCase.Padding(actual), Is.All.Zero, $"padding of {name}");
    }

    void Close(float[] actual, float[] expected, double bound, string name)
    {
        double scale = Math.Max(1e-3, expected.Max(Math.Abs)), largest = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            double error = Math.Abs((double)actual[i] - expected[i]) / scale;
            if (!(error <= largest)) largest = error;
        }
        worst = Math.Max(worst, largest);
        Assert.That(largest, Is.LessThan(bound), name);
    }

    [Test]
    public void WhatIsFrozenIsLeftOut([Values(1, 4)] int blocks, [ValueSource(nameof(Widths))] int inputs)
    {
        foreach (int outputs in Widths)
        {
            int directions = blocks - 1;
            using DenseCase whole = DenseCase.Of(Processor, new Tanh(), inputs, outputs, 13, blocks, directions).Forward().Backward();
            using DenseCase onlyInput = DenseCase.Of(Processor, new Tanh(), inputs, outputs, 13, blocks, directions).Forward().Backward(weight: false, bias: false);
            using DenseCase onlyWeight = DenseCase.Of(Processor, new Tanh(), inputs, outputs, 13, blocks, directions).Forward().Backward(input: false, bias: false);
            using DenseCase onlyBias = DenseCase.Of(Processor, new Tanh(), inputs, outputs, 13, blocks, directions).Forward().Backward(input: false, weight: false);
            string name = $"{inputs} to {outputs}";
            Assert.That(DenseCase.Numbers(onlyInput.DX), Is.EqualTo(DenseCase.Numbers(whole.DX)), name);
            Close(DenseCase.Numbers(onlyWeight.WeightGradient), DenseCase.Numbers(whole.WeightGradient), 1e-6, name);
            Close(DenseCase.Numbers(onlyBias.BiasGradient), DenseCase.Numbers(whole.BiasGradient), 1e-6, name);
            Assert.That(DenseCase.Numbers(onlyInput.WeightGradient), Is.All.Zero, name);
            Assert.That(DenseCase.Numbers(onlyWeight.BiasGradient), Is.All.Zero, name);
            Assert.That(DenseCase.Numbers(onlyBias.WeightGradient), Is.All.Zero, name);
        }
    }

    [Test]
    public void InferenceGivesTheSameBitsAsTraining([Values(1, 4, 10)] int blocks, [ValueSource(nameof(Widths))] int inputs)
    {
        foreach (int outputs in Widths)
        {
            int directions = blocks == 1 ? 0 : 3;
            using DenseCase training = DenseCase.Of(Processor, new Sigmoid(), inputs, outputs, 13, blocks, directions).Forward();
            using DenseCase inference = DenseCase.Of(Processor, new Sigmoid(), inputs, outputs, 13, blocks, directions).Forward(save: false);
            Assert.That(DenseCase.Numbers(inference.Y), Is.EqualTo(DenseCase.Numbers(training.Y)), $"{inputs} to {outputs}");
        }
    }

    [Test]
    public void ValuesComputedBeforeTheirDerivativesAreNotComputedAgain([Values(4, 10)] int blocks, [Values(7, 33, 100)] int inputs, [Values(20, 33, 64, 100)] int outputs)
    {
        using DenseCase once = DenseCase.Of(Processor, new Sine(30), inputs, outputs, 13, blocks, 3).Forward(), twice = DenseCase.Of(Processor, new Sine(30), inputs, outputs, 13, blocks, 3);
        Assert.That(twice.KeepsProducts);
        twice.ForwardInTwo();
        Assert.That(DenseCase.Numbers(twice.Y), Is.EqualTo(DenseCase.Numbers(once.Y)));
        Assert.That(DenseCase.Numbers(twice.Saved), Is.EqualTo(DenseCase.Numbers(once.Saved)));
    }

    [Test]
    public void ALayerHandsTheOneBeforeTheGradientOfItsProducts([ValueSource(nameof(Widths))] int inputs, [Values(13, 24)] int rows)
    {
        foreach (int outputs in Widths.Where(outputs => outputs > Matrix.Packed))
        {
            string name = $"{inputs} to {outputs}";
            using DenseCase whole = DenseCase.Of(Processor, new Tanh(), inputs, outputs, rows).Forward().Backward(), products = DenseCase.Of(Processor, new Tanh(), inputs, outputs, rows).Forward();
            Assert.That(products.TakesSlopes, Is.EqualTo(inputs > Matrix.Packed), name);
            products.BackwardOfProducts(products.TakesSlopes ? products.X : default, dz: whole.DY);
            float[] dx = DenseCase.Numbers(whole.DX), slopes = DenseCase.Numbers(products.X);
            Assert.That(DenseCase.Numbers(products.DX), Is.EqualTo(products.TakesSlopes ? [.. dx.Zip(slopes, (d, slope) => d * slope)] : dx), $"dx of {name}");
            Assert.That(DenseCase.Numbers(products.WeightGradient), Is.EqualTo(DenseCase.Numbers(whole.WeightGradient)), $"dW of {name}");
            Close(DenseCase.Numbers(products.BiasGradient), DenseCase.Numbers(whole.BiasGradient), 1e-6, $"db of {name}");
            Assert.That(DenseCase.SumAround(products.BiasGradient), Is.EqualTo(0).Within(1e-9), $"padding of db of {name}");
        }
    }

    [Test]
    public void OneOutputOrAFewHandOnTheSame([Values(1, 2, 3, 4)] int outputs, [Values(5, 16, 33, 64, 100)] int inputs)
    {
        using DenseCase whole = DenseCase.Of(Processor, new Identity(), inputs, outputs, 13).Forward().Backward(), products = DenseCase.Of(Processor, new Identity(), inputs, outputs, 13).Forward();
        products.BackwardOfProducts(products.X, dz: whole.DY);
        Assert.That(DenseCase.Numbers(products.DX), Is.EqualTo(DenseCase.Numbers(whole.DX).Zip(DenseCase.Numbers(products.X), (d, slope) => d * slope)));
    }

    [Test]
    public void GradientsAreAddedAndABiasMayBeAbsent([ValueSource(nameof(Widths))] int inputs)
    {
        foreach (int outputs in Widths)
        {
            using DenseCase once = DenseCase.Of(Processor, new Identity(), inputs, outputs, 13).Forward(bias: false).Backward();
            using DenseCase twice = DenseCase.Of(Processor, new Identity(), inputs, outputs, 13).Forward(bias: false).Backward().Backward();
            using DenseCase expected = DenseCase.Of(Reference, new Identity(), inputs, outputs, 13).Forward(bias: false);
            Same(once.Y, expected.Y, 5e-6, $"{inputs} to {outputs}");
            Close(DenseCase.Numbers(twice.WeightGradient), [.. DenseCase.Numbers(once.WeightGradient).Select(g => 2 * g)], 5e-6, $"dW of {inputs} to {outputs}");
            Close(DenseCase.Numbers(twice.BiasGradient), [.. DenseCase.Numbers(once.BiasGradient).Select(g => 2 * g)], 5e-6, $"db of {inputs} to {outputs}");
        }
    }
}

/// <summary>The definition itself against finite differences.</summary>
public sealed class ReferenceDenseTests
{
    static readonly Device Reference = new ReferenceDevice();

    [Test]
    public void AJetCarriesTheDerivativesAlongItsDirections()
    {
        // x(s, t) = p + s a + t b + (s² c + 2 s t d + t² e) / 2: the jet of y has y's derivatives with respect to s and t.
        const double h = 0.01;
        using var jet = DenseCase.Of(Reference, new Sine(2), 3, 6, 1, 6, 2).Forward();
        float[] At(double s, double t)
        {
            using var point = DenseCase.Of(Reference, new Sine(2), 3, 6, 1);
            for (int c = 0; c < 3; c++)
            {
                double X(int block) => DenseCase.At(jet.X, block, 0, c);
                DenseCase.At(point.X, 0, 0, c) = (float)(X(0) + s * X(1) + t * X(2) + (s * s * X(3) + 2 * s * t * X(4) + t * t * X(5)) / 2);
            }
            for (int r = 0; r < 6; r++)
            {
                for (int c = 0; c < 3; c++) DenseCase.At(point.Weight, r, c) = DenseCase.At(jet.Weight, r, c);
                DenseCase.At(point.Bias, 0, r) = DenseCase.At(jet.Bias, 0, r);
            }
            return DenseCase.Numbers(point.Forward().Y);
        }
        float[] centre = At(0, 0), right = At(h, 0), left = At(-h, 0), up = At(0, h), down = At(0, -h), ru = At(h, h), ld = At(-h, -h), rd = At(h, -h), lu = At(-h, h);
        for (int o = 0; o < 6; o++)
        {
            Assert.That(DenseCase.At(jet.Y, 0, 0, o), Is.EqualTo(centre[o]));
            Assert.That(DenseCase.At(jet.Y, 1, 0, o), Is.EqualTo((right[o] - left[o]) / (2 * h)).Within(1e-3));
            Assert.That(DenseCase.At(jet.Y, 2, 0, o), Is.EqualTo((up[o] - down[o]) / (2 * h)).Within(1e-3));
            Assert.That(DenseCase.At(jet.Y, 3, 0, o), Is.EqualTo((right[o] - 2 * centre[o] + left[o]) / (h * h)).Within(1e-2));
            Assert.That(DenseCase.At(jet.Y, 4, 0, o), Is.EqualTo((ru[o] + ld[o] - rd[o] - lu[o]) / (4 * h * h)).Within(1e-2));
            Assert.That(DenseCase.At(jet.Y, 5, 0, o), Is.EqualTo((up[o] - 2 * centre[o] + down[o]) / (h * h)).Within(1e-2));
        }
    }

    [Test]
    public void GradientsAreDirectionalDerivatives([Values(1, 3, 6)] int blocks, [Values(2, 5)] int inputs, [Values(3, 6)] int outputs)
    {
        int directions = blocks == 1 ? 0 : 2;
        DenseCase New() => DenseCase.Of(Reference, new Sine(2), inputs, outputs, 5, blocks, directions);
        using var at = New();
        float[] g = DenseCase.Numbers(at.DY); // before the backward overwrites it
        at.Forward().Backward();

        // Loss g . y when x, the weight or the bias moves by h along v: its slope is the gradient's product with v.
        foreach (string what in new[] { "x", "weight", "bias" })
        {
            var random = new Random(5);
            int count = what == "x" ? DenseCase.Numbers(at.X).Length : what == "weight" ? inputs * outputs : outputs;
            double[] v = [.. Enumerable.Range(0, count).Select(_ => 2 * random.NextDouble() - 1)];
            double Loss(double h)
            {
                using var moved = New();
                int i = 0;
                if (what == "x")
                    for (int b = 0; b < blocks; b++)
                        for (int r = 0; r < 5; r++)
                            for (int c = 0; c < inputs; c++) DenseCase.At(moved.X, b, r, c) += (float)(h * v[i++]);
                else
                {
                    var p = what == "weight" ? moved.Weight : moved.Bias;
                    for (int r = 0; r < p.Rows; r++)
                        for (int c = 0; c < p.Columns; c++) DenseCase.At(p, r, c) += (float)(h * v[i++]);
                }
                return DenseCase.Numbers(moved.Forward().Y).Zip(g, (y, d) => (double)y * d).Sum();
            }
            const double h = 0.02;
            double slope = (8 * (Loss(h) - Loss(-h)) - (Loss(2 * h) - Loss(-2 * h))) / (12 * h);
            var gradient = what == "x" ? DenseCase.Numbers(at.DX) : DenseCase.Numbers(what == "weight" ? at.WeightGradient : at.BiasGradient);
            double product = gradient.Zip(v, (a, b) => a * b).Sum(), norm = Math.Sqrt(gradient.Sum(a => (double)a * a));
            Assert.That(slope, Is.EqualTo(product).Within(2e-4 * norm), what);
        }
    }
}
