using System.Globalization;
using System.Text;

namespace InrFast.Imaging;

/// <summary>
/// Lists of landmarks as text: CSV with a head line that names x, y and z (ANTs; LPS mm), 3D Slicer's .fcsv (LPS or RAS), elastix ("point" or "index", then how many),
/// the points of an ASCII VTK file (LPS mm), and lines "x y z" alone (DIR-LAB). CSV is written.
/// </summary>
public static class LandmarkFile
{
    // A list of a million points is no list of landmarks.
    private const int MaxBytes = 1 << 26;

    private static readonly string[] Endings = [".csv", ".fcsv", ".txt", ".pts", ".vtk"];
    private static readonly char[] Separators = [',', ';', ' ', '\t'];

    /// <summary>Whether a name ends as those of landmark lists do.</summary>
    public static bool HasEnding(string path) => Array.Exists(Endings, ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <exception cref="ImagingException">Missing, Unreadable, Malformed, or LimitExceeded for a file above 64 MiB.</exception>
    public static LandmarkList Read(string path)
    {
        using var file = InputFile.Open(path, new ReadLimits(MaxBytes));
        var list = Parse(file, Encoding.UTF8.GetString(file.ReadAll()).Split('\n', StringSplitOptions.TrimEntries));
        return list.Points.Count > 0 ? list : throw file.Malformed("it lists no landmarks; give lines of x, y and z");
    }

    /// <returns>What was left out, one line each.</returns>
    /// <exception cref="ImagingException">Exists, CannotCreate or WriteFailed; WrongUse for another ending than .csv, or a loss that is refused.</exception>
    public static IReadOnlyList<string> Write(string path, LandmarkList list, WriteOptions? options = null)
    {
        options ??= new WriteOptions();
        if (!path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
        {
            throw new ImagingException(ImagingError.WrongUse, $"{path}: landmarks are written as .csv; give that ending");
        }
        string[] warnings = list.FirstVoxel is null ? [] : [$"{path}: CSV does not say that these are numbers of voxels and not places in mm"];
        if (options.RefuseLoss && warnings.Length > 0)
        {
            throw new ImagingException(ImagingError.WrongUse, $"{warnings[0]}; give --lossy to accept this");
        }
        var text = new StringBuilder(list.Names is null ? "x,y,z\n" : "x,y,z,label\n");
        for (var i = 0; i < list.Points.Count; i++)
        {
            var point = list.Points[i];
            text.Append(CultureInfo.InvariantCulture, $"{point.X:r},{point.Y:r},{point.Z:r}").Append(list.Names is { } names ? $",{names[i]}\n" : "\n");
        }
        AtomicFile.Write(path, options.Force, stream => stream.Write(Encoding.UTF8.GetBytes(text.ToString())));
        return warnings;
    }

    private static LandmarkList Parse(InputFile file, string[] lines)
    {
        var first = lines.FirstOrDefault(line => line.Length > 0 && !line.StartsWith('#')) ?? "";
        if (lines[0].StartsWith("# vtk", StringComparison.OrdinalIgnoreCase))
        {
            return ParseVtk(file, lines);
        }
        if (first is "point" or "index")
        {
            var numbers = lines.Where(line => line.Length > 0).Skip(1).ToList();
            if (numbers.Count == 0 || numbers[0] != (numbers.Count - 1).ToString(CultureInfo.InvariantCulture))
            {
                throw file.Malformed($"it does not hold as many points as it declares ({InputFile.Shown(numbers.FirstOrDefault() ?? "none")}); get a whole copy");
            }
            return new LandmarkList([.. numbers.Skip(1).Select(line => Point(file, line.Split(Separators, StringSplitOptions.RemoveEmptyEntries), 0, 1, 2))]) { FirstVoxel = first == "index" ? 0 : null };
        }
        var comments = lines.Where(line => line.StartsWith('#')).Select(line => line[1..].Split('=', 2, StringSplitOptions.TrimEntries)).Where(parts => parts.Length == 2).ToList();
        var columns = comments.Find(parts => parts[0] == "columns")?[1] ?? (first.Any(c => char.IsLetter(c) && c is not ('e' or 'E')) ? first : null);
        var rows = lines.Where(line => line.Length > 0 && !line.StartsWith('#') && line != columns);
        if (columns is null)
        {
            return new LandmarkList([.. rows.Select(line => Point(file, line.Split(Separators, StringSplitOptions.RemoveEmptyEntries), 0, 1, 2))]);
        }
        var separator = Array.Find([';', '\t', ','], candidate => columns.Contains(candidate, StringComparison.Ordinal));
        var names = Array.ConvertAll(columns.Split(separator), name => name.Trim(' ', '"').ToLowerInvariant());
        var (x, y, z, label) = (Array.IndexOf(names, "x"), Array.IndexOf(names, "y"), Array.IndexOf(names, "z"), Array.FindIndex(names, name => name is "label" or "name"));
        if (x < 0 || y < 0)
        {
            throw file.Malformed($"its head line '{InputFile.Shown(columns)}' names no x and y; name the columns x,y,z");
        }
        var cells = rows.Select(line => line.Split(separator, StringSplitOptions.TrimEntries)).ToList();
        var space = comments.Find(parts => parts[0] == "CoordinateSystem")?[1];
        var points = cells.ConvertAll(row => Point(file, row, x, y, z));
        // Slicer numbered its systems once: 0 was RAS.
        return new LandmarkList(space is "RAS" or "0" ? points.ConvertAll(point => new Vector3d(-point.X, -point.Y, point.Z)) : points)
        {
            Names = label < 0 ? null : cells.ConvertAll(row => label < row.Length ? row[label].Trim('"') : ""),
        };
    }

    private static LandmarkList ParseVtk(InputFile file, string[] lines)
    {
        var at = Array.FindIndex(lines, line => line.StartsWith("POINTS ", StringComparison.OrdinalIgnoreCase));
        if (at < 0 || !lines.Take(at).Contains("ASCII", StringComparer.OrdinalIgnoreCase) || !int.TryParse(lines[at].Split(' ')[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            throw file.Malformed("this VTK file has no points in ASCII; save it as one");
        }
        var numbers = lines.Skip(at + 1).SelectMany(line => line.Split(Separators, StringSplitOptions.RemoveEmptyEntries)).Take((int)Math.Min(3L * count, MaxBytes)).ToArray();
        return numbers.LongLength == 3L * count
            ? new LandmarkList([.. numbers.Chunk(3).Select(point => Point(file, point, 0, 1, 2))])
            : throw file.Malformed($"it declares {count} points and holds {numbers.Length / 3}; get a whole copy");
    }

    // A list of 2-D points has no z.
    private static Vector3d Point(InputFile file, string[] cells, int x, int y, int z)
    {
        double Number(int column) => column < cells.Length && double.TryParse(cells[column], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw file.Malformed($"'{InputFile.Shown(string.Join(' ', cells))}' is no point; give lines of x, y and z");
        return new(Number(x), Number(y), z >= 0 && (z < cells.Length || cells.Length > 2) ? Number(z) : 0);
    }
}
