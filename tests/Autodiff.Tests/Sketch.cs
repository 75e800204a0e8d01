using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Encodings;
using InrFast.Kernels.Losses;

namespace InrFast.Tests;

/// <summary>A graph while a test draws it: names its parameters, and remembers what its inputs are fed with and which jets it holds.</summary>
sealed class Sketch
{
    int layers;

    public Graph Graph { get; } = new();

    /// <summary>Inputs and the range of their numbers.</summary>
    public List<(Value Value, double Low, double High)> Inputs { get; } = [];

    /// <summary>Jets to be held against finite differences in the coordinates that they come from.</summary>
    public List<(Value Coordinates, Value Jet)> Jets { get; } = [];

    public Value Input(int columns, int group = 1, double low = -1, double high = 1)
    {
        var value = Graph.Input(columns, group);
        Inputs.Add((value, low, high));
        return value;
    }

    public Value Dense<TActivation>(Value x, int outputs, TActivation activation, bool bias = true, bool weightTrained = true, int group = 0) where TActivation : struct, IActivation
    {
        string name = $"layer{layers++}";
        var weight = InrFast.Autodiff.Operations.Dense.Weight(Graph, name + ".weight", x.Shape.Columns, outputs);
        (weight.IsTrained, weight.Group) = (weightTrained, group);
        return new Dense<TActivation>(x, weight, bias ? InrFast.Autodiff.Operations.Dense.Bias(Graph, name + ".bias", outputs) : null, activation).Output;
    }

    public Value Linear(Value x, int outputs) => Dense(x, outputs, new Identity());

    /// <summary>Two layers of sines and a linear one.</summary>
    public Value Siren(Value x, int outputs = 1, int width = 24, float omega = 8) => Linear(Dense(Dense(x, width, new Sine(omega)), width, new Sine(omega)), outputs);

    public Value Grid(Value coordinates, GridSettings settings) =>
        new Grid(coordinates, InrFast.Autodiff.Operations.Grid.TablesFor(Graph, $"tables{layers++}", settings), settings).Output;

    /// <summary>Mean squared error to a target of random numbers.</summary>
    public Loss Error(Value y, double weight = 1) => new(new RowLoss<SquaredError>(y, Input(y.Shape.Columns, y.Shape.Group), default).Output, weight);

    /// <summary>One for each block of a jet, so that derivatives of all orders enter.</summary>
    public Loss[] JetErrors(Value jet) => [.. Enumerable.Range(0, jet.Shape.Blocks).Select(block => Error(new JetBlock(jet, block).Output, 1.0 / (1 + block)))];
}
