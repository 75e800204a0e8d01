using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace InrFast.Imaging;

/// <summary>
/// Affine maps from other programs, from points of a fixed image to points of a moving one (LPS, mm): ITK's transform text (.txt, .tfm; of ANTs, 3D Slicer) and elastix's parameter files, x -> M (x - c) + c + t.
/// ITK's is written.
/// </summary>
public static partial class TransformFile
{
    private const int MaxBytes = 1 << 20;

    /// <exception cref="ImagingException">Missing, Unreadable, or Malformed, also for a transform that is not affine.</exception>
    public static Affine Read(string path)
    {
        using var file = InputFile.Open(path, new ReadLimits(MaxBytes));
        var text = Encoding.UTF8.GetString(file.ReadAll());
        var isElastix = text.Contains("(Transform ", StringComparison.Ordinal);
        string? Entry(string name) => (isElastix ? Regex.Match(text, $@"^\s*\((?:{name})\s+([^)\r\n]*)\)", RegexOptions.Multiline | RegexOptions.NonBacktracking) : Regex.Match(text, $@"^{name}:([^\r\n]*)", RegexOptions.Multiline | RegexOptions.NonBacktracking)) is { Success: true } match
            ? match.Groups[1].Value.Trim(' ', '"')
            : null;
        double[] Numbers(string name) => Entry(name) is { } words ? [.. words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => Number(file, word))] : [];

        var type = Entry("Transform") ?? throw file.Malformed("it holds no transform; give ITK's transform text, or a parameter file of elastix");
        if (Transforms().Count(text) > 1 || (isElastix && Entry("InitialTransformParameterFileName|InitialTransformParametersFileName") is not (null or "NoInitialTransform")))
        {
            throw file.Malformed("it joins several transforms; give a single affine one");
        }
        var (parameters, centre) = isElastix ? (Numbers("TransformParameters"), Numbers("CenterOfRotationPoint")) : (Numbers("Parameters"), Numbers("FixedParameters"));
        var map = Linear(type.Split('_')[0], parameters) ?? throw file.Malformed($"{InputFile.Shown(type)} of {parameters.Length} numbers is no affine transform of two or three dimensions");
        var middle = centre.Length >= 3 ? new Vector3d(centre[0], centre[1], centre[2]) : centre.Length == 2 ? new(centre[0], centre[1], 0) : default;
        map = map with { Origin = map.Origin + middle - map.ApplyToDirection(middle) };
        return map.IsInvertible ? map : throw file.Malformed("its matrix cannot be inverted");
    }

    /// <summary>Writes ITK's text, an AffineTransform of three dimensions.</summary>
    /// <exception cref="ImagingException">Exists, CannotCreate or WriteFailed.</exception>
    public static void Write(string path, Affine map, bool force = false)
    {
        double[] parameters =
        [
            map.StepX.X, map.StepY.X, map.StepZ.X, map.StepX.Y, map.StepY.Y, map.StepZ.Y, map.StepX.Z, map.StepY.Z, map.StepZ.Z, map.Origin.X, map.Origin.Y, map.Origin.Z,
        ];
        var numbers = string.Join(' ', parameters.Select(value => value.ToString("r", CultureInfo.InvariantCulture)));
        var text = $"#Insight Transform File V1.0\n#Transform 0\nTransform: AffineTransform_double_3_3\nParameters: {numbers}\nFixedParameters: 0 0 0\n";
        AtomicFile.Write(path, force, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>Rows of the matrix, then the shift; rotations by angles in radians, about y, then x, then z, as ITK turns.</summary>
    private static Affine? Linear(string type, double[] p)
    {
        return (type, p.Length) switch
        {
            ("AffineTransform" or "MatrixOffsetTransformBase", 12) => new(new(p[0], p[3], p[6]), new(p[1], p[4], p[7]), new(p[2], p[5], p[8]), new(p[9], p[10], p[11])),
            ("AffineTransform" or "MatrixOffsetTransformBase", 6) => new(new(p[0], p[2], 0), new(p[1], p[3], 0), new(0, 0, 1), new(p[4], p[5], 0)),
            ("TranslationTransform", 3) => Affine.Identity with { Origin = new(p[0], p[1], p[2]) },
            ("TranslationTransform", 2) => Affine.Identity with { Origin = new(p[0], p[1], 0) },
            ("Euler2DTransform" or "EulerTransform", 3) => Turn(2, p[0]) with { Origin = new(p[1], p[2], 0) },
            ("Euler3DTransform" or "EulerTransform", 6) => Turn(2, p[2]).After(Turn(0, p[0])).After(Turn(1, p[1])) with { Origin = new(p[3], p[4], p[5]) },
            _ => null,
        };
    }

    private static Affine Turn(int axis, double angle)
    {
        var (sine, cosine) = Math.SinCos(angle);
        return axis switch
        {
            0 => new(new(1, 0, 0), new(0, cosine, sine), new(0, -sine, cosine), default),
            1 => new(new(cosine, 0, -sine), new(0, 1, 0), new(sine, 0, cosine), default),
            _ => new(new(cosine, sine, 0), new(-sine, cosine, 0), new(0, 0, 1), default),
        };
    }

    private static double Number(InputFile file, string word) => double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
        ? value
        : throw file.Malformed($"'{InputFile.Shown(word)}' is no number");

    [GeneratedRegex(@"^#Transform \d", RegexOptions.Multiline)]
    private static partial Regex Transforms();
}
