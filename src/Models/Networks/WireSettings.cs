using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels.Activations;

namespace InrFast.Models;

/// <summary>
/// WIRE (Saragadam 2023): complex layers with the Gabor wavelet exp(j omega z - |scale z|²), the first one of real weights, and the real part of a linear one.
/// Initialised as PyTorch's Linear of complex numbers.
/// </summary>
/// <param name="Width">Real units of a layer with as many parameters: it has Width / sqrt 2 complex ones, rounded down.</param>
/// <param name="HiddenLayers">Layers after the first.</param>
/// <param name="Omega">20 for images, 10 for tomography and shapes, 5 for denoising.</param>
/// <param name="Scale">s of the paper: 30, 10 (shapes 40), 5.</param>
public sealed record WireSettings(int Inputs, int Outputs, int Width = 256, int HiddenLayers = 2, double Omega = 20, double Scale = 30) : NetworkSettings(Inputs, Outputs)
{
    public override void Validate()
    {
        base.Validate();
        Range.Check("Width", Width, 2, MaximumWidth);
        Range.Check("HiddenLayers", HiddenLayers, 0, MaximumLayers);
        Range.Check("Omega", Omega, 1e-3, 1e4);
        Range.Check("Scale", Scale, 1e-3, 1e4);
    }

    internal override Network Create(NetworkParameters parameters) => new WireNetwork(parameters, this, (int)(Width / Math.Sqrt(2)));
}

/// <summary>
/// Complex values have their real parts, then their imaginary parts as columns. A hidden weight Wr + j Wi is kept as [Wr; Wi], the output's as [Re, -Im], the
/// matrix whose product is the real part.
/// </summary>
sealed class WireNetwork(NetworkParameters parameters, WireSettings settings, int units) : Network(parameters)
{
    readonly Layer first = parameters.Dense("layers.0", settings.Inputs, units, Activation.Identity);

    readonly Layer[] hidden = [.. Enumerable.Range(1, settings.HiddenLayers).Select(i =>
        parameters.Dense($"layers.{i}", units, 2 * units, Activation.Identity))];

    readonly Layer output = parameters.Dense($"layers.{settings.HiddenLayers + 1}", 2 * units, settings.Outputs, Activation.Identity, 1, Initializers.Default(units), Initializers.Default(units));

    public override Value Apply(Value coordinates)
    {
        var real = first.Apply(coordinates);
        var value = Wavelet(new Concatenate(real, new Scale(real, 0).Output).Output);
        foreach (var layer in hidden) value = Wavelet(Complex(layer, value));
        return output.Apply(value);
    }

    Value Wavelet(Value z) => new ComplexGabor(z, (float)settings.Omega, (float)settings.Scale).Output;

    /// <summary>(Wr + j Wi)(a + j b) + bias: [Wr; Wi] a, and [Wr; Wi] b a quarter turn further.</summary>
    Value Complex(Layer layer, Value value)
    {
        Value a = new Slice(value, 0, units).Output, b = new Slice(value, units, units).Output;
        var turned = new Dense<Identity>(b, layer.Weight, null, default).Output;
        turned = new Concatenate(new Scale(new Slice(turned, units, units).Output, -1).Output, new Slice(turned, 0, units).Output).Output;
        return new Sum(layer.Apply(a), turned).Output;
    }
}
