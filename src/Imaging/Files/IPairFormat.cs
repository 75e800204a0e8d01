namespace InrFast.Imaging;

/// <summary>A format that can split an image into two files: a header, and beside it the voxels.</summary>
internal interface IPairFormat : IImageFormat
{
    /// <summary>Both files that writing under this name makes; null where it makes one.</summary>
    (string Header, string Voxels)? PairOf(string path);

    /// <summary>As <see cref="IImageFormat.Encode"/>, for both files.</summary>
    (Action<Stream> Header, Action<Stream> Voxels) EncodePair(string path, Image image, WriteOptions options, ICollection<string> warnings);
}
