using InrFast.Autodiff;
using InrFast.Autodiff.Operations;

namespace InrFast.Models;

/// <summary>
/// Levels of experts (Hao 2022): the weight of a hidden layer depends on the position. Layer l, counted from 1, has 2^d weights that take turns along every
/// axis, in 2^l cells over the field; the output layer has one. A layer costs 2^d plain ones here: all experts are multiplied, of which the position leaves one.
/// </summary>
/// <param name="Inputs">d: 1 to 4 coordinates.</param>
/// <param name="HiddenLayers">Levels.</param>
public sealed record LevelsOfExpertsSettings(int Inputs, int Outputs, int Width = 64, int HiddenLayers = 4) : NetworkSettings(Inputs, Outputs)
{
    public override void Validate()
    {
        base.Validate();
        Range.Check("Inputs", Inputs, 1, 4);
        Range.Check("Width", Width, 1, MaximumWidth >> Inputs);
        Range.Check("HiddenLayers", HiddenLayers, 1, 20);
    }

    internal override Network Create(NetworkParameters parameters) => new LevelsOfExpertsNetwork(parameters, this);
}

/// <summary>The weights of a layer's experts lie side by side: [outputs][experts x inputs].</summary>
sealed class LevelsOfExpertsNetwork(NetworkParameters parameters, LevelsOfExpertsSettings settings) : Network(parameters)
{
    readonly Layer[] levels = [.. Enumerable.Range(0, settings.HiddenLayers).Select(i => (Index: i, Inputs: i == 0 ? settings.Inputs : settings.Width)).Select(layer =>
        parameters.Dense($"layers.{layer.Index}", layer.Inputs << settings.Inputs, settings.Width, Activation.LeakyReLU, Activation.LeakyReLU.DefaultNumber(),
            Initializers.Default(layer.Inputs), Initializers.Default(layer.Inputs)))];

    readonly Layer output = parameters.Dense($"layers.{settings.HiddenLayers}", settings.Width, settings.Outputs, Activation.Identity);

    public override Value Apply(Value coordinates)
    {
        var value = coordinates;
        for (int i = 0; i < levels.Length; i++) value = levels[i].Apply(new SelectExpert(value, coordinates, 2 << i).Output);
        return output.Apply(value);
    }
}
