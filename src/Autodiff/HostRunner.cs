using System.Diagnostics;
using InrFast.Kernels;

namespace InrFast.Autodiff;

/// <summary>
/// Runs a plan of a device that lives in the host's memory (the CPU, the reference): a worker claims a slice of the batch, walks its tiles
/// in order, and takes each tile through all steps of the stage. Every slice has its own gradient lane, and lanes are added in slice order: the same bits
/// for any number of workers. A step allocates nothing.
/// </summary>
public sealed unsafe class HostRunner : IDisposable
{
    const int MostFloatsIn32Lanes = 32768;
    readonly Plan plan;
    readonly ParameterStore store;
    readonly Workers workers;
    readonly Optimizer? optimizer;
    readonly GradientLanes? gradients;
    readonly int members, slicesPerMember, tileItems, items, accumulatorStride;
    readonly long itemsPerSlice, scratchFloats, rowFloats;
    readonly long[] offsets;
    readonly Tile[] tiles;
    readonly DeviceMemory scratch, prepared, rowMemory, accumulators, totals, clock;
    readonly bool wholeMembers; // a bank: one worker takes a network through packing, rows and update, without a barrier
    readonly (Work Work, int Part)[][] parts;
    readonly Action<int> prepare, runSlices, finishParts;
    Stage stage = null!;
    int stageIndex;
    bool updating;
    int next;

    /// <param name="plan">What to run; may be shared with other runners.</param>
    /// <param name="store">The parameters, of one network or a bank.</param>
    /// <param name="workers">Threads; may be shared with other runners that do not run at the same time.</param>
    /// <param name="items">Items of a batch, of each network.</param>
    /// <param name="optimizer">What <see cref="Train"/> does with the gradients.</param>
    /// <param name="tileRows">Rows that pass through the plan together; sized so that their activations stay in L2.</param>
    /// <param name="slices">Gradient lanes, shared out over the networks of a bank; null: 32, which two threads share out evenly, or 16 where so many gradients
    /// would not stay in cache.</param>
    public HostRunner(Plan plan, ParameterStore store, Workers workers, int items, Optimizer? optimizer = null, int tileRows = 128, int? slices = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(items, 1);
        if (plan.Graph != store.Graph) throw new ArgumentException("the parameters belong to another graph than the plan");
        (this.plan, this.store, this.workers, this.items, this.optimizer) = (plan, store, workers, items, optimizer);
        optimizer?.Check(plan);
        members = store.Members;
        tileItems = ChooseTile(tileRows);
        // Whole tiles; no slice without any.
        int most = Math.Max(1, (slices ?? (store.Graph.LanedLength > MostFloatsIn32Lanes ? 16 : 32)) / members), tilesOfBatch = (items + tileItems - 1) / tileItems, tilesPerSlice = (tilesOfBatch + most - 1) / most;
        (slicesPerMember, itemsPerSlice) = ((tilesOfBatch + tilesPerSlice - 1) / tilesPerSlice, (long)tilesPerSlice * tileItems);
        accumulatorStride = (plan.SharedCount + 7) / 8 * 8; // slices share no cache line
        (offsets, scratchFloats, rowFloats) = plan.Layout(tileItems, items);
        parts = [.. plan.Stages.Select(stage => stage.Finishing.SelectMany(work => Enumerable.Range(0, work.Parts).Select(part => (work, part))).ToArray())];
        wholeMembers = members > 1 && slicesPerMember == 1 && plan.Stages.Count == 1 && parts[0].Length == 0 && plan.Stages[0].Shared.Length == 0 && optimizer is not { NeedsWholeGradient: true };

        var device = plan.Device;
        scratch = device.Allocate(scratchFloats * workers.Count * sizeof(float));
        rowMemory = device.Allocate(rowFloats * members * sizeof(float));
        prepared = device.Allocate(plan.PreparedLength * members * sizeof(float));
        accumulators = device.Allocate((long)accumulatorStride * members * slicesPerMember * sizeof(double));
        totals = device.Allocate((long)plan.SharedCount * members * sizeof(double));
        clock = device.Allocate(sizeof(Clock));
        if (plan.Training) gradients = new(plan, store, optimizer, slicesPerMember);
        for (int member = 0; member < members; member++)
            foreach (var (index, value) in plan.Constants) Total(member)[index] = value;
        tiles = [.. Enumerable.Range(0, workers.Count).Select(worker => new Tile
        {
            offsets = offsets, trained = plan.Trained, capacityItems = tileItems, batchCapacityItems = items, BatchItems = items, Clock = clock.Address,
            scratch = scratch.Address + (nint)(scratchFloats * worker * sizeof(float)),
        })];
        (prepare, runSlices, finishParts) = (Prepare, RunSlices, FinishParts);
    }

    // Rows of different tiles in row memory do not share a register block of 8.
    int ChooseTile(int tileRows)
    {
        int tile = Math.Max(1, tileRows / plan.RowsPerItem);
        var written = plan.Slots.Where(slot => slot.InRowMemory).Except(plan.InputSlots.Values).ToArray();
        while (written.Any(slot => tile * slot.Shape.Group % 8 != 0)) tile++;
        return Math.Min(tile, Matrix.PadRows(items));
    }

    /// <summary>Key of all random numbers of the run.</summary>
    public ulong Seed { get; set; }

    /// <summary>Which batch <see cref="Evaluate"/> samples; training takes the step's.</summary>
    public long Batch { get; set; }

    /// <summary>Items that pass through the plan together.</summary>
    public int TileItems => tileItems;

    /// <summary>Bytes that this runner holds.</summary>
    public long Bytes => scratch.Bytes + rowMemory.Bytes + prepared.Bytes + accumulators.Bytes + totals.Bytes + (gradients?.Bytes ?? 0);

    /// <summary>If set (one worker): where each step of each stage adds the ticks it took.</summary>
    public long[][]? Profile { get; set; }

    /// <summary>Copies the rows of an input: items x group x columns numbers, of one network.</summary>
    public void Feed(Value input, ReadOnlySpan<float> rows, int member = 0) => Copy(plan.InputSlots.TryGetValue(input, out var slot) ? slot : throw new ArgumentException("the plan does not use this input"), rows, default, member);

    /// <summary>Copies the rows of the evaluated value: items x group x columns numbers, of one network.</summary>
    public void Read(Span<float> rows, int member = 0) =>
        Copy(plan.OutputSlot ?? throw new InvalidOperationException("a training plan has no output"), default, rows, member);

    void Copy(Slot slot, ReadOnlySpan<float> from, Span<float> to, int member)
    {
        int columns = slot.Shape.Columns, given = Math.Max(from.Length, to.Length);
        long count = (long)items * slot.Shape.Group * slot.Shape.Blocks;
        if (given != count * columns) throw new ArgumentException($"{items} items have {count} rows of {columns} numbers, not {given} numbers");
        var memory = BatchTile(0, member)[slot];
        for (int b = 0, i = 0; b < memory.Blocks; b++)
            for (int r = 0; r < memory.Rows; r++, i += columns)
            {
                var row = new Span<float>((float*)memory.Data + b * memory.BlockStride + r * memory.Stride, columns);
                if (to.IsEmpty) from.Slice(i, columns).CopyTo(row);
                else row.CopyTo(to.Slice(i, columns));
            }
    }

    /// <summary>Forward and, in a training plan, backward of the whole batch; gradients are left in the store. The minimised sum.</summary>
    public double Evaluate()
    {
        updating = false;
        return Run();
    }

    /// <summary>Evaluate, then one update of the parameters. The minimised sum before the update.</summary>
    public double Train()
    {
        if (optimizer is null || !plan.Training) throw new InvalidOperationException("training needs a training plan and an optimiser");
        updating = true;
        gradients!.BeginUpdate();
        double loss = Run();
        store.Step++;
        return loss;
    }

    /// <summary>The value of one of the plan's losses at the last step, without its weight, over all networks.</summary>
    public double LossOf(int index)
    {
        double sum = 0;
        for (int member = 0; member < members; member++) sum += Total(member)[plan.LossTotals[index]];
        return sum;
    }

    double* Total(int member) => (double*)totals.Address + (long)member * plan.SharedCount;

    double Run()
    {
        *(Clock*)clock.Address = new Clock { Step = store.Step, Batch = updating ? store.Step : Batch, Seed = Seed };
        accumulators.Clear();
        if (plan.Training)
        {
            store.ClearDirectGradients();
            store.HoldsDirectGradients = true;
        }
        if (!wholeMembers) Parallel(prepare);
        for (stageIndex = 0; stageIndex < plan.Stages.Count; stageIndex++)
        {
            stage = plan.Stages[stageIndex];
            Parallel(runSlices);
            if (!wholeMembers) for (int member = 0; member < members; member++) EndStage(member);
            if (parts[stageIndex].Length > 0) Parallel(finishParts);
        }
        if (!wholeMembers) gradients?.Finish(workers, updating);
        if (updating) store.HoldsDirectGradients = false;
        double loss = 0;
        for (int i = 0; i < plan.Losses.Count; i++) loss += plan.Losses[i].Weight * LossOf(i);
        return loss;
    }

    void Parallel(Action<int> action)
    {
        next = 0;
        workers.Run(action);
    }

    Tile Enter(int worker, int member)
    {
        var tile = tiles[worker];
        tile.Member = member;
        tile.parameters = store.Values.Address + (nint)(member * store.Length * sizeof(float));
        tile.directGradients = store.Gradients.Address + (nint)(member * store.Length * sizeof(float));
        tile.preparedMemory = prepared.Address + (nint)(member * plan.PreparedLength * sizeof(float));
        tile.rowMemory = rowMemory.Address + (nint)(member * rowFloats * sizeof(float));
        tile.totals = (nint)Total(member);
        return tile;
    }

    Tile BatchTile(int worker, int member)
    {
        var tile = Enter(worker, member);
        (tile.First, tile.Items) = (0, items);
        return tile;
    }

    void Prepare(int worker)
    {
        for (int i; (i = Interlocked.Increment(ref next) - 1) < plan.Works.Length * members;)
            plan.Works[i % plan.Works.Length].Prepare(Enter(worker, i / plan.Works.Length));
    }

    void RunSlices(int worker)
    {
        for (int lane; (lane = Interlocked.Increment(ref next) - 1) < members * slicesPerMember;)
        {
            int member = lane / slicesPerMember, slice = lane % slicesPerMember;
            var tile = Enter(worker, member);
            if (wholeMembers) foreach (var work in plan.Works) work.Prepare(tile);
            tile.accumulators = accumulators.Address + (nint)((long)lane * accumulatorStride * sizeof(double));
            if (gradients is not null) tile.gradients = stageIndex == 0 ? gradients.Begin(member, slice) : gradients.Lane(member, slice);
            long end = Math.Min(items, (slice + 1) * itemsPerSlice);
            for (long first = slice * itemsPerSlice; first < end; first += tileItems)
            {
                (tile.First, tile.Items) = (first, (int)Math.Min(tileItems, end - first));
                foreach (var step in stage.Again) step.Work.Forward(tile);
                if (Profile is null) foreach (var step in stage.Steps) Do(step, tile);
                else RunProfiled(tile, Profile[stageIndex]);
            }
            if (!wholeMembers) continue;
            EndStage(member);
            gradients?.FinishMember(member, updating);
        }
    }

    static void Do(Step step, Tile tile)
    {
        if (step.IsForward) step.Work.Forward(tile);
        else step.Work.Backward(tile);
    }

    void RunProfiled(Tile tile, long[] ticks)
    {
        for (int i = 0; i < stage.Steps.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            Do(stage.Steps[i], tile);
            ticks[i] += Stopwatch.GetTimestamp() - start;
        }
    }

    /// <summary>Totals of a network's lanes, in lane order, then what is computed from totals.</summary>
    void EndStage(int member)
    {
        double* total = Total(member), lane = (double*)accumulators.Address + (long)member * slicesPerMember * accumulatorStride;
        foreach (var (first, count) in stage.Totals)
            for (int i = first; i < first + count; i++)
            {
                double sum = 0;
                for (int s = 0; s < slicesPerMember; s++) sum += lane[(long)s * accumulatorStride + i];
                total[i] = sum;
            }
        if (stage.Shared.Length == 0) return;
        var tile = Enter(0, member);
        foreach (var step in stage.Shared) Do(step, tile);
    }

    void FinishParts(int worker)
    {
        var all = parts[stageIndex];
        for (int i; (i = Interlocked.Increment(ref next) - 1) < all.Length * members;)
        {
            var (work, part) = all[i % all.Length];
            work.FinishPart(BatchTile(worker, i / all.Length), part);
        }
    }

    public void Dispose()
    {
        foreach (var memory in new[] { scratch, rowMemory, prepared, accumulators, totals, clock }) memory.Dispose();
        gradients?.Dispose();
    }
}
