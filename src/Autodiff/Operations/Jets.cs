using InrFast.Kernels;
using InrFast.Kernels.Pointwise;

namespace InrFast.Autodiff.Operations;

/// <summary>
/// Starts forward mode: coordinates as a jet along their own axes, all or the first few (the others are constant: a time). Every operation after it carries the derivatives with respect to them along:
/// first, or first and second.
/// </summary>
public sealed class JetSeed : Operation
{
    readonly Value input;

    /// <param name="order">1 or 2.</param>
    /// <param name="directions">Of how many of the coordinates; 0: all.</param>
    public JetSeed(Value input, int order = 1, int directions = 0)
    {
        this.input = input;
        if (order is not (1 or 2) || input.Shape.Order != 0) throw new ArgumentException("a jet carries first or second derivatives of plain coordinates");
        if (directions < 0 || directions > input.Shape.Columns) throw new ArgumentException($"{input.Shape.Columns} coordinates have no {directions} directions");
        Output = input.Graph.Add(input.Shape with { Directions = directions == 0 ? input.Shape.Columns : directions, Order = order }, this);
    }

    public Value Output { get; }
    public override IReadOnlyList<Value> Inputs => [input];
    public override IReadOnlyList<Value> Outputs => [Output];

    public override Work Bind(Binder binder) =>
        new Bound(binder.Device.Pointwise, binder.Of(input), binder.Of(Output), binder.Gradient(Output), binder.Gradient(input));

    sealed class Bound(PointwiseKernels kernels, Slot x, Slot y, Slot? dy, Slot? dx) : Work
    {
        public override void Forward(Tile tile) => kernels.JetSeed(tile[x], tile[y]);
        public override void Backward(Tile tile) => kernels.Copy(tile[dy].BlockAt(0), tile[dx]);
    }
}

/// <summary>One block of a jet as a plain value: 0 the value, then its derivatives in the order of <see cref="Matrix"/>.</summary>
public sealed class JetBlock : Operation
{
    readonly Value jet;

    public JetBlock(Value jet, int block)
    {
        (this.jet, Block) = (jet, block);
        if (block < 0 || block >= jet.Shape.Blocks) throw new ArgumentException($"block {block} of a jet of {jet.Shape.Blocks}");
        Output = jet.Graph.Add(jet.Shape with { Directions = 0, Order = 0 }, this);
    }

    public int Block { get; }
    public Value Output { get; }
    public override IReadOnlyList<Value> Inputs => [jet];
    public override IReadOnlyList<Value> Outputs => [Output];

    public override Work Bind(Binder binder) =>
        new Bound(binder.Device.Pointwise, Block, binder.Of(jet), binder.Of(Output), binder.Gradient(Output), binder.Gradient(jet));

    sealed class Bound(PointwiseKernels kernels, int block, Slot x, Slot y, Slot? dy, Slot? dx) : Work
    {
        public override void Forward(Tile tile) => kernels.Copy(tile[x].BlockAt(block), tile[y]);

        public override void Backward(Tile tile)
        {
            var to = tile[dx];
            kernels.Clear(to);
            kernels.Copy(tile[dy], to.BlockAt(block));
        }
    }
}
