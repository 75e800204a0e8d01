using InrFast.Kernels.Losses;

namespace InrFast.Autodiff.Operations;

/// <summary>A function of a shared value, computed once between two stages.</summary>
public sealed class SharedFunction<TFunction> : Operation where TFunction : struct, ISharedFunction
{
    readonly Value input;
    readonly TFunction function;

    public SharedFunction(Value input, TFunction function)
    {
        (this.input, this.function) = (input, function);
        if (!input.Shape.IsShared || input.Shape.Columns != function.Inputs) throw new ArgumentException($"{typeof(TFunction).Name} takes {function.Inputs} shared numbers, not {input.Shape}");
        Output = input.Graph.Add(Shape.Shared(function.Outputs), this);
    }

    public Value Output { get; }
    public override bool TakesShared => true;
    public override IReadOnlyList<Value> Inputs => [input];
    public override IReadOnlyList<Value> Outputs => [Output];

    public override Work Bind(Binder binder) =>
        new Bound(binder.Device.Shared(function), binder.Of(input), binder.Of(Output), binder.Gradient(Output), binder.Gradient(input));

    sealed class Bound(SharedKernels kernels, Slot x, Slot y, Slot? dy, Slot? dx) : Work
    {
        public override void Forward(Tile tile) => kernels.Forward(tile.Shared(x), tile.Shared(y));

        public override void Backward(Tile tile)
        {
            if (dx is not null) kernels.Backward(tile.Shared(x), tile.Shared(dy!), tile.Shared(dx));
        }
    }
}
