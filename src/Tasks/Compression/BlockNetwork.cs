using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.Sampling;
using InrFast.Models;

namespace InrFast.Tasks.Compression;

/// <summary>Networks of a compressed image that are trained together, and their numbers: a leaf's, or a whole tree.</summary>
sealed class BlockNetwork : IDisposable
{
    readonly Device device;
    ParameterStore? store;

    /// <param name="parents">Of each node among these, -1 of the first.</param>
    /// <param name="widths">Their units.</param>
    /// <param name="outputs">Columns of all leaves together.</param>
    public BlockNetwork(CompressedHeader header, int[] parents, int[] widths, int outputs, Device device)
    {
        Graph = new Graph();
        Network = new SineTreeSettings(header.Axes.Length, outputs, [.. parents], [.. widths], header.HiddenLayers, header.FirstOmega, header.HiddenOmega).Build(Graph);
        this.device = device;
    }

    public Graph Graph { get; }
    public Network Network { get; }

    /// <summary>Made when it is first asked for: the graph is complete then.</summary>
    public ParameterStore Store => store ??= new(device, Graph);

    /// <summary>Numbers of a network of that width; <paramref name="outputs"/> 0: it gives features.</summary>
    public static long Parameters(int inputs, int width, int hiddenLayers, int outputs) => Tensors(inputs, width, hiddenLayers, outputs).Sum(count => (long)count);

    /// <summary>Numbers of each of its tensors, in the order of the file.</summary>
    public static int[] Tensors(int inputs, int width, int hiddenLayers, int outputs) =>
        [inputs * width, width, .. Enumerable.Range(0, hiddenLayers).SelectMany(_ => new[] { width * width, width }), .. outputs == 0 ? [] : new[] { outputs * width, outputs }];

    /// <summary>The widest network of at most so many numbers; 0 where that is too few.</summary>
    public static int WidthFor(double parameters, int inputs, int hiddenLayers, int outputs)
    {
        double a = hiddenLayers, b = inputs + 1 + hiddenLayers + outputs, c = outputs - parameters;
        int width = (int)Math.Floor(a == 0 ? -c / b : (-b + Math.Sqrt(Math.Max(0, b * b - 4 * a * c))) / (2 * a) + 1e-9);
        return width < CompressedHeader.LeastWidth ? 0 : Math.Min(width, CompressedHeader.MostWidth);
    }

    /// <summary>What a step along each axis counts, so that every side spans [-1, 1].</summary>
    public static VoxelGrid Coordinates(int[] size) => new(size, [.. size.Select(n => 1.0 / n)]);

    /// <summary>All tensors' numbers, in the order of the file.</summary>
    public float[][] Read() => [.. Network.Tensors.Select(tensor => Store.Read(tensor.Parameter).AsSpan(tensor.First, tensor.Count).ToArray())];

    public void Write(IEnumerable<float[]> tensors)
    {
        foreach (var (tensor, values) in Network.Tensors.Zip(tensors))
        {
            var all = Store.Read(tensor.Parameter);
            values.CopyTo(all.AsSpan(tensor.First));
            Store.Write(tensor.Parameter, all);
        }
    }

    public void Dispose() => store?.Dispose();
}
