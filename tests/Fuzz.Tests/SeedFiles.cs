using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Models;

namespace InrFast.Tests.Fuzzing;

/// <summary>Small sound files: those that other programs made, in the folder Seeds, and those that ours makes.</summary>
internal static class SeedFiles
{
    private static readonly StoredScale Bytes = new(SampleType.UInt8);

    public static byte[] Stored(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Seeds", name));

    /// <summary>An image written under a name, for its format.</summary>
    public static byte[] Written(string name, Image image) => Written(name, path => ImageFile.Write(path, image));

    /// <summary>A file that is written by its path.</summary>
    public static byte[] Written(string name, Action<string> write)
    {
        var folder = TestData.NewFolder();
        try
        {
            write(Path.Combine(folder, name));
            return File.ReadAllBytes(Path.Combine(folder, name));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static Image Volume => TestData.Oblique(4, 5, 6);

    public static Image Series => TestData.Oblique(4, 5, 3, times: 2);

    public static Image Vectors => TestData.Oblique(4, 5, 2, channels: 3, stored: new StoredScale(SampleType.Float32));

    public static Image Grey => TestData.Oblique(17, 9, 1, stored: Bytes);

    public static Image Colour => TestData.Oblique(9, 7, 1, channels: 3, stored: Bytes);

    /// <summary>An untrained model of each kind of network, or of one.</summary>
    public static byte[] Model(NetworkSettings settings, IReadOnlyDictionary<string, string>? metadata = null) =>
        WithStore(settings, (stream, network, store) => ModelFile.Write(stream, settings, network, store, metadata));

    public static byte[] State(NetworkSettings settings) =>
        WithStore(settings, (stream, _, store) => TrainingState.Write(stream, store, new Dictionary<string, string> { ["a"] = "b" }));

    private static byte[] WithStore(NetworkSettings settings, Action<Stream, Network, ParameterStore> write)
    {
        var graph = new Graph();
        var network = settings.Build(graph);
        using var store = new ParameterStore(CpuDevice.Best, graph, settings.Members);
        using var stream = new MemoryStream();
        write(stream, network, store);
        return stream.ToArray();
    }
}
