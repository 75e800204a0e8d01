using System.Runtime.InteropServices;
using InrFast.Kernels;
using InrFast.Kernels.Optimizers;

namespace InrFast.Autodiff;

/// <summary>
/// The gradient of a batch, made slice by slice: each adds to a lane, and lanes are added to the gradient in the order of the slices, as soon as those before
/// them are done. So a lane is free again at once, and the next slice finds it in cache. The update goes by chunks of the parameters.
/// </summary>
sealed unsafe class GradientLanes : IDisposable
{
    const long ChunkFloats = 2048; // a small network has some for each thread
    readonly Segment[] segments;
    readonly ParameterStore store;
    readonly Optimizer? optimizer;
    readonly OptimizerKernels kernels;
    readonly int slices, chunks; // of a network
    readonly DeviceMemory memory, norms, numbers;
    readonly Stack<nint> free = [];
    readonly nint[] done; // [member][slice]: its lane, until it is added
    readonly int[] added; // slices of a member
    readonly bool[] adds; // whether a worker is at it
    SpinLock access = new(enableThreadOwnerTracking: false); // of the four above; a lock allocates where threads meet
    readonly Action<int> measure, update;
    int next;

    public GradientLanes(Plan plan, ParameterStore store, Optimizer? optimizer, int slices, int workers)
    {
        (segments, this.store, this.optimizer, this.slices) = (plan.Segments, store, optimizer, slices);
        kernels = optimizer?.Kernels ?? plan.Device.Optimizer(new GradientDescent());
        chunks = (int)((store.Length + ChunkFloats - 1) / ChunkFloats);
        (done, added, adds) = (new nint[store.Members * slices], new int[store.Members], new bool[store.Members]);
        // While one worker is slow, the others may end all other slices of its network.
        long lanes = slices == 1 ? 0 : (long)slices * Math.Min(store.Members, workers);
        memory = plan.Device.Allocate(LaneBytes * lanes);
        for (long lane = lanes - 1; lane >= 0; lane--) free.Push(memory.Address + (nint)(lane * LaneBytes));
        norms = plan.Device.Allocate((long)store.Members * (chunks + 1) * sizeof(double));
        numbers = plan.Device.Allocate(optimizer?.NumbersBytes ?? 0);
        (measure, update) = (Measure, Update);
    }

    public long Bytes => memory.Bytes + norms.Bytes;

    long LaneBytes => store.Graph.LanedLength * sizeof(float);
    bool NeedsWhole => optimizer is { NeedsWholeGradient: true };

    /// <summary>Before a batch that ends with an update.</summary>
    public void BeginUpdate() => optimizer!.Begin(store, numbers);

    /// <summary>Where a slice adds its gradient: to zeros, or where it is its network's only one to the gradient itself. <paramref name="first"/>: no stage before did.</summary>
    public nint Begin(int member, int slice, bool first)
    {
        if (first && slice == 0) Clear(Gradient(member));
        if (slices == 1) return Gradient(member);
        Enter();
        nint lane = free.Pop();
        access.Exit();
        Clear(lane);
        return lane;
    }

    void Enter()
    {
        bool taken = false;
        access.Enter(ref taken);
    }

    void Clear(nint lane) => NativeMemory.Clear((void*)lane, (nuint)LaneBytes);

    /// <summary>After a slice: adds all lanes whose turn has come, unless another worker is at it, which will add this one too.</summary>
    public void End(int member, int slice, nint lane)
    {
        if (slices == 1) return;
        var ended = done.AsSpan(member * slices, slices);
        ref int turn = ref added[member];
        Enter();
        ended[slice] = lane;
        if (adds[member])
        {
            access.Exit();
            return;
        }
        for (adds[member] = true; turn < slices && ended[turn] != 0; turn++)
        {
            lane = ended[turn];
            access.Exit();
            kernels.Add(lane, Gradient(member), 0, store.Graph.LanedLength);
            Enter();
            free.Push(lane);
            ended[turn] = 0;
        }
        adds[member] = false;
        if (turn == slices) turn = 0;
        access.Exit();
    }

    /// <summary>After a batch: the update.</summary>
    public void Finish(Workers workers)
    {
        if (NeedsWhole)
        {
            Parallel(workers, measure);
            for (int member = 0; member < store.Members; member++) kernels.ClipFactor(Norm(member, 0), chunks, optimizer!.ClipNorm, ClipFactor(member));
        }
        Parallel(workers, update);
    }

    /// <summary>The same of one network, by the worker that made its gradient.</summary>
    public void FinishMember(int member) => optimizer!.Update(store, segments, member, 0, store.Length, numbers);

    void Parallel(Workers workers, Action<int> action)
    {
        next = 0;
        workers.Run(action);
    }

    bool Claim(out int member, out int chunk, out long from, out long to)
    {
        int i = Interlocked.Increment(ref next) - 1;
        (member, chunk) = (i / chunks, i % chunks);
        (from, to) = (chunk * ChunkFloats, Math.Min(store.Length, (chunk + 1) * ChunkFloats));
        return member < store.Members;
    }

    /// <summary>The squares of the gradient, for clipping.</summary>
    void Measure(int worker)
    {
        while (Claim(out int member, out int chunk, out long from, out long to)) kernels.SquaredNorm(Gradient(member), from, to, Norm(member, chunk));
    }

    void Update(int worker)
    {
        while (Claim(out int member, out _, out long from, out long to))
            optimizer!.Update(store, segments, member, from, to, numbers, NeedsWhole ? ClipFactor(member) : 0);
    }

    nint Gradient(int member) => store.Gradients.Address + (nint)(member * store.Length * sizeof(float));
    nint Norm(int member, int chunk) => norms.Address + (member * chunks + chunk) * sizeof(double);
    nint ClipFactor(int member) => norms.Address + (store.Members * chunks + member) * sizeof(double);

    public void Dispose()
    {
        memory.Dispose();
        norms.Dispose();
        numbers.Dispose();
    }
}
