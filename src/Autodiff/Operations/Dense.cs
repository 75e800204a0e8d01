using InrFast.Kernels;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Dense;

namespace InrFast.Autodiff.Operations;

/// <summary>The parameters of dense layers, kept as their kernels want them.</summary>
public static class Dense
{
    public static Parameter Weight(Graph graph, string name, int inputs, int outputs) =>
        graph.Parameter(name, outputs, inputs, transposed: DenseKernels.IsNarrowInput(inputs, outputs));

    public static Parameter Bias(Graph graph, string name, int outputs) => graph.Parameter(name, 1, outputs);
}

/// <summary>y = f(x W^T + b) of every row, W [columns][inputs]; of a jet, its derivatives too.</summary>
public sealed class Dense<TActivation> : Operation, IDenseLayer where TActivation : struct, IActivation
{
    readonly Value input;
    readonly TActivation activation;

    /// <param name="input">Rows of any width.</param>
    /// <param name="weight">[columns][inputs], made by <see cref="Dense.Weight"/>; several operations may share it.</param>
    /// <param name="bias">[1][columns], or null for 0.</param>
    /// <param name="activation">f.</param>
    public Dense(Value input, Parameter weight, Parameter? bias, TActivation activation)
    {
        (this.input, this.activation, Weight, Bias) = (input, activation, weight, bias);
        if (weight.Columns != input.Shape.Columns) throw new ArgumentException($"{weight.Name} takes {weight.Columns} inputs, not {input.Shape.Columns}");
        if ((weight.RowStride == 1) != DenseKernels.IsNarrowInput(weight.Columns, weight.Rows)) throw new ArgumentException($"{weight.Name} is not kept as a dense layer wants it: make it by Dense.Weight");
        if (bias is not null && (bias.Rows != 1 || bias.Columns != weight.Rows)) throw new ArgumentException($"{bias.Name} is a bias of {bias.Rows} x {bias.Columns} numbers for {weight.Rows} columns");
        Output = input.Graph.Add(input.Shape with { Columns = weight.Rows }, this);
    }

    public Parameter Weight { get; }
    public Parameter? Bias { get; }
    public Value Output { get; }
    public bool IsLinear => activation.IsLinear;

    bool IDenseLayer.Continues(IDenseLayer before) => before is Dense<TActivation>;

    Operation? IDenseLayer.Fuse(Device device, IReadOnlyList<IDenseLayer> hidden, IDenseLayer last)
    {
        var layers = hidden.Cast<Dense<TActivation>>().ToArray();
        if (layers.Skip(1).Any(layer => !layer.activation.Equals(activation))) return null;
        FusedShape shape = new(layers[0].input.Shape.Columns, Weight.Rows, layers.Length, last.Weight.Rows);
        return device.FusedDense(shape, layers[0].activation, activation) is { } kernels ? new FusedDense([.. layers, last], kernels, shape) : null;
    }

    public override IReadOnlyList<Value> Inputs => [input];
    public override IReadOnlyList<Value> Outputs => [Output];
    public override IReadOnlyList<Parameter> Parameters => Bias is null ? [Weight] : [Weight, Bias];

    public override Work Bind(Binder binder)
    {
        var kernels = binder.Device.Dense(input.Shape.Columns, Output.Shape.Columns, activation);
        int blocks = DenseKernels.SavedBlocks(activation.IsLinear, Output.Shape.Blocks, Output.Shape.Directions);
        // The slopes of the layer before become the gradient of what that layer's activation was taken of.
        var slopes = kernels.TakesSlopes && input.Producer is IDenseLayer { IsLinear: false } ? binder.SlopesOf(input) : null;
        bool taken = binder.SlopesAreTaken(Output, out var saved);
        if (!taken && blocks > 0) saved = binder.Saved(Output.Shape, blocks);
        return new Bound(this, kernels, binder.Prepared(kernels.PreparedFloats), binder.Of(input, keep: Weight.IsTrained), binder.Of(Output),
            saved, taken, kernels.KeepsProducts && blocks > 1 ? binder.BetweenStages(Output.Shape) : null, binder.Gradient(Output), binder.Gradient(input), slopes);
    }

    sealed class Bound(Dense<TActivation> node, DenseKernels kernels, long prepared, Slot x, Slot y, Slot? saved, bool taken, Slot? products, Slot? dy, Slot? dx, Slot? slopes) : Work
    {
        public override void Prepare(Tile tile) =>
            kernels.Prepare(tile.Values(node.Weight), node.Bias is null ? 0 : tile.Values(node.Bias).Data, tile.Prepared(prepared));

        public override void Forward(Tile tile) => kernels.Forward(tile[x], tile.Prepared(prepared), tile[y], tile[saved], tile[products]);

        public override void Backward(Tile tile) =>
            kernels.Backward(tile[dy], taken ? default : tile[saved], tile[x], tile.Prepared(prepared), tile[dx],
                tile.Gradient(node.Weight), node.Bias is null ? 0 : tile.Gradient(node.Bias).Data, tile[slopes]);
    }
}
