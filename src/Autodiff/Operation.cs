namespace InrFast.Autodiff;

/// <summary>A node: what is computed from what. Immutable, and shared by all plans and devices. Its constructor adds its outputs to the graph.</summary>
public abstract class Operation
{
    public abstract IReadOnlyList<Value> Inputs { get; }
    public abstract IReadOnlyList<Value> Outputs { get; }
    public virtual IReadOnlyList<Parameter> Parameters => [];

    /// <summary>Asks for memory and kernels of one plan, and returns the work to do on each tile.</summary>
    public abstract Work Bind(Binder binder);

    public OperationKind Kind =>
        !Outputs[0].Shape.IsShared ? OperationKind.RowLocal
        : TakesShared ? OperationKind.Shared
        : OperationKind.Reduction;

    /// <summary>The first input is shared, not rows.</summary>
    public virtual bool TakesShared => false;

    /// <summary>Its outputs count as constants, whatever they are made of.</summary>
    public virtual bool StopsGradients => false;

    /// <summary>Its name, for messages.</summary>
    public override string ToString() => GetType().Name.Split('`')[0];
}

public enum OperationKind
{
    /// <summary>Rows to rows; later inputs may be shared.</summary>
    RowLocal,

    /// <summary>Rows to a shared value: a sum over the batch, which ends a stage for whoever reads it.</summary>
    Reduction,

    /// <summary>Shared to shared.</summary>
    Shared,
}

/// <summary>
/// An operation bound to the memory and the kernels of one plan. Immutable: what changes lies in memory that the tile gives access to, so
/// one plan serves any number of runners. Works call kernels; they never touch memory themselves.
/// </summary>
public abstract class Work
{
    /// <summary>Once a step and network, before any tile: derives what depends on parameters alone (packed weights).</summary>
    public virtual void Prepare(Tile tile) { }

    /// <summary>Writes the outputs of the tile's rows; a reduction ADDS to the tile's accumulators. A shared operation runs once, between stages.</summary>
    public abstract void Forward(Tile tile);

    /// <summary>
    /// Reads the output's gradient (and may overwrite it), WRITES each wanted input gradient (never adds: the plan adds where a value has several
    /// consumers), ADDS to parameter gradients and to the accumulators that are a shared input's gradient.
    /// </summary>
    public virtual void Backward(Tile tile) { }

    /// <summary>Pieces of work to be done after the stage of the backward, each by one worker: a hash table's levels.</summary>
    public virtual int Parts => 0;

    /// <summary>One part, over all rows of a network: <paramref name="batch"/> sees the values kept in row memory.</summary>
    public virtual void FinishPart(Tile batch, int part) { }
}

/// <summary>What an operation may ask for while a plan is made, and nothing else.</summary>
public sealed class Binder
{
    readonly PlanBuilder builder;
    readonly int operation;

    internal Binder(PlanBuilder builder, int operation) => (this.builder, this.operation) = (builder, operation);

    public Kernels.Device Device => builder.Device;
    public bool Training => builder.Training;

    /// <summary>Memory of a row value, valid in Forward; with <paramref name="keep"/> also in Backward. Of a shared value: its totals, in both.</summary>
    public Slot Of(Value value, bool keep = false) => builder.Use(operation, value, keep);

    /// <summary>The same, and to be seen by FinishPart: the value then lies in row memory.</summary>
    public Slot AllRows(Value value) => builder.UseAllRows(operation, value);

    /// <summary>Where the gradient of an output arrives, or where that of an input is to be written (of a shared input: added to). Null: not wanted.</summary>
    public Slot? Gradient(Value value) => builder.Gradient(operation, value);

    /// <summary>So many blocks for each row of a shape, written by Forward and read by Backward; null where nothing is trained.</summary>
    public Slot? Saved(Shape shape, int blocks) => builder.Saved(operation, shape, blocks);

    /// <summary>
    /// Of a value that this operation alone reads, and whose producer asks <see cref="SlopesAreTaken"/>: what the value's gradient is to be multiplied by to be that of the producer's
    /// products. The gradient is written in its place. Null: the gradient is wanted as it is, or not at all.
    /// </summary>
    public Slot? SlopesOf(Value value) => builder.SlopesOf(operation, value);

    /// <summary>True: the output's only reader multiplies by the slopes, which are written there by Forward; the gradient that arrives is that of the products.</summary>
    public bool SlopesAreTaken(Value output, out Slot? slopes) => builder.SlopesAreTaken(output, out slopes);

    /// <summary>
    /// Of a jet whose values a stage computes before another computes its derivatives: a plain value of all rows that the former writes and the latter reads. Without memory in any
    /// other plan.
    /// </summary>
    public Slot BetweenStages(Shape shape) => builder.BetweenStages(operation, shape);

    /// <summary>So many blocks in row memory, written by Backward and seen by FinishPart.</summary>
    public Slot Kept(Shape shape, int blocks) => builder.Kept(operation, shape, blocks);

    /// <summary>Where a reduction adds up its output.</summary>
    public Slot Accumulator(Value output) => builder.Accumulator(output);

    /// <summary>True where the plan uses an output.</summary>
    public bool IsWanted(Value output) => builder.IsWanted(output);

    /// <summary>Address of a copy of fixed data in the device's memory; the same data is copied once.</summary>
    public nint Constant<T>(ReadOnlyMemory<T> data) where T : unmanaged => builder.Constant(data);

    /// <summary>Floats (per network of a bank) that Prepare derives from parameters; their place.</summary>
    public long Prepared(long floats) => builder.ReservePrepared(floats);
}

/// <summary>Memory for one value, gradient or saved quantity. Where it lies is the runner's to decide.</summary>
public sealed class Slot
{
    internal Slot(int index, Shape shape, int blocks) => (Index, Shape, Blocks) = (index, shape, blocks);

    public Shape Shape { get; }

    /// <summary>Of the shape, or as many as an operation asked for.</summary>
    internal int Blocks { get; }
    internal int Index { get; }

    /// <summary>Times of its uses on the plan's time line.</summary>
    internal List<int> Times { get; } = [];
    internal int First => Times.Min();
    internal int Last => Times.Max();

    /// <summary>The operation whose forward writes it; -1: a backward does, or the user.</summary>
    internal int Producer { get; init; } = -1;

    /// <summary>What a forward leaves for its backward.</summary>
    internal bool IsSaved { get; set; }

    /// <summary>Kept for all rows of the batch, instead of for a tile.</summary>
    internal bool InRowMemory { get; set; }

    /// <summary>The plan has no use for it.</summary>
    internal bool IsIdle { get; set; }

    /// <summary>Of a shared value: its first double among the totals, or among a lane's accumulators. -1: rows.</summary>
    internal int Shared { get; init; } = -1;
    internal bool IsAccumulator { get; init; }
}
