using System.Globalization;
using InrFast.Kernels.Gpu;

namespace InrFast.Tests.Ptx;

/// <summary>
/// What an instruction does (PTX ISA 8.0, section 9): operands here, the families in the other parts of this class. Rounding is IEEE's to nearest; approximate
/// functions are computed exactly and rounded, so tests of them need the tolerances of the manual. mul and add are not contracted.
/// </summary>
sealed partial class PtxSemantics(PtxMachine machine, PtxKernel kernel, PtxInstruction instruction, IReadOnlyDictionary<string, int> registers)
{
    string[] Operands => instruction.Operands;
    PtxType Type => instruction.Type;

    public PtxOperation Build()
    {
        var operation = instruction.Name switch
        {
            "ret" or "exit" => new PtxOperation { IsEnd = true },
            "bra" => new() { Target = kernel.Labels[Operands[0]] },
            "bar" or "barrier" => new() { IsBarrier = true },
            "shfl" => new() { Warp = Shuffle() },
            "mma" => new() { Warp = MatrixMultiply() },
            "ldmatrix" => new() { Warp = LoadMatrix() },
            "ld" or "st" or "red" or "atom" or "cp" => new() { Thread = MemoryAccess() },
            _ => new() { Thread = Arithmetic() },
        };
        (operation.Guard, operation.GuardIsNegated) = (instruction.Guard, instruction.GuardIsNegated);
        return operation;
    }

    PtxFault Unknown() => new($"the interpreter does not know: {instruction.Text}");

    /// <summary>Register of a destination.</summary>
    int Register(string operand) => registers.TryGetValue(operand, out int register) ? register : throw new PtxFault($"no register {operand}: {instruction.Text}");

    int Destination => Register(Operands[0]);

    /// <summary>A register, a special register, a literal, or the address of a variable.</summary>
    Func<PtxThread, ulong> Source(string operand, PtxType type)
    {
        if (registers.TryGetValue(operand, out int register)) return thread => thread.Registers[register];
        if (kernel.Shared.TryGetValue(operand, out var symbol) || kernel.Local.TryGetValue(operand, out symbol))
        {
            ulong offset = (ulong)symbol.Offset;
            return _ => offset;
        }
        Func<PtxThread, ulong>? special = operand switch
        {
            "%tid.x" => t => (uint)t.X,
            "%tid.y" => t => (uint)t.Y,
            "%tid.z" => t => (uint)t.Z,
            "%ntid.x" => t => (uint)t.Block.Size.X,
            "%ntid.y" => t => (uint)t.Block.Size.Y,
            "%ntid.z" => t => (uint)t.Block.Size.Z,
            "%ctaid.x" => t => (uint)t.Block.Index.X,
            "%ctaid.y" => t => (uint)t.Block.Index.Y,
            "%ctaid.z" => t => (uint)t.Block.Index.Z,
            "%nctaid.x" => t => (uint)t.Block.Grid.X,
            "%nctaid.y" => t => (uint)t.Block.Grid.Y,
            "%nctaid.z" => t => (uint)t.Block.Grid.Z,
            "%laneid" => t => (uint)t.Lane,
            "WARP_SZ" => _ => PtxThread.WarpSize,
            _ => null,
        };
        if (special is not null) return special;
        ulong value = Literal(operand, type);
        return _ => value;
    }

    ulong Literal(string operand, PtxType type)
    {
        const NumberStyles Hex = NumberStyles.HexNumber;
        var invariant = CultureInfo.InvariantCulture;
        if (operand.StartsWith("0f", StringComparison.OrdinalIgnoreCase) || operand.StartsWith("0d", StringComparison.OrdinalIgnoreCase) || operand.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return ulong.Parse(operand.AsSpan(2), Hex, invariant);
        if (long.TryParse(operand, NumberStyles.AllowLeadingSign, invariant, out long signed)) return type.Cut((ulong)signed);
        return ulong.TryParse(operand, out ulong value) ? value : throw new PtxFault($"no operand {operand}: {instruction.Text}");
    }

    Func<PtxThread, ulong> Source(int operand, PtxType? type = null) => Source(Operands[operand], type ?? Type);

    /// <summary>[register], [variable], [address + offset].</summary>
    Func<PtxThread, ulong> Address(string operand)
    {
        var parts = operand.Trim('[', ']', ' ').Split('+', StringSplitOptions.TrimEntries);
        ulong offset = parts.Length > 1 ? (ulong)long.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        if (kernel.Parameters.TryGetValue(parts[0], out var parameter))
        {
            offset += (ulong)parameter.Offset;
            return _ => offset;
        }
        var start = Source(parts[0], PtxType.U64);
        return offset == 0 ? start : thread => start(thread) + offset;
    }
}
