using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using InrFast.Autodiff;
using InrFast.Kernels;

namespace InrFast.Models;

/// <summary>
/// A trained model in a safetensors file: the parameters of a network as 32-bit tensors of PyTorch's shapes (of a bank: with the member as the first
/// axis) under their names, and as metadata the description of the network ("inrfast.network", JSON), the version that wrote it ("inrfast.version") and
/// what the caller adds.
/// </summary>
public sealed class ModelFile
{
    const string NetworkKey = "inrfast.network", VersionKey = "inrfast.version";
    readonly Dictionary<string, float[]> tensors;

    ModelFile(NetworkSettings network, IReadOnlyDictionary<string, string> metadata, Dictionary<string, float[]> tensors) =>
        (Network, Metadata, this.tensors) = (network, metadata, tensors);

    public NetworkSettings Network { get; }

    /// <summary>All string entries of the file.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Writes a model. Its place is the caller's: beside the target, then renamed.</summary>
    /// <param name="network">Built from the settings without a prefix.</param>
    /// <param name="metadata">Entries beside those of the format: value scaling, world geometry, seed, units.</param>
    public static void Write(Stream stream, NetworkSettings settings, Network network, ParameterStore store, IReadOnlyDictionary<string, string>? metadata = null)
    {
        if (store.Members != settings.Members) throw new ArgumentException($"The model has {settings.Members} networks, the parameters are of {store.Members}.");
        var entries = new Dictionary<string, string>(metadata ?? ImmutableDictionary<string, string>.Empty)
        {
            [NetworkKey] = settings.ToJson(),
            [VersionKey] = typeof(ModelFile).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
        };
        Safetensors.WriteHeader(stream, [.. network.Tensors.Select(tensor => (tensor.Name, Shape(tensor, settings)))], entries);
        foreach (var parts in network.Tensors.GroupBy(tensor => tensor.Parameter))
        {
            var members = Enumerable.Range(0, store.Members).Select(member => store.Read(parts.Key, member)).ToArray();
            foreach (var tensor in parts)
                foreach (var values in members)
                    Safetensors.WriteNumbers(stream, values.AsSpan(tensor.First, tensor.Count));
        }
    }

    /// <summary>Reads a model. Throws <see cref="ModelFileException"/> where the file is damaged or its tensors are not those of its network.</summary>
    /// <param name="stream">From its position to its end.</param>
    /// <param name="settings">Describes a file that does not describe itself: weights trained elsewhere.</param>
    public static ModelFile Read(Stream stream, NetworkSettings? settings = null)
    {
        if (!stream.CanSeek)
        {
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            copy.Position = 0;
            return Read(copy, settings);
        }
        var header = Safetensors.ReadHeader(stream);
        try
        {
            settings ??= header.Metadata.TryGetValue(NetworkKey, out string? json) ? NetworkSettings.FromJson(json)
                : throw new ModelFileException($"The file describes no network: its metadata lack {NetworkKey}.");
            var expected = settings.Build(new Graph()).Tensors.ToDictionary(tensor => tensor.Name);
            foreach (var entry in header.Entries)
            {
                if (!expected.Remove(entry.Name, out var tensor)) throw new ModelFileException($"The file's network has no tensor {entry.Name}.");
                var shape = Shape(tensor, settings);
                if (!entry.Shape.SequenceEqual(shape))
                    throw new ModelFileException($"The tensor {entry.Name} has shape [{string.Join(", ", entry.Shape)}] where the network has [{string.Join(", ", shape)}].");
            }
            if (expected.Count > 0) throw new ModelFileException($"The file lacks the tensor {expected.Keys.First()} of its network.");
            return new(settings, header.Metadata, header.Entries.ToDictionary(entry => entry.Name, entry => Safetensors.ReadNumbers(stream, entry)));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException or EndOfStreamException)
        {
            throw new ModelFileException($"The model file cannot be used: {e.Message}", e);
        }
    }

    /// <summary>
    /// What a task's entry of the metadata says of the network. Throws <see cref="ModelFileException"/> where there is none, or it is damaged, as
    /// <paramref name="check"/> says by a <see cref="JsonException"/>.
    /// </summary>
    /// <param name="what">What the entry describes, for the message: image, registration, ...</param>
    public T Describe<T>(string key, JsonTypeInfo<T> type, string what, Action<T> check)
    {
        if (!Metadata.TryGetValue(key, out string? json)) throw new ModelFileException($"the model file describes no {what}: another task made it");
        try
        {
            var description = JsonSerializer.Deserialize(json, type) ?? throw new JsonException("it is empty");
            check(description);
            return description;
        }
        catch (JsonException e)
        {
            throw new ModelFileException($"the model file's description of the {what} is damaged: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>The network with the file's numbers; the parameters are the caller's to dispose of.</summary>
    public (Network Network, ParameterStore Store) Build(Device device)
    {
        var graph = new Graph();
        var network = Network.Build(graph);
        var store = new ParameterStore(device, graph, Network.Members);
        Load(network, store);
        return (network, store);
    }

    /// <summary>Writes the file's numbers into the parameters of a network built from <see cref="Network"/> without a prefix.</summary>
    public void Load(Network network, ParameterStore store)
    {
        if (store.Members != Network.Members) throw new ArgumentException($"The model has {Network.Members} networks, the parameters are of {store.Members}.");
        foreach (var parts in network.Tensors.GroupBy(tensor => tensor.Parameter))
        {
            var values = new float[(long)parts.Key.Rows * parts.Key.Columns];
            for (int member = 0; member < store.Members; member++)
            {
                foreach (var tensor in parts) tensors[tensor.Name].AsSpan(checked(member * tensor.Count), tensor.Count).CopyTo(values.AsSpan(tensor.First));
                store.Write(parts.Key, values, member);
            }
        }
    }

    static ImmutableArray<long> Shape(Tensor tensor, NetworkSettings settings) =>
        [.. settings.Members > 1 ? [settings.Members] : Array.Empty<long>(), .. tensor.Shape.Select(n => (long)n)];
}
