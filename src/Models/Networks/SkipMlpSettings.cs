using InrFast.Autodiff;
using InrFast.Autodiff.Operations;

namespace InrFast.Models;

/// <summary>
/// A deep multilayer perceptron whose encoding joins again behind the hidden units before every second layer but the first, and a narrower linear layer before the output's: the network of a measurement field (Sun, Liu,
/// Xie, Wohlberg and Kamilov: CoIL, IEEE Trans. Computational Imaging 7, 2021). Glorot's weights, no biases.
/// </summary>
/// <param name="Encoding">What the first layer sees, and every second one again.</param>
/// <param name="Width">Units of a hidden layer.</param>
/// <param name="HiddenLayers">Layers of so many units.</param>
/// <param name="Bottleneck">Units of the linear layer behind them.</param>
public sealed record SkipMlpSettings(int Inputs, int Outputs, EncodingSettings Encoding, int Width = 256, int HiddenLayers = 16, int Bottleneck = 128) : NetworkSettings(Inputs, Outputs)
{
    public override void Validate()
    {
        base.Validate();
        Range.Check("Width", Width, 1, MaximumWidth);
        Range.Check("HiddenLayers", HiddenLayers, 1, MaximumLayers);
        Range.Check("Bottleneck", Bottleneck, 1, MaximumWidth);
        Range.Check("Columns of the encoding", Encoding.Columns(Inputs), 1, MaximumWidth);
    }

    internal override Network Create(NetworkParameters parameters) => new SkipMlpNetwork(parameters, this);
}

sealed class SkipMlpNetwork : Network
{
    readonly Encoding encode;
    readonly Layer[] hidden;
    readonly Layer bottleneck, output;

    public SkipMlpNetwork(NetworkParameters parameters, SkipMlpSettings settings) : base(parameters)
    {
        encode = settings.Encoding.Create(parameters, "encoding", settings.Inputs);
        int columns = settings.Encoding.Columns(settings.Inputs), width = settings.Width;
        hidden = [.. Enumerable.Range(0, settings.HiddenLayers).Select(i => Glorot(i, i == 0 ? columns : Joins(i) ? width + columns : width, width, Activation.ReLU))];
        bottleneck = Glorot(hidden.Length, width, settings.Bottleneck, Activation.Identity);
        output = Glorot(hidden.Length + 1, settings.Bottleneck, settings.Outputs, Activation.Identity);

        Layer Glorot(int i, int inputs, int outputs, Activation activation) =>
            parameters.Dense($"layers.{i}", inputs, outputs, activation, activation.DefaultNumber(), Initializers.Glorot(inputs, outputs), Initializers.Constant(0));
    }

    static bool Joins(int layer) => layer > 0 && layer % 2 == 0;

    public override Value Apply(Value coordinates)
    {
        Value encoded = encode(coordinates, CoarseToFineSteps), value = encoded;
        for (int i = 0; i < hidden.Length; i++) value = hidden[i].Apply(Joins(i) ? new Concatenate(value, encoded).Output : value);
        return output.Apply(bottleneck.Apply(value));
    }
}
