using InrFast.Kernels.Pointwise;

namespace InrFast.Autodiff.Operations;

/// <summary>a + b of the same shape: a residual connection.</summary>
public sealed class Sum : Operation
{
    readonly Value a, b;

    public Sum(Value a, Value b)
    {
        (this.a, this.b) = (a, b);
        if (a.Shape != b.Shape) throw new ArgumentException($"a sum of {a.Shape} and {b.Shape}");
        Output = a.Graph.Add(a.Shape, this);
    }

    public Value Output { get; }
    public override IReadOnlyList<Value> Inputs => [a, b];
    public override IReadOnlyList<Value> Outputs => [Output];

    public override Work Bind(Binder binder) => new Bound(binder.Device.Pointwise, binder.Of(a), binder.Of(b), binder.Of(Output),
        binder.Gradient(Output), binder.Gradient(a), binder.Gradient(b));

    sealed class Bound(PointwiseKernels kernels, Slot a, Slot b, Slot y, Slot? dy, Slot? da, Slot? db) : Work
    {
        public override void Forward(Tile tile) => kernels.Add(tile[a], tile[b], tile[y]);

        public override void Backward(Tile tile)
        {
            if (da is not null) kernels.Copy(tile[dy], tile[da]);
            if (db is not null) kernels.Copy(tile[dy], tile[db]);
        }
    }
}

/// <summary>factor * x.</summary>
public sealed class Scale : Operation
{
    readonly Value input;
    readonly float factor;

    public Scale(Value input, float factor)
    {
        (this.input, this.factor) = (input, factor);
        Output = input.Graph.Add(input.Shape, this);
    }

    public Value Output { get; }
    public override IReadOnlyList<Value> Inputs => [input];
    public override IReadOnlyList<Value> Outputs => [Output];

    public override Work Bind(Binder binder) =>
        new Bound(binder.Device.Pointwise, factor, binder.Of(input), binder.Of(Output), binder.Gradient(Output), binder.Gradient(input));

    sealed class Bound(PointwiseKernels kernels, float factor, Slot x, Slot y, Slot? dy, Slot? dx) : Work
    {
        public override void Forward(Tile tile) => kernels.Scale(tile[x], factor, tile[y]);
        public override void Backward(Tile tile) => kernels.Scale(tile[dy], factor, tile[dx]);
    }
}

/// <summary>a b, element by element; of jets by the product rule. An operand that is no jet is constant in space.</summary>
public sealed class Product : Operation
{
    readonly Value a, b;

    public Product(Value a, Value b)
    {
        (this.a, this.b) = (a, b);
        if (a.Shape with { Directions = b.Shape.Directions, Order = b.Shape.Order } != b.Shape || (a.Shape != b.Shape && a.Shape.Blocks > 1 && b.Shape.Blocks > 1)) throw new ArgumentException($"a product of {a.Shape} and {b.Shape}");
        Output = a.Graph.Add(a.Shape.Blocks >= b.Shape.Blocks ? a.Shape : b.Shape, this);
    }

    public Value Output { get; }
    public override IReadOnlyList<Value> Inputs => [a, b];
    public override IReadOnlyList<Value> Outputs => [Output];

    public override Work Bind(Binder binder) => new Bound(binder.Device.Pointwise, binder.Of(a, keep: true), binder.Of(b, keep: true), binder.Of(Output),
        binder.Gradient(Output), binder.Gradient(a), binder.Gradient(b));

    sealed class Bound(PointwiseKernels kernels, Slot a, Slot b, Slot y, Slot? dy, Slot? da, Slot? db) : Work
    {
        public override void Forward(Tile tile) => kernels.Multiply(tile[a], tile[b], tile[y]);
        public override void Backward(Tile tile) => kernels.MultiplyBackward(tile[dy], tile[a], tile[b], tile[da], tile[db]);
    }
}

/// <summary>Sum of each item's rows, times a factor: a ray's integral from its samples. One row per item.</summary>
public sealed class GroupSum : Operation
{
    readonly Value input;
    readonly float factor;

    public GroupSum(Value input, float factor)
    {
        (this.input, this.factor) = (input, factor);
        Output = input.Graph.Add(input.Shape with { Group = 1 }, this);
    }

    public Value Output { get; }
    public override IReadOnlyList<Value> Inputs => [input];
    public override IReadOnlyList<Value> Outputs => [Output];

    public override Work Bind(Binder binder) => new Bound(binder.Device.Pointwise, input.Shape.Group, factor, binder.Of(input), binder.Of(Output),
        binder.Gradient(Output), binder.Gradient(input));

    sealed class Bound(PointwiseKernels kernels, int group, float factor, Slot x, Slot y, Slot? dy, Slot? dx) : Work
    {
        public override void Forward(Tile tile) => kernels.GroupSum(tile[x], group, factor, tile[y]);
        public override void Backward(Tile tile) => kernels.GroupSpread(tile[dy], group, factor, tile[dx]);
    }
}

/// <summary>Each row so many times, one after another: what belongs to a point, for all points around it. Items have as many rows more.</summary>
public sealed class GroupSpread : Operation
{
    readonly Value input;
    readonly int times;

    public GroupSpread(Value input, int times)
    {
        (this.input, this.times) = (input, times);
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        Output = input.Graph.Add(input.Shape with { Group = input.Shape.Group * times }, this);
    }

    public Value Output { get; }
    public override IReadOnlyList<Value> Inputs => [input];
    public override IReadOnlyList<Value> Outputs => [Output];

    public override Work Bind(Binder binder) => new Bound(binder.Device.Pointwise, times, binder.Of(input), binder.Of(Output), binder.Gradient(Output), binder.Gradient(input));

    sealed class Bound(PointwiseKernels kernels, int times, Slot x, Slot y, Slot? dy, Slot? dx) : Work
    {
        public override void Forward(Tile tile) => kernels.GroupSpread(tile[x], times, 1, tile[y]);
        public override void Backward(Tile tile) => kernels.GroupSum(tile[dy], times, 1, tile[dx]);
    }
}

/// <summary>x, counted as constant: a weight that depends on where a network has moved a point.</summary>
public sealed class Detach : Operation
{
    readonly Value input;

    public Detach(Value input)
    {
        this.input = input;
        Output = input.Graph.Add(input.Shape, this);
    }

    public Value Output { get; }
    public override bool StopsGradients => true;
    public override IReadOnlyList<Value> Inputs => [input];
    public override IReadOnlyList<Value> Outputs => [Output];

    public override Work Bind(Binder binder) => new Bound(binder.Device.Pointwise, binder.Of(input), binder.Of(Output));

    sealed class Bound(PointwiseKernels kernels, Slot x, Slot y) : Work
    {
        public override void Forward(Tile tile) => kernels.Copy(tile[x], tile[y]);
    }
}
