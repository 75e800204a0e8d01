namespace InrFast.Imaging;

/// <summary>
/// One file format. A new one is a class that implements this and a line in <see cref="ImageFile"/>.
/// Readers throw nothing but <see cref="ImagingException"/>, allocate nothing for a declared size before <see cref="ReadLimits"/> and the
/// file's length allow it, and say in <see cref="Image.Warnings"/> what they assume or leave out.
/// </summary>
internal interface IImageFormat
{
    string Name { get; }

    /// <summary>Endings of names, lower case with the dot, for which this format is written.</summary>
    IReadOnlyList<string> Endings { get; }

    /// <summary>Whether the file is of this format, by its first bytes.</summary>
    bool Recognises(InputFile file);

    Image Read(InputFile file);

    /// <summary>
    /// Brings the image into the form of a file; what is returned then writes that. Adds to the warnings what the format cannot keep, so that
    /// the file can be refused before it is created. The path is for messages.
    /// </summary>
    Action<Stream> Encode(string path, Image image, WriteOptions options, ICollection<string> warnings);
}
