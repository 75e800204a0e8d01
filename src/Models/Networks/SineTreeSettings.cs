using System.Collections.Immutable;
using InrFast.Autodiff.Operations;

namespace InrFast.Models;

/// <summary>
/// A tree of small SIRENs (Yang 2023, TINC): a node takes its parent's features, the root the coordinates, and gives features of sine layers; leaves add a linear layer. Columns are the
/// leaves' values, in the order of the nodes, channels of a leaf beside each other. A tree of one node is a SIREN. All layers but the first are initialised as hidden ones, since features are no coordinates.
/// </summary>
/// <param name="Outputs">Leaves times channels.</param>
/// <param name="Parents">Of each node, -1 of the first; parents come before their children.</param>
/// <param name="Widths">Units of each node's layers.</param>
/// <param name="HiddenLayers">Of each node, after its first.</param>
public sealed record SineTreeSettings(int Inputs, int Outputs, ImmutableArray<int> Parents, ImmutableArray<int> Widths, int HiddenLayers = 1, double FirstOmega = 30, double HiddenOmega = 30)
    : NetworkSettings(Inputs, Outputs)
{
    const int MaximumNodes = 4096;

    public override void Validate()
    {
        base.Validate();
        if (Parents.IsDefault || Widths.IsDefault || Parents.Length != Widths.Length) throw new ArgumentException("Parents and Widths have one number for each node.");
        Range.Check("The number of nodes", Parents.Length, 1, MaximumNodes);
        for (int node = 0; node < Parents.Length; node++)
        {
            Range.Check("Parents", Parents[node], node == 0 ? -1 : 0, node - 1);
            Range.Check("Widths", Widths[node], 1, MaximumWidth);
        }
        Range.Check("HiddenLayers", HiddenLayers, 0, MaximumLayers);
        Range.Check("FirstOmega", FirstOmega, 1e-3, 1e4);
        Range.Check("HiddenOmega", HiddenOmega, 1e-3, 1e4);
        int leaves = Parents.Length - Parents.Where(parent => parent >= 0).Distinct().Count();
        if (Outputs % leaves != 0) throw new ArgumentException($"Outputs is a multiple of the {leaves} leaves, not {Outputs}.");
    }

    internal override Network Create(NetworkParameters parameters)
    {
        var interior = Parents.ToHashSet();
        int channels = Outputs / Enumerable.Range(0, Parents.Length).Count(node => !interior.Contains(node));
        Layer[] Node(int node)
        {
            int width = Widths[node], inputs = node == 0 ? Inputs : Widths[Parents[node]];
            string name = $"nodes.{node}.layers";
            Initializer weight = Weight(width), bias = Initializers.Default(width);
            return
            [
                node == 0 ? parameters.Dense($"{name}.0", inputs, width, Activation.Sine, FirstOmega, Initializers.Uniform(1.0 / inputs), Initializers.Default(inputs))
                    : parameters.Dense($"{name}.0", inputs, width, Activation.Sine, HiddenOmega, Weight(inputs), Initializers.Default(inputs)),
                .. Enumerable.Range(1, HiddenLayers).Select(i => parameters.Dense($"{name}.{i}", width, width, Activation.Sine, HiddenOmega, weight, bias)),
                .. interior.Contains(node) ? [] : new[] { parameters.Dense($"{name}.{HiddenLayers + 1}", width, channels, Activation.Identity, 1, weight, bias) },
            ];
        }

        return new TreeNetwork(parameters, Parents, [.. Enumerable.Range(0, Parents.Length).Select(Node)]);

        Initializer Weight(int inputs) => Initializers.Uniform(Math.Sqrt(6.0 / inputs) / HiddenOmega);
    }

    sealed class TreeNetwork(NetworkParameters parameters, ImmutableArray<int> parents, Layer[][] nodes) : Network(parameters)
    {
        public override Autodiff.Value Apply(Autodiff.Value coordinates)
        {
            var features = new Autodiff.Value[nodes.Length];
            for (int node = 0; node < nodes.Length; node++)
                features[node] = nodes[node].Aggregate(node == 0 ? coordinates : features[parents[node]], (value, layer) => layer.Apply(value));
            Autodiff.Value[] leaves = [.. Enumerable.Range(0, nodes.Length).Where(node => !parents.Contains(node)).Select(node => features[node])];
            return leaves.Length == 1 ? leaves[0] : new Concatenate(leaves).Output;
        }
    }
}
