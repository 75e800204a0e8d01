namespace InrFast.Tests.Ptx;

/// <summary>One thread of a launch.</summary>
sealed class PtxThread(PtxBlock block, int x, int y, int z, int registers, int localBytes)
{
    public const int WarpSize = 32;

    public readonly ulong[] Registers = new ulong[registers];
    public readonly PtxBlock Block = block;
    public readonly int X = x, Y = y, Z = z;

    /// <summary>Within the block.</summary>
    public readonly int Index = x + block.Size.X * (y + block.Size.Y * z);
    public readonly byte[] Local = GC.AllocateArray<byte>(localBytes, pinned: true);

    /// <summary>cp.async: copies not yet made (to shared, from global, bytes, of which given), and how many of them each commit_group closed.</summary>
    public readonly List<(ulong To, ulong From, int Bytes, int Given)> Copies = [];
    public readonly List<int> Groups = [];
    public int CopiesDone;

    public int ProgramCounter;
    public bool HasEnded;

    /// <summary>Within the launch.</summary>
    public int Number => Block.Number * Block.Threads.Length + Index;
    public int Lane => Index % WarpSize;
}

/// <summary>One block of a launch and its shared memory.</summary>
sealed class PtxBlock((int X, int Y, int Z) size)
{
    public readonly (int X, int Y, int Z) Size = size;
    public PtxThread[] Threads = [];
    public (int X, int Y, int Z) Index, Grid;

    /// <summary>Within the launch.</summary>
    public int Number => Index.X + Grid.X * (Index.Y + Grid.Y * Index.Z);

    /// <summary>Barriers passed.</summary>
    public int Epoch;
    public PtxMemory Shared = null!;
}
