using System.Text.RegularExpressions;
using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Gpu;
using InrFast.Kernels.Losses;
using InrFast.Tests.Ptx;
using FusedShape = InrFast.Kernels.Dense.FusedShape;

namespace InrFast.Tests;

/// <summary>Chains of dense layers on matrix units, against the same graph in double.</summary>
public sealed class FusedDenseTests
{
    static readonly GpuDevice Halves = FakeCuda.OpenDevice(Precision.Half);

    /// <summary>A chain on rows of an input, its loss towards given rows, and everything that a step makes of it.</summary>
    sealed class Chain : IDisposable
    {
        public readonly Graph Graph = new();
        public readonly ParameterStore Store;
        readonly Plan plan, evaluation;
        readonly Value input, target, encoded, output;
        readonly Runner runner, evaluator;
        readonly int rows;

        /// <param name="encoding">Above 0: columns of a trained layer of its own, so that the chain's input is wide and its gradient wanted.</param>
        public Chain(Device device, FusedShape shape, Func<Value, Parameter, Parameter, Operation> layer, int rows, int encoding = 0, double weight = 1)
        {
            this.rows = rows;
            input = Graph.Input(encoding > 0 ? 2 : shape.Inputs);
            target = Graph.Input(shape.Outputs);
            encoded = encoding > 0 ? Linear(input, encoding) : input;
            var y = encoded;
            for (int i = 0; i < shape.HiddenLayers; i++) y = layer(y, Weight(y, shape.Width), Bias(shape.Width)).Outputs[0];
            output = Linear(y, shape.Outputs);
            plan = Plan.Train(device, [new(new RowLoss<SquaredError>(output, target, default).Output, weight)]);
            evaluation = Plan.Evaluate(device, output);
            Store = new(device, Graph);
            var random = new Random(3);
            foreach (var p in Graph.Parameters) Store.Write(p, [.. Enumerable.Range(0, p.Rows * p.Columns).Select(_ => (float)(1.5 * (2 * random.NextDouble() - 1) / Math.Sqrt(p.Columns)))]);
            Workers workers = new(1);
            (runner, evaluator) = (Runner.Create(plan, Store, workers, rows), Runner.Create(evaluation, Store, workers, rows));
            float[] Numbers(int columns) => [.. Enumerable.Range(0, rows * columns).Select(_ => (float)(2 * random.NextDouble() - 1))];
            var x = Numbers(input.Shape.Columns);
            runner.Feed(input, x);
            evaluator.Feed(input, x);
            runner.Feed(target, Numbers(shape.Outputs));
        }

        Parameter Weight(Value x, int outputs) => Dense.Weight(Graph, $"w{Graph.Parameters.Count}", x.Shape.Columns, outputs);
        Parameter Bias(int outputs) => Dense.Bias(Graph, $"b{Graph.Parameters.Count}", outputs);
        Value Linear(Value x, int outputs) => new Dense<Identity>(x, Weight(x, outputs), Bias(outputs), default).Output;

        public double Evaluate() => runner.Evaluate();

        public float[] Outputs
        {
            get
            {
                evaluator.Evaluate();
                var y = new float[rows * output.Shape.Columns];
                evaluator.Read(y);
                return y;
            }
        }

        public float[] Gradients => [.. Graph.Parameters.SelectMany(p => Store.ReadGradient(p))];

        public void Dispose()
        {
            evaluator.Dispose();
            runner.Dispose();
            Store.Dispose();
            evaluation.Dispose();
            plan.Dispose();
        }
    }

    static Func<Value, Parameter, Parameter, Operation> Layer<TActivation>(TActivation f) where TActivation : struct, IActivation => (x, w, b) => new Dense<TActivation>(x, w, b, f);

    static void Compare<TActivation>(TActivation f, FusedShape shape, int rows, int encoding = 0, double weight = 1, double bound = 4e-3) where TActivation : struct, IActivation
    {
        using Chain card = new(Halves, shape, Layer(f), rows, encoding, weight), definition = new(new ReferenceDevice(), shape, Layer(f), rows, encoding, weight);
        Close.Check(card.Outputs, definition.Outputs, bound, "evaluated");
        Assert.That(card.Evaluate(), Is.EqualTo(definition.Evaluate()).Within(100 * bound).Percent, "loss");
        foreach (var p in definition.Graph.Parameters)
            Close.Check(card.Store.ReadGradient(card.Graph.Parameters[p.Number()]), definition.Store.ReadGradient(p), 2 * bound, $"gradient of {p.Name}");
    }

    static IEnumerable<TestCaseData> Cases()
    {
        yield return new TestCaseData((Action)(() => Compare(new Sine(3), new(2, 64, 3, 1), 300))).SetName("{m}(width 64)");
        yield return new TestCaseData((Action)(() => Compare(new Sine(3), new(3, 20, 2, 2), 70))).SetName("{m}(width 20, padded)");
        yield return new TestCaseData((Action)(() => Compare(new Sine(3), new(2, 100, 2, 1), 130))).SetName("{m}(width 100 of 128)");
        yield return new TestCaseData((Action)(() => Compare(new Sine(3), new(2, 256, 2, 1), 75))).SetName("{m}(width 256)");
        yield return new TestCaseData((Action)(() => Compare(new ReLU(), new(32, 64, 2, 6), 41, encoding: 32))).SetName("{m}(features in, 6 columns out)");
        yield return new TestCaseData((Action)(() => Compare(new Gaussian(2), new(2, 32, 2, 1), 33))).SetName("{m}(not 0 at 0)");
        yield return new TestCaseData((Action)(() => Compare(new Sine(3), new(2, 64, 2, 1), 700, weight: 1e-9))).SetName("{m}(a loss beyond halves' range)");
    }

    [TestCaseSource(nameof(Cases))]
    public void AChainAgreesWithItsLayers(Action compare) => compare();

    [Test]
    public void TheSameBitsInEveryRun()
    {
        using Chain chain = new(Halves, new(2, 64, 3, 1), Layer(new Sine(3)), 300);
        chain.Evaluate();
        var first = chain.Gradients;
        chain.Evaluate();
        Assert.That(chain.Gradients, Is.EqualTo(first));
    }

    /// <summary>Two losses on one network: the second reads a hidden value, which the device must then have.</summary>
    [Test]
    public void AValueThatOthersReadIsNotFusedAway()
    {
        Graph graph = new();
        var x = graph.Input(2);
        var hidden = new Dense<Sine>(x, Dense.Weight(graph, "a", 2, 32), null, new(1)).Output;
        var deeper = new Dense<Sine>(hidden, Dense.Weight(graph, "b", 32, 32), null, new(1)).Output;
        var y = new Dense<Identity>(new Sum(deeper, hidden).Output, Dense.Weight(graph, "c", 32, 1), null, default).Output;
        using var plan = Plan.Evaluate(Halves, y);
        using ParameterStore store = new(Halves, graph);
        using var runner = Runner.Create(plan, store, new Workers(1), 9);
        runner.Feed(x, new float[18]);
        runner.Evaluate();
        float[] zeros = new float[9];
        runner.Read(zeros);
        Assert.That(zeros, Is.All.Zero);
    }

    /// <summary>Instructions of matrix units, of 64 (forward), 64 (backward) and 72 (of weights, with their bias) results a thread.</summary>
    [Test]
    public void LayersRunOnMatrixUnits()
    {
        using Chain chain = new(Halves, new(2, 64, 3, 1), Layer(new Sine(3)), 8);
        int Count(string text, string instruction) => Regex.Count(text, Regex.Escape(instruction));
        var products = FakeCuda.Modules.Where(text => text.Contains("mma.sync", StringComparison.Ordinal)).ToArray();
        Assert.That(products, Has.Length.GreaterThanOrEqualTo(4), "two forwards, backward, weights");
        foreach (string text in products)
        {
            Assert.That(CleanPtx.Complaint(text), Is.Null);
            bool isOfWeights = text.Contains("ldmatrix.sync.aligned.m8n8.x4.trans", StringComparison.Ordinal);
            Assert.That(Count(text, "mma.sync.aligned.m16n8k16"), Is.EqualTo(isOfWeights ? 2 * 18 : 4 * 16));
            Assert.That(Count(text, "ldmatrix.sync"), Is.EqualTo(isOfWeights ? 2 * 6 : 4 * 6));
            Assert.That(Count(text, "cp.async.cg"), Is.EqualTo(isOfWeights ? 6 : 2));
        }
    }
}

file static class Numbers
{
    public static int Number(this Parameter parameter) => Enumerable.Range(0, parameter.Graph.Parameters.Count).First(i => parameter.Graph.Parameters[i] == parameter);
}
