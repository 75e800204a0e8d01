using System.Diagnostics;
using InrFast.Kernels;

namespace InrFast.Autodiff;

/// <summary>
/// Runs a plan of a device that lives in the host's memory (the CPU, the reference): a worker claims a slice of the batch, walks its tiles
/// in order, and takes each tile through all steps of the stage. Every slice adds to a gradient of its own, and these are added in slice order: the same bits
/// for any number of workers. A step allocates nothing.
/// </summary>
public sealed unsafe class HostRunner : Runner
{
    const int MostFloatsIn32Lanes = 32768;
    readonly Workers workers;
    readonly GradientLanes? gradients;
    readonly int slicesPerMember, tileItems, accumulatorStride, firstBackward;
    readonly long itemsPerSlice;
    readonly Tile[] tiles;
    readonly DeviceMemory scratch, accumulators;
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
    /// <param name="optimizer">What <see cref="Runner.Train"/> does with the gradients.</param>
    /// <param name="tileRows">Rows that pass through the plan together; sized so that their activations stay in L2.</param>
    /// <param name="slices">Parts of a batch, shared out over the networks of a bank; null: 32, which two threads share out evenly, or 16 where so many gradients
    /// would not stay in cache.</param>
    public HostRunner(Plan plan, ParameterStore store, Workers workers, int items, Optimizer? optimizer = null, int tileRows = 128, int? slices = null)
        : base(plan, store, items, optimizer, ChooseTile(plan, store, items, optimizer, tileRows))
    {
        (this.workers, tileItems) = (workers, TileItems);
        // Whole tiles; no slice without any.
        int most = Math.Max(1, (slices ?? (store.Graph.LanedLength > MostFloatsIn32Lanes ? 16 : 32)) / members), tilesOfBatch = (items + tileItems - 1) / tileItems, tilesPerSlice = (tilesOfBatch + most - 1) / most;
        (slicesPerMember, itemsPerSlice) = ((tilesOfBatch + tilesPerSlice - 1) / tilesPerSlice, (long)tilesPerSlice * tileItems);
        firstBackward = Array.FindIndex([.. plan.Stages], stage => stage.Steps.Any(step => !step.IsForward));
        accumulatorStride = (plan.SharedCount + 7) / 8 * 8; // slices share no cache line
        parts = [.. plan.Stages.Select(stage => stage.Finishing.SelectMany(work => Enumerable.Range(0, work.Parts).Select(part => (work, part))).ToArray())];
        wholeMembers = members > 1 && slicesPerMember == 1 && plan.Stages.Count == 1 && parts[0].Length == 0 && plan.Stages[0].Shared.Length == 0 && optimizer is not { NeedsWholeGradient: true };

        var device = plan.Device;
        scratch = device.Allocate(scratchFloats * workers.Count * sizeof(float));
        accumulators = device.Allocate((long)accumulatorStride * members * slicesPerMember * sizeof(double));
        if (plan.Training) gradients = new(plan, store, optimizer, slicesPerMember, workers.Count);
        tiles = [.. Enumerable.Range(0, workers.Count).Select(worker => NewTile(scratch.Address + (nint)(scratchFloats * worker * sizeof(float))))];
        (prepare, runSlices, finishParts) = (Prepare, RunSlices, FinishParts);
    }

    // Rows of different tiles in row memory do not share a register block of 8.
    static int ChooseTile(Plan plan, ParameterStore store, int items, Optimizer? optimizer, int tileRows)
    {
        Check(plan, store, items, optimizer);
        if (!plan.Device.RunsOnHost) throw new DeviceException(DeviceError.Unsupported, $"{plan.Device.Name} does not run this task; use the processor");
        int tile = Math.Max(1, tileRows / plan.RowsPerItem);
        var written = plan.Slots.Where(slot => slot.InRowMemory).Except(plan.InputSlots.Values).ToArray();
        while (written.Any(slot => tile * slot.Shape.Group % 8 != 0)) tile++;
        return Math.Min(tile, Matrix.PadRows(items));
    }

    public override long Bytes => base.Bytes + scratch.Bytes + accumulators.Bytes + (gradients?.Bytes ?? 0);

    /// <summary>If set (one worker): where each step of each stage adds the ticks it took.</summary>
    public long[][]? Profile { get; set; }

    private protected override void Copy(Slot slot, ReadOnlySpan<float> from, Span<float> to, int member)
    {
        CheckCount(slot, Math.Max(from.Length, to.Length));
        int columns = slot.Shape.Columns;
        var memory = EnterBatch(tiles[0], member)[slot];
        for (int b = 0, i = 0; b < memory.Blocks; b++)
            for (int r = 0; r < memory.Rows; r++, i += columns)
            {
                var row = new Span<float>((float*)memory.Data + b * memory.BlockStride + r * memory.Stride, columns);
                if (to.IsEmpty) from.Slice(i, columns).CopyTo(row);
                else row.CopyTo(to.Slice(i, columns));
            }
    }

    private protected override void Run(bool update)
    {
        updating = update;
        if (updating) gradients!.BeginUpdate();
        SetClock(updating);
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
        if (!updating) return;
        if (!wholeMembers) gradients!.Finish(workers);
        store.HoldsDirectGradients = false;
    }

    void Parallel(Action<int> action)
    {
        next = 0;
        workers.Run(action);
    }

    void Prepare(int worker)
    {
        for (int i; (i = Interlocked.Increment(ref next) - 1) < plan.Works.Length * members;)
            plan.Works[i % plan.Works.Length].Prepare(Enter(tiles[worker], i / plan.Works.Length));
    }

    void RunSlices(int worker)
    {
        for (int lane; (lane = Interlocked.Increment(ref next) - 1) < members * slicesPerMember;)
        {
            int member = lane / slicesPerMember, slice = lane % slicesPerMember;
            var tile = Enter(tiles[worker], member);
            tile.ValuesOnly = stage.ValuesOnly;
            if (wholeMembers) foreach (var work in plan.Works) work.Prepare(tile);
            tile.accumulators = accumulators.Address + (nint)((long)lane * accumulatorStride * sizeof(double));
            bool adds = gradients is not null && stageIndex >= firstBackward;
            if (adds) tile.gradients = gradients!.Begin(member, slice, first: stageIndex == firstBackward);
            long end = Math.Min(items, (slice + 1) * itemsPerSlice);
            for (long first = slice * itemsPerSlice; first < end; first += tileItems)
            {
                (tile.First, tile.Items) = (first, (int)Math.Min(tileItems, end - first));
                foreach (var step in stage.Again) step.Work.Forward(tile);
                if (Profile is null) foreach (var step in stage.Steps) Do(step, tile);
                else RunProfiled(tile, Profile[stageIndex]);
            }
            if (adds) gradients!.End(member, slice, tile.gradients);
            if (!wholeMembers) continue;
            EndStage(member);
            if (updating) gradients!.FinishMember(member);
        }
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
        double* total = (double*)Total(member), lane = (double*)accumulators.Address + (long)member * slicesPerMember * accumulatorStride;
        foreach (var (first, count) in stage.Totals)
            for (int i = first; i < first + count; i++)
            {
                double sum = 0;
                for (int s = 0; s < slicesPerMember; s++) sum += lane[(long)s * accumulatorStride + i];
                total[i] = sum;
            }
        if (stage.Shared.Length == 0) return;
        var tile = Enter(tiles[0], member);
        foreach (var step in stage.Shared) Do(step, tile);
    }

    void FinishParts(int worker)
    {
        var all = parts[stageIndex];
        for (int i; (i = Interlocked.Increment(ref next) - 1) < all.Length * members;)
        {
            var (work, part) = all[i % all.Length];
            work.FinishPart(EnterBatch(tiles[worker], i / all.Length), part);
        }
    }

    private protected override void Free()
    {
        scratch.Dispose();
        accumulators.Dispose();
        gradients?.Dispose();
    }
}
