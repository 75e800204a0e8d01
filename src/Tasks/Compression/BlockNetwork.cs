using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.Sampling;
using InrFast.Models;

namespace InrFast.Tasks.Compression;

/// <summary>A block's network and its numbers. Coordinates span [-1, 1] along each side of the block; values are offset + scale * output.</summary>
sealed class BlockNetwork : IDisposable
{
    readonly int channels;

    /// <param name="padded">Outputs beyond the channels are 0. With more than four a layer's sums have the same order on every processor.</param>
    public BlockNetwork(CompressedHeader header, int width, Device device, bool padded = false)
    {
        channels = header.Channels;
        Settings = new(header.Axes.Length, padded ? PaddedOutputs : channels, width, header.HiddenLayers, header.FirstOmega, header.HiddenOmega);
        Graph = new Graph();
        Network = Settings.Build(Graph);
        Store = new ParameterStore(device, Graph);
    }

    public const int PaddedOutputs = 8;

    public SirenSettings Settings { get; }
    public Graph Graph { get; }
    public Network Network { get; }
    public ParameterStore Store { get; }

    /// <summary>Numbers of a network of that width.</summary>
    public static long Parameters(int inputs, int width, int hiddenLayers, int channels) =>
        (long)hiddenLayers * width * width + (inputs + 1L + hiddenLayers + channels) * width + channels;

    /// <summary>The widest network of at most so many numbers; 0 where that is too few.</summary>
    public static int WidthFor(double parameters, int inputs, int hiddenLayers, int channels)
    {
        double a = hiddenLayers, b = inputs + 1 + hiddenLayers + channels, c = channels - parameters;
        int width = (int)Math.Floor(a == 0 ? -c / b : (-b + Math.Sqrt(Math.Max(0, b * b - 4 * a * c))) / (2 * a) + 1e-9);
        return width < CompressedHeader.LeastWidth ? 0 : Math.Min(width, CompressedHeader.MostWidth);
    }

    /// <summary>What a step along each axis counts, so that every side spans [-1, 1].</summary>
    public static VoxelGrid Coordinates(Box box) => new(box.Size, [.. box.Size.Select(n => 1.0 / n)]);

    /// <summary>All tensors' numbers, in the order of the file.</summary>
    public float[][] Read() => [.. Network.Tensors.Select(tensor => Store.Read(tensor.Parameter).AsSpan(tensor.First, tensor.Count).ToArray())];

    public void Write(float[][] tensors)
    {
        foreach (var (tensor, values) in Network.Tensors.Zip(tensors))
        {
            var all = Store.Read(tensor.Parameter);
            values.CopyTo(all.AsSpan(tensor.First)); // of padded outputs the first rows
            Store.Write(tensor.Parameter, all);
        }
    }

    public void Dispose() => Store.Dispose();
}
