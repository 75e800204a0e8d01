using System.Text;

namespace InrFast.Imaging;

/// <summary>The lines of text before the voxels of NRRD and MetaImage files.</summary>
internal static class TextHeader
{
    // Far more than any header; what follows is no header.
    private const int MaxBytes = 1 << 20;

    /// <param name="isLast">Whether the header ends with this line.</param>
    /// <returns>The lines without their ends, and where the next byte stands. A file may end with its header.</returns>
    public static (List<string> Lines, long End) Read(InputFile file, Func<string, bool> isLast)
    {
        using var content = file.OpenFrom(0);
        var lines = new List<string>();
        var line = new List<byte>();
        for (var end = 1; end <= MaxBytes; end++)
        {
            var next = content.ReadByte();
            if (next is not ('\n' or -1))
            {
                line.Add((byte)next);
                continue;
            }
            var text = Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            line.Clear();
            lines.Add(text);
            if (next == -1 || isLast(text))
            {
                return (lines, Math.Min(end, file.Length));
            }
        }
        throw file.Malformed("its header has no end within 1 MiB; get a sound copy");
    }
}
