using InrFast.Kernels.Losses;
using InrFast.Kernels.Sampling;

namespace InrFast.Autodiff.Operations;

/// <summary>Minus the mean squared correlation of two images in windows (<see cref="LocalCorrelationKernels"/>): all windows within patches that are sampled densely (<see cref="VoxelPatches{TOrder}"/>), a patch a group of rows.</summary>
public sealed class LocalCorrelation : Operation
{
    readonly Value p, t;
    readonly Value? weights;
    readonly PatchShape patch, window;

    /// <param name="p">One column, a group for each patch.</param>
    /// <param name="t">The same; constant.</param>
    /// <param name="weights">One column, or null for 1; constant.</param>
    public LocalCorrelation(Value p, Value t, PatchShape patch, PatchShape window, Value? weights = null)
    {
        (this.p, this.t, this.weights, this.patch, this.window) = (p, t, weights, patch, window);
        foreach (var value in Inputs)
            if (value.Shape.Columns != 1 || value.Shape.Group != patch.Count) throw new ArgumentException($"a local correlation takes groups of {patch.Count} rows of one column, not {value.Shape}");
        Output = p.Graph.Add(Shape.Shared(1), this);
    }

    public Value Output { get; }
    public override IReadOnlyList<Value> Inputs => weights is null ? [p, t] : [p, t, weights];
    public override IReadOnlyList<Value> Outputs => [Output];

    public override Work Bind(Binder binder) => new Bound(binder.Device.LocalCorrelation(patch, window), window.PlacesIn(patch), binder.Of(p, keep: true), binder.Of(t, keep: true),
        weights is null ? null : binder.Of(weights, keep: true), binder.Accumulator(Output), binder.Gradient(Output), binder.Gradient(p));

    sealed class Bound(LocalCorrelationKernels kernels, int windows, Slot p, Slot t, Slot? w, Slot sum, Slot? gradient, Slot? dp) : Work
    {
        public override void Forward(Tile tile) => kernels.Forward(tile[p], tile[t], tile[w], Factor(tile), tile.Shared(sum));

        public override void Backward(Tile tile)
        {
            if (dp is not null) kernels.Backward(tile[p], tile[t], tile[w], Factor(tile), tile.Shared(gradient!), tile[dp]);
        }

        double Factor(Tile tile) => 1.0 / ((double)tile.BatchItems * windows);
    }
}
