using InrFast.Autodiff;
using InrFast.Kernels.Random;

namespace InrFast.Models;

/// <summary>A network in a graph: parameters made once, applied any number of times (to a training batch, to jets, to a picture's pixels).</summary>
public abstract class Network
{
    readonly Graph graph;

    private protected Network(NetworkParameters parameters) => (graph, Tensors) = (parameters.Graph, parameters.Tensors);

    public IReadOnlyList<Tensor> Tensors { get; }

    /// <summary>Trained numbers of one network, without padding.</summary>
    public long ParameterCount => Tensors.Where(tensor => tensor.Parameter.IsTrained).Sum(tensor => (long)tensor.Count);

    /// <summary>The network's result for rows of coordinates; of a jet, with its derivatives.</summary>
    public abstract Value Apply(Value coordinates);

    /// <summary>
    /// Training schedule of grid encodings (<see cref="Kernels.Encodings.GridSettings.CoarseToFineSteps"/>), as <see cref="Apply"/> finds it; no
    /// part of the model. Without effect on other networks.
    /// </summary>
    public long CoarseToFineSteps { get; set; }

    /// <summary>
    /// Writes the first values of all parameters: a function of the seed, the member of a bank, and the parameter's place in the graph alone.
    /// </summary>
    public void Initialize(ParameterStore store, ulong seed, int member = 0)
    {
        var random = new Philox(seed);
        foreach (var tensors in Tensors.GroupBy(tensor => tensor.Parameter))
        {
            var values = new float[(long)tensors.Key.Rows * tensors.Key.Columns];
            int place = Enumerable.Range(0, graph.Parameters.Count).First(i => graph.Parameters[i] == tensors.Key), part = 0;
            foreach (var tensor in tensors)
                tensor.Initializer(values.AsSpan(tensor.First, tensor.Count), random, Stream(place, part++, member));
            store.Write(tensors.Key, values, member);
        }
    }

    /// <summary>Upper half of Philox's counter: 24 bits of the member, 24 of the parameter, 8 of its part, 8 of the use.</summary>
    static ulong Stream(int place, int part, int member) =>
        (ulong)RandomStream.Initialization | (ulong)part << 8 | (ulong)place * StreamOfParameter | (ulong)member << 40;

    /// <summary>From the stream of a parameter to that of the next.</summary>
    internal const ulong StreamOfParameter = 1 << 16;
}

/// <summary>An encoding, then one layer after the other.</summary>
sealed class LayeredNetwork(NetworkParameters parameters, Encoding encode, IReadOnlyList<Layer> layers) : Network(parameters)
{
    public LayeredNetwork(NetworkParameters parameters, IReadOnlyList<Layer> layers) : this(parameters, (coordinates, _) => coordinates, layers) { }

    public override Value Apply(Value coordinates) => layers.Aggregate(encode(coordinates, CoarseToFineSteps), (value, layer) => layer.Apply(value));
}
