using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using InrFast.Cli;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Models;
using InrFast.Tasks.Fitting;
using InrFast.Tasks.Registration;
using static InrFast.Tests.Fuzzing.SeedFiles;

namespace InrFast.Tests.Fuzzing;

/// <summary>Readers of model files, of the descriptions in them, and of options.</summary>
internal static class ModelParsers
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Converters = { new JsonStringEnumConverter() } };

    private static readonly SirenSettings Network = new(2, 1, 4, 1), Field = new(2, 2, 4, 1);

    private static readonly string[] Words =
        ["__metadata__", "dtype", "\"F16\"", "\"BF16\"", "\"F64\"", "\"I8\"", "shape", "data_offsets", "[", "]", "{", "}", ":", ",", "null", "true", "1e999", "NaN", "\\u0000", "\\ud800", "inrfast.network", "inrfast.signal", "\\\"type\\\":\\\"siren\\\"",
            "\\\"type\\\":\\\"mlp\\\"", "\\\"type\\\":\\\"miner\\\"", "\\\"encoding\\\":", "\\\"width\\\":", "[[[[[[[[", "{\"a\":{\"a\":{\"a\":"];

    public static Parser[] All =>
    [
        Of("model", stream => ModelFile.Read(stream), Model(Network, new Dictionary<string, string> { ["unit"] = "HU" }), Model(new EnsembleSettings(2, 1, new SirenSettings(2, 1, 4, 1, 6), [2, 1]))) with { Covers = ["ModelFile.Read"] },
        Of("training-state", stream => TrainingState.Read(stream), State(Network)) with { Covers = ["TrainingState.Read"] },
        Of("fitted-image", stream => FittedImage.Load(stream, CpuDevice.Best).Dispose(), Model(Network, Signal())) with { Covers = ["FittedImage.Load"] },
        Of("registration", stream => RegistrationModel.Load(stream, CpuDevice.Best).Dispose(), Model(Field, Deformation())) with { Covers = ["RegistrationModel.Load"] },
        new("network", (bytes, _) => NetworkSettings.FromJson(Encoding.UTF8.GetString(bytes)), [.. NetworkCases.All.Select(network => Encoding.UTF8.GetBytes(network.Settings.ToJson()))])
        {
            Words = [.. Words, .. Words.Select(word => word.Replace("\\", ""))], Refusal = typeof(FormatException), Covers = ["NetworkSettings.FromJson"],
        },
        Parsers.OnDisk("options", "a.json", path => Configuration.Load(path), Words, "{\"threads\": 2, \"preset\": \"smooth\", \"force\": true}"u8.ToArray()) with { Refusal = typeof(CommandException) },
    ];

    private static Parser Of(string name, Action<Stream> read, params byte[][] seeds) => new(name, (bytes, _) => read(new MemoryStream(bytes, writable: false)), seeds) { Words = Words, Refusal = typeof(ModelFileException) };

    private static Dictionary<string, string> Signal() => new()
    {
        ["inrfast.signal"] = JsonSerializer.Serialize(new SignalDescription([3, 4], [1, 1], 0, 1, [3, 4, 1], SignalDescription.Flatten(Affine.Identity), 1, 1, "HU", SampleType.Int16, 1, 0, 7), Json),
    };

    private static Dictionary<string, string> Deformation() => new()
    {
        ["inrfast.deformation"] = JsonSerializer.Serialize(new DeformationDescription(DeformationKind.Displacement, 8, [3, 4, 1], SignalDescription.Flatten(Affine.Identity), SignalDescription.Flatten(Affine.Identity)), Json),
    };
}
