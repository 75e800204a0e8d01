using InrFast.Kernels.Random;

namespace InrFast.Models;

/// <summary>How the frequencies of Fourier features are chosen.</summary>
public enum FourierVariant
{
    /// <summary>One cycle over the field along each axis.</summary>
    Basic,

    /// <summary>Along each axis scale^(j / m) cycles, j = 0 .. m - 1.</summary>
    Positional,

    /// <summary>In all directions, normally distributed with standard deviation scale.</summary>
    Gaussian,
}

/// <summary>
/// Fourier features (Tancik 2020, section 6.1): cos(2 pi B v), then sin(2 pi B v), of v = (x + 1) / 2, the coordinates from 0 to 1 that the published scales
/// refer to. A dense layer of sines that is not trained: B lies in the model file.
/// </summary>
/// <param name="Frequencies">Rows of B: 256 Gaussian ones; positional: shared out over the axes, the remainder dropped; basic: as many as axes.</param>
/// <param name="Scale">In cycles per length of the field's longest side; around 10 for photographs.</param>
public sealed record FourierEncoding(FourierVariant Variant = FourierVariant.Gaussian, int Frequencies = 256, double Scale = 10) : EncodingSettings
{
    int Rows(int inputs)
    {
        Range.Check("Frequencies", Frequencies, Variant == FourierVariant.Positional ? inputs : 1, NetworkSettings.MaximumWidth / 2);
        Range.Check("Scale", Scale, 1e-3, 1e5);
        return Variant switch
        {
            FourierVariant.Basic => inputs,
            FourierVariant.Positional => Frequencies / inputs * inputs,
            FourierVariant.Gaussian => Frequencies,
            _ => throw new ArgumentException($"There are no Fourier features {Variant}."),
        };
    }

    public override int Columns(int inputs) => 2 * Rows(inputs);

    internal override Encoding Create(NetworkParameters parameters, string name, int inputs)
    {
        int rows = Rows(inputs);
        // 2 pi B v = pi B x + pi sum of B's row; the cosine is the sine a quarter turn ahead.
        Initializer weight = (values, random, stream) =>
        {
            for (int i = 0; i < values.Length; i++) values[i] = (float)(Math.PI * Frequency(random, stream, i / inputs % rows, i % inputs, inputs));
        };
        // The bias reads the numbers of the weight, whose stream is the one parameter before.
        Initializer bias = (values, random, stream) =>
        {
            for (int i = 0; i < values.Length; i++)
            {
                double sum = i < rows ? 0.5 : 0;
                for (int k = 0; k < inputs; k++) sum += Frequency(random, stream - Network.StreamOfParameter, i % rows, k, inputs);
                values[i] = (float)(Math.PI * Math.IEEERemainder(sum, 2));
            }
        };
        var layer = parameters.Dense(name, inputs, 2 * rows, Activation.Sine, 1, weight, bias, trained: false);
        return (coordinates, _) => layer.Apply(coordinates);
    }

    double Frequency(Philox random, ulong stream, int row, int axis, int inputs)
    {
        if (Variant == FourierVariant.Gaussian) return Scale * Initializers.Normal(random, stream, row * inputs + axis);
        if (row % inputs != axis) return 0;
        return Variant == FourierVariant.Basic ? 1 : Math.Pow(Scale, row / inputs / (double)(Frequencies / inputs));
    }
}
