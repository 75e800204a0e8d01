namespace InrFast.Imaging;

/// <summary>What the axes of a NRRD array are (space, channels, time), and where the voxels lie in the world (LPS mm).</summary>
internal sealed class NrrdAxes
{
    private const int None = -1;

    private readonly InputFile file;
    private readonly NrrdHeader header;
    private readonly double[]?[] directions;
    private readonly double[] spacings;
    private readonly List<int> space = [];
    private int channel = None, time = None;

    public NrrdAxes(InputFile file, NrrdHeader header, List<string> warnings)
    {
        (this.file, this.header) = (file, header);
        var dimension = header.Integer("dimension", 0);
        if (dimension is < 1 or > 16)
        {
            throw file.Malformed($"it has {dimension} axes; this is no valid NRRD");
        }
        Sizes = [.. header.PerAxis("sizes", dimension)?.Select(text => (long)header.Number(text)) ?? throw file.Malformed("its header has no field 'sizes'; this is no valid NRRD")];
        var (spaceDimension, isTimed) = SpaceDimension();
        directions = new double[]?[dimension];
        var vectors = header.PerAxis("space directions", dimension);
        for (var axis = 0; axis < dimension && vectors is not null && spaceDimension > 0; axis++)
        {
            directions[axis] = header.Vector(vectors[axis], spaceDimension);
        }
        spacings = header.PerAxis("spacings", dimension)?.Select(header.Number).ToArray() ?? [.. Enumerable.Repeat(double.NaN, dimension)];
        Classify(header.PerAxis("kinds", dimension), vectors is not null, isTimed);
        Geometry = Place(spaceDimension, isTimed, warnings);
    }

    public long[] Sizes { get; }

    public Affine Geometry { get; }

    /// <summary>Lengths along x, y, z; 1 where the array has no such axis.</summary>
    public (long X, long Y, long Z) Size => (Length(space, 0), Length(space, 1), Length(space, 2));

    public long Channels => channel == None ? 1 : Sizes[channel];

    public long Times => time == None ? 1 : Sizes[time];

    /// <summary>Seconds; 0 where unknown.</summary>
    public double TimeSpacing
    {
        get
        {
            if (time == None)
            {
                return 0;
            }
            var step = double.IsFinite(spacings[time]) ? spacings[time] : directions[time]?[^1] ?? 0;
            var unit = header.PerAxis("units", Sizes.Length)?[time].Trim('"');
            return step > 0 && double.IsFinite(step) ? step * (unit is "ms" or "msec" ? 1e-3 : unit is "us" ? 1e-6 : 1) : 0;
        }
    }

    /// <summary>Which axis of the array each of channel, x, y, z, time is, without those that are absent.</summary>
    public int[] Order() => [.. new[] { channel }.Concat(space).Append(time).Where(axis => axis != None)];

    private long Length(List<int> axes, int index) => index < axes.Count ? Sizes[axes[index]] : 1;

    private (int Dimension, bool IsTimed) SpaceDimension()
    {
        if (header["space"] is not { } name)
        {
            return (header.Integer("space dimension", 0) is var given and >= 0 and <= 8 ? given : throw file.Malformed("its space dimension is no number of axes; get a sound copy"), false);
        }
        var isTimed = name.EndsWith("-time", StringComparison.OrdinalIgnoreCase) || name is "RAST" or "LAST" or "LPST";
        return (isTimed ? 4 : 3, isTimed);
    }

    private void Classify(List<string>? kinds, bool hasDirections, bool isTimed)
    {
        for (var axis = 0; axis < Sizes.Length; axis++)
        {
            var kind = kinds?[axis].ToLowerInvariant() ?? "???";
            var isSpatial = hasDirections ? directions[axis] is not null : kind is "domain" or "space" or "???" or "none";
            if (kind.Contains("complex", StringComparison.Ordinal))
            {
                throw file.Unsupported("complex voxels cannot be read; save their magnitude");
            }
            if (kind == "time" || isTimed && directions[axis] is [0, 0, 0, not 0] || isSpatial && space.Count == 3)
            {
                time = time == None ? axis : throw file.Unsupported("two axes of time, or four of space, cannot be read; split the file");
            }
            else if (isSpatial)
            {
                space.Add(axis);
            }
            else
            {
                channel = channel == None ? axis : throw file.Unsupported("two axes of channels cannot be read; split the file");
            }
        }
        if (space.Count == 0)
        {
            throw file.Malformed("none of its axes lies in space; this is no image");
        }
    }

    private Affine Place(int spaceDimension, bool isTimed, List<string> warnings)
    {
        var steps = space.ConvertAll(axis => directions[axis] is { } v ? new Vector3d(v[0], v.Length > 1 ? v[1] : 0, v.Length > 2 ? v[2] : 0) : default);
        if (spaceDimension - (isTimed ? 1 : 0) is < 2 or > 3 || steps.Count < 2 || steps.Exists(step => step.Length == 0))
        {
            return Unplaced(warnings);
        }
        if (steps.Count == 2)
        {
            var normal = Vector3d.Cross(steps[0], steps[1]);
            steps.Add(normal.Length > 0 ? normal / normal.Length : default);
        }
        var origin = header["space origin"] is { } text ? header.Vector(text, spaceDimension) : null;
        if (origin is null || !Array.TrueForAll(origin, double.IsFinite))
        {
            origin = new double[spaceDimension];
            warnings.Add($"{file.Name}: the file names no origin (space origin); the first voxel was put at zero");
        }
        var map = new Affine(steps[0], steps[1], steps[2], new(origin[0], origin[1], origin.Length > 2 ? origin[2] : 0));
        var (mirrorX, mirrorY) = Mirrored(warnings);
        map = map.Mirrored(mirrorX, mirrorY).Times(Millimetres(spaceDimension));
        if (!map.IsInvertible)
        {
            warnings.Add($"{file.Name}: its axes (space directions) do not span space and were not used; left and right are not certain");
            return Affine.Identity;
        }
        // A frame in which vectors were measured, other than the image's own.
        if (Channels == 3 && header["measurement frame"] is { } frame && frame.Replace(" ", "", StringComparison.Ordinal) is not "(1,0,0)(0,1,0)(0,0,1)")
        {
            warnings.Add($"{file.Name}: its vectors have a measurement frame of their own, which was left out; their axes may not be the patient's");
        }
        return map;
    }

    /// <summary>Which world axes point the other way than in LPS.</summary>
    private (bool X, bool Y) Mirrored(List<string> warnings)
    {
        switch (header["space"]?.ToLowerInvariant().Replace("-time", "", StringComparison.Ordinal))
        {
            case "left-posterior-superior" or "lps" or "lpst": return (false, false);
            case "right-anterior-superior" or "ras" or "rast": return (true, true);
            case "left-anterior-superior" or "las" or "last": return (false, true);
            default:
                warnings.Add($"{file.Name}: the file names no anatomical space; left and right are not certain");
                return (false, false);
        }
    }

    // Spacing alone.
    private Affine Unplaced(List<string> warnings)
    {
        double Step(int index)
        {
            var step = index < space.Count ? Math.Abs(spacings[space[index]]) : 1;
            return double.IsFinite(step) && step > 0 ? step : 1;
        }
        var map = Affine.FromSpacing(Step(0), Step(1), Step(2));
        if (!map.IsInvertible)
        {
            return Affine.Identity;
        }
        if (space.Count == 3)
        {
            warnings.Add($"{file.Name}: the file names no orientation (space directions); left and right are not certain");
        }
        return map;
    }

    private double Millimetres(int spaceDimension) => header.PerAxis("space units", spaceDimension)?[0].Trim('"') switch
    {
        "m" or "meter" or "meters" => 1000,
        "cm" => 10,
        "um" or "µm" or "micron" or "microns" => 1e-3,
        "nm" => 1e-6,
        _ => 1,
    };
}
