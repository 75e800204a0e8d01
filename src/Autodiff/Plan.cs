using InrFast.Kernels;

namespace InrFast.Autodiff;

/// <summary>One thing to do on a tile.</summary>
public readonly record struct Step(Work Work, bool IsForward);

/// <summary>
/// All rows pass here before any row passes the next stage. After them: sums of the lanes' accumulators become totals, shared operations run
/// once, and the works with parts finish them.
/// </summary>
/// <param name="ValuesOnly">Of jets only the values are computed: their derivatives are wanted later, when they are computed again.</param>
/// <param name="Again">Forwards to run again, since what they made was not kept.</param>
/// <param name="Steps">Forwards, then backwards, of this stage.</param>
/// <param name="Totals">Doubles to be summed over the lanes.</param>
/// <param name="Shared">Shared operations, forward and backward.</param>
/// <param name="Finishing">Works with parts.</param>
public sealed record Stage(bool ValuesOnly, Step[] Again, Step[] Steps, (int First, int Count)[] Totals, Step[] Shared, Work[] Finishing);

/// <summary>What is minimised: a shared value of one column, times a weight.</summary>
public readonly record struct Loss(Value Value, double Weight = 1);

/// <summary>Trained parameters of a network that lie one after another, from float First to End, and share the settings of a group.</summary>
readonly record struct Segment(long First, long End, int Group, bool HasLanes);

/// <summary>How a plan that has several stages comes by what an earlier stage computed.</summary>
public enum Between
{
    /// <summary>Wide values are computed again: one tile of memory a worker. Values of up to 16 columns are kept.</summary>
    Recompute,

    /// <summary>Everything is kept for all rows.</summary>
    Store,
}

/// <summary>
/// A graph made ready for a device: order, stages, what must be kept how long. Independent of the number of rows, threads and tiles, and
/// immutable: any number of runners can share it.
/// </summary>
public sealed class Plan : IDisposable
{
    readonly IReadOnlyCollection<DeviceMemory> copies;

    internal Plan(PlanBuilder builder, Stage[] stages)
    {
        copies = builder.Copies;
        (Graph, Device, Training, Losses, Stages) = (builder.Graph, builder.Device, builder.Training, builder.Losses, stages);
        (Slots, Works, PreparedLength, SharedCount) = (builder.Slots, builder.Works, builder.PreparedLength, builder.SharedCount);
        (Trained, Segments) = (builder.Trained, builder.Segments);
        (InputSlots, OutputSlot, Constants, LossTotals) = (builder.InputSlots, builder.OutputSlot, builder.Constants, builder.LossTotals);
        var rows = Slots.Where(slot => slot.Shared < 0).ToArray();
        RowsPerItem = rows.Where(slot => slot.Shape.Columns > Matrix.Packed).DefaultIfEmpty(rows.MaxBy(slot => slot.Shape.Group * slot.Shape.Blocks)!).Max(slot => slot.Shape.Group * slot.Shape.Blocks);
    }

    /// <summary>A plan that minimises a weighted sum of losses. Throws <see cref="ArgumentException"/> where the graph and the losses do not fit.</summary>
    public static Plan Train(Device device, IReadOnlyList<Loss> losses, Between between = Between.Recompute) =>
        new PlanBuilder(device, losses, null, between).Build();

    /// <summary>A plan that evaluates a value of rows.</summary>
    public static Plan Evaluate(Device device, Value value) => new PlanBuilder(device, [], value, Between.Recompute).Build();

    public Graph Graph { get; }
    public Device Device { get; }
    public bool Training { get; }
    public IReadOnlyList<Loss> Losses { get; }
    public IReadOnlyList<Stage> Stages { get; }

    /// <summary>True where an input that the user feeds is used, and must be fed.</summary>
    public bool Uses(Value input) => InputSlots.ContainsKey(input);

    internal IReadOnlyList<Slot> Slots { get; }
    internal Work[] Works { get; }
    internal IReadOnlyDictionary<Value, Slot> InputSlots { get; }
    internal Slot? OutputSlot { get; }
    internal long PreparedLength { get; }

    /// <summary>Doubles of shared values and their gradients.</summary>
    internal int SharedCount { get; }

    /// <summary>Gradients of the losses themselves: their weights.</summary>
    internal IReadOnlyList<(int Index, double Value)> Constants { get; }
    internal IReadOnlyList<int> LossTotals { get; }

    /// <summary>Of the wide value that has most, blocks of jets included; packed ones take little room and time.</summary>
    internal int RowsPerItem { get; }

    /// <summary>By parameter of the graph: its gradient is wanted. One that no operation of the plan uses is not trained by it.</summary>
    internal bool[] Trained { get; }

    /// <summary>The same as runs of floats.</summary>
    internal Segment[] Segments { get; }

    /// <summary>
    /// Places the slots of a tile of so many items (largest first, at the lowest offset free for its whole life) and the row memory of a batch.
    /// Offsets in floats, by slot.
    /// </summary>
    internal (long[] Offsets, long ScratchFloats, long RowFloats) Layout(int tileItems, int batchItems)
    {
        var offsets = new long[Slots.Count];
        long scratch = 0, rows = 0;
        var placed = new List<(long Start, long End, Slot Slot)>();
        foreach (var slot in Slots.Where(slot => slot is { Shared: < 0, InRowMemory: false, IsIdle: false }).OrderByDescending(slot => Floats(slot, tileItems)).ThenBy(slot => slot.First))
        {
            long start = 0, size = Floats(slot, tileItems);
            foreach (var other in placed.Where(other => other.Slot.First <= slot.Last && slot.First <= other.Slot.Last).OrderBy(other => other.Start))
            {
                if (start + size <= other.Start) break;
                start = Math.Max(start, other.End);
            }
            offsets[slot.Index] = start;
            placed.Add((start, start + size, slot));
            scratch = Math.Max(scratch, start + size);
        }
        foreach (var slot in Slots.Where(slot => slot.InRowMemory))
        {
            offsets[slot.Index] = rows;
            rows += Floats(slot, batchItems);
        }
        return (offsets, scratch, rows);

        static long Floats(Slot slot, int items) =>
            ((long)slot.Blocks * Matrix.PadRows((long)items * slot.Shape.Group) * Matrix.StrideOf(slot.Shape.Columns) + 15) / 16 * 16 + 16;
    }

    /// <summary>Frees the copies of fixed data; the plan's runners go first.</summary>
    public void Dispose()
    {
        foreach (var memory in copies) memory.Dispose();
    }
}
