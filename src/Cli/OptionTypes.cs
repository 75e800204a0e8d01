using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace InrFast.Cli;

/// <summary>Options whose values are checked while parsing, with messages that name the value, the limit and the remedy.</summary>
internal static class OptionTypes
{
    public static Option<string?> File(string name, string description, string helpName = "FILE") => new(name) { Description = description, HelpName = helpName };

    /// <summary>A file of one format, which its name must say.</summary>
    public static Option<string?> FileOf(string ending, string name, string description)
    {
        var option = File(name, description, $"FILE{ending}");
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var path] && !path.Value.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            {
                result.AddError($"{name}: '{path.Value}' must end in {ending}, which is what is written");
            }
        });
        return option;
    }

    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    /// <summary>A number from <paramref name="minimum"/> to <paramref name="maximum"/>, both allowed; null where it was not given.</summary>
    public static Option<T?> Number<T>(string name, string helpName, string description, T minimum, T maximum) where T : struct, INumber<T> =>
        Parsed(name, helpName, description, text =>
            T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= minimum && value <= maximum ? value : (T?)null,
            string.Create(CultureInfo.InvariantCulture, $"{(typeof(T) == typeof(double) ? "number" : "whole number")} from {minimum} to {maximum}"));

    /// <summary>An option of one value; <paramref name="parse"/> returns null for what is not <paramref name="expected"/>.</summary>
    public static Option<T?> Parsed<T>(string name, string helpName, string description, Func<string, T?> parse, string expected) where T : struct => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result => parse(result.Tokens[0].Value) ?? Refuse<T>(result, name, expected),
    };

    /// <summary>One of some names.</summary>
    public static Option<string> Choice(string name, string description, string standard, params string[] names) => new(name)
    {
        Description = description,
        HelpName = string.Join('|', names),
        DefaultValueFactory = _ => standard,
        CustomParser = result => names.Contains(result.Tokens[0].Value) ? result.Tokens[0].Value : RefuseChoice(result, name, names),
    };

    private static T? Refuse<T>(ArgumentResult result, string name, string expected) where T : struct
    {
        result.AddError($"{name}: '{result.Tokens[0].Value}' is no {expected}");
        return null;
    }

    private static string RefuseChoice(ArgumentResult result, string name, string[] names)
    {
        result.AddError($"{name}: '{result.Tokens[0].Value}' is none of {string.Join(", ", names)}");
        return "";
    }
}
