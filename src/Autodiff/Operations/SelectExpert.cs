using InrFast.Kernels.Pointwise;

namespace InrFast.Autodiff.Operations;

/// <summary>
/// The features of a row in the columns of the expert that its position selects among 2^d (<see cref="PointwiseKernels.PlaceByExpert"/>), zeros in those of
/// all others: a dense layer after it has a weight that depends on the position. Constant within a cell, so coordinates take no gradient.
/// </summary>
public sealed class SelectExpert : Operation
{
    readonly Value features, coordinates;
    readonly float frequency;

    /// <param name="features">Rows of any columns.</param>
    /// <param name="coordinates">As many rows, of d = 1 to 4 columns.</param>
    /// <param name="frequency">Cells along an axis from -1 to 1.</param>
    public SelectExpert(Value features, Value coordinates, float frequency)
    {
        (this.features, this.coordinates, this.frequency) = (features, coordinates, frequency);
        if (coordinates.Shape.Columns > 4 || coordinates.Shape.Group != features.Shape.Group)
            throw new ArgumentException($"experts for {features.Shape} are selected by 1 to 4 coordinates of each row, not {coordinates.Shape}");
        Output = features.Graph.Add(features.Shape with { Columns = features.Shape.Columns << coordinates.Shape.Columns }, this);
    }

    public Value Output { get; }
    public override IReadOnlyList<Value> Inputs => [features, coordinates];
    public override IReadOnlyList<Value> Outputs => [Output];

    public override Work Bind(Binder binder) => new Bound(binder.Device.Pointwise, frequency, binder.Of(features), binder.Of(coordinates, keep: true), binder.Of(Output),
        binder.Gradient(Output), binder.Gradient(features), binder.Gradient(coordinates));

    sealed class Bound(PointwiseKernels kernels, float frequency, Slot x, Slot coordinates, Slot y, Slot? dy, Slot? dx, Slot? dc) : Work
    {
        public override void Forward(Tile tile) => kernels.PlaceByExpert(tile[x], tile[coordinates], frequency, tile[y]);

        public override void Backward(Tile tile)
        {
            if (dx is not null) kernels.TakeFromExpert(tile[dy], tile[coordinates], frequency, tile[dx]);
            if (dc is not null) kernels.Clear(tile[dc]);
        }
    }
}
