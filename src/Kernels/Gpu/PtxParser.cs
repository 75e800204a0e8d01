using System.Globalization;
using System.Text.RegularExpressions;

namespace InrFast.Kernels.Gpu;

/// <summary>Reads one entry of a PTX module: declarations, labels and instructions in their scopes. Functions beside it are skipped.</summary>
sealed partial class PtxParser
{
    readonly List<PtxInstruction> instructions = [];
    readonly Dictionary<string, int> labels = [];
    readonly List<Dictionary<string, int>> scopes = [[]];
    readonly List<IReadOnlyDictionary<string, int>> registers = [];
    readonly Dictionary<string, PtxSymbol> parameters = [], shared = [], local = [];
    readonly List<PtxType> types = [];
    int parameterBytes, sharedBytes, localBytes;

    public static PtxKernel Parse(string text, string? entry = null) => new PtxParser().Read(BlockComment().Replace(LineComment().Replace(text, ""), ""), entry);

    PtxKernel Read(string text, string? entry)
    {
        var head = Regex.Match(text, $@"\.entry\s+({entry ?? @"[\w$]+"})\s*\(([^)]*)\)([^{{]*)\{{");
        if (!head.Success) throw new FormatException($"the module has no entry {entry}");
        foreach (Match p in ParameterDeclaration().Matches(head.Groups[2].Value)) Place(parameters, ref parameterBytes, p);
        var limit = Regex.Match(head.Groups[3].Value, @"\.maxntid\s+(\d+)(?:\s*,\s*(\d+))?(?:\s*,\s*(\d+))?");
        int maxThreads = limit.Success ? limit.Groups.Values.Skip(1).Where(g => g.Success).Aggregate(1, (n, g) => n * Number(g)) : 1024;
        Body(text, head.Index + head.Length);
        if (LaunchShared().Match(text) is { Success: true } own) shared[own.Groups[1].Value] = new(sharedBytes = (sharedBytes + 15) / 16 * 16, 0);
        return new()
        {
            Name = head.Groups[1].Value, Instructions = instructions, Labels = labels, Registers = registers, RegisterTypes = types, Parameters = parameters, ParameterBytes = parameterBytes,
            Shared = shared, SharedBytes = sharedBytes, Local = local, LocalBytes = localBytes, MaxThreads = maxThreads,
        };
    }

    void Body(string text, int at)
    {
        while (true)
        {
            while (char.IsWhiteSpace(text[at])) at++;
            if (text[at] == '{')
            {
                scopes.Add(new(scopes[^1]));
                at++;
            }
            else if (text[at] == '}')
            {
                scopes.RemoveAt(scopes.Count - 1);
                at++;
                if (scopes.Count == 0) return;
            }
            else if (Label().Match(text, at) is { Success: true } label)
            {
                labels[label.Groups[1].Value] = instructions.Count;
                at += label.Length;
            }
            else
            {
                int end = text.IndexOf(';', at);
                Statement(Spaces().Replace(text[at..end].Trim(), " "));
                at = end + 1;
            }
        }
    }

    void Statement(string text)
    {
        if (text.StartsWith(".reg", StringComparison.Ordinal)) Declare(text);
        else if (VariableDeclaration().Match(text) is { Success: true } variable)
        {
            if (variable.Groups["space"].Value == "shared") Place(shared, ref sharedBytes, variable);
            else Place(local, ref localBytes, variable);
        }
        else if (text.StartsWith('.')) throw new FormatException($"unknown declaration: {text}");
        else if (text.Length > 0) Instruction(text);
    }

    /// <summary>.reg .f32 %f&lt;4&gt;, x: %f0 .. %f3 and x.</summary>
    void Declare(string text)
    {
        const int TypeAt = 6;
        int end = text.IndexOf(' ', TypeAt);
        var type = PtxTypes.Parse(text[TypeAt..end]);
        foreach (Match m in RegisterDeclaration().Matches(text[end..]))
        {
            string name = m.Groups[1].Value;
            if (!m.Groups[2].Success) Add(name);
            else
                for (int i = 0; i < Number(m.Groups[2]); i++) Add(name + i);
        }

        void Add(string name)
        {
            scopes[^1][name] = types.Count;
            types.Add(type);
        }
    }

    static int Number(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    static void Place(Dictionary<string, PtxSymbol> symbols, ref int end, Match m)
    {
        var type = PtxTypes.Parse(m.Groups["type"].Value);
        int bytes = type.Bytes() * (m.Groups["count"].Success ? Number(m.Groups["count"]) : 1), align = m.Groups["align"].Success ? Number(m.Groups["align"]) : type.Bytes();
        int offset = (end + align - 1) / align * align;
        symbols[m.Groups["name"].Value] = new(offset, bytes);
        end = offset + bytes;
    }

    void Instruction(string text)
    {
        int guard = -1;
        bool negated = false;
        string whole = text;
        if (GuardPrefix().Match(text) is { Success: true } m)
        {
            (negated, guard) = (m.Groups[1].Length > 0, scopes[^1][m.Groups[2].Value]);
            text = text[m.Length..];
        }
        int space = text.IndexOf(' ');
        string opcode = space < 0 ? text : text[..space];
        instructions.Add(new(whole, opcode.Split('.'), space < 0 ? [] : [.. Operands(text[space..])]) { Guard = guard, GuardIsNegated = negated });
        registers.Add(scopes[^1]);
    }

    static IEnumerable<string> Operands(string text)
    {
        int depth = 0, start = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == ',' && depth == 0))
            {
                yield return text[start..i].Trim();
                start = i + 1;
            }
            else if (text[i] is '{' or '[') depth++;
            else if (text[i] is '}' or ']') depth--;
        }
    }

    [GeneratedRegex(@"\.extern \.shared \.align 16 \.b8 (\w+)\[\];")] private static partial Regex LaunchShared();
    [GeneratedRegex(@"//[^\n]*")] private static partial Regex LineComment();
    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline)] private static partial Regex BlockComment();
    [GeneratedRegex(@"\s+")] private static partial Regex Spaces();
    [GeneratedRegex(@"\G([\w$]+):")] private static partial Regex Label();
    [GeneratedRegex(@"^@(!?)(%?[\w$]+) ")] private static partial Regex GuardPrefix();
    [GeneratedRegex(@"(%?[\w$]+)(?:<(\d+)>)?")] private static partial Regex RegisterDeclaration();
    [GeneratedRegex(@"\.param\s+(?:\.align\s+(?<align>\d+)\s+)?\.(?<type>\w+)\s+(?<name>[\w$]+)(?:\[(?<count>\d+)\])?")] private static partial Regex ParameterDeclaration();
    [GeneratedRegex(@"^\.(?<space>shared|local) (?:\.align (?<align>\d+) )?\.(?<type>\w+) (?<name>[\w$]+)(?:\[(?<count>\d+)\])?")] private static partial Regex VariableDeclaration();
}
