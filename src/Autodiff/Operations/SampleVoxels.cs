using InrFast.Kernels.Sampling;

namespace InrFast.Autodiff.Operations;

/// <summary>
/// Rows of a batch made inside the plan, from the step's number alone: coordinates of an image's voxels in some order, the image's values there, and
/// the weights of the samples. An operation without inputs.
/// </summary>
public sealed class SampleVoxels<TOrder> : Operation where TOrder : struct, IVoxelOrder
{
    readonly VoxelGrid grid;
    readonly Func<Binder, TOrder> order;
    readonly ReadOnlyMemory<float> image;
    readonly bool jitter;
    readonly int channels, group;

    /// <param name="grid">Where the voxels lie.</param>
    /// <param name="order">The order, once lists or tables that it reads lie in the device's memory (<see cref="Binder.Constant"/>).</param>
    /// <param name="image">[voxel][channel]; for a bank either one image for all networks or one for each, one after another. Empty: coordinates alone.</param>
    /// <param name="channels">Columns of the values.</param>
    /// <param name="jitter">Anywhere in the voxel, the values interpolated linearly.</param>
    /// <param name="group">Rows of an item: as many elements of the order, one after another.</param>
    public SampleVoxels(Graph graph, VoxelGrid grid, Func<Binder, TOrder> order, ReadOnlyMemory<float> image = default, int channels = 1, bool jitter = false, int group = 1)
    {
        (this.grid, this.order, this.image, this.channels, this.jitter, this.group) = (grid, order, image, channels, jitter, group);
        if (image.Length % (grid.Count * channels) != 0) throw new ArgumentException($"images of {grid.Count} voxels and {channels} channels have not {image.Length} numbers");
        Coordinates = graph.Add(new Shape(grid.Axes, group), this);
        Values = graph.Add(new Shape(channels, group), this);
        Weights = graph.Add(new Shape(1, group), this);
    }

    public Value Coordinates { get; }
    public Value Values { get; }
    public Value Weights { get; }
    public override IReadOnlyList<Value> Inputs => [];
    public override IReadOnlyList<Value> Outputs => [Coordinates, Values, Weights];

    public override Work Bind(Binder binder) => new Bound(binder.Device.Sampler(grid, order(binder), jitter), image.IsEmpty ? 0 : binder.Constant(image), image.Length > grid.Count * channels ? grid.Count * channels : 0,
        binder.Of(Coordinates), !image.IsEmpty && binder.IsWanted(Values) ? binder.Of(Values) : null, binder.IsWanted(Weights) ? binder.Of(Weights) : null, group);

    sealed class Bound(SamplerKernels kernels, nint image, long imageStride, Slot coordinates, Slot? values, Slot? weights, int group) : Work
    {
        public override void Forward(Tile tile) =>
            kernels.Sample(tile.Clock, tile.First * group, tile.BatchItems * group, image + (nint)(tile.Member * imageStride * sizeof(float)), tile[coordinates], tile[values], tile[weights]);
    }
}
