using InrFast.Kernels.Sampling;

namespace InrFast.Autodiff.Operations;

/// <summary>A fixed image at the rows' coordinates, with the gradient with respect to them.</summary>
public sealed class Interpolate<TInterpolant> : Operation where TInterpolant : struct, IInterpolant
{
    readonly Value coordinates;
    readonly VoxelGrid grid;
    readonly ReadOnlyMemory<float> image;
    readonly TInterpolant interpolant;

    /// <param name="image">[voxel][channel].</param>
    public Interpolate(Value coordinates, VoxelGrid grid, ReadOnlyMemory<float> image, int channels, TInterpolant interpolant)
    {
        (this.coordinates, this.grid, this.image, this.interpolant) = (coordinates, grid, image, interpolant);
        if (coordinates.Shape.Order != 0) throw new ArgumentException("an interpolated image gives no jets: differentiate before it");
        if (coordinates.Shape.Columns != grid.Axes || image.Length != grid.Count * channels)
            throw new ArgumentException($"an image of {grid.Axes} axes and {grid.Count} x {channels} numbers, coordinates of {coordinates.Shape.Columns} columns and {image.Length} numbers");
        Output = coordinates.Graph.Add(coordinates.Shape with { Columns = channels }, this);
    }

    public Value Output { get; }
    public override IReadOnlyList<Value> Inputs => [coordinates];
    public override IReadOnlyList<Value> Outputs => [Output];

    public override Work Bind(Binder binder) => new Bound(binder.Device.Interpolation(grid, interpolant), binder.Constant(image),
        binder.Of(coordinates, keep: true), binder.Of(Output), binder.Gradient(Output), binder.Gradient(coordinates));

    sealed class Bound(InterpolationKernels kernels, nint image, Slot x, Slot y, Slot? dy, Slot? dx) : Work
    {
        public override void Forward(Tile tile) => kernels.Forward(image, tile[x], tile[y]);
        public override void Backward(Tile tile) => kernels.Backward(tile[dy], image, tile[x], tile[dx]);
    }
}
