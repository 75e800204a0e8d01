using System.Runtime.InteropServices;
using InrFast.Kernels;
using InrFast.Kernels.Optimizers;

namespace InrFast.Autodiff;

/// <summary>
/// A gradient for each slice of a batch. Their sum, in the order of the slices, and the update made of it go by chunks of the parameters: each
/// is added up and used by one worker while it is in cache.
/// </summary>
sealed unsafe class GradientLanes : IDisposable
{
    const long ChunkFloats = 2048; // a small network has some for each thread: its lanes are 32 times as many floats, half of them in the other core's cache
    readonly Segment[] segments;
    readonly ParameterStore store;
    readonly Optimizer? optimizer;
    readonly OptimizerKernels kernels;
    readonly int lanes, chunks; // of a network
    readonly DeviceMemory memory, norms, numbers;
    readonly Action<int> sum, update;
    int next;

    public GradientLanes(Plan plan, ParameterStore store, Optimizer? optimizer, int lanes)
    {
        (segments, this.store, this.optimizer, this.lanes) = (plan.Segments, store, optimizer, lanes);
        kernels = optimizer?.Kernels ?? plan.Device.Optimizer(new GradientDescent());
        chunks = (int)((store.Length + ChunkFloats - 1) / ChunkFloats);
        memory = plan.Device.Allocate(store.Graph.LanedLength * store.Members * lanes * sizeof(float));
        norms = plan.Device.Allocate((long)store.Members * (chunks + 1) * sizeof(double));
        numbers = plan.Device.Allocate(optimizer?.NumbersBytes ?? 0);
        (sum, update) = (Sum, Update);
    }

    public long Bytes => memory.Bytes + norms.Bytes;

    bool NeedsWhole => optimizer is { NeedsWholeGradient: true };

    /// <summary>Before a batch that ends with an update.</summary>
    public void BeginUpdate() => optimizer!.Begin(store, numbers);

    /// <summary>A lane, cleared.</summary>
    public nint Begin(int member, int lane)
    {
        nint address = Lane(member, lane);
        NativeMemory.Clear((void*)address, (nuint)(store.Graph.LanedLength * sizeof(float)));
        return address;
    }

    public nint Lane(int member, int lane) => memory.Address + (nint)(((long)member * lanes + lane) * store.Graph.LanedLength * sizeof(float));

    /// <summary>After a batch: the gradients of all networks, or with <paramref name="updating"/> their update.</summary>
    public void Finish(Workers workers, bool updating)
    {
        if (!updating || NeedsWhole) Parallel(workers, sum);
        if (!updating) return;
        for (int member = 0; NeedsWhole && member < store.Members; member++) kernels.ClipFactor(Norm(member, 0), chunks, optimizer!.ClipNorm, ClipFactor(member));
        Parallel(workers, update);
    }

    /// <summary>The same of one network, by the worker that made its only lane.</summary>
    public void FinishMember(int member, bool updating)
    {
        if (updating) optimizer!.Update(store, segments, member, 0, store.Length, numbers, Lane(member, 0), lanes);
        else kernels.SumLanes(Lane(member, 0), lanes, store.Graph.LanedLength, Gradient(member), 0, store.Graph.LanedLength);
    }

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

    /// <summary>Lanes summed into the gradient, and the squares of that for clipping.</summary>
    void Sum(int worker)
    {
        long laned = store.Graph.LanedLength;
        while (Claim(out int member, out int chunk, out long from, out long to))
        {
            if (from < laned) kernels.SumLanes(Lane(member, 0), lanes, laned, Gradient(member), from, Math.Min(to, laned));
            if (NeedsWhole) kernels.SquaredNorm(Gradient(member), from, to, Norm(member, chunk));
        }
    }

    void Update(int worker)
    {
        while (Claim(out int member, out _, out long from, out long to))
            optimizer!.Update(store, segments, member, from, to, numbers, Lane(member, 0), lanes, summed: NeedsWhole, NeedsWhole ? ClipFactor(member) : 0);
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
