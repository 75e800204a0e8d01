using InrFast.Kernels.Losses;

namespace InrFast.Autodiff.Operations;

/// <summary>Mean over rows and columns of weight * loss(prediction, target): its gradient needs no other row.</summary>
public sealed class RowLoss<TLoss> : Operation where TLoss : struct, ILoss
{
    readonly Value prediction, target;
    readonly Value? weights;
    readonly TLoss loss;

    /// <param name="prediction">Rows; of a jet, the value.</param>
    /// <param name="target">Rows of the same shape; constant.</param>
    /// <param name="loss">What is averaged.</param>
    /// <param name="weights">One column, or null for 1.</param>
    public RowLoss(Value prediction, Value target, TLoss loss, Value? weights = null)
    {
        (this.prediction, this.target, this.loss, this.weights) = (prediction, target, loss, weights);
        if (prediction.Shape.Columns != target.Shape.Columns || prediction.Shape.Group != target.Shape.Group)
            throw new ArgumentException($"a loss compares {prediction.Shape.Columns} columns with {target.Shape.Columns}, groups of {prediction.Shape.Group} with {target.Shape.Group}");
        if (weights is not null && (weights.Shape.Columns != 1 || weights.Shape.Group != prediction.Shape.Group)) throw new ArgumentException("a loss takes one weight a row");
        Output = prediction.Graph.Add(Shape.Shared(1), this);
    }

    public Value Output { get; }
    public override IReadOnlyList<Value> Inputs => weights is null ? [prediction, target] : [prediction, target, weights];
    public override IReadOnlyList<Value> Outputs => [Output];

    public override Work Bind(Binder binder) => new Bound(binder.Device.Loss(loss), binder.Of(prediction, keep: true), binder.Of(target, keep: true),
        weights is null ? null : binder.Of(weights, keep: true), binder.Accumulator(Output), binder.Gradient(Output), binder.Gradient(prediction));

    sealed class Bound(LossKernels kernels, Slot p, Slot t, Slot? w, Slot sum, Slot? gradient, Slot? dp) : Work
    {
        public override void Forward(Tile tile) => kernels.Forward(tile[p], tile[t], tile[w], Factor(tile), tile.Shared(sum));

        public override void Backward(Tile tile)
        {
            if (dp is not null) kernels.Backward(tile[p], tile[t], tile[w], Factor(tile), tile.Shared(gradient!), tile[dp]);
        }

        double Factor(Tile tile) => 1.0 / ((double)tile.BatchItems * p.Shape.Group * p.Shape.Columns);
    }
}
