using InrFast.Kernels;

namespace InrFast.Autodiff;

/// <summary>Runs a plan on batches of so many items: what all devices' runners have in common.</summary>
public abstract unsafe class Runner : IDisposable
{
    readonly DeviceMemory prepared, rowMemory, clock;
    readonly long rowFloats;
    readonly long[] offsets;
    readonly int tileItems;

    private protected readonly Plan plan;
    private protected readonly ParameterStore store;
    private protected readonly Optimizer? optimizer;
    private protected readonly DeviceMemory totals;
    private protected readonly int items, members;
    private protected readonly long scratchFloats;

    private protected Runner(Plan plan, ParameterStore store, int items, Optimizer? optimizer, int tileItems)
    {
        (this.plan, this.store, this.items, this.optimizer, this.tileItems, members) = (plan, store, items, optimizer, tileItems, store.Members);
        (offsets, scratchFloats, rowFloats) = plan.Layout(tileItems, items);
        var device = plan.Device;
        rowMemory = device.Allocate(rowFloats * members * sizeof(float));
        prepared = device.Allocate(plan.PreparedLength * members * sizeof(float));
        totals = device.Allocate((long)plan.SharedCount * members * sizeof(double));
        clock = device.Allocate(sizeof(Clock));
        for (int member = 0; member < members; member++)
            foreach (var (index, value) in plan.Constants) totals.Write<double>([value], ((long)member * plan.SharedCount + index) * sizeof(double));
    }

    /// <summary>The runner that suits the plan's device. Workers are what a device on the host computes with.</summary>
    /// <param name="items">Items of a batch, of each network.</param>
    public static Runner Create(Plan plan, ParameterStore store, Workers workers, int items, Optimizer? optimizer = null) =>
        plan.Device.RunsOnHost ? new HostRunner(plan, store, workers, items, optimizer) : new BatchRunner(plan, store, items, optimizer);

    private protected static void Check(Plan plan, ParameterStore store, int items, Optimizer? optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(items, 1);
        if (plan.Graph != store.Graph) throw new ArgumentException("the parameters belong to another graph than the plan");
        optimizer?.Check(plan);
    }

    /// <summary>Key of all random numbers of the run.</summary>
    public ulong Seed { get; set; }

    /// <summary>Which batch <see cref="Evaluate"/> samples; training takes the step's.</summary>
    public long Batch { get; set; }

    /// <summary>Items that pass through the plan together.</summary>
    public int TileItems => tileItems;

    /// <summary>Bytes that this runner holds.</summary>
    public virtual long Bytes => rowMemory.Bytes + prepared.Bytes + totals.Bytes;

    /// <summary>Copies the rows of an input: items x group x columns numbers, of one network.</summary>
    public void Feed(Value input, ReadOnlySpan<float> rows, int member = 0) => Copy(plan.InputSlots.TryGetValue(input, out var slot) ? slot : throw new ArgumentException("the plan does not use this input"), rows, default, member);

    /// <summary>Copies the rows of the evaluated value: items x group x columns numbers, of one network.</summary>
    public void Read(Span<float> rows, int member = 0) =>
        Copy(plan.OutputSlot ?? throw new InvalidOperationException("a training plan has no output"), default, rows, member);

    /// <summary>Forward and, in a training plan, backward of the whole batch; gradients are left in the store. The minimised sum.</summary>
    public double Evaluate()
    {
        Run(updating: false);
        return Loss;
    }

    /// <summary>Evaluate, then one update of the parameters. The minimised sum before the update.</summary>
    public double Train()
    {
        Step();
        return Loss;
    }

    /// <summary>The same without asking for the sum, which a device that enqueues would have to be waited for.</summary>
    public void Step()
    {
        if (optimizer is null || !plan.Training) throw new InvalidOperationException("training needs a training plan and an optimiser");
        Run(updating: true);
        store.Step++;
    }

    /// <summary>The minimised sum of the last batch.</summary>
    public double Loss
    {
        get
        {
            double loss = 0;
            for (int i = 0; i < plan.Losses.Count; i++) loss += plan.Losses[i].Weight * LossOf(i);
            return loss;
        }
    }

    /// <summary>The value of one of the plan's losses at the last step, without its weight, over all networks.</summary>
    public double LossOf(int index)
    {
        double sum = 0, loss = 0;
        for (int member = 0; member < members; member++)
        {
            totals.Read<double>(new(ref loss), ((long)member * plan.SharedCount + plan.LossTotals[index]) * sizeof(double));
            sum += loss;
        }
        return sum;
    }

    private protected abstract void Run(bool updating);
    private protected abstract void Copy(Slot slot, ReadOnlySpan<float> from, Span<float> to, int member);
    private protected abstract void Free();

    private protected void SetClock(bool updating)
    {
        var now = new Clock { Step = store.Step, Batch = updating ? store.Step : Batch, Seed = Seed };
        clock.Write<Clock>(new(ref now));
    }

    private protected nint Total(int member) => totals.Address + (nint)((long)member * plan.SharedCount * sizeof(double));

    private protected Tile NewTile(nint scratch) => new()
    {
        offsets = offsets, trained = plan.Trained, capacityItems = tileItems, batchCapacityItems = items, BatchItems = items, Clock = clock.Address, scratch = scratch,
    };

    private protected Tile Enter(Tile tile, int member)
    {
        tile.Member = member;
        tile.parameters = store.Values.Address + (nint)(member * store.Length * sizeof(float));
        tile.directGradients = store.Gradients.Address + (nint)(member * store.Length * sizeof(float));
        tile.preparedMemory = prepared.Address + (nint)(member * plan.PreparedLength * sizeof(float));
        tile.rowMemory = rowMemory.Address + (nint)(member * rowFloats * sizeof(float));
        tile.totals = Total(member);
        return tile;
    }

    private protected Tile EnterBatch(Tile tile, int member)
    {
        Enter(tile, member);
        (tile.First, tile.Items) = (0, items);
        return tile;
    }

    /// <summary>Where the rows of a network's value lie in row memory.</summary>
    private protected (DeviceMemory Memory, long Float) RowsOf(Slot slot, int member) => (rowMemory, member * rowFloats + offsets[slot.Index]);

    /// <summary>Throws unless so many numbers fit a value's rows.</summary>
    private protected void CheckCount(Slot slot, int given)
    {
        int columns = slot.Shape.Columns;
        long count = (long)items * slot.Shape.Group * slot.Shape.Blocks;
        if (given != count * columns) throw new ArgumentException($"{items} items have {count} rows of {columns} numbers, not {given} numbers");
    }

    private protected static void Do(Step step, Tile tile)
    {
        if (step.IsForward) step.Work.Forward(tile);
        else step.Work.Backward(tile);
    }

    public void Dispose()
    {
        Free();
        foreach (var memory in new[] { rowMemory, prepared, totals, clock }) memory.Dispose();
        GC.SuppressFinalize(this);
    }
}
