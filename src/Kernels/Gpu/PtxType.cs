namespace InrFast.Kernels.Gpu;

/// <summary>Fundamental types of PTX (ISA 8.0, section 5.2).</summary>
enum PtxType { Pred, B8, B16, B32, B64, U8, U16, U32, U64, S8, S16, S32, S64, F16, F32, F64 }

static class PtxTypes
{
    public static bool TryParse(string name, out PtxType type) => Enum.TryParse(name, ignoreCase: true, out type) && Enum.IsDefined(type) && !char.IsDigit(name[0]);
    public static PtxType Parse(string name) => TryParse(name, out var type) ? type : throw new FormatException($"unknown type .{name}");

    public static int Bytes(this PtxType type) => type switch
    {
        PtxType.Pred or PtxType.B8 or PtxType.U8 or PtxType.S8 => 1,
        PtxType.B16 or PtxType.U16 or PtxType.S16 or PtxType.F16 => 2,
        PtxType.B64 or PtxType.U64 or PtxType.S64 or PtxType.F64 => 8,
        _ => 4,
    };

    public static bool IsFloat(this PtxType type) => type is PtxType.F16 or PtxType.F32 or PtxType.F64;
    public static bool IsSigned(this PtxType type) => type is PtxType.S8 or PtxType.S16 or PtxType.S32 or PtxType.S64;

    /// <summary>The type's bits alone.</summary>
    public static ulong Cut(this PtxType type, ulong bits) => type.Bytes() switch { 1 => (byte)bits, 2 => (ushort)bits, 4 => (uint)bits, _ => bits };
}
