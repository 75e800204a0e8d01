using System.Collections.Immutable;
using InrFast.Autodiff;
using InrFast.Autodiff.Operations;

namespace InrFast.Models;

/// <summary>A tensor of a network as others see it: a parameter, or a part of one, under its name in a model file.</summary>
/// <param name="Shape">PyTorch's: a weight [outputs][inputs], a bias [outputs].</param>
/// <param name="First">Of the parameter's numbers, row by row.</param>
public sealed record Tensor(string Name, ImmutableArray<int> Shape, Parameter Parameter, int First, Initializer Initializer)
{
    public int Count { get; } = Shape.Aggregate(1.0, (product, n) => product * n) is var count and <= int.MaxValue ? (int)count
        : throw new ArgumentException($"The tensor {Name} of {string.Join(" x ", Shape)} numbers is too large.");
}

/// <summary>Creates the parameters of one network in a graph and lists them.</summary>
sealed class NetworkParameters(Graph graph, string prefix)
{
    readonly List<Tensor> tensors = [];

    public Graph Graph => graph;
    public IReadOnlyList<Tensor> Tensors => tensors;

    /// <summary>A dense layer: "name.weight" and "name.bias".</summary>
    public Layer Dense(string name, int inputs, int outputs, Activation activation, double number, Initializer weight, Initializer bias, bool trained = true)
    {
        var (w, b) = (Autodiff.Operations.Dense.Weight(graph, $"{prefix}{name}.weight", inputs, outputs), Autodiff.Operations.Dense.Bias(graph, $"{prefix}{name}.bias", outputs));
        w.IsTrained = b.IsTrained = trained;
        tensors.Add(new(w.Name, [outputs, inputs], w, 0, weight));
        tensors.Add(new(b.Name, [outputs], b, 0, bias));
        return new(w, b, activation, (float)number);
    }

    /// <summary>A dense layer initialised as PyTorch's Linear.</summary>
    public Layer Dense(string name, int inputs, int outputs, Activation activation) =>
        Dense(name, inputs, outputs, activation, activation.DefaultNumber(), Initializers.Default(inputs), Initializers.Default(inputs));

    /// <summary>
    /// A dense layer behind a grid: LeCun's weights and no biases. A grid's features begin near zero, where PyTorch's biases would drown them: up to 2 dB are lost
    /// on volumes in the same number of steps.
    /// </summary>
    public Layer DenseOnGrid(string name, int inputs, int outputs, Activation activation) =>
        Dense(name, inputs, outputs, activation, activation.DefaultNumber(), Initializers.LeCun(inputs), Initializers.Constant(0));

    /// <summary>The tables of a grid: "name.0", "name.1", ..., one [entries][features] a level.</summary>
    public Parameter Tables(string name, Kernels.Encodings.GridSettings grid, Initializer initializer)
    {
        var tables = Grid.TablesFor(graph, prefix + name, grid);
        for (int l = 0; l < grid.Levels.Length; l++)
            tensors.Add(new($"{prefix}{name}.{l}", [grid.Levels[l].Entries, grid.Features], tables, checked((int)grid.Levels[l].Offset), initializer));
        return tables;
    }
}

/// <summary>A dense layer: its parameters and activation, to be applied any number of times.</summary>
sealed record Layer(Parameter Weight, Parameter Bias, Activation Activation, float Number)
{
    public Value Apply(Value input) => Activation.Dense(Number, input, Weight, Bias);
}
