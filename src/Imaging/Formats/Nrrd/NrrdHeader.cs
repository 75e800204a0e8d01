using System.Globalization;

namespace InrFast.Imaging;

/// <summary>The fields of a NRRD header (teem.sourceforge.net/nrrd/format.html), as they stand in the file.</summary>
internal sealed class NrrdHeader
{
    private static readonly Dictionary<string, SampleType> Types = new()
    {
        ["signed char"] = SampleType.Int8, ["int8"] = SampleType.Int8, ["int8_t"] = SampleType.Int8,
        ["uchar"] = SampleType.UInt8, ["unsigned char"] = SampleType.UInt8, ["uint8"] = SampleType.UInt8, ["uint8_t"] = SampleType.UInt8,
        ["short"] = SampleType.Int16, ["short int"] = SampleType.Int16, ["signed short"] = SampleType.Int16, ["signed short int"] = SampleType.Int16,
        ["int16"] = SampleType.Int16, ["int16_t"] = SampleType.Int16,
        ["ushort"] = SampleType.UInt16, ["unsigned short"] = SampleType.UInt16, ["unsigned short int"] = SampleType.UInt16,
        ["uint16"] = SampleType.UInt16, ["uint16_t"] = SampleType.UInt16,
        ["int"] = SampleType.Int32, ["signed int"] = SampleType.Int32, ["int32"] = SampleType.Int32, ["int32_t"] = SampleType.Int32,
        ["uint"] = SampleType.UInt32, ["unsigned int"] = SampleType.UInt32, ["uint32"] = SampleType.UInt32, ["uint32_t"] = SampleType.UInt32,
        ["longlong"] = SampleType.Int64, ["long long"] = SampleType.Int64, ["long long int"] = SampleType.Int64, ["signed long long"] = SampleType.Int64,
        ["signed long long int"] = SampleType.Int64, ["int64"] = SampleType.Int64, ["int64_t"] = SampleType.Int64,
        ["ulonglong"] = SampleType.UInt64, ["unsigned long long"] = SampleType.UInt64, ["unsigned long long int"] = SampleType.UInt64,
        ["uint64"] = SampleType.UInt64, ["uint64_t"] = SampleType.UInt64,
        ["float"] = SampleType.Float32, ["double"] = SampleType.Float64,
    };

    private readonly InputFile file;
    private readonly Dictionary<string, string> fields = new(StringComparer.OrdinalIgnoreCase);

    public NrrdHeader(InputFile file)
    {
        this.file = file;
        var (lines, end) = TextHeader.Read(file, line => line.Length == 0);
        DataOffset = end;
        for (var i = 1; i < lines.Count; i++)
        {
            var colon = lines[i].IndexOf(':', StringComparison.Ordinal);
            // Comments, and key/value pairs (key:=value), say nothing about the array.
            if (lines[i].StartsWith('#') || colon <= 0 || lines[i][(colon + 1)..].StartsWith('='))
            {
                continue;
            }
            var (name, value) = (Canonical(lines[i][..colon].Trim()), lines[i][(colon + 1)..].Trim());
            fields[name] = value;
            if (name == "data file" && value.StartsWith("LIST", StringComparison.Ordinal))
            {
                DataFiles = lines[(i + 1)..].FindAll(line => line.Length > 0);
                break;
            }
        }
    }

    /// <summary>Where attached data begins.</summary>
    public long DataOffset { get; }

    /// <summary>The names after "data file: LIST".</summary>
    public IReadOnlyList<string>? DataFiles { get; }

    public string? this[string name] => fields.GetValueOrDefault(name);

    public string Require(string name) => this[name] ?? throw file.Malformed($"its header has no field '{name}'; this is no valid NRRD");

    public SampleType Type() => Types.TryGetValue(Require("type").ToLowerInvariant(), out var type)
        ? type
        : throw file.Unsupported($"elements of type '{InputFile.Shown(Require("type"))}' cannot be read; save them as numbers");

    public int Integer(string name, int unlessGiven) => this[name] is not { } text ? unlessGiven
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value
        : throw file.Malformed($"its field '{name}' is '{InputFile.Shown(text)}' and no whole number; get a sound copy");

    /// <summary>One value for each of <paramref name="count"/> axes, null where the field is absent. Parentheses and quotes hold a value together.</summary>
    public List<string>? PerAxis(string name, int count)
    {
        if (this[name] is not { } text)
        {
            return null;
        }
        var values = new List<string>();
        for (var i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }
            var close = text[i] switch { '(' => ')', '"' => '"', _ => ' ' };
            var end = close == ' ' ? text.AsSpan(i).IndexOfAny(" \t") : text.AsSpan(i + 1).IndexOf(close) + 2;
            end = end <= 0 || close != ' ' && end == 1 ? text.Length : i + end;
            values.Add(text[i..end]);
            i = end;
        }
        return values.Count == count
            ? values
            : throw file.Malformed($"its field '{name}' has {values.Count} entries for {count} axes; get a sound copy");
    }

    /// <summary>A vector "(a,b,c)"; null for "none".</summary>
    public double[]? Vector(string text, int length)
    {
        if (text.Trim() is "none" or "???")
        {
            return null;
        }
        var parts = text.Trim().TrimStart('(').TrimEnd(')').Split(',');
        return parts.Length == length ? Array.ConvertAll(parts, Number) : throw file.Malformed($"'{InputFile.Shown(text)}' is no vector of {length} numbers; get a sound copy");
    }

    public double Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
        ? value
        : text.Trim() is "nan" or "none" or "???" ? double.NaN : throw file.Malformed($"'{InputFile.Shown(text)}' is no number; get a sound copy");

    // Fields with two spellings.
    private static string Canonical(string name) => name.ToLowerInvariant() switch
    {
        "datafile" => "data file",
        "lineskip" => "line skip",
        "byteskip" => "byte skip",
        "centers" => "centerings",
        "axismins" => "axis mins",
        var other => other,
    };
}
