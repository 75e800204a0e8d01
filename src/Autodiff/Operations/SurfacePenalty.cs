using InrFast.Kernels.Losses;

namespace InrFast.Autodiff.Operations;

/// <summary>
/// Mean over rows of the sum over columns of loss(squares of the column of cofactors of I + J, 1), J the Jacobian of a displacement field: what a registration pays for changes of area (<see cref="SurfacePenaltyKernels"/>).
/// </summary>
public sealed class SurfacePenalty<TLoss> : Operation where TLoss : struct, ILoss
{
    readonly Value displacement;
    readonly TLoss loss;

    /// <param name="displacement">A jet along 2 or 3 axes (<see cref="JetSeed"/>), as many columns, in the unit of the coordinates.</param>
    public SurfacePenalty(Value displacement, TLoss loss)
    {
        (this.displacement, this.loss) = (displacement, loss);
        var shape = displacement.Shape;
        if (shape.Order == 0 || shape.Directions is not (2 or 3) || shape.Columns != shape.Directions)
            throw new ArgumentException($"a surface penalty takes a jet of 2 columns along 2 axes or of 3 along 3, not {shape.Columns} columns along {shape.Directions}");
        Output = displacement.Graph.Add(Shape.Shared(1), this);
    }

    public Value Output { get; }
    public override IReadOnlyList<Value> Inputs => [displacement];
    public override IReadOnlyList<Value> Outputs => [Output];

    public override Work Bind(Binder binder) => new Bound(binder.Device.SurfacePenalty(loss), binder.Of(displacement, keep: true),
        binder.Accumulator(Output), binder.Gradient(Output), binder.Gradient(displacement));

    sealed class Bound(SurfacePenaltyKernels kernels, Slot u, Slot sum, Slot? gradient, Slot? du) : Work
    {
        public override void Forward(Tile tile) => kernels.Forward(tile[u], Factor(tile), tile.Shared(sum));

        public override void Backward(Tile tile)
        {
            if (du is not null) kernels.Backward(tile[u], Factor(tile), tile.Shared(gradient!), tile[du]);
        }

        double Factor(Tile tile) => 1.0 / ((double)tile.BatchItems * u.Shape.Group);
    }
}
