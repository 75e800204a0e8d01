using InrFast.Kernels.Losses;

namespace InrFast.Autodiff.Operations;

/// <summary>[rows, sum p, sum t, sum p², sum t², sum p t] over all rows of one-column values, weighted: shared, what losses of the whole batch are functions of.</summary>
public sealed class Moments : Operation
{
    readonly Value p;
    readonly Value? t, weights;

    /// <param name="t">Null: as zeros.</param>
    /// <param name="weights">One column, constant; null: 1.</param>
    public Moments(Value p, Value? t = null, Value? weights = null)
    {
        (this.p, this.t, this.weights) = (p, t, weights);
        if (weights is not null && (weights.Shape.Columns != 1 || weights.Shape.Group != p.Shape.Group)) throw new ArgumentException("moments take one weight a row");
        if (p.Shape.Columns != 1 || t is { Shape.Columns: not 1 }) throw new ArgumentException("moments are taken of values of one column");
        if (t is not null && t.Shape.Group != p.Shape.Group) throw new ArgumentException($"moments of groups of {p.Shape.Group} and {t.Shape.Group}");
        Output = p.Graph.Add(Shape.Shared(MomentKernels.Count), this);
    }

    public Value Output { get; }
    public override IReadOnlyList<Value> Inputs => [.. new[] { p, t, weights }.OfType<Value>()];
    public override IReadOnlyList<Value> Outputs => [Output];

    public override Work Bind(Binder binder) => new Bound(binder.Device.Moments, binder.Of(p, keep: true), t is null ? null : binder.Of(t, keep: true),
        weights is null ? null : binder.Of(weights, keep: true), binder.Accumulator(Output), binder.Gradient(Output), binder.Gradient(p), t is null ? null : binder.Gradient(t));

    sealed class Bound(MomentKernels kernels, Slot p, Slot? t, Slot? w, Slot sums, Slot? gradient, Slot? dp, Slot? dt) : Work
    {
        public override void Forward(Tile tile) => kernels.Forward(tile[p], tile[t], tile[w], tile.Shared(sums));
        public override void Backward(Tile tile) => kernels.Backward(tile[p], tile[t], tile[w], tile.Shared(gradient!), tile[dp], tile[dt]);
    }
}
