namespace InrFast.Imaging;

/// <summary>
/// HDF5, read with PureHDF in the ordinary edition: an array of numbers [t][z][y][x] as an image, by its path in the file (<see cref="ReadOptions.Series"/>) where there are
/// several; k-space goes through <see cref="KSpaceFile"/>. Not written.
/// </summary>
internal sealed class Hdf5Format : IImageFormat
{
    public string Name => "HDF5";

    public IReadOnlyList<string> Endings => [];

    public bool Recognises(InputFile file) => Hdf5File.IsHdf5(file);

    public Image Read(InputFile file) => Hdf5File.ReadImage(file);

    public Action<Stream> Encode(string path, Image image, WriteOptions options, ICollection<string> warnings) =>
        throw new ImagingException(ImagingError.WrongUse, $"{path}: HDF5 is read alone; give another format");
}
