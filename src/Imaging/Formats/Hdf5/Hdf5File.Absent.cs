namespace InrFast.Imaging;

/// <summary>The console edition is native code, and PureHDF makes types while it runs.</summary>
internal static partial class Hdf5File
{
    public static bool IsKSpace(string path) => throw Absent(path);

    public static IReadOnlyList<ArrayEntry> List(InputFile file) => throw Absent(file.Name);

    public static Image ReadImage(InputFile file) => throw Absent(file.Name);

    public static KSpace ReadKSpace(string path, ReadLimits limits) => throw Absent(path);

    private static ImagingException Absent(string path) =>
        new(ImagingError.Unsupported, $"{path}: HDF5 cannot be read by the console edition; use the ordinary one (dotnet), or convert the file to .cfl or .npy there");
}
