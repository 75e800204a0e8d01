namespace InrFast.Imaging.Dicom;

/// <summary>DICOM files of one uncompressed frame; written as a derived image of one frame.</summary>
internal sealed class DicomFormat : IImageFormat
{
    public string Name => "DICOM";

    public IReadOnlyList<string> Endings => [".dcm"];

    public bool Recognises(InputFile file) => DicomReader.Recognises(file.Head, file.Length);

    public Image Read(InputFile file) => DicomImage.Decode(DicomReader.Read(file), file);

    public Action<Stream> Encode(string path, Image image, WriteOptions options, ICollection<string> warnings)
    {
        var dataset = DerivedDicom.Create(path, image, options, warnings);
        return stream => DicomWriter.Write(stream, dataset);
    }
}
