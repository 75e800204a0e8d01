using InrFast.Kernels;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Dense;

namespace InrFast.Autodiff.Operations;

/// <summary>A fixed affine map of coordinates, y = A x + b: from one grid's coordinates to another's.</summary>
public sealed class AffineMap : Operation
{
    readonly Value input;
    readonly float[] weights, offsets;

    /// <param name="input">Packed coordinates.</param>
    /// <param name="rows">A row [weights of the inputs | offset] for each output.</param>
    public AffineMap(Value input, IReadOnlyList<float[]> rows)
    {
        int columns = input.Shape.Columns;
        if (columns > Matrix.Packed || rows.Count is 0 or > Matrix.Packed || rows.Any(row => row.Length != columns + 1))
            throw new ArgumentException($"an affine map takes {columns} coordinates, of 1 to {Matrix.Packed}, to as many at most");
        this.input = input;
        weights = [.. rows.SelectMany(row => row[..columns])];
        offsets = [.. rows.Select(row => row[columns])];
        Output = input.Graph.Add(input.Shape with { Columns = rows.Count }, this);
    }

    public Value Output { get; }
    public override IReadOnlyList<Value> Inputs => [input];
    public override IReadOnlyList<Value> Outputs => [Output];

    public override Work Bind(Binder binder)
    {
        int inputs = input.Shape.Columns, outputs = offsets.Length;
        var kernels = binder.Device.Dense(inputs, outputs, default(Identity));
        var view = new ParameterView(binder.Constant<float>(weights), outputs, inputs, inputs, 1);
        return new Bound(kernels, view, binder.Constant<float>(offsets), binder.Prepared(kernels.PreparedFloats), binder.Of(input, keep: true), binder.Of(Output),
            binder.Gradient(Output), binder.Gradient(input));
    }

    sealed class Bound(DenseKernels kernels, ParameterView weights, nint offsets, long prepared, Slot x, Slot y, Slot? dy, Slot? dx) : Work
    {
        public override void Prepare(Tile tile) => kernels.Prepare(weights, offsets, tile.Prepared(prepared));
        public override void Forward(Tile tile) => kernels.Forward(tile[x], tile.Prepared(prepared), tile[y], default);
        public override void Backward(Tile tile) => kernels.Backward(tile[dy], default, tile[x], tile.Prepared(prepared), tile[dx], default, 0);
    }
}
