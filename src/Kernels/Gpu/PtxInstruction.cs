namespace InrFast.Kernels.Gpu;

/// <summary>One statement as it is written: its opcode's parts and its operands, with registers and symbols by number.</summary>
sealed record PtxInstruction(string Text, string[] Opcode, string[] Operands)
{
    /// <summary>Register of the guard; -1: none.</summary>
    public int Guard { get; init; } = -1;
    public bool GuardIsNegated { get; init; }

    public string Name => Opcode[0];
    public bool Has(string modifier) => Array.IndexOf(Opcode, modifier, 1) >= 0;

    PtxType? type;

    /// <summary>The last part: of most instructions the type.</summary>
    public PtxType Type => type ??= PtxTypes.Parse(Opcode[^1]);

    public static string[] SplitVector(string operand) => operand.Trim('{', '}', ' ').Split(',', StringSplitOptions.TrimEntries);
}

/// <summary>A named place in parameter, shared or local memory: its offset there.</summary>
readonly record struct PtxSymbol(int Offset, int Bytes);

/// <summary>A kernel after parsing.</summary>
sealed class PtxKernel
{
    public required string Name { get; init; }
    public required IReadOnlyList<PtxInstruction> Instructions { get; init; }

    /// <summary>Index of the instruction after a label.</summary>
    public required IReadOnlyDictionary<string, int> Labels { get; init; }

    /// <summary>By name, as each instruction's scope sees them.</summary>
    public required IReadOnlyList<IReadOnlyDictionary<string, int>> Registers { get; init; }

    /// <summary>As declared, by number.</summary>
    public required IReadOnlyList<PtxType> RegisterTypes { get; init; }
    public required IReadOnlyDictionary<string, PtxSymbol> Parameters { get; init; }
    public required int ParameterBytes { get; init; }
    public required IReadOnlyDictionary<string, PtxSymbol> Shared { get; init; }
    public required int SharedBytes { get; init; }
    public required IReadOnlyDictionary<string, PtxSymbol> Local { get; init; }
    public required int LocalBytes { get; init; }

    /// <summary>.maxntid; 1024 where there is none.</summary>
    public required int MaxThreads { get; init; }
}
