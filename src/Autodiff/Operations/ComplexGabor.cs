using InrFast.Kernels.ComplexGabor;

namespace InrFast.Autodiff.Operations;

/// <summary>WIRE's wavelet exp(j omega z - |scale z|²) of complex values: N columns of real parts, then N of imaginary parts.</summary>
public sealed class ComplexGabor : Operation
{
    readonly Value input;
    readonly float omega, scale;

    public ComplexGabor(Value input, float omega, float scale)
    {
        (this.input, this.omega, this.scale) = (input, omega, scale);
        if (input.Shape.Columns % 2 != 0) throw new ArgumentException($"a complex value has real and imaginary parts, not {input.Shape.Columns} columns");
        Output = input.Graph.Add(input.Shape, this);
    }

    public Value Output { get; }
    public override IReadOnlyList<Value> Inputs => [input];
    public override IReadOnlyList<Value> Outputs => [Output];

    public override Work Bind(Binder binder) =>
        new Bound(binder.Device.ComplexGabor(omega, scale), binder.Of(input, keep: true), binder.Of(Output), binder.Gradient(Output), binder.Gradient(input));

    sealed class Bound(ComplexGaborKernels kernels, Slot z, Slot y, Slot? dy, Slot? dz) : Work
    {
        public override void Forward(Tile tile) => kernels.Forward(tile[z], tile[y]);
        public override void Backward(Tile tile) => kernels.Backward(tile[dy], tile[z], tile[dz]);
    }
}
