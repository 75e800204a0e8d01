namespace InrFast.Models;

/// <summary>
/// FINER (Liu 2024): a SIREN whose sine is sin(omega (|z| + 1) z), z = W x + b, so that larger first biases give higher frequencies.
/// </summary>
/// <param name="HiddenLayers">Width x width layers, after the first.</param>
/// <param name="FirstBias">First biases are uniform in ± this; null: as SIREN's.</param>
public sealed record FinerSettings(int Inputs, int Outputs, int Width = 256, int HiddenLayers = 3, double FirstOmega = 30, double HiddenOmega = 30,
    double? FirstBias = null, Activation OutputActivation = Activation.Identity) : NetworkSettings(Inputs, Outputs)
{
    SirenSettings Siren => new(Inputs, Outputs, Width, HiddenLayers, FirstOmega, HiddenOmega, OutputActivation: OutputActivation);

    public override void Validate()
    {
        Siren.Validate();
        Range.Check("FirstBias", FirstBias ?? 0, 0, 1e3);
    }

    internal override Network Create(NetworkParameters parameters) =>
        Siren.Create(parameters, Activation.Finer, FirstBias is { } bound ? Initializers.Uniform(bound) : Initializers.Default(Inputs));
}
