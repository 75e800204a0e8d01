using InrFast.Kernels;
using InrFast.Kernels.Encodings;

namespace InrFast.Autodiff.Operations;

/// <summary>
/// The multiresolution grid encoding of coordinates: Levels x Features columns. Its tables are one parameter, whose gradient is collected
/// level by level after the stage.
/// </summary>
public sealed class Grid : Operation
{
    readonly Value coordinates;
    readonly GridSettings settings;

    /// <param name="coordinates">Rows of settings.Dimensions columns.</param>
    /// <param name="tables">Made by <see cref="TablesFor"/>; one operation of a plan uses it.</param>
    /// <param name="settings">Levels, features, table size.</param>
    public Grid(Value coordinates, Parameter tables, GridSettings settings)
    {
        (this.coordinates, Tables, this.settings) = (coordinates, tables, settings);
        if (coordinates.Shape.Columns != settings.Dimensions)
            throw new ArgumentException($"the grid {tables.Name} has {settings.Dimensions} dimensions, its coordinates {coordinates.Shape.Columns} columns");
        Output = coordinates.Graph.Add(coordinates.Shape with { Columns = settings.Outputs }, this);
    }

    public static Parameter TablesFor(Graph graph, string name, GridSettings settings) => graph.Parameter(name, 1, checked((int)settings.TableFloats), lanes: false);

    public Parameter Tables { get; }
    public Value Output { get; }
    public override IReadOnlyList<Value> Inputs => [coordinates];
    public override IReadOnlyList<Value> Outputs => [Output];
    public override IReadOnlyList<Parameter> Parameters => [Tables];

    public override Work Bind(Binder binder)
    {
        var kernels = binder.Device.Grid(settings);
        var dx = binder.Gradient(coordinates);
        bool train = Tables.IsTrained && binder.Gradient(Output) is not null;
        int planes = kernels.PlaneBlocks(coordinates.Shape.Blocks);
        return new Bound(kernels, Tables, train ? binder.AllRows(coordinates) : binder.Of(coordinates, keep: dx is not null), binder.Of(Output), binder.Gradient(Output), dx,
            train ? binder.Kept(new Shape(kernels.PlaneColumns, coordinates.Shape.Group), planes) : null);
    }

    sealed class Bound(GridKernels kernels, Parameter tables, Slot x, Slot y, Slot? dy, Slot? dx, Slot? planes) : Work
    {
        public override int Parts => planes is null ? 0 : kernels.Settings.Levels.Length;
        public override void Forward(Tile tile) => kernels.Forward(tile[x], tile.Values(tables).Data, tile.Clock, tile[y]);

        public override void Backward(Tile tile)
        {
            if (dx is not null) kernels.BackwardInput(tile[dy], tile[x], tile.Values(tables).Data, tile.Clock, tile[dx]);
            if (planes is not null) kernels.StoreGradient(tile[dy], tile[planes]);
        }

        public override void FinishPart(Tile batch, int part) => kernels.Scatter(part, batch[x], batch[planes], batch.Clock,
            batch.Gradient(tables).Data + (nint)(kernels.Settings.Levels[part].Offset * sizeof(float)));
    }
}
