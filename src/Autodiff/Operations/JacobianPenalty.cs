using InrFast.Kernels;
using InrFast.Kernels.Losses;

namespace InrFast.Autodiff.Operations;

/// <summary>Mean over rows of what is measured of I + J, J the Jacobian of a displacement field, and what that costs. Its gradient needs no other row.</summary>
public abstract class JacobianPenalty : Operation
{
    readonly Value displacement;

    /// <param name="displacement">A jet along 2 or 3 axes (<see cref="JetSeed"/>), as many columns, in the unit of the coordinates.</param>
    private protected JacobianPenalty(Value displacement)
    {
        this.displacement = displacement;
        var shape = displacement.Shape;
        if (shape.Order == 0 || shape.Directions is not (2 or 3) || shape.Columns != shape.Directions)
            throw new ArgumentException($"a penalty of a Jacobian takes a jet of 2 columns along 2 axes or of 3 along 3, not {shape.Columns} columns along {shape.Directions}");
        Output = displacement.Graph.Add(Shape.Shared(1), this);
    }

    public Value Output { get; }
    public override IReadOnlyList<Value> Inputs => [displacement];
    public override IReadOnlyList<Value> Outputs => [Output];

    private protected abstract JacobianPenaltyKernels Kernels(Device device);

    public override Work Bind(Binder binder) => new Bound(Kernels(binder.Device), binder.Of(displacement, keep: true), binder.Accumulator(Output), binder.Gradient(Output), binder.Gradient(displacement));

    sealed class Bound(JacobianPenaltyKernels kernels, Slot u, Slot sum, Slot? gradient, Slot? du) : Work
    {
        public override void Forward(Tile tile) => kernels.Forward(tile[u], Factor(tile), tile.Shared(sum));

        public override void Backward(Tile tile)
        {
            if (du is not null) kernels.Backward(tile[u], Factor(tile), tile.Shared(gradient!), tile[du]);
        }

        double Factor(Tile tile) => 1.0 / ((double)tile.BatchItems * u.Shape.Group);
    }
}

/// <summary>
/// loss(det(I + J), 1): what a registration pays for folding and for changes of volume. SquaredError: (det - 1)²; AbsoluteError: that of IDIR (Wolterink et al. 2022); <see cref="Negative"/>: folds alone.
/// </summary>
public sealed class FoldingPenalty<TLoss>(Value displacement, TLoss loss) : JacobianPenalty(displacement) where TLoss : struct, ILoss
{
    private protected override JacobianPenaltyKernels Kernels(Device device) => device.FoldingPenalty(loss);
}

/// <summary>
/// The sum over columns j of loss(sum over i of C_ij², 1), C the cofactors of I + J: what a registration pays for changes of area, in the plane of length. With <see cref="Excess"/> the middle term of the
/// hyperelastic energy (Burger et al., SIAM J. Sci. Comput. 35, 2013; as IDIR has it).
/// </summary>
public sealed class SurfacePenalty<TLoss>(Value displacement, TLoss loss) : JacobianPenalty(displacement) where TLoss : struct, ILoss
{
    private protected override JacobianPenaltyKernels Kernels(Device device) => device.SurfacePenalty(loss);
}
