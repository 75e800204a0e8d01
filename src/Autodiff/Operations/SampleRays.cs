using InrFast.Kernels.Projection;
using InrFast.Kernels.Rendering;
using InrFast.Kernels.Sampling;

namespace InrFast.Autodiff.Operations;

/// <summary>
/// Rays of a batch made inside the plan, from the step's number alone: points along each within the volume (a group of rows), its length there, and what was measured. The line integral of a network f is
/// Product(GroupSum(f, 1 / samples), Lengths). An operation without inputs.
/// </summary>
public sealed class SampleRays<TOrder> : Operation where TOrder : struct, IVoxelOrder
{
    readonly ProjectionGeometry geometry;
    readonly VoxelGrid grid;
    readonly Func<Binder, TOrder> order;
    readonly ReadOnlyMemory<float> projections;
    readonly int samples;
    readonly bool jitter;

    /// <param name="grid">The volume's voxels in the network's coordinates.</param>
    /// <param name="order">Of the projections' pixels, once lists that it reads lie in the device's memory.</param>
    /// <param name="projections">[view][row][column]. Empty: rays alone.</param>
    /// <param name="samples">Points of a ray.</param>
    /// <param name="jitter">Anywhere in a ray's parts, the same place of all of them, not in their middles.</param>
    public SampleRays(Graph graph, ProjectionGeometry geometry, VoxelGrid grid, Func<Binder, TOrder> order, ReadOnlyMemory<float> projections, int samples, bool jitter = true)
    {
        (this.geometry, this.grid, this.order, this.projections, this.samples, this.jitter) = (geometry, grid, order, projections, samples, jitter);
        if (!projections.IsEmpty && projections.Length != geometry.Count) throw new ArgumentException($"projections of {geometry.Count} rays have not {projections.Length} numbers");
        Coordinates = graph.Add(new Shape(grid.Axes, samples), this);
        Lengths = graph.Add(new Shape(1), this);
        Values = graph.Add(new Shape(1), this);
    }

    public Value Coordinates { get; }

    /// <summary>In the geometry's unit.</summary>
    public Value Lengths { get; }
    public Value Values { get; }
    public override IReadOnlyList<Value> Inputs => [];
    public override IReadOnlyList<Value> Outputs => [Coordinates, Lengths, Values];

    public override Work Bind(Binder binder) => new Bound(binder.Device.RaySampler(geometry, grid, order(binder), samples, jitter), projections.IsEmpty ? 0 : binder.Constant(projections),
        binder.Of(Coordinates), binder.IsWanted(Lengths) ? binder.Of(Lengths) : null, !projections.IsEmpty && binder.IsWanted(Values) ? binder.Of(Values) : null);

    sealed class Bound(RaySamplerKernels kernels, nint projections, Slot coordinates, Slot? lengths, Slot? values) : Work
    {
        public override void Forward(Tile tile) => kernels.Sample(tile.Clock, tile.First, tile.BatchItems, projections, tile[coordinates], tile[lengths], tile[values]);
    }
}
