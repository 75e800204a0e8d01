using System.Text;

namespace InrFast.Imaging.Dicom;

/// <summary>
/// Text in the character sets of PS3.3, C.12.1.1.2: one set for the whole value, or several between which escape sequences switch (ISO 2022,
/// PS3.5, 6.1.2.5). A set is in force in the lower half of the bytes (G0), the upper half (G1), or both.
/// </summary>
internal static class DicomText
{
    private const byte Escape = 0x1B;

    // Defined term without its prefix, escape sequence, .NET encoding of its bytes once they stand in the upper half.
    private static readonly (string Term, string Sequence, string Encoding)[] Sets =
    [
        ("6", "(B", "us-ascii"), ("100", "-A", "iso-8859-1"), ("101", "-B", "iso-8859-2"), ("109", "-C", "iso-8859-3"), ("110", "-D", "iso-8859-4"),
        ("144", "-L", "iso-8859-5"), ("127", "-G", "iso-8859-6"), ("126", "-F", "iso-8859-7"), ("138", "-H", "iso-8859-8"), ("148", "-M", "iso-8859-9"),
        ("203", "-b", "iso-8859-15"), ("166", "-T", "windows-874"), ("13", ")I", "shift_jis"), ("14", "(J", "us-ascii"),
        ("87", "$B", "euc-jp"), ("159", "$(D", "euc-jp"), ("149", "$)C", "euc-kr"), ("58", "$)A", "gb2312"),
    ];

    static DicomText() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public static string Decode(ReadOnlySpan<byte> value, string[] characterSets)
    {
        var first = characterSets is [{ Length: > 0 } name, ..] ? name : "ISO_IR 6";
        switch (first)
        {
            case "ISO_IR 192": return Encoding.UTF8.GetString(value);
            case "GB18030" or "GBK": return Encoding.GetEncoding("gb18030").GetString(value);
        }
        var initial = Array.Find(Sets, set => set.Term == first[(first.LastIndexOf(' ') + 1)..]).Encoding is { } found and not "us-ascii" ? found : "iso-8859-1";
        var text = new StringBuilder();
        var (upper, lower) = (initial, "");
        while (value.Length > 0)
        {
            if (value[0] == Escape && Array.FindIndex(Sets, Begins(value[1..])) is >= 0 and var at)
            {
                var set = Sets[at];
                // G0 holds ASCII, or the two-byte sets of Japan; all else is called into G1.
                (upper, lower) = set.Sequence[0] == '(' ? (upper, "") : set.Sequence is "$B" or "$(D" ? (upper, set.Sequence) : (set.Encoding, lower);
                value = value[(1 + set.Sequence.Length)..];
                continue;
            }
            var end = value[1..].IndexOf(Escape) is >= 0 and var next ? next + 1 : value.Length;
            text.Append(lower.Length > 0 ? DecodeTwoByte(value[..end], lower) : Encoding.GetEncoding(upper).GetString(value[..end]));
            value = value[end..];
        }
        return text.ToString();
    }

    private static Predicate<(string Term, string Sequence, string Encoding)> Begins(ReadOnlySpan<byte> bytes)
    {
        var start = Encoding.Latin1.GetString(bytes[..Math.Min(3, bytes.Length)]);
        return set => start.StartsWith(set.Sequence, StringComparison.Ordinal);
    }

    // Extended Unix Code has the same pairs in the upper half, those of JIS X 0212 behind a byte of their own; what is no pair stays ASCII.
    private static string DecodeTwoByte(ReadOnlySpan<byte> value, string sequence)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] is > 0x20 and < 0x7F && i + 1 < value.Length)
            {
                bytes.AddRange(sequence == "$B" ? [] : [(byte)0x8F]);
                bytes.AddRange([(byte)(value[i] | 0x80), (byte)(value[i + 1] | 0x80)]);
                i++;
            }
            else
            {
                bytes.Add(value[i]);
            }
        }
        return Encoding.GetEncoding("euc-jp").GetString([.. bytes]);
    }
}
