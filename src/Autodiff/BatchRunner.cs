using InrFast.Kernels;

namespace InrFast.Autodiff;

/// <summary>
/// Runs a plan operation by operation over the whole batch, as one tile: what suits a device whose kernels are enqueued and whose memory is large. The first
/// step runs as it comes, so that the device can compile what it lacks; the second is recorded, and replayed from then on. What changes from step to step lies
/// in the device's memory. Networks of a bank run one after another.
/// </summary>
public sealed class BatchRunner : Runner
{
    readonly DeviceMemory scratch, numbers, norms;
    readonly Tile tile;
    Recording? evaluation, training;
    bool hasEvaluated, hasTrained;

    /// <param name="plan">What to run; may be shared with other runners.</param>
    /// <param name="store">The parameters, of one network or a bank.</param>
    /// <param name="items">Items of a batch, of each network.</param>
    /// <param name="optimizer">What <see cref="Runner.Train"/> does with the gradients.</param>
    public BatchRunner(Plan plan, ParameterStore store, int items, Optimizer? optimizer = null) : base(plan, store, Checked(plan, store, items, optimizer), optimizer, items)
    {
        scratch = plan.Device.Allocate(scratchFloats * sizeof(float));
        numbers = plan.Device.Allocate(optimizer?.NumbersBytes ?? 0);
        norms = plan.Device.Allocate(2 * sizeof(double) * members);
        tile = NewTile(scratch.Address);
    }

    static int Checked(Plan plan, ParameterStore store, int items, Optimizer? optimizer)
    {
        Check(plan, store, items, optimizer);
        return items;
    }

    public override long Bytes => base.Bytes + scratch.Bytes;

    private protected override void Run(bool updating)
    {
        SetClock(updating);
        if (updating) optimizer!.Begin(store, numbers);
        if (plan.Training) store.ClearDirectGradients();
        if (updating) Run(true, ref hasTrained, ref training);
        else Run(false, ref hasEvaluated, ref evaluation);
        store.HoldsDirectGradients = plan.Training && !updating;
    }

    void Run(bool updating, ref bool hasRun, ref Recording? recording)
    {
        if (hasRun) (recording ??= plan.Device.Record(() => Enqueue(updating))).Replay();
        else Enqueue(updating);
        hasRun = true;
    }

    void Enqueue(bool updating)
    {
        for (int member = 0; member < members; member++) Enqueue(member, updating);
    }

    void Enqueue(int member, bool updating)
    {
        EnterBatch(tile, member);
        (tile.gradients, tile.accumulators) = (tile.directGradients, tile.totals); // one lane, added to directly
        if (plan.Training) store.Gradients.Clear(member * store.Length * sizeof(float), store.Graph.LanedLength * sizeof(float));
        foreach (var stage in plan.Stages)
            foreach (var (first, count) in stage.Totals) totals.Clear(((long)member * plan.SharedCount + first) * sizeof(double), count * sizeof(double));
        foreach (var work in plan.Works) work.Prepare(tile);
        foreach (var stage in plan.Stages)
        {
            tile.ValuesOnly = stage.ValuesOnly;
            foreach (var step in stage.Again) step.Work.Forward(tile);
            foreach (var step in stage.Steps) Do(step, tile);
            foreach (var step in stage.Shared) Do(step, tile);
            foreach (var work in stage.Finishing)
                for (int part = 0; part < work.Parts; part++) work.FinishPart(tile, part);
        }
        if (updating) Update(member);
    }

    void Update(int member)
    {
        nint gradient = tile.directGradients, norm = norms.Address + 2 * sizeof(double) * member, factor = norm + sizeof(double);
        bool clips = optimizer!.NeedsWholeGradient;
        if (clips)
        {
            optimizer.Kernels.SquaredNorm(gradient, 0, store.Length, norm);
            optimizer.Kernels.ClipFactor(norm, 1, optimizer.ClipNorm, factor);
        }
        optimizer.Update(store, plan.Segments, member, 0, store.Length, numbers, clips ? factor : 0);
    }

    private protected override void Copy(Slot slot, ReadOnlySpan<float> from, Span<float> to, int member)
    {
        CheckCount(slot, Math.Max(from.Length, to.Length));
        int columns = slot.Shape.Columns, stride = Matrix.StrideOf(columns), rows = checked(items * slot.Shape.Group);
        long capacity = Matrix.PadRows(rows);
        var (memory, first) = RowsOf(slot, member);
        var padded = columns == stride ? [] : new float[rows * stride]; // zero in padding columns
        for (int b = 0; b < slot.Blocks; b++)
        {
            long offset = (first + b * capacity * stride) * sizeof(float);
            int count = rows * columns, at = b * count;
            if (to.IsEmpty)
            {
                for (int r = 0; r < rows && columns != stride; r++) from.Slice(at + r * columns, columns).CopyTo(padded.AsSpan(r * stride));
                memory.Write(columns == stride ? from.Slice(at, count) : padded, offset);
                continue;
            }
            memory.Read(columns == stride ? to.Slice(at, count) : padded.AsSpan(), offset);
            for (int r = 0; r < rows && columns != stride; r++) padded.AsSpan(r * stride, columns).CopyTo(to[(at + r * columns)..]);
        }
    }

    private protected override void Free()
    {
        evaluation?.Dispose();
        training?.Dispose();
        foreach (var memory in new[] { scratch, numbers, norms }) memory.Dispose();
    }
}
