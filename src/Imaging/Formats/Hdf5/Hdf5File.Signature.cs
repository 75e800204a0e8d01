namespace InrFast.Imaging;

internal static partial class Hdf5File
{
    public static bool IsHdf5(InputFile file) => file.Head is [0x89, (byte)'H', (byte)'D', (byte)'F', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n', ..];
}
