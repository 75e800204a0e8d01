using System.Globalization;
using System.Text;

namespace InrFast.Kernels.Gpu;

/// <summary>
/// A kernel's PTX as OpenCL C 1.2: a variable for every register, a statement for every instruction, goto for branches. The kernel's struct is its argument, whose fields are those that it loads; addresses
/// of global memory are numbers of 64 bits, as in PTX; shared memory is one array and its addresses offsets in it. Integers are added, subtracted, multiplied and shifted unsigned, where C defines what an overflow is.
/// Instructions of warps, matrix units and asynchronous copies have no counterpart.
/// </summary>
sealed class OpenClSource
{
    const int SharedAlignment = 16;
    readonly PtxKernel kernel;
    readonly SortedDictionary<int, PtxType> fields = [];
    readonly StringBuilder body = new();

    OpenClSource(PtxKernel kernel) => this.kernel = kernel;

    public static string Of(PtxKernel kernel) => new OpenClSource(kernel).Translate();

    string Translate()
    {
        if (kernel.Shared.Values.Any(variable => variable.Bytes == 0)) throw new NotSupportedException($"{kernel.Name} takes the shared memory of its launch");
        var labels = kernel.Labels.ToLookup(label => label.Value, label => label.Key);
        for (int i = 0; i <= kernel.Instructions.Count; i++)
        {
            foreach (string label in labels[i]) body.Append(label).Append(":;\n");
            if (i < kernel.Instructions.Count) body.Append('\t').Append(new Statement(this, kernel.Instructions[i], kernel.Registers[i]).Text()).Append('\n');
        }
        var text = new StringBuilder("#pragma OPENCL EXTENSION cl_khr_fp64 : enable\n#pragma OPENCL EXTENSION cl_khr_int64_base_atomics : enable\n");
        text.Append("typedef struct {").Append(Fields()).Append(" } Argument;\n");
        text.Append(null, $"__kernel void {kernel.Name}(const Argument argument)\n{{\n");
        if (kernel.SharedBytes > 0) text.Append(null, $"\t__local uint4 memory[{(kernel.SharedBytes + SharedAlignment - 1) / SharedAlignment}];\n\t__local uchar* shared = (__local uchar*)memory;\n");
        foreach (var type in kernel.RegisterTypes.Index().GroupBy(register => register.Item, register => $"v{register.Index}")) text.Append(null, $"\t{Name(type.Key)} {string.Join(", ", type)};\n");
        return text.Append(body).Append("}\n").ToString();
    }

    /// <summary>Those that are loaded, in their places; the rest is filled.</summary>
    string Fields()
    {
        var text = new StringBuilder();
        int end = 0;
        foreach (var (offset, type) in fields)
        {
            Fill(offset);
            text.Append(null, $" {Name(type)} at{offset};");
            end = offset + type.Bytes();
        }
        Fill(kernel.ParameterBytes);
        return text.ToString();

        void Fill(int upTo)
        {
            if (upTo < end) throw new NotSupportedException($"{kernel.Name} loads bytes of its argument as two types");
            if (upTo > end) text.Append(null, $" uchar fill{end}[{upTo - end}];");
        }
    }

    string Field(string address, PtxType type)
    {
        var (name, offset) = Split(address);
        int at = kernel.Parameters[name].Offset + (int)offset;
        fields.TryAdd(at, type);
        return fields[at] == type ? $"argument.at{at}" : throw new NotSupportedException($"{kernel.Name} loads byte {at} of its argument as two types");
    }

    /// <summary>[name], [name + offset].</summary>
    static (string Name, long Offset) Split(string address)
    {
        var parts = address.Trim('[', ']', ' ').Split('+', StringSplitOptions.TrimEntries);
        return (parts[0], parts.Length > 1 ? long.Parse(parts[1], CultureInfo.InvariantCulture) : 0);
    }

    static string Name(PtxType type) => type switch
    {
        PtxType.Pred => "bool",
        PtxType.B8 or PtxType.U8 => "uchar",
        PtxType.B16 or PtxType.U16 => "ushort",
        PtxType.B32 or PtxType.U32 => "uint",
        PtxType.B64 or PtxType.U64 => "ulong",
        PtxType.S8 => "char",
        PtxType.S16 => "short",
        PtxType.S32 => "int",
        PtxType.S64 => "long",
        PtxType.F32 => "float",
        PtxType.F64 => "double",
        _ => throw new NotSupportedException($"OpenCL C has no .{type} here"),
    };

    static PtxType Unsigned(PtxType type) => type switch { PtxType.S8 => PtxType.U8, PtxType.S16 => PtxType.U16, PtxType.S32 => PtxType.U32, PtxType.S64 => PtxType.U64, _ => type };

    /// <summary>An expression's bits as another type of the same size, or its number as another integer.</summary>
    static string As(PtxType to, PtxType from, string expression) =>
        Name(to) == Name(from) ? expression
        : to.Bytes() == from.Bytes() && to != PtxType.Pred && from != PtxType.Pred ? $"as_{Name(to)}({expression})"
        : !to.IsFloat() && !from.IsFloat() ? $"({Name(to)})({expression})"
        : throw new NotSupportedException($"{from} as {to}");

    /// <summary>One instruction (PTX ISA 8.0, section 9.7).</summary>
    sealed class Statement(OpenClSource source, PtxInstruction instruction, IReadOnlyDictionary<string, int> registers)
    {
        string[] Operands => instruction.Operands;
        PtxType Type => instruction.Type;

        NotSupportedException Unknown => new($"{source.kernel.Name} has no form in OpenCL C: {instruction.Text}");

        public string Text()
        {
            string text = Plain();
            return instruction.Guard < 0 ? text : $"if ({(instruction.GuardIsNegated ? "!" : "")}v{instruction.Guard}) {{ {text} }}";
        }

        string Plain() => instruction.Name switch
        {
            "bra" => $"goto {Operands[0]};",
            "ret" => "return;",
            "bar" when Operands is ["0"] => "barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);",
            "ld" => Load(),
            "st" => Store(),
            "red" => Add(),
            "cvt" => Convert(),
            "setp" => Set(PtxType.Pred, Comparison()),
            "mul" when instruction.Has("wide") => Set(Type.IsSigned() ? PtxType.S64 : PtxType.U64, Type.IsSigned() ? $"(long){In(1)} * (long){In(2)}" : $"(ulong){In(1)} * (ulong){In(2)}"),
            "mul" when instruction.Has("hi") => Set(Type, $"mul_hi({In(1)}, {In(2)})"),
            "neg" when !Type.IsFloat() => Set(Unsigned(Type), $"0 - {In(1, Unsigned(Type))}"),
            "add" or "sub" or "mul" => Arithmetic(instruction.Name switch { "add" => "+", "sub" => "-", _ => "*" }),
            "shl" or "shr" => Shift(),
            _ => Set(Type, Value()),
        };

        string Value() => instruction.Name switch
        {
            "mov" => In(1),
            "and" => $"{In(1)} & {In(2)}",
            "or" => $"{In(1)} | {In(2)}",
            "xor" => $"{In(1)} ^ {In(2)}",
            "not" => Type == PtxType.Pred ? $"!{In(1)}" : $"~{In(1)}",
            "div" => $"{In(1)} / {In(2)}",
            "rem" => $"{In(1)} % {In(2)}",
            "neg" => $"-{In(1)}",
            "abs" when Type.IsFloat() => $"fabs({In(1)})",
            "rcp" => $"1 / {In(1)}",
            "fma" => $"fma({In(1)}, {In(2)}, {In(3)})",
            "sqrt" => $"sqrt({In(1)})",
            "min" or "max" when instruction.Has("NaN") => $"isunordered({In(1)}, {In(2)}) ? NAN : f{instruction.Name}({In(1)}, {In(2)})",
            "min" or "max" => $"{(Type.IsFloat() ? "f" : "")}{instruction.Name}({In(1)}, {In(2)})",
            "selp" => $"{In(3, PtxType.Pred)} ? {In(1)} : {In(2)}",
            _ => throw Unknown,
        };

        string Arithmetic(string sign)
        {
            var type = Unsigned(Type);
            return Set(type, $"{In(1, type)} {sign} {In(2, type)}");
        }

        /// <summary>By the width or more, where C defines nothing, leaves zeros or the sign.</summary>
        string Shift()
        {
            int bits = 8 * Type.Bytes();
            string by = In(2, PtxType.U32);
            return instruction.Name == "shr" && Type.IsSigned() ? Set(Type, $"{In(1)} >> min({by}, {bits - 1}u)")
                : Set(Unsigned(Type), $"{by} < {bits}u ? {In(1, Unsigned(Type))} {(instruction.Name == "shl" ? "<<" : ">>")} {by} : 0");
        }

        string Comparison()
        {
            string relation = instruction.Opcode[1], a = In(1), b = In(2);
            return relation switch
            {
                "eq" => $"{a} == {b}",
                "ne" when Type.IsFloat() => $"islessgreater({a}, {b})",
                "ne" or "neu" => $"{a} != {b}",
                "lt" or "lo" => $"{a} < {b}",
                "le" or "ls" => $"{a} <= {b}",
                "gt" or "hi" => $"{a} > {b}",
                "ge" or "hs" => $"{a} >= {b}",
                // With a u at the end an operand that is not a number makes it true.
                "equ" => $"!islessgreater({a}, {b})",
                "ltu" => $"!({a} >= {b})",
                "leu" => $"!({a} > {b})",
                "gtu" => $"!({a} <= {b})",
                "geu" => $"!({a} < {b})",
                _ => throw Unknown,
            };
        }

        string Convert()
        {
            PtxType to = PtxTypes.Parse(instruction.Opcode[^2]), from = Type;
            string value = In(1), rounding = instruction.Opcode[1];
            if (to.IsFloat() && from == to) return Set(to, rounding switch { "rmi" => $"floor({value})", "rpi" => $"ceil({value})", "rni" => $"rint({value})", "rzi" => $"trunc({value})", _ => throw Unknown });
            return Set(to, rounding switch
            {
                "rn" => $"convert_{Name(to)}_rte({value})",
                "rni" => $"convert_{Name(to)}_sat_rte({value})",
                "rzi" => $"convert_{Name(to)}_sat_rtz({value})",
                "rmi" => $"convert_{Name(to)}_sat_rtn({value})",
                "rpi" => $"convert_{Name(to)}_sat_rtp({value})",
                _ => $"({Name(to)}){value}",
            });
        }

        string Load()
        {
            if (instruction.Has("param")) return Set(Type, source.Field(Operands[1], Type));
            if (!Operands[0].StartsWith('{')) return Set(Type, $"*({Space} {Name(Type)}*)({Address(1)})");
            string[] to = PtxInstruction.SplitVector(Operands[0]);
            return $"{{ {Name(Type)}{to.Length} all = *({Space} {Name(Type)}{to.Length}*)({Address(1)}); {string.Join(" ", to.Select((register, i) => Set(register, Type, $"all.s{i}")))} }}";
        }

        string Store()
        {
            if (!Operands[1].StartsWith('{')) return $"*({Space} {Name(Type)}*)({Address(0)}) = {In(1)};";
            string[] from = PtxInstruction.SplitVector(Operands[1]);
            string type = $"{Name(Type)}{from.Length}";
            return $"*({Space} {type}*)({Address(0)}) = ({type})({string.Join(", ", from.Select(operand => In(operand, Type)))});";
        }

        string Add() => instruction.Opcode switch
        {
            ["red", "global", "add", "u64"] => $"atom_add((volatile __global ulong*)({Address(0)}), {In(1)});",
            ["red", "global", "max", "s32"] => $"atomic_max((volatile __global int*)({Address(0)}), {In(1)});",
            _ => throw Unknown,
        };

        string Space => instruction.Has("global") ? "__global" : instruction.Has("shared") ? "__local" : throw Unknown;

        string Address(int operand)
        {
            var (name, offset) = Split(Operands[operand]);
            string start = instruction.Has("shared") ? $"shared + {In(name, PtxType.U64)}" : In(name, PtxType.U64);
            return offset == 0 ? start : $"{start} + {offset}";
        }

        string Set(PtxType type, string expression) => Set(Operands[0], type, expression);

        string Set(string register, PtxType type, string expression)
        {
            int to = registers.TryGetValue(register, out int found) ? found : throw Unknown;
            return $"v{to} = {As(source.kernel.RegisterTypes[to], type, expression)};";
        }

        string In(int operand, PtxType? type = null) => In(Operands[operand], type ?? Type);

        /// <summary>A register, a special register, the address of a shared variable, a literal.</summary>
        string In(string operand, PtxType type)
        {
            if (registers.TryGetValue(operand, out int register)) return As(type, source.kernel.RegisterTypes[register], $"v{register}");
            if (source.kernel.Shared.TryGetValue(operand, out var variable)) return $"({Name(type)}){variable.Offset}";
            if (operand.StartsWith('%')) return As(type, PtxType.U32, Special(operand));
            if (type == PtxType.Pred) return operand == "0" ? "false" : "true";
            ulong bits = operand.Length > 2 && char.ToUpperInvariant(operand[1]) is 'F' or 'D' or 'X' ? ulong.Parse(operand.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                : long.TryParse(operand, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long signed) ? (ulong)signed
                : ulong.TryParse(operand, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : throw Unknown;
            var literal = type.Bytes() == 8 ? PtxType.U64 : PtxType.U32;
            return As(type, literal, $"0x{literal.Cut(bits):x}u{(literal == PtxType.U64 ? "l" : "")}");
        }

        string Special(string operand)
        {
            int axis = operand[^1] - 'x';
            return operand[..^2] switch
            {
                "%tid" => $"(uint)get_local_id({axis})",
                "%ntid" => $"(uint)get_local_size({axis})",
                "%ctaid" => $"(uint)get_group_id({axis})",
                "%nctaid" => $"(uint)get_num_groups({axis})",
                _ => throw Unknown,
            };
        }
    }
}
