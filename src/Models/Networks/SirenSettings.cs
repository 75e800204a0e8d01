using System.Text.Json.Serialization;

namespace InrFast.Models;

/// <summary>
/// SIREN (Sitzmann 2020): y = sin(omega (W x + b)) in every layer, then a linear one. The first weights are uniform in ±1 / inputs, all others in
/// ±sqrt(6 / width) / omega, biases as PyTorch's: every sine then sees a standard normal distribution (section 3.2).
/// </summary>
/// <param name="HiddenLayers">Width x width layers, after the first.</param>
/// <param name="FirstOmega">Of the first layer.</param>
/// <param name="HiddenOmega">Of the hidden layers.</param>
/// <param name="InitialOmega">What the initial weights of hidden and output layers are divided by; null: <paramref name="HiddenOmega"/>, as published.</param>
/// <param name="OutputActivation">Of the last layer.</param>
/// <param name="Encoding">What the first layer sees; null: the coordinates.</param>
public sealed record SirenSettings(int Inputs, int Outputs, int Width = 256, int HiddenLayers = 3, double FirstOmega = 30, double HiddenOmega = 30,
    double? InitialOmega = null, Activation OutputActivation = Activation.Identity,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] EncodingSettings? Encoding = null) : NetworkSettings(Inputs, Outputs)
{
    public override void Validate()
    {
        base.Validate();
        Range.Check("Width", Width, 1, MaximumWidth);
        Range.Check("HiddenLayers", HiddenLayers, 0, MaximumLayers);
        Range.Check("FirstOmega", FirstOmega, 1e-3, 1e4);
        Range.Check("HiddenOmega", HiddenOmega, 1e-3, 1e4);
        Range.Check("InitialOmega", InitialOmega ?? 1, 1e-3, 1e4);
        if (Encoding is not null) Range.Check("Columns of the encoding", Encoding.Columns(Inputs), 1, MaximumWidth);
    }

    internal override Network Create(NetworkParameters parameters) => Create(parameters, Activation.Sine, Initializers.Default(Encoding?.Columns(Inputs) ?? Inputs));

    internal Network Create(NetworkParameters parameters, Activation sine, Initializer firstBias)
    {
        Initializer weight = Initializers.Uniform(Math.Sqrt(6.0 / Width) / (InitialOmega ?? HiddenOmega)), bias = Initializers.Default(Width);
        var encode = (Encoding ?? new IdentityEncoding()).Create(parameters, "encoding", Inputs);
        int columns = Encoding?.Columns(Inputs) ?? Inputs;
        return new LayeredNetwork(parameters, encode,
        [
            parameters.Dense("layers.0", columns, Width, sine, FirstOmega, Initializers.Uniform(1.0 / columns), firstBias),
            .. Enumerable.Range(1, HiddenLayers).Select(i => parameters.Dense($"layers.{i}", Width, Width, sine, HiddenOmega, weight, bias)),
            parameters.Dense($"layers.{HiddenLayers + 1}", Width, Outputs, OutputActivation, OutputActivation.DefaultNumber(), weight, bias),
        ]);
    }
}
