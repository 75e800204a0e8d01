using System.Numerics;
using InrFast.Kernels.Gpu;
using static InrFast.Tests.Ptx.PtxBits;

namespace InrFast.Tests.Ptx;

/// <summary>Arithmetic, comparison, logic, conversion (sections 9.7.1 to 9.7.7).</summary>
sealed partial class PtxSemantics
{
    Action<PtxThread> Arithmetic()
    {
        switch (instruction.Name)
        {
            case "mov": return Operands[0].StartsWith('{') ? Unpack() : Unary(x => Type.Cut(x));
            case "cvt": return instruction.Has("f16x2") ? PackHalves() : Convert();
            case "setp": return Compare();
            case "selp": return Select();
            case "fma" or "mad": return MultiplyAdd();
            case "add" or "sub" or "mul" or "div" or "rem" or "min" or "max": return Type.IsFloat() ? FloatBinary() : IntegerBinary();
            case "and": return Binary((a, b) => a & b);
            case "or": return Binary((a, b) => a | b);
            case "xor": return Binary((a, b) => a ^ b);
            case "not": return Unary(Type == PtxType.Pred ? x => x ^ 1 : x => Type.Cut(~x));
            case "shl" or "shr": return Shift();
            case "popc": return Unary(x => (ulong)BitOperations.PopCount(x));
            case "clz": return Unary(Type.Bytes() == 8 ? x => (ulong)BitOperations.LeadingZeroCount(x) : x => (ulong)BitOperations.LeadingZeroCount((uint)x));
            case "neg": return Unary(Type switch { PtxType.F32 => x => Bits(-Single(x)), PtxType.F64 => x => Bits(-Double(x)), _ => x => Type.Cut((ulong)-(long)x) });
            case "abs": return Unary(Type switch { PtxType.F32 => x => Bits(MathF.Abs(Single(x))), PtxType.F64 => x => Bits(Math.Abs(Double(x))), _ => x => Type.Cut((ulong)Math.Abs(Type.Extend(x))) });
            default: return Function();
        }
    }

    Action<PtxThread> Function()
    {
        Func<double, double> f = instruction.Name switch
        {
            "sqrt" => Math.Sqrt,
            "rsqrt" => x => 1 / Math.Sqrt(x),
            "rcp" => x => 1 / x,
            "sin" => Math.Sin,
            "cos" => Math.Cos,
            "ex2" => x => Math.Pow(2, x),
            "lg2" => Math.Log2,
            "tanh" => Math.Tanh,
            _ => throw Unknown(),
        };
        // In double and rounded once more: for square roots and quotients of floats that is the same as rounding once.
        return Unary(Type == PtxType.F64 ? x => Bits(f(Double(x))) : x => Bits((float)f(Single(x))));
    }

    Action<PtxThread> Unary(Func<ulong, ulong> f)
    {
        int to = Destination;
        var a = Source(1);
        return thread => thread.Registers[to] = f(a(thread));
    }

    Action<PtxThread> Binary(Func<ulong, ulong, ulong> f)
    {
        int to = Destination;
        Func<PtxThread, ulong> a = Source(1), b = Source(2);
        return thread => thread.Registers[to] = f(a(thread), b(thread));
    }

    Action<PtxThread> FloatBinary()
    {
        bool keepsNaN = instruction.Has("NaN");
        Func<float, float, float> single = instruction.Name switch
        {
            "add" => (a, b) => a + b,
            "sub" => (a, b) => a - b,
            "mul" => (a, b) => a * b,
            "div" => (a, b) => a / b,
            "min" => keepsNaN ? MathF.Min : float.MinNumber,
            "max" => keepsNaN ? MathF.Max : float.MaxNumber,
            _ => throw Unknown(),
        };
        Func<double, double, double> wide = instruction.Name switch
        {
            "add" => (a, b) => a + b,
            "sub" => (a, b) => a - b,
            "mul" => (a, b) => a * b,
            "div" => (a, b) => a / b,
            "min" => double.MinNumber,
            _ => double.MaxNumber,
        };
        return Type switch
        {
            PtxType.F32 => Binary((a, b) => Bits(single(Single(a), Single(b)))),
            PtxType.F64 => Binary((a, b) => Bits(wide(Double(a), Double(b)))),
            _ => throw Unknown(),
        };
    }

    Action<PtxThread> IntegerBinary()
    {
        var type = Type;
        int bits = 8 * type.Bytes();
        bool signed = type.IsSigned();
        Func<ulong, ulong, ulong> f = instruction.Name switch
        {
            "add" => (a, b) => type.Cut(a + b),
            "sub" => (a, b) => type.Cut(a - b),
            "mul" when instruction.Has("wide") => (a, b) => (ulong)(type.Extend(a) * type.Extend(b)),
            "mul" when instruction.Has("hi") => signed
                ? (a, b) => type.Cut((ulong)(((Int128)type.Extend(a) * type.Extend(b)) >> bits))
                : (a, b) => type.Cut((ulong)(((UInt128)type.Cut(a) * type.Cut(b)) >> bits)),
            "mul" => (a, b) => type.Cut(a * b),
            // Division by zero is unspecified: all ones here.
            "div" => signed
                ? (a, b) => type.Extend(b) is 0 ? ulong.MaxValue : type.Cut((ulong)(type.Extend(a) / type.Extend(b)))
                : (a, b) => type.Cut(b) is 0 ? ulong.MaxValue : type.Cut(a) / type.Cut(b),
            "rem" => signed
                ? (a, b) => type.Extend(b) is 0 ? ulong.MaxValue : type.Cut((ulong)(type.Extend(a) % type.Extend(b)))
                : (a, b) => type.Cut(b) is 0 ? ulong.MaxValue : type.Cut(a) % type.Cut(b),
            "min" => signed ? (a, b) => type.Cut((ulong)Math.Min(type.Extend(a), type.Extend(b))) : (a, b) => Math.Min(type.Cut(a), type.Cut(b)),
            _ => signed ? (a, b) => type.Cut((ulong)Math.Max(type.Extend(a), type.Extend(b))) : (a, b) => Math.Max(type.Cut(a), type.Cut(b)),
        };
        return Binary(f);
    }

    Action<PtxThread> MultiplyAdd()
    {
        int to = Destination;
        var type = Type;
        bool wide = instruction.Has("wide");
        Func<PtxThread, ulong> a = Source(1), b = Source(2), c = Source(3, wide ? PtxType.S64 : null);
        if (instruction.Has("hi")) throw Unknown();
        return type switch
        {
            PtxType.F32 => t => t.Registers[to] = Bits(MathF.FusedMultiplyAdd(Single(a(t)), Single(b(t)), Single(c(t)))),
            PtxType.F64 => t => t.Registers[to] = Bits(Math.FusedMultiplyAdd(Double(a(t)), Double(b(t)), Double(c(t)))),
            _ when wide => t => t.Registers[to] = (ulong)(type.Extend(a(t)) * type.Extend(b(t))) + c(t),
            _ => t => t.Registers[to] = type.Cut(a(t) * b(t) + c(t)),
        };
    }

    Action<PtxThread> Shift()
    {
        int to = Destination;
        var type = Type;
        uint bits = 8 * (uint)type.Bytes();
        bool left = instruction.Name == "shl", signed = type.IsSigned();
        Func<PtxThread, ulong> a = Source(1), count = Source(2, PtxType.U32);
        return thread =>
        {
            uint by = (uint)count(thread);
            ulong x = a(thread);
            thread.Registers[to] = left ? (by >= bits ? 0 : type.Cut(x << (int)by))
                : signed ? type.Cut((ulong)(type.Extend(x) >> (int)Math.Min(by, bits - 1)))
                : by >= bits ? 0 : type.Cut(x) >> (int)by;
        };
    }

    Action<PtxThread> Select()
    {
        int to = Destination, predicate = Register(Operands[3]);
        Func<PtxThread, ulong> a = Source(1), b = Source(2);
        return thread => thread.Registers[to] = thread.Registers[predicate] != 0 ? a(thread) : b(thread);
    }

    Action<PtxThread> Compare()
    {
        int to = Destination;
        var type = Type;
        string relation = instruction.Opcode[1];
        Func<PtxThread, ulong> a = Source(1), b = Source(2);
        if (type.IsFloat())
        {
            // With a u at the end an operand that is not a number makes it true.
            bool unordered = relation.Length == 3 && relation[2] == 'u' && relation != "num";
            Func<double, double, bool> f = (unordered ? relation[..2] : relation) switch
            {
                "eq" => (x, y) => x == y,
                "ne" => (x, y) => x != y && !double.IsNaN(x) && !double.IsNaN(y),
                "lt" => (x, y) => x < y,
                "le" => (x, y) => x <= y,
                "gt" => (x, y) => x > y,
                "ge" => (x, y) => x >= y,
                "num" => (x, y) => !double.IsNaN(x) && !double.IsNaN(y),
                "nan" => (x, y) => double.IsNaN(x) || double.IsNaN(y),
                _ => throw Unknown(),
            };
            Func<ulong, double> value = type == PtxType.F64 ? Double : type == PtxType.F32 ? x => Single(x) : x => Half(x);
            return thread =>
            {
                double x = value(a(thread)), y = value(b(thread));
                thread.Registers[to] = f(x, y) || (unordered && (double.IsNaN(x) || double.IsNaN(y))) ? 1u : 0;
            };
        }
        Func<int, bool> holds = relation switch
        {
            "eq" => order => order == 0,
            "ne" => order => order != 0,
            "lt" or "lo" => order => order < 0,
            "le" or "ls" => order => order <= 0,
            "gt" or "hi" => order => order > 0,
            "ge" or "hs" => order => order >= 0,
            _ => throw Unknown(),
        };
        bool signed = type.IsSigned();
        return thread => thread.Registers[to] = holds(signed ? type.Extend(a(thread)).CompareTo(type.Extend(b(thread))) : type.Cut(a(thread)).CompareTo(type.Cut(b(thread)))) ? 1u : 0;
    }

    /// <summary>mov.b32 {low, high}, a.</summary>
    Action<PtxThread> Unpack()
    {
        int[] to = Vector(0);
        int bits = 8 * Type.Bytes() / to.Length;
        var a = Source(1);
        return thread =>
        {
            ulong all = a(thread);
            for (int i = 0; i < to.Length; i++) thread.Registers[to[i]] = all >> i * bits & (1ul << bits) - 1;
        };
    }

    /// <summary>cvt.rn.f16x2.f32 d, high, low.</summary>
    Action<PtxThread> PackHalves()
    {
        int to = Destination;
        Func<PtxThread, ulong> high = Source(1), low = Source(2);
        return thread => thread.Registers[to] = HalfBits(Single(high(thread))) << 16 | HalfBits(Single(low(thread)));
    }

    Action<PtxThread> Convert()
    {
        int to = Destination;
        PtxType into = PtxTypes.Parse(instruction.Opcode[^2]), from = Type;
        var a = Source(1, from);
        Func<double, double> round =
            instruction.Has("rni") ? x => Math.Round(x, MidpointRounding.ToEven)
            : instruction.Has("rmi") ? Math.Floor
            : instruction.Has("rpi") ? Math.Ceiling
            : instruction.Has("rzi") || !into.IsFloat() ? Math.Truncate
            : x => x;
        Func<ulong, double> read = from switch
        {
            PtxType.F64 => Double,
            PtxType.F32 => x => Single(x),
            PtxType.F16 => x => Half(x),
            _ => x => from.IsSigned() ? from.Extend(x) : from.Cut(x),
        };
        Func<ulong, ulong> convert = into switch
        {
            PtxType.F64 => x => Bits(round(read(x))),
            PtxType.F32 => from is PtxType.U64 ? x => Bits((float)x) : from is PtxType.S64 ? x => Bits((float)(long)x) : x => Bits((float)round(read(x))),
            PtxType.F16 => x => HalfBits((float)round(read(x))),
            _ when !from.IsFloat() => x => into.Cut((ulong)from.Extend(x)),
            // Saturates; not a number becomes 0.
            PtxType.S32 => x => (uint)(int)Math.Clamp(round(Zero(read(x))), int.MinValue, int.MaxValue),
            PtxType.U32 => x => (uint)Math.Clamp(round(Zero(read(x))), 0, uint.MaxValue),
            PtxType.S64 => x => (ulong)(long)round(Zero(read(x))),
            PtxType.U64 => x => (ulong)Math.Max(round(Zero(read(x))), 0),
            _ => throw Unknown(),
        };
        return thread => thread.Registers[to] = convert(a(thread));

        static double Zero(double x) => double.IsNaN(x) ? 0 : x;
    }
}
