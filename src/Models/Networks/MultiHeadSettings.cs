using System.Collections.Immutable;

namespace InrFast.Models;

/// <summary>
/// Multi-head network (Aftab 2022): the image is divided into cells, all share the body, a network of the coordinates within a cell, and each has output units
/// of its own: columns are the cells' values, the first axis fastest, channels of a cell beside each other. Heads see all units of the body.
/// </summary>
/// <param name="Outputs">Cells times channels.</param>
/// <param name="Heads">Cells along each axis.</param>
/// <param name="HiddenLayers">Layers of <paramref name="Width"/> units in the body.</param>
public sealed record MultiHeadSettings(int Inputs, int Outputs, ImmutableArray<int> Heads, int Width = 256, int HiddenLayers = 4, Activation Activation = Activation.ReLU)
    : NetworkSettings(Inputs, Outputs)
{
    public override void Validate()
    {
        base.Validate();
        Range.Check("Width", Width, 1, MaximumWidth);
        Range.Check("HiddenLayers", HiddenLayers, 1, MaximumLayers);
        long heads = Range.Product("Heads", Heads, Inputs, MaximumWidth);
        if (Outputs % heads != 0) throw new ArgumentException($"Outputs is a multiple of the {heads} heads, not {Outputs}.");
    }

    internal override Network Create(NetworkParameters parameters) => new LayeredNetwork(parameters,
    [
        .. Enumerable.Range(0, HiddenLayers).Select(i => parameters.Dense($"layers.{i}", i == 0 ? Inputs : Width, Width, Activation)),
        parameters.Dense("heads", Width, Outputs, Activation.Identity, 1, Initializers.Glorot(Width, Outputs), Initializers.Default(Width)),
    ]);
}
