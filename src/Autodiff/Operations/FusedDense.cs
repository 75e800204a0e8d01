using InrFast.Kernels;
using InrFast.Kernels.Dense;

namespace InrFast.Autodiff.Operations;

/// <summary>A dense layer whatever its activation.</summary>
interface IDenseLayer
{
    IReadOnlyList<Value> Inputs { get; }
    Parameter Weight { get; }
    Parameter? Bias { get; }
    Value Output { get; }
    bool IsLinear { get; }

    /// <summary>Both have the same kind of activation.</summary>
    bool Continues(IDenseLayer before);

    /// <summary>As the last of hidden layers of one kind: all of them and a linear one as one operation. Null where the device has no kernels for it.</summary>
    Operation? Fuse(Device device, IReadOnlyList<IDenseLayer> hidden, IDenseLayer last);
}

/// <summary>A chain of dense layers that a device computes in one kernel. Plans put it in the place of the layers; models do not know it.</summary>
sealed class FusedDense(IDenseLayer[] layers, FusedDenseKernels kernels, FusedShape shape) : Operation
{
    public override IReadOnlyList<Value> Inputs => layers[0].Inputs;
    public override IReadOnlyList<Value> Outputs => [layers[^1].Output];
    public override IReadOnlyList<Parameter> Parameters => [.. layers.SelectMany(layer => layer.Bias is null ? new[] { layer.Weight } : [layer.Weight, layer.Bias])];

    /// <summary>The operations with all chains fused that the device can fuse: hidden layers of one width and kind, read by nobody else, and a linear one.</summary>
    public static Operation[] Replace(Operation[] operations, Device device, HashSet<Value> needsGradient, Value? output)
    {
        var readers = operations.SelectMany(operation => operation.Inputs).ToLookup(value => value);
        Dictionary<object, Operation?> replaced = [];
        foreach (var last in operations.OfType<IDenseLayer>().Where(layer => layer.IsLinear && layer.Output.Shape.Blocks == 1))
        {
            List<IDenseLayer> hidden = [];
            IDenseLayer next = last;
            while (next.Inputs[0] is { Producer: IDenseLayer { IsLinear: false } before } value && value != output && readers[value].Count() == 1
                && (next == last || (next.Continues(before) && next.Weight.Rows == before.Weight.Rows))) hidden.Insert(0, next = before);
            for (; hidden.Count > 0; hidden.RemoveAt(0)) // of one that is too wide, or whose coordinates are trained, the rest
            {
                var first = hidden[0].Inputs[0];
                if ((first.Shape.Columns <= Matrix.Packed && needsGradient.Contains(first)) || hidden[^1].Fuse(device, hidden, last) is not { } fused) continue;
                foreach (var layer in hidden) replaced[layer] = null;
                replaced[last] = fused;
                break;
            }
        }
        return [.. operations.Select(operation => replaced.TryGetValue(operation, out var fused) ? fused : operation).OfType<Operation>()];
    }

    public override Work Bind(Binder binder)
    {
        var x = Inputs[0];
        return new Bound(layers, kernels, binder.Prepared(kernels.PreparedFloats), binder.Of(x, keep: shape.IsNarrow), binder.Of(Outputs[0]),
            binder.Saved(new Shape(kernels.SavedColumns, x.Shape.Group), 1), binder.Gradient(Outputs[0]), binder.Gradient(x));
    }

    sealed class Bound(IDenseLayer[] layers, FusedDenseKernels kernels, long prepared, Slot x, Slot y, Slot? saved, Slot? dy, Slot? dx) : Work
    {
        public override void Prepare(Tile tile)
        {
            for (int i = 0; i < layers.Length; i++) kernels.Prepare(i, tile.Values(layers[i].Weight), layers[i].Bias is { } bias ? tile.Values(bias).Data : 0, tile.Prepared(prepared));
        }

        public override void Forward(Tile tile) => kernels.Forward(tile[x], tile.Prepared(prepared), tile[y], tile[saved]);

        public override void Backward(Tile tile)
        {
            kernels.Backward(tile[dy], tile[saved], tile.Prepared(prepared), tile[dx]);
            for (int i = 0; i < layers.Length; i++)
                kernels.AddGradient(i, tile[x], tile[dy], tile[saved], tile.Gradient(layers[i].Weight), layers[i].Bias is { } bias ? tile.Gradient(bias).Data : 0);
        }
    }
}
