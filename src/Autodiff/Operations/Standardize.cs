using InrFast.Kernels.Losses;

namespace InrFast.Autodiff.Operations;

/// <summary>y = (x - mean) * inverse of the standard deviation, both shared by all rows: with <see cref="Statistics"/> of x itself, batch normalisation of one column.</summary>
public sealed class Standardize : Operation
{
    readonly Value input, statistics;

    /// <param name="statistics">Shared: mean, inverse of the standard deviation.</param>
    public Standardize(Value input, Value statistics)
    {
        (this.input, this.statistics) = (input, statistics);
        if (statistics.Shape is not { IsShared: true, Columns: 2 }) throw new ArgumentException($"standardising takes a mean and an inverse deviation, not {statistics.Shape}");
        Output = input.Graph.Add(input.Shape, this);
    }

    /// <summary>By the batch's own mean and deviation.</summary>
    public Standardize(Value input) : this(input, new SharedFunction<Statistics>(new Moments(input).Output, default).Output) { }

    public Value Output { get; }
    public override IReadOnlyList<Value> Inputs => [input, statistics];
    public override IReadOnlyList<Value> Outputs => [Output];

    public override Work Bind(Binder binder) => new Bound(binder.Device.Standardize, binder.Of(input, keep: true), binder.Of(statistics), binder.Of(Output),
        binder.Gradient(Output), binder.Gradient(input), binder.Gradient(statistics));

    sealed class Bound(StandardizeKernels kernels, Slot x, Slot statistics, Slot y, Slot? dy, Slot? dx, Slot? sums) : Work
    {
        public override void Forward(Tile tile) => kernels.Forward(tile[x], tile.Shared(statistics), tile[y]);
        public override void Backward(Tile tile) => kernels.Backward(tile[dy], tile[x], tile.Shared(statistics), tile[dx], sums is null ? 0 : tile.Shared(sums));
    }
}
