using InrFast.Kernels;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Dense;

namespace InrFast.Tests;

/// <summary>The card's dense layers against the definition in double.</summary>
public sealed class DenseTests
{
    static readonly Device Reference = new ReferenceDevice();

    /// <summary>Inputs and outputs: packed and wide, no multiple of a tile, more than one tile.</summary>
    static readonly (int Inputs, int Outputs)[] Shapes = [(2, 24), (24, 1), (20, 33), (3, 3), (70, 65), (64, 64)];

    static void Compare<TActivation>(TActivation f, int inputs, int outputs, int rows, double bound, int blocks = 1, int directions = 0, bool weight = true, bool bias = true, bool input = true)
        where TActivation : struct, IActivation
    {
        var random = new Random(100 * inputs + outputs);
        using Rows x = new(rows, inputs, blocks, directions, random), dy = new(rows, outputs, blocks, directions, random), y = new(rows, outputs, blocks, directions), dx = new(rows, inputs, blocks, directions);
        int savedBlocks = DenseKernels.SavedBlocks(f.IsLinear, blocks, directions);
        using var saved = savedBlocks == 0 ? null : new Rows(rows, outputs, savedBlocks);
        using Run<float> w = Parameter(outputs * inputs), b = Parameter(outputs), dw = Parameter(outputs * inputs), db = Parameter(outputs);
        string name = $"{typeof(TActivation).Name}, {inputs} to {outputs}, {rows} rows, {blocks} blocks";
        foreach (bool onCard in new[] { false, true })
        {
            var kernels = (onCard ? Gpu.Device : Reference).Dense(inputs, outputs, f);
            Matrix Of(Rows? m) => m is null ? default : onCard ? m.OnCard : m.OnHost;
            nint At(Run<float> run) => onCard ? run.OnCard : run.OnHost;
            using Run<float> prepared = new(new float[kernels.PreparedFloats], known: false);
            kernels.Prepare(new(At(w), outputs, inputs, inputs, 1), At(b), At(prepared));
            kernels.Forward(Of(x), At(prepared), Of(y), Of(saved));
            kernels.Backward(Of(dy), Of(saved), Of(x), At(prepared), input ? Of(dx) : default, weight ? new(At(dw), outputs, inputs, inputs, 1) : default, bias ? At(db) : 0);
        }
        y.MustAgree(bound, $"y of {name}");
        if (input) dx.MustAgree(bound, $"dx of {name}");
        Close.Check(dw.Actual, dw.Expected, bound, $"dW of {name}"); // added to what was there
        Close.Check(db.Actual, db.Expected, bound, $"db of {name}");

        Run<float> Parameter(int count) => new([.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble() - 1) / Math.Sqrt(inputs)))]);
    }

    [Test]
    public void EveryShapeAgreesWithTheDefinition([ValueSource(nameof(Shapes))] (int Inputs, int Outputs) shape) =>
        Compare(new Tanh(), shape.Inputs, shape.Outputs, 21, 3e-6);

    static IEnumerable<TestCaseData> Activations()
    {
        TestCaseData Of<TActivation>(TActivation f, double bound = 5e-6) where TActivation : struct, IActivation =>
            new TestCaseData((Action)(() => Compare(f, 5, 7, 19, bound))).SetName($"{{m}}({typeof(TActivation).Name})");
        yield return Of(new Identity());
        yield return Of(new Sine(30), 2e-4); // a phase of 60 radians is off by 4e-6 in float
        yield return Of(new ReLU());
        yield return Of(new LeakyReLU(0.1f));
        yield return Of(new Tanh());
        yield return Of(new Sigmoid());
        yield return Of(new SiLU());
        yield return Of(new GELU());
        yield return Of(new ELU(1));
        yield return Of(new Softplus(10));
        yield return Of(new Gaussian(3));
        yield return Of(new Finer(5), 5e-5);
    }

    [TestCaseSource(nameof(Activations))]
    public void EveryActivationAgreesWithItsDefinition(Action compare) => compare();

    /// <summary>More rows than a part of dW has: several parts, and a last one that is not full.</summary>
    [Test]
    public void PartsOfTheWeightsGradientAddUp() => Compare(new ReLU(), 4, 3, 1100, 2e-5);

    [Test]
    public void JetsAgreeWithTheDefinition([Values(2, 3)] int directions, [Values(1, 2)] int order)
    {
        int blocks = order == 1 ? 1 + directions : 1 + directions + directions * (directions + 1) / 2;
        Compare(new Sine(2), 6, 9, 13, 1e-5, blocks, directions);
        Compare(new Identity(), 3, 5, 13, 1e-5, blocks, directions);
    }

    [Test]
    public void WhatIsFrozenIsLeftOut([Values] bool weight, [Values] bool bias, [Values] bool input) => Compare(new Tanh(), 5, 6, 13, 3e-6, weight: weight, bias: bias, input: input);

    [Test]
    public void ANumberThatIsNoneIsNotHidden()
    {
        using Run<float> x = new([float.NaN, 1]), y = new([0f, 0]), prepared = new(new float[16]), w = new([1f]);
        var kernels = Gpu.Device.Dense(1, 1, new ReLU());
        kernels.Prepare(new(w.OnCard, 1, 1, 1, 1), 0, prepared.OnCard);
        kernels.Forward(new(x.OnCard, 2, 8, 1), prepared.OnCard, new(y.OnCard, 2, 8, 1), default);
        Assert.That(y.Actual, Is.EqualTo(new[] { float.NaN, 1 }));
    }
}
