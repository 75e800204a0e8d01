using System.Globalization;
using System.Text;

namespace InrFast.Imaging;

/// <summary>
/// Arrays of BART (mrirecon.github.io/bart): NAME.hdr lists up to 16 sizes, NAME.cfl holds complex float32, first axis fastest, little endian. Axes: 0 readout, 1 and 2
/// phase encoding, 3 coils, 10 time, 13 slices.
/// </summary>
internal static class BartFile
{
    private const int Axes = 16, CoilAxis = 3, SliceAxis = 13;

    /// <summary>Whether a path names either file of an array, without its ending too, and both are there.</summary>
    public static bool IsBart(string path) => Stem(path) is { } stem && File.Exists(stem + ".cfl") && File.Exists(stem + ".hdr") && !Directory.Exists(path);

    /// <summary>Sizes of 16 axes, and real and imaginary parts, first axis fastest.</summary>
    public static (int[] Sizes, float[] Samples) Read(string path, ReadLimits limits)
    {
        var stem = Stem(path)!;
        using var header = InputFile.Open(stem + ".hdr", limits);
        var (lines, _) = TextHeader.Read(header, _ => false);
        var at = lines.FindIndex(line => line.TrimStart('#', ' ').StartsWith("Dimensions", StringComparison.Ordinal));
        var numbers = at >= 0 && at + 1 < lines.Count ? lines[at + 1].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) : [];
        if (numbers.Length is 0 or > Axes)
        {
            throw header.Malformed("it has no line of up to 16 sizes after '# Dimensions'; this is no BART header");
        }
        var sizes = new long[Axes];
        Array.Fill(sizes, 1);
        for (var axis = 0; axis < numbers.Length; axis++)
        {
            sizes[axis] = long.TryParse(numbers[axis], NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : throw header.Malformed($"its size '{InputFile.Shown(numbers[axis])}' is no number; get a sound copy");
        }
        var count = limits.CountSamples(header.Name, [.. sizes, 2]);
        using var data = InputFile.Open(stem + ".cfl", limits);
        data.RequireContent((Int128)count * sizeof(float), data.Length, isDeflated: false);
        using var content = data.OpenFrom(0);
        return (Array.ConvertAll(sizes, size => (int)size), VoxelStream.Read(content, count, new StoredScale(SampleType.Float32), bigEndian: false));
    }

    /// <summary>k-space, with its trajectory ([3, samples, readouts]) where there is one.</summary>
    public static KSpace ReadKSpace(string path, string? trajectory, ReadLimits limits)
    {
        var (sizes, samples) = Read(path, limits);
        // Beside a trajectory the first axis is empty: samples and readouts stand on the next two.
        var isCartesian = trajectory is null;
        var (x, y, z) = isCartesian ? (sizes[0], sizes[1], sizes[2]) : (sizes[1], sizes[2], 1);
        if (!isCartesian && sizes[0] != 1)
        {
            throw new ImagingException(ImagingError.Malformed, $"{path}: k-space beside a trajectory has one sample on its first axis, not {sizes[0]}; leave the trajectory out, or give non-Cartesian k-space");
        }
        var times = sizes.Where((_, axis) => axis > CoilAxis && axis != SliceAxis).Aggregate(1, (product, size) => product * size);
        if (sizes[SliceAxis] > 1 && times > 1)
        {
            samples = AxisOrder.Transpose(samples, [2 * x * y * z * sizes[CoilAxis], .. sizes[(CoilAxis + 1)..]], [0, SliceAxis - CoilAxis, .. Enumerable.Range(1, Axes - CoilAxis - 1).Where(axis => axis != SliceAxis - CoilAxis)]);
        }
        return new KSpace
        {
            Size = new GridSize(x, y, z), Coils = sizes[CoilAxis], Slices = sizes[SliceAxis], Times = times, Samples = samples,
            Trajectory = trajectory is null ? default(ReadOnlyMemory<float>?) : ReadTrajectory(trajectory, x, y, limits),
            Header = new KSpaceHeader { Trajectory = isCartesian ? "cartesian" : "other" },
        };
    }

    /// <summary>Writes both files.</summary>
    public static void Write(string path, KSpace data, bool force)
    {
        var stem = Stem(path)!;
        var sizes = new int[Axes];
        Array.Fill(sizes, 1);
        (sizes[0], sizes[1], sizes[2]) = data.Trajectory is null ? (data.Size.X, data.Size.Y, data.Size.Z) : (1, data.Size.X, data.Size.Y * data.Size.Z);
        // Slices run faster than times in memory, and later in the list of axes.
        var samples = data.Samples.ToArray();
        (sizes[CoilAxis], sizes[10], sizes[SliceAxis]) = (data.Coils, data.Times, data.Slices);
        if (data is { Slices: > 1, Times: > 1 })
        {
            samples = AxisOrder.Transpose(samples, [data.FloatsPerCoil * data.Coils, data.Slices, data.Times], [0, 2, 1]);
        }
        WriteArray(stem, sizes, samples, force);
        if (data.Trajectory is { } trajectory)
        {
            var points = trajectory.ToArray();
            var complex = new float[2 * points.Length];
            for (var i = 0; i < points.Length; i++)
            {
                complex[2 * i] = points[i];
            }
            WriteArray(stem + "_trajectory", [3, data.Size.X, data.Size.Y * data.Size.Z], complex, force);
        }
    }

    /// <summary>The path without .cfl or .hdr.</summary>
    private static string? Stem(string path) =>
        path.EndsWith(".cfl", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".hdr", StringComparison.OrdinalIgnoreCase) ? path[..^4] : null;

    private static void WriteArray(string stem, int[] sizes, float[] samples, bool force)
    {
        var bytes = new byte[checked(samples.Length * sizeof(float))];
        SampleCodec.Encode(samples, new StoredScale(SampleType.Float32), bytes);
        AtomicFile.Write(stem + ".hdr", force, header =>
        {
            header.Write(Encoding.ASCII.GetBytes($"# Dimensions\n{string.Join(' ', sizes)} \n"));
            AtomicFile.Write(stem + ".cfl", force, stream => stream.Write(bytes));
        });
    }

    // BART counts in 1 / field of view, as we do.
    private static float[] ReadTrajectory(string path, int samples, int readouts, ReadLimits limits)
    {
        if (!IsBart(path))
        {
            throw new ImagingException(ImagingError.Malformed, $"{path}: a trajectory is an array of BART (.cfl beside .hdr); give one");
        }
        var (sizes, complex) = Read(path, limits);
        if (sizes[0] != 3 || sizes[1] != samples || (long)complex.Length != 6L * samples * readouts)
        {
            throw new ImagingException(ImagingError.Malformed, $"{path}: a trajectory for {readouts} readouts of {samples} samples has the sizes 3 {samples} {readouts}, not {string.Join(' ', sizes)}; give the one that belongs to the k-space");
        }
        var points = new float[complex.Length / 2];
        for (var i = 0; i < points.Length; i++)
        {
            points[i] = complex[2 * i];
        }
        return points;
    }
}
