namespace InrFast.Imaging;

/// <summary>One of the arrays that a file holds.</summary>
/// <param name="Name">What <see cref="ReadOptions.Series"/> chooses it by.</param>
/// <param name="Shape">Lengths of its axes, the last running fastest.</param>
/// <param name="Type">Kind of number.</param>
public sealed record ArrayEntry(string Name, IReadOnlyList<long> Shape, string Type);

/// <summary>Files that hold several arrays (NPZ, HDF5), of which one is read by its name.</summary>
public static class ArrayFile
{
    /// <summary>What the file holds; empty where it is of another format.</summary>
    /// <exception cref="ImagingException">Missing, Unreadable, Malformed or Unsupported.</exception>
    public static IReadOnlyList<ArrayEntry> List(string path)
    {
        using var file = InputFile.Open(path, ReadLimits.Default);
        return ImageFile.Guard<IReadOnlyList<ArrayEntry>>(path, "array", () => new NpzFormat().Recognises(file) ? NpzFormat.List(file) : Hdf5File.IsHdf5(file) ? Hdf5File.List(file) : []);
    }
}
