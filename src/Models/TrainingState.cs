using System.Collections.Immutable;
using System.Globalization;
using InrFast.Autodiff;
using InrFast.Kernels;

namespace InrFast.Models;

/// <summary>
/// All that a training run needs to go on as if it had never stopped: values and optimiser states of the parameters, and the step, in a
/// safetensors file. A checkpoint, not a model: it holds the engine's own layout, padding included.
/// </summary>
public static class TrainingState
{
    const string StepKey = "inrfast.step";

    public static void Write(Stream stream, ParameterStore store, IReadOnlyDictionary<string, string> metadata)
    {
        var arrays = Arrays(store);
        Safetensors.WriteHeader(stream, [.. arrays.Select(array => (array.Name, ImmutableArray.Create<long>(store.Members, store.Length)))],
            new Dictionary<string, string>(metadata) { [StepKey] = store.Step.ToString(CultureInfo.InvariantCulture) });
        var numbers = new float[store.Members * store.Length];
        foreach (var (_, memory) in arrays)
        {
            memory.Read<float>(numbers);
            Safetensors.WriteNumbers(stream, numbers);
        }
    }

    /// <summary>Fills the store and returns the metadata. Throws <see cref="ModelFileException"/>, the store untouched, where the file is damaged or of another network.</summary>
    public static IReadOnlyDictionary<string, string> Read(Stream stream, ParameterStore store)
    {
        var header = Safetensors.ReadHeader(stream);
        if (!header.Metadata.TryGetValue(StepKey, out string? text) || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long step))
            throw new ModelFileException($"The file is no checkpoint: its metadata lack {StepKey}.");
        long[] shape = [store.Members, store.Length];
        if (header.Entries.FirstOrDefault(entry => !entry.Shape.SequenceEqual(shape)) is { } other)
            throw new ModelFileException($"The checkpoint is of another network: {other.Name} has shape [{string.Join(", ", other.Shape)}], not [{string.Join(", ", shape)}].");
        var arrays = header.Entries.ToDictionary(entry => entry.Name, entry => Safetensors.ReadNumbers(stream, entry));
        if (!arrays.TryGetValue("values", out var values) || arrays.Keys.Any(name => name is not ("values" or "state.0" or "state.1")))
            throw new ModelFileException("The file is no checkpoint: its tensors are not values and optimiser states.");
        store.Values.Write<float>(values);
        for (int i = 0; i < 2; i++)
            if (arrays.TryGetValue($"state.{i}", out var state)) store.State(i).Write<float>(state);
        store.Step = step;
        return header.Metadata;
    }

    static List<(string Name, DeviceMemory Memory)> Arrays(ParameterStore store)
    {
        var arrays = new List<(string, DeviceMemory)> { ("values", store.Values) };
        for (int i = 0; i < 2; i++)
            if (store.HasState(i)) arrays.Add(($"state.{i}", store.State(i)));
        return arrays;
    }
}
