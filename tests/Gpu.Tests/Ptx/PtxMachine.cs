using System.Runtime.InteropServices;
using InrFast.Kernels.Gpu;

namespace InrFast.Tests.Ptx;

/// <summary>
/// Runs a kernel, block after block: every thread as far as it comes until a barrier or an instruction of a whole warp, so that divergence needs
/// no reconvergence. Finds races (two threads, one word, no barrier between), accesses out of bounds or misaligned, reads of memory never
/// written, warp instructions that part of a warp reaches, threads that end while others wait. Not found: wrong use of weak ordering between blocks.
/// </summary>
sealed unsafe class PtxMachine
{
    const byte Poison = 0xA5;
    readonly PtxKernel kernel;
    readonly PtxOperation[] code;
    readonly PtxGlobal global;
    byte[] parameters = [];
    long launch;

    public PtxMachine(PtxKernel kernel, PtxGlobal global)
    {
        (this.kernel, this.global) = (kernel, global);
        code = [.. kernel.Instructions.Select((instruction, i) => new PtxSemantics(this, kernel, instruction, kernel.Registers[i]).Build())];
    }

    static long launches;

    /// <summary>Instructions run by all threads together.</summary>
    public long Executed { get; private set; }

    public void Launch((int X, int Y, int Z) grid, (int X, int Y, int Z) block, ReadOnlySpan<byte> arguments, int launchShared = 0)
    {
        int threads = block.X * block.Y * block.Z;
        if (threads > kernel.MaxThreads) throw new PtxFault($"{kernel.Name}: {threads} threads in a block; it was compiled for {kernel.MaxThreads}");
        if (arguments.Length != kernel.ParameterBytes) throw new PtxFault($"{kernel.Name}: {arguments.Length} bytes of arguments instead of {kernel.ParameterBytes}");
        parameters = GC.AllocateUninitializedArray<byte>(arguments.Length, pinned: true);
        arguments.CopyTo(parameters);
        launch = Interlocked.Increment(ref launches);
        int sharedBytes = kernel.SharedBytes + launchShared;
        var bytes = GC.AllocateUninitializedArray<byte>(Math.Max(sharedBytes, 1) + 16, pinned: true);
        byte* shared = (byte*)((Marshal.UnsafeAddrOfPinnedArrayElement(bytes, 0) + 15) & ~15);
        for (int z = 0; z < grid.Z; z++)
            for (int y = 0; y < grid.Y; y++)
                for (int x = 0; x < grid.X; x++)
                {
                    Array.Fill(bytes, Poison);
                    Run(new PtxBlock(block) { Index = (x, y, z), Grid = grid, Shared = new(shared, sharedBytes, 0) });
                }
    }

    void Run(PtxBlock block)
    {
        var size = block.Size;
        block.Threads = new PtxThread[size.X * size.Y * size.Z];
        for (int i = 0; i < block.Threads.Length; i++)
        {
            block.Threads[i] = new(block, i % size.X, i / size.X % size.Y, i / (size.X * size.Y), kernel.RegisterTypes.Count, kernel.LocalBytes);
            Array.Fill(block.Threads[i].Registers, 0xA5A5A5A5A5A5A5A5);
        }
        while (true)
        {
            for (int first = 0; first < block.Threads.Length; first += PtxThread.WarpSize) RunWarp(block.Threads.AsSpan(first, Math.Min(PtxThread.WarpSize, block.Threads.Length - first)));
            int ended = block.Threads.Count(thread => thread.HasEnded);
            if (ended == block.Threads.Length) return;
            if (ended > 0) throw Fault(block.Threads.First(thread => !thread.HasEnded), "waits at a barrier that other threads have ended without");
            block.Epoch++;
            foreach (var thread in block.Threads) thread.ProgramCounter++;
        }
    }

    /// <summary>Up to a barrier, or the end, of all its threads.</summary>
    void RunWarp(Span<PtxThread> warp)
    {
        while (true)
        {
            foreach (var thread in warp) Run(thread);
            int at = warp[0].HasEnded ? -1 : warp[0].ProgramCounter;
            bool together = true, any = false;
            foreach (var thread in warp)
            {
                bool collective = !thread.HasEnded && code[thread.ProgramCounter].Warp is not null;
                any |= collective;
                together &= (thread.HasEnded ? -1 : thread.ProgramCounter) == at;
            }
            if (!any) return;
            if (!together) throw Fault(warp[0], "part of its warp is elsewhere when an instruction of the whole warp comes");
            try
            {
                code[at].Warp!(warp);
            }
            catch (PtxFault fault)
            {
                throw Fault(warp[0], fault.Message);
            }
            foreach (var thread in warp) thread.ProgramCounter++;
            Executed += warp.Length;
        }
    }

    void Run(PtxThread thread)
    {
        while (!thread.HasEnded)
        {
            var operation = code[thread.ProgramCounter];
            if (operation.Guard >= 0 && (thread.Registers[operation.Guard] != 0) == operation.GuardIsNegated)
            {
                thread.ProgramCounter++;
                continue;
            }
            if (operation.IsBarrier || operation.Warp is not null) return;
            Executed++;
            if (operation.IsEnd) thread.HasEnded = true;
            else if (operation.Target >= 0) thread.ProgramCounter = operation.Target;
            else
            {
                try
                {
                    operation.Thread!(thread);
                }
                catch (PtxFault fault)
                {
                    throw Fault(thread, fault.Message);
                }
                thread.ProgramCounter++;
            }
        }
    }

    PtxFault Fault(PtxThread thread, string message) =>
        new($"{kernel.Name}, block {thread.Block.Index}, thread ({thread.X}, {thread.Y}, {thread.Z}): {message}; at {(thread.HasEnded ? "its end" : kernel.Instructions[thread.ProgramCounter].Text)}");

    // ---- memory, for the instructions ----

    public byte* Parameter(ulong address, int bytes)
    {
        if (address + (ulong)bytes > (ulong)parameters.Length) throw new PtxFault($"parameter byte {address} (+{bytes}) of {parameters.Length}");
        return (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(parameters, (int)address);
    }

    public byte* Local(PtxThread thread, ulong address, int bytes)
    {
        if (address + (ulong)bytes > (ulong)thread.Local.Length) throw new PtxFault($"local byte {address} (+{bytes}) of {thread.Local.Length}");
        return (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(thread.Local, (int)address);
    }

    PtxMemory MemoryAt(PtxThread thread, bool isShared, ulong address, int bytes)
    {
        if (address % (ulong)bytes != 0) throw new PtxFault($"misaligned: {bytes} bytes at {address:x}");
        if (!isShared) return global.Find(address, bytes);
        return thread.Block.Shared.Holds(address, bytes) ? thread.Block.Shared : throw new PtxFault($"shared byte {address} (+{bytes}) of {thread.Block.Shared.Bytes}");
    }

    public byte* Read(PtxThread thread, bool isShared, ulong address, int bytes) => MemoryAt(thread, isShared, address, bytes).Read(address, bytes, thread, launch);
    public byte* Write(PtxThread thread, bool isShared, ulong address, int bytes, bool atomic = false) => MemoryAt(thread, isShared, address, bytes).Write(address, bytes, thread, launch, atomic);
}

delegate void WarpAction(Span<PtxThread> warp);

/// <summary>An instruction ready to run: by each thread for itself, or by a whole warp at once.</summary>
sealed class PtxOperation
{
    public Action<PtxThread>? Thread { get; init; }
    public WarpAction? Warp { get; init; }
    public bool IsBarrier { get; init; }
    public bool IsEnd { get; init; }

    /// <summary>Of a branch; -1: it is none.</summary>
    public int Target { get; init; } = -1;
    public int Guard { get; set; } = -1;
    public bool GuardIsNegated { get; set; }
}
