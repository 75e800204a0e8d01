using System.Collections.Immutable;
using System.Globalization;
using InrFast.Autodiff;
using InrFast.Kernels;

namespace InrFast.Models;

/// <summary>
/// All that a training run needs to go on as if it had never stopped: values and optimiser states of the parameters, the step, and the same of an
/// earlier moment where the run keeps one, in a safetensors file. A checkpoint, not a model: it holds the engine's own layout, padding included.
/// </summary>
public sealed class TrainingState
{
    const string StepKey = "inrfast.step", Snapshot = "snapshot.";
    readonly Dictionary<string, (ImmutableArray<long> Shape, float[] Numbers)> arrays;
    readonly long step;

    TrainingState(IReadOnlyDictionary<string, string> metadata, Dictionary<string, (ImmutableArray<long>, float[])> arrays, long step) => (Metadata, this.arrays, this.step) = (metadata, arrays, step);

    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <param name="snapshot">Parameters of an earlier moment of the same run.</param>
    public static void Write(Stream stream, ParameterStore store, IReadOnlyDictionary<string, string> metadata, ParameterStore? snapshot = null)
    {
        (string Name, DeviceMemory Memory)[] arrays = [.. Arrays("", store), .. snapshot is null ? [] : Arrays(Snapshot, snapshot)];
        Safetensors.WriteHeader(stream, [.. arrays.Select(array => (array.Name, ImmutableArray.Create<long>(store.Members, store.Length)))],
            new Dictionary<string, string>(metadata) { [StepKey] = store.Step.ToString(CultureInfo.InvariantCulture) });
        var numbers = new float[store.Members * store.Length];
        foreach (var (_, memory) in arrays)
        {
            memory.Read<float>(numbers);
            Safetensors.WriteNumbers(stream, numbers);
        }
    }

    /// <summary>Throws <see cref="ModelFileException"/> where the file is damaged or no checkpoint.</summary>
    public static TrainingState Read(Stream stream)
    {
        var header = Safetensors.ReadHeader(stream);
        if (!header.Metadata.TryGetValue(StepKey, out string? text) || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long step))
            throw new ModelFileException($"The file is no checkpoint: its metadata lack {StepKey}.");
        return new(header.Metadata, header.Entries.ToDictionary(entry => entry.Name, entry => (entry.Shape, Safetensors.ReadNumbers(stream, entry))), step);
    }

    /// <summary>Fills the stores. Throws <see cref="ModelFileException"/>, the stores untouched, where the checkpoint is of another network or another kind of run.</summary>
    public void Load(ParameterStore store, ParameterStore? snapshot = null)
    {
        long[] shape = [store.Members, store.Length];
        foreach (var (name, array) in arrays)
            if (!array.Shape.SequenceEqual(shape))
                throw new ModelFileException($"The checkpoint is of another network: {name} has shape [{string.Join(", ", array.Shape)}], not [{string.Join(", ", shape)}].");
        string[] prefixes = snapshot is null ? [""] : ["", Snapshot];
        if (!prefixes.All(prefix => arrays.ContainsKey(prefix + "values")) || !arrays.Keys.All(prefixes.SelectMany(Names).Contains))
            throw new ModelFileException("The file is no checkpoint of this kind: its tensors are not values and optimiser states.");
        Fill("", store);
        store.Step = step;
        if (snapshot is not null) Fill(Snapshot, snapshot);
    }

    void Fill(string prefix, ParameterStore store)
    {
        store.Values.Write<float>(arrays[prefix + "values"].Numbers);
        for (int i = 0; i < 2; i++)
            if (arrays.TryGetValue($"{prefix}state.{i}", out var state)) store.State(i).Write<float>(state.Numbers);
            else if (store.HasState(i)) store.State(i).Clear();
    }

    static IEnumerable<string> Names(string prefix) => [prefix + "values", prefix + "state.0", prefix + "state.1"];

    static IEnumerable<(string Name, DeviceMemory Memory)> Arrays(string prefix, ParameterStore store)
    {
        yield return (prefix + "values", store.Values);
        for (int i = 0; i < 2; i++)
            if (store.HasState(i)) yield return ($"{prefix}state.{i}", store.State(i));
    }
}
