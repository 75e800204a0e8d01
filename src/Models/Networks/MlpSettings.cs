namespace InrFast.Models;

/// <summary>
/// A multilayer perceptron on an encoding of the coordinates: plain, on Fourier features (Tancik 2020), on a multiresolution grid (Müller 2022), ...
/// Initialised as PyTorch's Linear; behind a grid with LeCun's weights and no biases.
/// </summary>
/// <param name="Encoding">What the first layer sees; null: the coordinates.</param>
/// <param name="Width">Units of a hidden layer.</param>
/// <param name="HiddenLayers">Layers of so many units, before the output's; 0: a linear decoder.</param>
/// <param name="Activation">Of the hidden layers.</param>
/// <param name="OutputActivation">Of the last layer.</param>
public sealed record MlpSettings(int Inputs, int Outputs, EncodingSettings? Encoding = null, int Width = 256, int HiddenLayers = 4,
    Activation Activation = Activation.ReLU, Activation OutputActivation = Activation.Identity) : NetworkSettings(Inputs, Outputs)
{
    public override void Validate()
    {
        base.Validate();
        Range.Check("Width", Width, 1, MaximumWidth);
        Range.Check("HiddenLayers", HiddenLayers, 0, MaximumLayers);
        if (Encoding is not null) Range.Check("Columns of the encoding", Encoding.Columns(Inputs), 1, MaximumWidth);
    }

    internal override Network Create(NetworkParameters parameters)
    {
        var encode = (Encoding ?? new IdentityEncoding()).Create(parameters, "encoding", Inputs);
        int columns = Encoding?.Columns(Inputs) ?? Inputs;
        return new LayeredNetwork(parameters, encode,
        [
            .. Enumerable.Range(0, HiddenLayers).Select(i => Layer(i, i == 0 ? columns : Width, Width, Activation)),
            Layer(HiddenLayers, HiddenLayers == 0 ? columns : Width, Outputs, OutputActivation),
        ]);

        Layer Layer(int i, int inputs, int outputs, Activation activation) =>
            Encoding is GridEncoding ? parameters.DenseOnGrid($"layers.{i}", inputs, outputs, activation) : parameters.Dense($"layers.{i}", inputs, outputs, activation);
    }
}
