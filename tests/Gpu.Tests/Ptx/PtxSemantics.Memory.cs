using InrFast.Kernels.Gpu;

namespace InrFast.Tests.Ptx;

/// <summary>Loads, stores, atomics, asynchronous copies (sections 9.7.8 and 9.7.12).</summary>
sealed unsafe partial class PtxSemantics
{
    enum Space { Global, Shared, Local, Param }

    Space SpaceOf() =>
        instruction.Has("global") ? Space.Global : instruction.Has("shared") ? Space.Shared : instruction.Has("local") ? Space.Local : instruction.Has("param") ? Space.Param
        : throw new PtxFault($"generic addresses are not supported: {instruction.Text}");

    Action<PtxThread> MemoryAccess() => instruction.Name switch
    {
        "ld" => Load(),
        "st" => Store(),
        "cp" => AsynchronousCopy(),
        _ => Atomic(),
    };

    byte* Place(PtxThread thread, Space space, ulong address, int bytes, bool write) => space switch
    {
        Space.Param => machine.Parameter(address, bytes),
        Space.Local => machine.Local(thread, address, bytes),
        _ => write ? machine.Write(thread, space == Space.Shared, address, bytes) : machine.Read(thread, space == Space.Shared, address, bytes),
    };

    static ulong Get(byte* p, PtxType type) => type.Bytes() switch
    {
        1 => type.IsSigned() ? (ulong)*(sbyte*)p : *p,
        2 => type.IsSigned() ? (ulong)*(short*)p : *(ushort*)p,
        4 => *(uint*)p,
        _ => *(ulong*)p,
    };

    static void Set(byte* p, PtxType type, ulong bits)
    {
        switch (type.Bytes())
        {
            case 1: *p = (byte)bits; break;
            case 2: *(ushort*)p = (ushort)bits; break;
            case 4: *(uint*)p = (uint)bits; break;
            default: *(ulong*)p = bits; break;
        }
    }

    Action<PtxThread> Load()
    {
        var (type, space, address) = (Type, SpaceOf(), Address(Operands[1]));
        int bytes = type.Bytes();
        if (!Operands[0].StartsWith('{'))
        {
            int to = Destination;
            return thread => thread.Registers[to] = Get(Place(thread, space, address(thread), bytes, false), type);
        }
        int[] all = [.. PtxInstruction.SplitVector(Operands[0]).Select(Register)];
        return thread =>
        {
            byte* from = Place(thread, space, address(thread), bytes * all.Length, false);
            for (int i = 0; i < all.Length; i++) thread.Registers[all[i]] = Get(from + i * bytes, type);
        };
    }

    Action<PtxThread> Store()
    {
        var (type, space, address) = (Type, SpaceOf(), Address(Operands[0]));
        int bytes = type.Bytes();
        Func<PtxThread, ulong>[] all = [.. PtxInstruction.SplitVector(Operands[1]).Select(operand => Source(operand, type))];
        return thread =>
        {
            byte* to = Place(thread, space, address(thread), bytes * all.Length, true);
            for (int i = 0; i < all.Length; i++) Set(to + i * bytes, type, all[i](thread));
        };
    }

    Action<PtxThread> Atomic()
    {
        var type = Type;
        bool returns = instruction.Name == "atom", isShared = SpaceOf() == Space.Shared;
        int first = returns ? 1 : 0, to = returns ? Destination : -1, bytes = type.Bytes();
        var address = Address(Operands[first]);
        var value = Source(first + 1);
        string operation = instruction.Opcode.First(part => part is "add" or "min" or "max" or "and" or "or" or "xor" or "exch" or "cas");
        var replacement = operation == "cas" ? Source(first + 2) : null;
        return thread =>
        {
            byte* place = machine.Write(thread, isShared, address(thread), bytes, atomic: true);
            ulong old = Get(place, type), x = value(thread);
            Set(place, type, operation switch
            {
                "add" when type == PtxType.F32 => PtxBits.Bits(PtxBits.Single(old) + PtxBits.Single(x)),
                "add" when type == PtxType.F64 => PtxBits.Bits(PtxBits.Double(old) + PtxBits.Double(x)),
                "add" => old + x,
                "and" => old & x,
                "or" => old | x,
                "xor" => old ^ x,
                "exch" => x,
                "cas" => old == x ? replacement!(thread) : old,
                "min" => type.IsSigned() ? (ulong)Math.Min(type.Extend(old), type.Extend(x)) : Math.Min(old, x),
                _ => type.IsSigned() ? (ulong)Math.Max(type.Extend(old), type.Extend(x)) : Math.Max(old, x),
            });
            if (returns) thread.Registers[to] = old;
        };
    }

    /// <summary>Copies are made when they are waited for: what is read before that is what was there, or never written. Fewer bytes are followed by zeros.</summary>
    Action<PtxThread> AsynchronousCopy()
    {
        if (instruction.Has("commit_group")) return thread => thread.Groups.Add(thread.Copies.Count);
        if (instruction.Has("wait_all")) return thread => Complete(thread, thread.Copies.Count);
        if (instruction.Has("wait_group"))
        {
            int pending = int.Parse(Operands[0]);
            return thread => Complete(thread, thread.Groups.Count > pending ? thread.Groups[^(1 + pending)] : 0);
        }
        if (!instruction.Has("shared")) throw Unknown();
        var to = Address(Operands[0]);
        var from = Address(Operands[1]);
        int bytes = int.Parse(Operands[2]);
        var given = Operands.Length > 3 ? Source(3, PtxType.U32) : _ => (ulong)bytes;
        return thread => thread.Copies.Add((to(thread), from(thread), bytes, (int)given(thread)));
    }

    void Complete(PtxThread thread, int upTo)
    {
        for (; thread.CopiesDone < upTo; thread.CopiesDone++)
        {
            var (to, from, bytes, given) = thread.Copies[thread.CopiesDone];
            var target = new Span<byte>(machine.Write(thread, true, to, bytes), bytes);
            target.Clear();
            if (from % (ulong)bytes != 0) throw new PtxFault($"misaligned: {bytes} bytes at {from:x}");
            if (given > 0) new ReadOnlySpan<byte>(machine.Read(thread, false, from, given), given).CopyTo(target);
        }
    }
}
