using InrFast.Autodiff.Operations;

namespace InrFast.Models;

/// <summary>
/// NeRF's positional encoding (Mildenhall 2020, equation 4): for j = 0, 1, ... sin(2^j p) of all axes, then cos(2^j p) of all axes, after p itself. The paper
/// has pi p and no p; the published code is the default here. A dense layer of sines that is not trained.
/// </summary>
/// <param name="Octaves">L: 10 for positions, 4 for directions.</param>
/// <param name="IncludesInput">p itself comes first.</param>
/// <param name="TimesPi">2^j pi p, as printed.</param>
public sealed record FrequencyEncoding(int Octaves = 10, bool IncludesInput = true, bool TimesPi = false) : EncodingSettings
{
    public override int Columns(int inputs)
    {
        Range.Check("Octaves", Octaves, 1, 20);
        return inputs * (2 * Octaves + (IncludesInput ? 1 : 0));
    }

    internal override Encoding Create(NetworkParameters parameters, string name, int inputs)
    {
        double unit = TimesPi ? Math.PI : 1;
        var layer = parameters.Dense(name, inputs, 2 * Octaves * inputs, Activation.Sine, 1,
            Initializers.Given(i => i / inputs % inputs == i % inputs ? unit * Math.Pow(2, i / inputs / (2 * inputs)) : 0),
            Initializers.Given(row => row / inputs % 2 == 1 ? Math.PI / 2 : 0), trained: false);
        return (coordinates, _) => IncludesInput ? new Concatenate(coordinates, layer.Apply(coordinates)).Output : layer.Apply(coordinates);
    }
}

/// <summary>
/// Harmonics in equal steps (Sun 2021, CoIL's "linear" encoding): for l = 1, 2, ... sin(l pi p / 2) of all axes, then cos(l pi p / 2) of all axes. A dense layer of sines that is not trained.
/// </summary>
public sealed record HarmonicEncoding(int Harmonics = 10) : EncodingSettings
{
    public override int Columns(int inputs)
    {
        Range.Check("Harmonics", Harmonics, 1, 4096);
        return 2 * Harmonics * inputs;
    }

    internal override Encoding Create(NetworkParameters parameters, string name, int inputs)
    {
        var layer = parameters.Dense(name, inputs, Columns(inputs), Activation.Sine, 1,
            Initializers.Given(i => i / inputs % inputs == i % inputs ? Math.PI / 2 * (i / inputs / (2 * inputs) + 1) : 0),
            Initializers.Given(row => row / inputs % 2 == 1 ? Math.PI / 2 : 0), trained: false);
        return (coordinates, _) => layer.Apply(coordinates);
    }
}

/// <summary>
/// One-blob (Müller 2019, Neural importance sampling, section 4.3): along each axis, a Gaussian of standard deviation 1 / bins around v = (x + 1) / 2 at the
/// centres of the bins of [0, 1], axis by axis. A dense layer of Gaussians that is not trained.
/// </summary>
public sealed record OneBlobEncoding(int Bins = 32) : EncodingSettings
{
    public override int Columns(int inputs)
    {
        Range.Check("Bins", Bins, 1, 4096);
        return inputs * Bins;
    }

    internal override Encoding Create(NetworkParameters parameters, string name, int inputs)
    {
        var layer = parameters.Dense(name, inputs, inputs * Bins, Activation.Gaussian, Bins / Math.Sqrt(2),
            Initializers.Given(i => i / inputs / Bins == i % inputs ? 0.5 : 0),
            Initializers.Given(row => 0.5 - (row % Bins + 0.5) / Bins), trained: false);
        return (coordinates, _) => layer.Apply(coordinates);
    }
}
