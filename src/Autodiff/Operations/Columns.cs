using InrFast.Kernels.Pointwise;

namespace InrFast.Autodiff.Operations;

/// <summary>The columns of several values beside each other.</summary>
public sealed class Concatenate : Operation
{
    readonly Value[] parts;

    public Concatenate(params Value[] parts)
    {
        this.parts = parts;
        if (parts.Any(part => part.Shape with { Columns = 1 } != parts[0].Shape with { Columns = 1 })) throw new ArgumentException("concatenated values differ in more than their columns");
        Output = parts[0].Graph.Add(parts[0].Shape with { Columns = parts.Sum(part => part.Shape.Columns) }, this);
    }

    public Value Output { get; }
    public override IReadOnlyList<Value> Inputs => parts;
    public override IReadOnlyList<Value> Outputs => [Output];

    public override Work Bind(Binder binder) => new Bound(binder.Device.Pointwise, [.. parts.Select(part => binder.Of(part))], binder.Of(Output),
        binder.Gradient(Output), [.. parts.Select(binder.Gradient)]);

    sealed class Bound(PointwiseKernels kernels, Slot[] parts, Slot y, Slot? dy, Slot?[] gradients) : Work
    {
        public override void Forward(Tile tile)
        {
            var to = tile[y];
            kernels.PadColumns(to);
            int column = 0;
            foreach (var part in parts)
            {
                kernels.CopyColumns(tile[part], 0, to, column, part.Shape.Columns);
                column += part.Shape.Columns;
            }
        }

        public override void Backward(Tile tile)
        {
            var from = tile[dy];
            int column = 0;
            for (int i = 0; i < parts.Length; column += parts[i++].Shape.Columns)
            {
                if (gradients[i] is not { } gradient) continue;
                var to = tile[gradient];
                kernels.PadColumns(to);
                kernels.CopyColumns(from, column, to, 0, parts[i].Shape.Columns);
            }
        }
    }
}

/// <summary>Some neighbouring columns of a value.</summary>
public sealed class Slice : Operation
{
    readonly Value input;
    readonly int first, count;

    public Slice(Value input, int first, int count)
    {
        (this.input, this.first, this.count) = (input, first, count);
        if (first < 0 || count < 1 || first + count > input.Shape.Columns) throw new ArgumentException($"columns {first} .. {first + count} of {input.Shape.Columns}");
        Output = input.Graph.Add(input.Shape with { Columns = count }, this);
    }

    public Value Output { get; }
    public override IReadOnlyList<Value> Inputs => [input];
    public override IReadOnlyList<Value> Outputs => [Output];

    public override Work Bind(Binder binder) =>
        new Bound(binder.Device.Pointwise, first, count, binder.Of(input), binder.Of(Output), binder.Gradient(Output), binder.Gradient(input));

    sealed class Bound(PointwiseKernels kernels, int first, int count, Slot x, Slot y, Slot? dy, Slot? dx) : Work
    {
        public override void Forward(Tile tile)
        {
            var to = tile[y];
            kernels.PadColumns(to);
            kernels.CopyColumns(tile[x], first, to, 0, count);
        }

        public override void Backward(Tile tile)
        {
            var to = tile[dx];
            kernels.Clear(to);
            kernels.CopyColumns(tile[dy], 0, to, first, count);
        }
    }
}
