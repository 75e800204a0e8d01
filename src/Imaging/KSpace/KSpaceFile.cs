namespace InrFast.Imaging;

/// <summary>
/// Reads what MR scanners measured: ISMRMRD and fastMRI (.h5), BART (.cfl beside .hdr), and complex NumPy arrays [t][slice][coil][z][y][x], of which the
/// last two, and then from the right as many as there are, must be given; three axes are [coil][y][x], four [slice][coil][y][x]. Writes BART and NumPy.
/// </summary>
public static class KSpaceFile
{
    /// <summary>Whether a file holds k-space rather than an image.</summary>
    /// <exception cref="ImagingException">Missing or Unreadable.</exception>
    public static bool IsKSpace(string path)
    {
        if (BartFile.IsBart(path))
        {
            return true;
        }
        using var file = InputFile.Open(path, ReadLimits.Default);
        return NpyHeader.IsNpy(file.Head) ? IsComplex(file) : Hdf5File.IsHdf5(file) && ImageFile.Guard(path, "k-space", () => Hdf5File.IsKSpace(path));
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

    /// <summary>Whether a name ends as k-space that can be written does and images do not.</summary>
    public static bool HasOwnEnding(string path) => path.EndsWith(".cfl", StringComparison.OrdinalIgnoreCase);

    /// <summary>As <see cref="ImageFile.CheckOutput"/>.</summary>
    public static string CheckOutput(string path, bool force)
    {
        if (HasOwnEnding(path))
        {
            AtomicFile.Check(path[..^4] + ".hdr", force);
        }
        return AtomicFile.Check(path, force);
    }

    /// <returns>What was left out, one line each.</returns>
    /// <exception cref="ImagingException">Exists, CannotCreate, WriteFailed; WrongUse for another ending, a trajectory that the format does not keep, or a loss that is refused.</exception>
    public static IReadOnlyList<string> Write(string path, KSpace data, WriteOptions? options = null)
    {
        options ??= new WriteOptions();
        var isArray = path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase);
        if (!isArray && !HasOwnEnding(path) || isArray && data.Trajectory is not null)
        {
            throw new ImagingException(ImagingError.WrongUse, $"{path}: {(data.Trajectory is null ? "k-space is written as .cfl or .npy" : "k-space with a trajectory is written as .cfl")}; give that ending");
        }
        string[] warnings = data.Header with { Trajectory = null } == new KSpaceHeader() ? [] : [$"{path}: field of view, matrix and sequence were left out, because {(isArray ? "an array" : "BART")} keeps samples alone"];
        if (options.RefuseLoss && warnings.Length > 0)
        {
            throw new ImagingException(ImagingError.WrongUse, $"{warnings[0]}; give --lossy to accept this");
        }
        if (isArray)
        {
            WriteArray(path, data, options.Force);
        }
        else
        {
            BartFile.Write(path, data, options.Force);
        }
        return warnings;
    }

    private static void WriteArray(string path, KSpace data, bool force)
    {
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
