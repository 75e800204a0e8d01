using System.Text.RegularExpressions;
using InrFast.Kernels.Gpu;

namespace InrFast.Tests.Ptx;

/// <summary>What the text of every kernel must be like: seen here, it would cost speed or be wrong on a card.</summary>
static partial class CleanPtx
{
    static readonly (Regex Pattern, string Complaint)[] Unwanted =
    [
        (Local(), "local memory: an array that was not unrolled, or a spilled address"),
        (Generic(), "a generic access, whose address space was not inferred"),
        (Call(), "a call that was not inlined"),
        (Function(), "a function that nobody calls"),
        (Branches(), "an indirect branch: a switch that was not resolved"),
        (TwoBarriers(), "two barriers with nothing between"),
        (Approximate(), "an approximate function without range reduction"),
        (BitsOfAWholeNumber(), "the bits of a whole number as a float (write 1f, not 1, where a condition selects)"),
    ];

    /// <summary>Null, or what is wrong.</summary>
    public static string? Complaint(string text)
    {
        if (!text.Contains(".version 8.0", StringComparison.Ordinal) || !text.Contains(".target sm_80", StringComparison.Ordinal)) return "the module is not PTX 8.0 for sm_80";
        if (!MaxThreads().IsMatch(text)) return "the kernel has no .maxntid";
        foreach (var (pattern, complaint) in Unwanted)
            if (pattern.Match(text) is { Success: true } match) return $"{Entry().Match(text).Groups[1].Value} has {complaint}: {match.Value.Trim()}";
        return OnlyOnCuda().IsMatch(text) ? null : Untranslatable(text);
    }

    /// <summary>What does not need warps or matrix units must have its form in OpenCL C.</summary>
    static string? Untranslatable(string text)
    {
        try
        {
            OpenClSource.Of(PtxParser.Parse(text));
            return null;
        }
        catch (NotSupportedException e)
        {
            return e.Message;
        }
    }

    [GeneratedRegex(@"\b(mma|ldmatrix|shfl|cp\.async)\b|\.extern \.shared|\.f16")] private static partial Regex OnlyOnCuda();
    [GeneratedRegex(@"\.entry (\w+)")] private static partial Regex Entry();
    [GeneratedRegex(@"\.maxntid \d+")] private static partial Regex MaxThreads();
    [GeneratedRegex(@"^.*\.local\b.*$", RegexOptions.Multiline)] private static partial Regex Local();
    [GeneratedRegex(@"\b(ld|st)\.(v\d\.)?[bfsu]\d+.*$", RegexOptions.Multiline)] private static partial Regex Generic();
    [GeneratedRegex(@"\bcall\b.*$", RegexOptions.Multiline)] private static partial Regex Call();
    [GeneratedRegex(@"\.func\b.*$", RegexOptions.Multiline)] private static partial Regex Function();
    [GeneratedRegex(@"\.branchtargets.*$", RegexOptions.Multiline)] private static partial Regex Branches();
    [GeneratedRegex(@"bar\.sync\s+0;\s+bar\.sync")] private static partial Regex TwoBarriers();
    [GeneratedRegex(@"\b(sin|cos|tanh|ex2|lg2)\.approx.*$", RegexOptions.Multiline)] private static partial Regex Approximate();
    [GeneratedRegex(@"^.*\b0f0000000[1-9A-F].*$", RegexOptions.Multiline)] private static partial Regex BitsOfAWholeNumber();
}
