namespace InrFast.Imaging;

/// <summary>
/// Reads what MR scanners measured: ISMRMRD and fastMRI (.h5), BART (.cfl beside .hdr), and complex NumPy arrays [t][slice][coil][z][y][x], of which the
/// last two, and then from the right as many as there are, must be given; three axes are [coil][y][x], four [slice][coil][y][x]. Writes BART and NumPy.
/// </summary>
public static class KSpaceFile
{
    /// <summary>Endings that <see cref="Write"/> knows.</summary>
    public static IReadOnlyList<string> WritableEndings { get; } = [".cfl", ".npy"];

    /// <summary>Whether a file holds k-space rather than an image.</summary>
    /// <exception cref="ImagingException">Missing or Unreadable.</exception>
    public static bool IsKSpace(string path)
    {
        if (BartFile.IsBart(path))
        {
            return true;
        }
        using var file = InputFile.Open(path, ReadLimits.Default);
        return NpyHeader.IsNpy(file.Head) ? IsComplex(file) : Hdf5File.IsHdf5(file) && Hdf5File.IsKSpace(path);
    }

    /// <param name="trajectory">Where the samples of a BART file were taken, as another BART file; null for a Cartesian grid.</param>
    /// <exception cref="ImagingException">Missing, Unreadable, Malformed, Unsupported or LimitExceeded.</exception>
    public static KSpace Read(string path, string? trajectory = null, ReadLimits? limits = null) => ImageFile.Guard(path, "k-space", () =>
    {
        limits ??= ReadLimits.Default;
        if (BartFile.IsBart(path))
        {
            return BartFile.ReadKSpace(path, trajectory, limits);
        }
        if (trajectory is not null)
        {
            throw new ImagingException(ImagingError.WrongUse, $"{path}: a trajectory beside it belongs to k-space of BART (.cfl); leave it out");
        }
        using var file = InputFile.Open(path, limits);
        return NpyHeader.IsNpy(file.Head) ? ReadArray(file)
            : Hdf5File.IsHdf5(file) ? Hdf5File.ReadKSpace(path, limits)
            : throw file.Malformed("this is no k-space that can be read (ISMRMRD or fastMRI .h5, BART .cfl, complex .npy)");
    });

    /// <exception cref="ImagingException">Exists, CannotCreate, WriteFailed; WrongUse for another ending, or a trajectory that the format does not keep.</exception>
    public static void Write(string path, KSpace data, bool force = false)
    {
        if (path.EndsWith(".cfl", StringComparison.OrdinalIgnoreCase))
        {
            BartFile.Write(path, data, force);
            return;
        }
        if (!path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase) || data.Trajectory is not null)
        {
            throw new ImagingException(ImagingError.WrongUse, $"{path}: {(data.Trajectory is null ? "k-space is written" : "k-space with a trajectory is written")} as .cfl{(data.Trajectory is null ? " or .npy" : "")}; give that ending");
        }
        int[] shape = [data.Times, data.Slices, data.Coils, data.Size.Z, data.Size.Y, data.Size.X];
        var bytes = new byte[checked(data.Samples.Length * sizeof(float))];
        SampleCodec.Encode(data.Samples.Span, new StoredScale(SampleType.Float32), bytes);
        // Without what is 1, as far as reading tells it apart: [coil][y][x], [slice][coil][y][x], or all six.
        IReadOnlyList<int> short6 = data is { Times: 1, Size.Z: 1 } ? data.Slices == 1 ? [data.Coils, .. shape[4..]] : [data.Slices, data.Coils, .. shape[4..]] : shape;
        AtomicFile.Write(path, force, stream =>
        {
            stream.Write(NpyHeader.Format(SampleType.Float32, short6, isComplex: true));
            stream.Write(bytes);
        });
    }

    private static bool IsComplex(InputFile file)
    {
        try
        {
            using var content = file.OpenFrom(0);
            return NpyArray.ReadHeader(file, content).Floats == 2;
        }
        catch (Exception e) when (e is ImagingException or EndOfStreamException)
        {
            // A broken header is no k-space; reading it as an image says what is wrong with it.
            return false;
        }
    }

    private static KSpace ReadArray(InputFile file)
    {
        using var content = file.OpenFrom(0);
        var array = NpyArray.Read(file, content, file.Length);
        if (array.Header.Floats != 2)
        {
            throw file.Malformed("its numbers are real, and those of k-space are complex; give a complex array");
        }
        var shape = Array.ConvertAll(array.Shape, axis => (int)axis);
        var (times, slices, coils, z, y, x) = shape switch
        {
            [var b, var a] => (1, 1, 1, 1, b, a),
            [var c, var b, var a] => (1, 1, c, 1, b, a),
            [var d, var c, var b, var a] => (1, d, c, 1, b, a),
            [var e, var d, var c, var b, var a] => (1, e, d, c, b, a),
            [var f, var e, var d, var c, var b, var a] => (f, e, d, c, b, a),
            _ => throw file.Malformed($"an array of {shape.Length} axes is no k-space; give [coil][y][x] or [slice][coil][y][x]"),
        };
        return new KSpace { Size = new GridSize(x, y, z), Coils = coils, Slices = slices, Times = times, Samples = array.Samples, Header = new KSpaceHeader { Trajectory = "cartesian" } };
    }
}
