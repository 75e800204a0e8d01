using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using InrFast.Autodiff;

namespace InrFast.Models;

/// <summary>
/// What a network is: its kind, sizes and initialisation, all that is needed to build it again. Coordinates are the engine's: the longest side of the
/// field spans [-1, 1]. Round-trips through JSON, where "type" names the kind.
/// </summary>
/// <param name="Inputs">Columns of the coordinates.</param>
/// <param name="Outputs">Columns of the result.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(SirenSettings), "siren")]
[JsonDerivedType(typeof(FinerSettings), "finer")]
[JsonDerivedType(typeof(WireSettings), "wire")]
[JsonDerivedType(typeof(MlpSettings), "mlp")]
[JsonDerivedType(typeof(SineTreeSettings), "sine-tree")]
[JsonDerivedType(typeof(MultiHeadSettings), "multi-head")]
[JsonDerivedType(typeof(LevelsOfExpertsSettings), "levels-of-experts")]
[JsonDerivedType(typeof(NerfSettings), "nerf")]
[JsonDerivedType(typeof(SkipMlpSettings), "skip-mlp")]
[JsonDerivedType(typeof(EnsembleSettings), "ensemble")]
[JsonDerivedType(typeof(MinerSettings), "miner")]
public abstract record NetworkSettings(int Inputs, int Outputs)
{
    public const int MaximumWidth = 1 << 16, MaximumLayers = 256;

    /// <summary>Networks of one shape that the model consists of: members of a <see cref="ParameterStore"/>.</summary>
    [JsonIgnore]
    public virtual int Members => 1;

    /// <summary>Creates the network's parameters in the graph, their names after the prefix. Throws <see cref="ArgumentException"/> where a setting is out of range.</summary>
    public Network Build(Graph graph, string prefix = "")
    {
        Validate();
        return Create(new NetworkParameters(graph, prefix));
    }

    /// <summary>Throws <see cref="ArgumentException"/> where a setting is out of range.</summary>
    public virtual void Validate()
    {
        Range.Check("Inputs", Inputs, 1, MaximumWidth);
        Range.Check("Outputs", Outputs, 1, MaximumWidth);
    }

    internal abstract Network Create(NetworkParameters parameters);

    public string ToJson() => JsonSerializer.Serialize(this, SettingsJson.Default.NetworkSettings);

    /// <summary>Throws <see cref="FormatException"/> where the text is no network, has unknown keys, or a setting is out of range.</summary>
    public static NetworkSettings FromJson(string json)
    {
        try
        {
            var settings = JsonSerializer.Deserialize(json, SettingsJson.Default.NetworkSettings) ?? throw new FormatException("The description of the network is null.");
            settings.Validate();
            return settings;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or NotSupportedException)
        {
            throw new FormatException($"The description of the network cannot be used: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }
}

/// <summary>JSON of the settings, generated when the room is compiled.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true, AllowOutOfOrderMetadataProperties = true,
    Converters = [typeof(Names<Activation>), typeof(Names<FourierVariant>), typeof(Names<Kernels.Encodings.Interpolation>)])]
[JsonSerializable(typeof(NetworkSettings))]
sealed partial class SettingsJson : JsonSerializerContext;

/// <summary>Enumerations by name alone: a number could lie outside.</summary>
sealed class Names<T>() : JsonStringEnumConverter<T>(namingPolicy: null, allowIntegerValues: false) where T : struct, Enum;

/// <summary>Checks of settings.</summary>
static class Range
{
    /// <summary>The product of one positive number per axis.</summary>
    public static long Product(string name, ImmutableArray<int> perAxis, int axes, long maximum)
    {
        if (perAxis.IsDefault || perAxis.Length != axes) throw new ArgumentException($"{name} has one number per axis: {axes}, not {(perAxis.IsDefault ? 0 : perAxis.Length)}.");
        double product = 1;
        foreach (int n in perAxis)
        {
            Check(name, n, 1, int.MaxValue);
            product *= n;
        }
        Check($"The product of {name}", product, 1, maximum);
        return (long)product;
    }

    /// <summary>The network of a block is an ordinary one with the columns of the whole.</summary>
    public static void Block(NetworkSettings whole, NetworkSettings block)
    {
        block.Validate();
        if (block.Members != 1) throw new ArgumentException("The network of a block is a single one.");
        if (block.Inputs != whole.Inputs || block.Outputs != whole.Outputs)
            throw new ArgumentException($"The network of a block has the columns of the whole: {whole.Inputs} to {whole.Outputs}, not {block.Inputs} to {block.Outputs}.");
    }

    public static void Check(string name, double value, double from, double to)
    {
        if (!(value >= from && value <= to)) throw new ArgumentException(FormattableString.Invariant($"{name} is {from} to {to}, not {value}."));
    }
}
