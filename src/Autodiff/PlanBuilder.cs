using InrFast.Autodiff.Operations;
using InrFast.Kernels;

namespace InrFast.Autodiff;

/// <summary>
/// Makes a plan. The schedule says in which stage each operation runs forward and backward; binding then records when each slot is used, and
/// what is used in several stages is kept in row memory or computed again.
/// Time: every stage has room for all operations three times: again, forward, backward.
/// </summary>
sealed class PlanBuilder
{
    readonly Operation[] operations;
    readonly Dictionary<Value, int> order = [];
    readonly HashSet<Value> wanted = [], needsGradient = [];
    readonly Dictionary<object, DeviceMemory> copies = [];
    readonly Schedule schedule;
    readonly Between between;
    readonly List<Slot> slots = [];
    readonly Dictionary<Value, Slot> memory = [], gradients = [], slopes = [], sharedValues = [];
    readonly Dictionary<Value, (int First, int Terms)> sharedGradients = [];
    readonly List<(int Index, double Value)> constants = [];
    readonly List<(int Stage, int First, int Count)> totals = [];
    readonly List<Slot>[] forwardSlots;
    readonly List<Work>[] additions;
    readonly List<Step>[] sharedAdditions;
    readonly Dictionary<Value, Slot> inputs = [];
    readonly List<Slot> valuesBefore = [];
    bool valuesFirst;

    public Graph Graph { get; }
    public Device Device { get; }
    public bool Training { get; }
    public IReadOnlyList<Loss> Losses { get; }
    public IReadOnlyList<Slot> Slots => slots;
    public Work[] Works { get; }
    public long PreparedLength { get; private set; }
    public int SharedCount { get; private set; }
    public IReadOnlyCollection<DeviceMemory> Copies => copies.Values;
    public IReadOnlyDictionary<Value, Slot> InputSlots => inputs;
    public Slot? OutputSlot { get; private set; }
    public IReadOnlyList<(int Index, double Value)> Constants => constants;
    public int[] LossTotals { get; private set; } = [];
    public bool[] Trained { get; }
    public Segment[] Segments { get; }

    public PlanBuilder(Device device, IReadOnlyList<Loss> losses, Value? output, Between between)
    {
        (Device, Losses, Training, this.between) = (device, losses, output is null, between);
        var targets = output is null ? losses.Select(loss => loss.Value).ToArray() : [output];
        if (targets.Length == 0) throw new ArgumentException("a training plan needs at least one loss");
        Graph = targets[0].Graph;
        if (targets.Any(target => target.Graph != Graph)) throw new ArgumentException("the losses of a plan belong to different graphs");
        if (output is { Shape.IsShared: true }) throw new ArgumentException("an evaluation plan gives rows; this value is shared by all rows");
        foreach (var loss in losses)
            if (loss.Value.Shape is not { IsShared: true, Columns: 1 }) throw new ArgumentException($"a loss is a shared value of one column; {loss.Value.Producer?.ToString() ?? "an input"} gives {loss.Value.Shape}");
        if (output is { Producer: null }) throw new ArgumentException("an input that the user feeds has nothing to evaluate");

        var open = new Stack<Value>(targets);
        while (open.TryPop(out var value))
            if (wanted.Add(value) && value.Producer is { } producer)
                foreach (var input in producer.Inputs) open.Push(input);
        operations = [.. Graph.Operations.Where(operation => operation.Outputs.Any(wanted.Contains))];
        var used = operations.SelectMany(operation => operation.Parameters.Select(parameter => (parameter, operation))).ToLookup(pair => pair.parameter, pair => pair.operation);
        if (used.FirstOrDefault(users => !users.Key.HasLanes && users.Count() > 1) is { } users)
            throw new ArgumentException($"{string.Join(" and ", users)} share {users.Key.Name}, whose gradient one operation alone can add to");
        Trained = [.. Graph.Parameters.Select(parameter => Training && parameter.IsTrained && used.Contains(parameter))];
        Segments = MakeSegments();
        if (Training)
            foreach (var operation in operations)
                if (!operation.StopsGradients && (operation.Parameters.Any(parameter => parameter.IsTrained) || operation.Inputs.Any(needsGradient.Contains)))
                    needsGradient.UnionWith(operation.Outputs);
        operations = FusedDense.Replace(operations, Device, needsGradient, output);
        for (int i = 0; i < operations.Length; i++)
            foreach (var made in operations[i].Outputs) order[made] = i;

        schedule = new Schedule(operations, needsGradient);
        Works = new Work[operations.Length];
        forwardSlots = Lists<Slot>(operations.Length);
        additions = Lists<Work>(operations.Length);
        sharedAdditions = Lists<Step>(operations.Length);
        foreach (var input in wanted.Where(value => value.Producer is null))
            memory[input] = inputs[input] = NewSlot(input.Shape, inRowMemory: true);
        if (output is not null) OutputSlot = RowSlot(output);
        if (OutputSlot is not null) OutputSlot.InRowMemory = true;
    }

    Segment[] MakeSegments()
    {
        var list = new List<Segment>();
        foreach (var p in Graph.Parameters.Where(parameter => Trained[parameter.Number]).OrderBy(parameter => parameter.Offset))
            if (list.Count > 0 && list[^1] is var last && last.End == p.Offset && last.Group == p.Group && last.HasLanes == p.HasLanes) list[^1] = last with { End = p.Offset + p.Length };
            else list.Add(new(p.Offset, p.Offset + p.Length, p.Group, p.HasLanes));
        return [.. list];
    }

    static List<T>[] Lists<T>(int count) => [.. Enumerable.Range(0, count).Select(_ => new List<T>())];

    public Plan Build()
    {
        // Bound in the order in which the backwards run: the first to ask for a gradient is then its first writer and writes it directly, and
        // every later one gets a term of its own, which the plan adds.
        foreach (int i in Enumerable.Range(0, operations.Length).OrderBy(i => schedule.Backward[i] < 0 ? int.MaxValue : schedule.Backward[i]).ThenByDescending(i => i))
            Works[i] = operations[i].Bind(new Binder(this, i));
        LossTotals = [.. Losses.Select(loss => sharedValues[loss.Value].Shared)];
        valuesFirst = ValuesFirst();
        Keep();
        var again = RunAgain();
        var stages = new Stage[schedule.Stages];
        for (int s = 0; s < stages.Length; s++)
        {
            var steps = new List<Step>();
            var shared = new List<Step>();
            for (int i = 0; i < operations.Length; i++)
                if (schedule.Forward[i] == s) (operations[i].Kind == OperationKind.Shared ? shared : steps).Add(new(Works[i], true));
            for (int i = operations.Length - 1; i >= 0; i--)
            {
                if (schedule.Backward[i] != s) continue;
                var list = operations[i].Kind == OperationKind.Shared ? shared : steps;
                if (operations[i].Kind == OperationKind.Shared) shared.AddRange(sharedAdditions[i]);
                list.Add(new(Works[i], false));
                list.AddRange(additions[i].Select(work => new Step(work, false)));
            }
            // A reduction's backward reads its gradient on every tile of the next stage: added up before that.
            for (int i = 0; i < operations.Length; i++)
                if (schedule.Backward[i] == s + 1 && operations[i].Kind == OperationKind.Reduction) shared.AddRange(sharedAdditions[i]);
            stages[s] = new Stage(valuesFirst && s == 0, [.. again[s].Select(i => new Step(Works[i], true))], [.. steps],
                [.. totals.Where(total => total.Stage == s).Select(total => (total.First, total.Count))], [.. shared],
                [.. Enumerable.Range(0, operations.Length).Where(i => schedule.Backward[i] == s && Works[i].Parts > 0).Select(i => Works[i])]);
        }
        return new Plan(this, stages);
    }

    // ---- time ----

    int Again(int stage, int i) => 3 * stage * operations.Length + i;
    int Forward(int i) => (3 * schedule.Forward[i] + 1) * operations.Length + i;
    int Backward(int i) => (3 * schedule.Backward[i] + 2) * operations.Length + operations.Length - 1 - i;
    int StageOf(int time) => time / (3 * operations.Length);

    // ---- what binders ask for ----

    Slot NewSlot(Shape shape, int blocks = 0, int producer = -1, bool inRowMemory = false, int shared = -1, bool isAccumulator = false)
    {
        var slot = new Slot(slots.Count, shape, blocks == 0 ? shape.Blocks : blocks) { Producer = producer, InRowMemory = inRowMemory, Shared = shared, IsAccumulator = isAccumulator };
        slots.Add(slot);
        return slot;
    }

    Slot RowSlot(Value value)
    {
        if (!memory.TryGetValue(value, out var slot))
        {
            int producer = order[value];
            memory[value] = slot = NewSlot(value.Shape, producer: producer);
            slot.Times.Add(Forward(producer));
            forwardSlots[producer].Add(slot);
        }
        return slot;
    }

    public Slot Use(int operation, Value value, bool keep)
    {
        if (value.Shape.IsShared) return SharedSlot(value);
        var slot = RowSlot(value);
        slot.Times.Add(Forward(operation));
        if (!forwardSlots[operation].Contains(slot)) forwardSlots[operation].Add(slot);
        if (keep && schedule.Backward[operation] >= 0) slot.Times.Add(Backward(operation));
        return slot;
    }

    public Slot UseAllRows(int operation, Value value)
    {
        var slot = Use(operation, value, keep: true);
        slot.InRowMemory = true;
        return slot;
    }

    public Slot? Saved(int operation, Shape shape, int blocks)
    {
        if (schedule.Backward[operation] < 0) return null;
        var slot = NewSlot(shape, blocks, operation);
        slot.IsSaved = true;
        slot.Times.Add(Forward(operation));
        slot.Times.Add(Backward(operation));
        forwardSlots[operation].Add(slot);
        return slot;
    }

    public Slot? SlopesOf(int operation, Value value)
    {
        int producer = order[value];
        bool alone = operations.Sum(other => other.Inputs.Count(input => input == value)) == 1;
        if (!alone || value.Shape.Order > 0 || schedule.Backward[operation] < 0 || !needsGradient.Contains(value)) return null;
        var slot = Saved(producer, value.Shape, 1)!;
        slot.Times.Add(Backward(operation));
        return slopes[value] = gradients[value] = slot;
    }

    public bool SlopesAreTaken(Value value, out Slot? slot) => slopes.TryGetValue(value, out slot);

    public Slot BetweenStages(int operation, Shape shape)
    {
        var slot = NewSlot(shape with { Directions = 0, Order = 0 }, producer: operation);
        valuesBefore.Add(slot);
        return slot;
    }

    public Slot Kept(int operation, Shape shape, int blocks)
    {
        var slot = NewSlot(shape, blocks, inRowMemory: true);
        slot.Times.Add(Backward(operation));
        return slot;
    }

    public bool IsWanted(Value output) => wanted.Contains(output);

    public unsafe nint Constant<T>(ReadOnlyMemory<T> data) where T : unmanaged
    {
        if (!copies.TryGetValue(data, out var memory))
        {
            copies[data] = memory = Device.Allocate((long)data.Length * sizeof(T));
            memory.Write(data.Span);
        }
        return memory.Address;
    }

    public long ReservePrepared(long floats) => (PreparedLength += (floats + 15) / 16 * 16) - (floats + 15) / 16 * 16;

    Slot SharedSlot(Value value)
    {
        if (!sharedValues.TryGetValue(value, out var slot)) sharedValues[value] = slot = NewSlot(value.Shape, shared: ReserveShared(value.Shape.Columns));
        return slot;
    }

    int ReserveShared(int count) => (SharedCount += count) - count;

    public Slot Accumulator(Value output)
    {
        int first = SharedSlot(output).Shared;
        totals.Add((schedule.Forward[order[output]], first, output.Shape.Columns));
        return NewSlot(output.Shape, shared: first, isAccumulator: true);
    }

    public Slot? Gradient(int operation, Value value)
    {
        if (!needsGradient.Contains(value) || schedule.Backward[operation] < 0) return null;
        bool isProducer = order[value] == operation;
        if (value.Shape.IsShared) return isProducer ? SharedGradient(operation, value) : SharedTerm(operation, value);
        int time = Backward(operation);
        if (!gradients.TryGetValue(value, out var sum))
        {
            if (isProducer) throw new ArgumentException($"{operations[operation]} depends on trained parameters, but is used as a constant (a target, a weight) alone");
            gradients[value] = sum = NewSlot(value.Shape);
            sum.Times.Add(time);
            return sum;
        }
        sum.Times.Add(time);
        if (isProducer || slopes.ContainsKey(value)) return sum;
        var term = NewSlot(value.Shape);
        term.Times.Add(time);
        additions[operation].Add(new AddGradient(Device, sum, term));
        return term;
    }

    /// <summary>One term of a shared value's gradient: from rows by the accumulators, from a shared operation directly.</summary>
    Slot SharedTerm(int operation, Value value)
    {
        int columns = value.Shape.Columns;
        if (!sharedGradients.TryGetValue(value, out var entry))
        {
            // Room for a term of every consumer, one after another.
            int consumers = operations.Sum(other => other.Inputs.Count(input => input == value)) + 1;
            entry = (ReserveShared(consumers * columns), 0);
        }
        int first = entry.First + entry.Terms * columns;
        sharedGradients[value] = entry with { Terms = entry.Terms + 1 };
        bool fromRows = operations[operation].Kind != OperationKind.Shared;
        if (fromRows) totals.Add((schedule.Backward[operation], first, columns));
        return NewSlot(value.Shape, shared: first, isAccumulator: fromRows);
    }

    Slot SharedGradient(int operation, Value value)
    {
        if (Losses.Any(loss => loss.Value == value))
        {
            var entry = sharedGradients.TryGetValue(value, out var terms) ? terms : (First: ReserveShared(1), Terms: 0);
            constants.Add((entry.First + entry.Terms, Losses.Where(loss => loss.Value == value).Sum(loss => loss.Weight)));
            sharedGradients[value] = entry with { Terms = entry.Terms + 1 };
        }
        var (first, count) = sharedGradients[value];
        if (count == 1) return NewSlot(value.Shape, shared: first);
        var sum = NewSlot(value.Shape, shared: ReserveShared(value.Shape.Columns));
        var all = NewSlot(Shape.Shared(count * value.Shape.Columns), shared: first);
        sharedAdditions[operation].Add(new(new AddSharedGradients(Device, all, sum, count), false));
        return sum;
    }

    // ---- what several stages use ----

    const int NarrowColumns = 16;

    /// <summary>
    /// Whether the first stage can do without the derivatives of its jets: it goes forward alone, and its sums read the jets' values (a correlation, whose
    /// gradient waits for all rows, beside regularisers, whose forward is where their backward is). In several directions that is a fraction of the work.
    /// </summary>
    bool ValuesFirst()
    {
        var jets = slots.Where(IsJetOfFirstStage).ToArray();
        var first = Enumerable.Range(0, operations.Length).Where(i => schedule.Forward[i] == 0 && operations[i].Kind != OperationKind.Shared);
        return between == Between.Recompute && jets.Length > 0 && !jets.Any(slot => slot.InRowMemory)
            && first.All(i => schedule.Backward[i] != 0 && (operations[i] is JetBlock { Block: 0 } || operations[i].Inputs.All(input => input.Shape.Order == 0) || operations[i].Outputs.All(output => output.Shape.Order > 0)));
    }

    bool IsJetOfFirstStage(Slot slot) => slot.Shape.Order > 0 && slot.Producer >= 0 && schedule.Forward[slot.Producer] == 0;

    void Keep()
    {
        foreach (var slot in valuesBefore)
        {
            slot.InRowMemory = valuesFirst && schedule.Forward[slot.Producer] == 0;
            slot.IsIdle = !slot.InRowMemory;
        }
        foreach (var slot in slots.Where(slot => slot.Shared < 0 && slot.Times.Count > 0 && StageOf(slot.First) != StageOf(slot.Last)))
            if (between == Between.Store || slot.Producer < 0 || slot.Shape.Columns <= NarrowColumns && !(valuesFirst && IsJetOfFirstStage(slot))) slot.InRowMemory = true;
    }

    /// <summary>For each stage the operations to run forward again, since a slot of theirs is used there and was not kept.</summary>
    List<int>[] RunAgain()
    {
        var again = Lists<int>(schedule.Stages);
        for (int s = 1; s < schedule.Stages; s++)
            for (int i = operations.Length - 1; i >= 0; i--)
            {
                if (schedule.Forward[i] >= s || operations[i].Kind != OperationKind.RowLocal) continue;
                bool missing = slots.Exists(slot => slot.Producer == i && !slot.InRowMemory && slot.Times.Exists(time => StageOf(time) == s));
                if (!missing) continue;
                again[s].Insert(0, i);
                foreach (var slot in forwardSlots[i]) slot.Times.Add(Again(s, i));
            }
        return again;
    }
}
