namespace InrFast.Tests.Ptx;

/// <summary>Who touched a word last, within one launch: enough to see that two threads met there with nothing to order them.</summary>
struct WordAccess
{
    public const int Many = -1;
    public long Launch;

    /// <summary>Threads of the launch, from 1; 0: nobody.</summary>
    public int Writer, Reader;
    public int WriterBlock, ReaderBlock, WriterEpoch, ReaderEpoch;
    public bool WroteAtomically;

    /// <summary>Null, or what is wrong. A barrier orders threads of one block; nothing orders blocks; atomics do not race with each other.</summary>
    public string? Read(long launch, int thread, int block, int epoch)
    {
        if (Launch != launch) this = new() { Launch = launch };
        if (Writer != 0 && Writer != thread && !(WriterBlock == block && WriterEpoch < epoch)) return $"reads what thread {Writer - 1} writes";
        (ReaderBlock, ReaderEpoch) = (Reader == 0 || ReaderBlock == block ? block : Many, Math.Max(ReaderEpoch, epoch));
        Reader = Reader == 0 || Reader == thread ? thread : Many;
        return null;
    }

    public string? Write(long launch, int thread, int block, int epoch, bool atomic)
    {
        if (Launch != launch) this = new() { Launch = launch };
        if (Writer != 0 && Writer != thread && !(atomic && WroteAtomically) && !(WriterBlock == block && WriterEpoch < epoch)) return $"writes where thread {Writer - 1} writes";
        if (Reader != 0 && Reader != thread && !(ReaderBlock == block && ReaderEpoch < epoch)) return $"writes what thread {(Reader == Many ? "another" : Reader - 1)} reads";
        WriterBlock = atomic && Writer != 0 && WriterBlock != block ? Many : block;
        (Writer, WriterEpoch, WroteAtomically) = (thread, epoch, atomic);
        return null;
    }
}

/// <summary>A run of memory that remembers which bytes were ever written and, within a launch, by whom.</summary>
sealed unsafe class PtxMemory(byte* data, long bytes, ulong start)
{
    const int WordBytes = 4;
    readonly bool[] written = new bool[bytes];
    readonly WordAccess[] accesses = new WordAccess[(bytes + WordBytes - 1) / WordBytes];

    /// <summary>Address of the first byte, as a kernel sees it.</summary>
    public ulong Start => start;
    public long Bytes => bytes;

    public bool Holds(ulong address, int count) => address >= start && address + (ulong)count <= start + (ulong)bytes;

    /// <summary>What was written by the host, or never: reads of the latter are faults.</summary>
    public void Mark(ulong address, long count, bool isWritten) => written.AsSpan((int)(address - start), (int)count).Fill(isWritten);

    public byte* Read(ulong address, int count, PtxThread thread, long launch)
    {
        long at = (long)(address - start);
        for (long i = at; i < at + count; i++)
            if (!written[i]) throw new PtxFault($"reads byte {i} of {bytes}, which nobody has written");
        for (long w = at / WordBytes; w <= (at + count - 1) / WordBytes; w++)
            if (accesses[w].Read(launch, thread.Number + 1, thread.Block.Number, thread.Block.Epoch) is { } wrong) throw new PtxFault($"races at byte {w * WordBytes} of {bytes}: {wrong}");
        return data + at;
    }

    public byte* Write(ulong address, int count, PtxThread thread, long launch, bool atomic = false)
    {
        long at = (long)(address - start);
        for (long w = at / WordBytes; w <= (at + count - 1) / WordBytes; w++)
            if (accesses[w].Write(launch, thread.Number + 1, thread.Block.Number, thread.Block.Epoch, atomic) is { } wrong) throw new PtxFault($"races at byte {w * WordBytes} of {bytes}: {wrong}");
        if (atomic)
            for (long i = at; i < at + count; i++)
                if (!written[i]) throw new PtxFault($"adds to byte {i} of {bytes}, which nobody has written");
        written.AsSpan((int)at, count).Fill(true);
        return data + at;
    }
}

/// <summary>The global memory of a card: its allocations.</summary>
sealed class PtxGlobal
{
    readonly SortedList<ulong, PtxMemory> allocations = [];
    PtxMemory? recent;

    public void Add(PtxMemory memory) => allocations.Add(memory.Start, memory);

    public void Remove(ulong start)
    {
        if (!allocations.Remove(start)) throw new PtxFault($"frees {start:x}, which was not allocated");
        recent = null;
    }

    public PtxMemory Find(ulong address, long count)
    {
        if (count == 0) count = 1;
        if (recent is { } memory && address >= memory.Start && address + (ulong)count <= memory.Start + (ulong)memory.Bytes) return memory;
        int low = 0, high = allocations.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (allocations.GetKeyAtIndex(middle) <= address) low = middle + 1;
            else high = middle;
        }
        if (low > 0 && allocations.GetValueAtIndex(low - 1) is var found && address + (ulong)count <= found.Start + (ulong)found.Bytes) return recent = found;
        throw new PtxFault($"global address {address:x} (+{count}) lies outside all allocations");
    }
}
