using System.Collections.Immutable;
using System.Text.Json.Serialization;
using InrFast.Autodiff;
using InrFast.Autodiff.Operations;

namespace InrFast.Models;

/// <summary>An encoding in a graph: the features of coordinates. Grids take their schedule of levels.</summary>
delegate Value Encoding(Value coordinates, long coarseToFineSteps);

/// <summary>What an encoding of coordinates is.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(IdentityEncoding), "identity")]
[JsonDerivedType(typeof(FourierEncoding), "fourier")]
[JsonDerivedType(typeof(FrequencyEncoding), "frequency")]
[JsonDerivedType(typeof(HarmonicEncoding), "harmonic")]
[JsonDerivedType(typeof(OneBlobEncoding), "one-blob")]
[JsonDerivedType(typeof(GridEncoding), "grid")]
[JsonDerivedType(typeof(CompositeEncoding), "composite")]
public abstract record EncodingSettings
{
    /// <summary>Features of coordinates of so many columns. Throws <see cref="ArgumentException"/> where a setting is out of range.</summary>
    public abstract int Columns(int inputs);

    internal abstract Encoding Create(NetworkParameters parameters, string name, int inputs);
}

/// <summary>The coordinates themselves.</summary>
public sealed record IdentityEncoding : EncodingSettings
{
    public override int Columns(int inputs) => inputs;
    internal override Encoding Create(NetworkParameters parameters, string name, int inputs) => (coordinates, _) => coordinates;
}

/// <summary>Several encodings of the same coordinates beside each other.</summary>
public sealed record CompositeEncoding(ImmutableArray<EncodingSettings> Parts) : EncodingSettings
{
    public override int Columns(int inputs) =>
        Parts.IsDefaultOrEmpty || Parts.Contains(null!) ? throw new ArgumentException("A composite encoding has at least one part, and none is null.") : checked(Parts.Sum(part => part.Columns(inputs)));

    internal override Encoding Create(NetworkParameters parameters, string name, int inputs)
    {
        var parts = Parts.Select((part, i) => part.Create(parameters, $"{name}.{i}", inputs)).ToArray();
        return (coordinates, steps) => new Concatenate([.. parts.Select(part => part(coordinates, steps))]).Output;
    }
}
