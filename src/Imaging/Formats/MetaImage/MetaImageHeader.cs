using System.Globalization;

namespace InrFast.Imaging;

/// <summary>The keys of a MetaImage header (itk.org/Wiki/ITK/MetaIO/Documentation), as they stand in the file.</summary>
internal sealed class MetaImageHeader
{
    private readonly InputFile file;
    private readonly Dictionary<string, string> keys = new(StringComparer.OrdinalIgnoreCase);

    public MetaImageHeader(InputFile file)
    {
        this.file = file;
        // The key of the voxels' file is the last one; with LIST, the names follow it to the end.
        var (lines, end) = TextHeader.Read(file, line => line.StartsWith("ElementDataFile", StringComparison.OrdinalIgnoreCase));
        DataOffset = end;
        foreach (var line in lines)
        {
            if (line.IndexOf('=', StringComparison.Ordinal) is var equals and > 0)
            {
                keys[line[..equals].Trim()] = line[(equals + 1)..].Trim();
            }
        }
    }

    /// <summary>Where local voxels begin.</summary>
    public long DataOffset { get; }

    /// <summary>The first of several spellings that is there.</summary>
    public string? this[params ReadOnlySpan<string> names]
    {
        get
        {
            foreach (var name in names)
            {
                if (keys.TryGetValue(name, out var value))
                {
                    return value;
                }
            }
            return null;
        }
    }

    public bool Flag(params ReadOnlySpan<string> names) => this[names] is { } text && (text.StartsWith('T') || text.StartsWith('t') || text.StartsWith('1'));

    public long Integer(string name, long unlessGiven) => this[name] is not { } text ? unlessGiven
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value
        : throw file.Malformed($"its key {name} is '{InputFile.Shown(text)}' and no whole number; get a sound copy");

    /// <summary>Numbers of which there must be <paramref name="count"/>; null where the key is absent.</summary>
    public double[]? Numbers(int count, params ReadOnlySpan<string> names)
    {
        if (this[names] is not { } text)
        {
            return null;
        }
        var parts = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var numbers = new double[count];
        for (var i = 0; i < count; i++)
        {
            if (parts.Length != count || !double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]) || !double.IsFinite(numbers[i]))
            {
                throw file.Malformed($"its key {names[0]} is '{InputFile.Shown(text)}' instead of {count} numbers; get a sound copy");
            }
        }
        return numbers;
    }
}
