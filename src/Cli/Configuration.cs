using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using InrFast.Imaging;

namespace InrFast.Cli;

/// <summary>
/// Options in a JSON file (--config, --save-config): one flat object, {"threads": 2, "preset": "smooth"}, keys as on the command line without
/// their dashes; an array where an option takes several values. Values go through the same checks, since they become arguments.
/// </summary>
internal sealed class Configuration
{
    private const long MaxBytes = 1 << 20;
    private readonly string path;
    private readonly List<(string Key, string[] Values)> entries = [];

    private Configuration(string path) => this.path = path;

    public static Configuration Load(string path)
    {
        var configuration = new Configuration(path);
        try
        {
            using var stream = InputStream.Open(path);
            if (stream.Length > MaxBytes)
            {
                throw new CommandException(ExitCode.LimitExceeded, $"{path}: a file of options has at most {MaxBytes >> 20} MiB; give the right file");
            }
            using var document = JsonDocument.Parse(stream, new JsonDocumentOptions
            {
                MaxDepth = 2, AllowDuplicateProperties = false, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip,
            });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new CommandException(ExitCode.BadInput, $"{path}: options are one JSON object, such as {{\"threads\": 2}}");
            }
            foreach (var property in document.RootElement.EnumerateObject())
            {
                configuration.entries.Add((property.Name, configuration.Texts(property)));
            }
            return configuration;
        }
        // The latter for texts that are not UTF-8.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CommandException(ExitCode.BadInput, $"{path}: no valid JSON of options: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>The arguments with those options added that they do not give themselves.</summary>
    public IReadOnlyList<string> AddTo(IReadOnlyList<string> arguments, ParseResult parsed)
    {
        var added = new List<string>();
        foreach (var (key, values) in entries)
        {
            var option = OptionsOf(parsed).FirstOrDefault(option => option.Name == $"--{key}")
                ?? throw new CommandException(ExitCode.WrongUse, $"{path}: '{key}' is no option of this command; inrfast {parsed.CommandResult.Command.Name} -h lists them");
            // A standard value is what holds without it; given, it might not go with the other options.
            if (parsed.GetResult(option) is null or { Implicit: true } && !(values is [var only] && only == StandardOf(option)))
            {
                added.AddRange(values.Select(value => $"{option.Name}={value}"));
            }
        }
        // Whatever follows -- is no option.
        var end = arguments.ToList().IndexOf("--");
        end = end < 0 ? arguments.Count : end;
        return [.. arguments.Take(end), .. added, .. arguments.Skip(end)];
    }

    /// <summary>Writes the whole set of options in force, standard values included.</summary>
    /// <param name="result">Of the run: what it took for options that have no standard value.</param>
    public static void Save(Stream stream, ParseResult parsed, Output.CommandResult result)
    {
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        foreach (var option in OptionsOf(parsed))
        {
            var given = parsed.GetResult(option);
            if ((given?.GetValueOrDefault<object?>() ?? (option == Options.Threads ? result.Threads : option == Options.Seed ? result.Seed : null)) is { } value)
            {
                writer.WritePropertyName(option.Name[2..]);
                Write(writer, value, [.. given?.Tokens.Select(token => token.Value) ?? []]);
            }
        }
        writer.WriteEndObject();
        writer.Flush();
        stream.WriteByte((byte)'\n');
    }

    private static IEnumerable<Option> OptionsOf(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.Concat(Options.OfEveryCommand).Where(option => option != Options.Config && option != Options.SaveConfig);

    private static string? StandardOf(Option option) => option is Option<bool> ? "false" : option.HasDefaultValue ? option.GetDefaultValue()?.ToString() : null;

    /// <param name="given">The value as the user wrote it; empty where it is the standard one.</param>
    private static void Write(Utf8JsonWriter writer, object value, string[] given)
    {
        switch (value)
        {
            case bool flag: writer.WriteBooleanValue(flag); break;
            case int or long or ulong or double: writer.WriteRawValue(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture)); break;
            case string[]:
                writer.WriteStartArray();
                given.ToList().ForEach(writer.WriteStringValue);
                writer.WriteEndArray();
                break;
            default: writer.WriteStringValue(given is [var text] ? text : value.ToString()); break;
        }
    }

    private string[] Texts(JsonProperty property) =>
        property.Value.ValueKind == JsonValueKind.Array ? [.. property.Value.EnumerateArray().Select(value => Text(property.Name, value))] : [Text(property.Name, property.Value)];

    private string Text(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => throw new CommandException(ExitCode.BadInput, $"{path}: '{name.ReplaceLineEndings(" ")}' must be a text, a number, true or false, or an array of these"),
    };
}
