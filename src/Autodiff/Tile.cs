using InrFast.Kernels;

namespace InrFast.Autodiff;

/// <summary>
/// A range of items and the memory that goes with it: what a work sees of the world. The CPU's runner makes tiles that fit in L2; that of a
/// GPU, or of the reference, one of all rows.
/// </summary>
public sealed class Tile
{
    internal nint scratch, parameters, gradients, directGradients, preparedMemory, accumulators, totals, rowMemory;
    internal long[] offsets = [];
    internal bool[] trained = [];
    internal int capacityItems;
    internal int batchCapacityItems;

    /// <summary>First item of the tile within the network's batch.</summary>
    public long First { get; internal set; }
    public int Items { get; internal set; }

    /// <summary>Items of the whole batch (of one network), over which a mean is taken.</summary>
    public long BatchItems { get; internal set; }

    /// <summary>Which network of a bank the items belong to.</summary>
    public int Member { get; internal set; }

    /// <summary>Address of the step's <see cref="Kernels.Clock"/>.</summary>
    public nint Clock { get; internal set; }

    /// <summary>Jets are seen as their values alone, and nothing is saved of them.</summary>
    internal bool ValuesOnly { get; set; }

    /// <summary>The tile's rows of a value; empty for null.</summary>
    public Matrix this[Slot? slot] => slot is null or { IsIdle: true } ? default
        : !ValuesOnly || slot.Shape.Order == 0 ? Whole(slot)
        : slot.IsSaved ? default
        : Whole(slot).BlockAt(0);

    Matrix Whole(Slot slot)
    {
        var shape = slot.Shape;
        int rows = Items * shape.Group;
        if (!slot.InRowMemory)
            return new Matrix(scratch + (nint)(offsets[slot.Index] * sizeof(float)), rows, Matrix.PadRows((long)capacityItems * shape.Group), shape.Columns, slot.Blocks, shape.Directions);
        nint first = (nint)((offsets[slot.Index] + First * shape.Group * Matrix.StrideOf(shape.Columns)) * sizeof(float));
        return new Matrix(rowMemory + first, rows, Matrix.PadRows((long)batchCapacityItems * shape.Group), shape.Columns, slot.Blocks, shape.Directions);
    }

    /// <summary>Address of a shared value's (or its gradient's) doubles: to be added to where the binder gave an accumulator, else to be read or written.</summary>
    public nint Shared(Slot slot) => (slot.IsAccumulator ? accumulators : totals) + slot.Shared * sizeof(double);

    public ParameterView Values(Parameter parameter) => View(parameter, parameters + (nint)(parameter.Offset * sizeof(float)));

    /// <summary>Where Backward adds: the lane's gradient, or (of a parameter without lanes, in FinishPart) the one gradient. Empty: not trained.</summary>
    public ParameterView Gradient(Parameter parameter) =>
        !trained[parameter.Number] ? default : View(parameter, (parameter.HasLanes ? gradients : directGradients) + (nint)(parameter.Offset * sizeof(float)));

    static ParameterView View(Parameter parameter, nint address) => new(address, parameter.Rows, parameter.Columns, parameter.RowStride, parameter.ColumnStride);

    public nint Prepared(long offset) => preparedMemory + (nint)(offset * sizeof(float));
}
